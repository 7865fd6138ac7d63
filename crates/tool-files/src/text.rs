//! Text files as they are: encodings in, the same encoding out; and cutting and adding to text.

use std::fmt::Write;

/// How a file's text is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// UTF-8.
    Utf8,
    /// UTF-8 with a byte order mark.
    Utf8Marked,
    /// UTF-16, low byte first, with a byte order mark.
    Utf16Low,
    /// UTF-16, high byte first, with a byte order mark.
    Utf16High,
    /// Not UTF-8: each byte is taken as the letter of that number (Latin-1).
    Latin1,
}

/// The byte order mark of UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";

impl Encoding {
    /// What the first bytes say; none where they say nothing.
    pub(crate) fn marked(head: &[u8]) -> Option<Self> {
        if head.starts_with(MARK) {
            return Some(Self::Utf8Marked);
        }
        match head {
            [0xff, 0xfe, ..] => Some(Self::Utf16Low),
            [0xfe, 0xff, ..] => Some(Self::Utf16High),
            _ => None,
        }
    }

    /// What the model is told about it; nothing for the usual ones.
    pub(crate) fn notice(self) -> Option<&'static str> {
        match self {
            Self::Utf8 | Self::Utf8Marked => None,
            Self::Utf16Low | Self::Utf16High => Some("the file is UTF-16"),
            Self::Latin1 => Some("the file is not UTF-8; it is shown as Latin-1, so some letters may be wrong"),
        }
    }
}

/// Decodes a whole file. UTF-16 that cannot be read is shown with replacement characters.
pub(crate) fn decode(bytes: &[u8]) -> (String, Encoding) {
    match Encoding::marked(bytes) {
        Some(encoding @ Encoding::Utf16Low) => (utf16(bytes, u16::from_le_bytes), encoding),
        Some(encoding @ Encoding::Utf16High) => (utf16(bytes, u16::from_be_bytes), encoding),
        Some(Encoding::Utf8Marked) => match std::str::from_utf8(bytes.get(MARK.len()..).unwrap_or_default()) {
            Ok(text) => (text.to_owned(), Encoding::Utf8Marked),
            Err(_) => (latin1(bytes), Encoding::Latin1),
        },
        Some(Encoding::Utf8 | Encoding::Latin1) | None => match std::str::from_utf8(bytes) {
            Ok(text) => (text.to_owned(), Encoding::Utf8),
            Err(_) => (latin1(bytes), Encoding::Latin1),
        },
    }
}

/// Encodes text as the file was; none where the encoding lacks a letter.
pub(crate) fn encode(text: &str, encoding: Encoding) -> Option<Vec<u8>> {
    match encoding {
        Encoding::Utf8 => Some(text.as_bytes().to_vec()),
        Encoding::Utf8Marked => Some([MARK, text.as_bytes()].concat()),
        Encoding::Utf16Low => Some(marked_utf16(text, u16::to_le_bytes)),
        Encoding::Utf16High => Some(marked_utf16(text, u16::to_be_bytes)),
        Encoding::Latin1 => text.chars().map(|letter| u8::try_from(u32::from(letter)).ok()).collect(),
    }
}

/// Each byte as the letter of that number.
pub(crate) fn latin1(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units = bytes.get(2..).unwrap_or_default().chunks(2).map(|pair| match pair {
        [one, other] => unit([*one, *other]),
        // Half a unit at the end is no letter.
        _ => 0xfffd,
    });
    char::decode_utf16(units).map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

fn marked_utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(bytes).collect()
}

/// Adds formatted words to a text.
pub(crate) fn append(text: &mut String, words: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _written = text.write_fmt(words).is_ok();
}

/// At most `cap` bytes of a text, cut between letters.
pub(crate) fn cut(text: &str, cap: usize) -> &str {
    let mut end = cap.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or(text)
}

#[cfg(test)]
#[path = "text_tests.rs"]
mod text_tests;
