//! Names as text and back. Most names are UTF-8 and stay as they are; the bytes of others are kept by characters of
//! Unicode's private use area, so that the journal, which is text, can bring any name back.

use std::ffi::{OsStr, OsString};

/// Stands for the byte 0x80; those for the others follow (as in the MirBSD libc, `OPTU-8`).
const FIRST: u32 = 0xEF80;

/// A name, or the target of a link, as text. Bytes that are not UTF-8 become private characters; so do names that hold
/// such characters themselves. [`name_of`] gives exactly the same bytes again. Paths in the journal are made of these.
pub fn text_of(name: &OsStr) -> String {
    let bytes = name.as_encoded_bytes();
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.chars().any(is_byte) => text.to_owned(),
        Ok(_) | Err(_) => escape(bytes),
    }
}

/// The name, or the target of a link, that [`text_of`] was given.
pub fn name_of(text: &str) -> OsString {
    if !text.chars().any(is_byte) {
        return OsString::from(text);
    }
    let mut bytes = Vec::with_capacity(text.len());
    for character in text.chars() {
        match u8::try_from(u32::from(character).wrapping_sub(FIRST)) {
            Ok(low) if low < 0x80 => bytes.push(low | 0x80),
            Ok(_) | Err(_) => bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    from_bytes(bytes)
}

fn is_byte(character: char) -> bool {
    (FIRST..FIRST + 0x80).contains(&u32::from(character))
}

fn escape(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            if is_byte(character) {
                text.extend(character.encode_utf8(&mut [0; 4]).bytes().filter_map(standing_for));
            } else {
                text.push(character);
            }
        }
        text.extend(chunk.invalid().iter().copied().filter_map(standing_for));
    }
    text
}

/// The character for a byte from 0x80 on; other bytes are always UTF-8.
fn standing_for(byte: u8) -> Option<char> {
    char::from_u32(FIRST + u32::from(byte.checked_sub(0x80)?))
}

#[cfg(unix)]
fn from_bytes(bytes: Vec<u8>) -> OsString {
    std::os::unix::ffi::OsStringExt::from_vec(bytes)
}

#[cfg(not(unix))]
fn from_bytes(bytes: Vec<u8>) -> OsString {
    OsString::from(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
#[path = "name_tests.rs"]
mod name_tests;
