//! What a file is, by its first bytes; its name only helps to put a word to it.

use crate::text::Encoding;

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A picture a model can look at, with its media type.
    Picture(&'static str),
    /// A PDF.
    Pdf,
    /// Text, with its encoding where the first bytes say it.
    Text(Option<Encoding>),
    /// Anything else, in words.
    Binary(&'static str),
}

const BINARY: &[(&[u8], &str)] = &[
    (b"PK\x03\x04", "ZIP archive"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old office document"),
    (b"\x1f\x8b", "gzip archive"),
    (b"7z\xbc\xaf\x27\x1c", "7z archive"),
    (b"SQLite format 3\0", "SQLite database"),
    (b"\x7fELF", "program"),
    (b"MZ", "Windows program"),
    (b"ID3", "MP3 sound"),
    (b"fLaC", "FLAC sound"),
    (b"OggS", "Ogg media"),
    (b"II*\0", "TIFF picture"),
    (b"MM\0*", "TIFF picture"),
    (b"BM", "BMP picture"),
];

const NAMES: &[(&str, &str)] = &[
    (".xlsx", "Excel workbook"),
    (".docx", "Word document"),
    (".pptx", "PowerPoint presentation"),
    (".ods", "OpenDocument spreadsheet"),
    (".odt", "OpenDocument text"),
    (".odp", "OpenDocument presentation"),
    (".epub", "EPUB book"),
    (".jar", "Java archive"),
    (".xls", "old Excel workbook"),
    (".doc", "old Word document"),
    (".ppt", "old PowerPoint presentation"),
    (".mp4", "MP4 video"),
    (".parquet", "Parquet table"),
];

/// Judges by the first bytes.
pub(super) fn of(head: &[u8]) -> Kind {
    if let Some(media) = picture(head) {
        return Kind::Picture(media);
    }
    if head.starts_with(b"%PDF-") {
        return Kind::Pdf;
    }
    if let Some(encoding) = Encoding::marked(head) {
        return Kind::Text(Some(encoding));
    }
    if head.contains(&0) {
        let what = BINARY.iter().find(|(magic, _)| head.starts_with(magic));
        return Kind::Binary(what.map_or("binary file", |(_, what)| what));
    }
    Kind::Text(None)
}

/// A word for a binary file by its name.
pub(super) fn by_name(path: &str) -> Option<&'static str> {
    let lower = path.to_ascii_lowercase();
    NAMES.iter().find(|(end, _)| lower.ends_with(end)).map(|(_, what)| *what)
}

fn picture(head: &[u8]) -> Option<&'static str> {
    if head.starts_with(b"\x89PNG\r\n\x1a\n") {
        Some("image/png")
    } else if head.starts_with(b"\xff\xd8\xff") {
        Some("image/jpeg")
    } else if head.starts_with(b"GIF87a") || head.starts_with(b"GIF89a") {
        Some("image/gif")
    } else if head.starts_with(b"RIFF") && head.get(8..12) == Some(b"WEBP") {
        Some("image/webp")
    } else {
        None
    }
}

#[cfg(test)]
#[path = "kind_tests.rs"]
mod kind_tests;
