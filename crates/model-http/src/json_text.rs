//! Writing small pieces of JSON straight into a byte buffer, so that a message is encoded once and never again.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Writes a JSON string, quotes included.
pub(crate) fn string(out: &mut Vec<u8>, text: &str) {
    let start = out.len();
    if serde_json::to_writer(&mut *out, text).is_err() {
        // Writing text into memory cannot fail; if it ever did, an empty string keeps the JSON whole.
        out.truncate(start);
        out.extend_from_slice(b"\"\"");
    }
}

/// Writes `"name":` before a value, with a comma in front where asked.
pub(crate) fn field(out: &mut Vec<u8>, name: &str, value: &str) {
    string(out, name);
    out.push(b':');
    string(out, value);
}

/// Writes bytes as base 64, without quotes.
pub(crate) fn base64(out: &mut Vec<u8>, bytes: &[u8]) {
    let start = out.len();
    out.resize(start + bytes.len().div_ceil(3) * 4, 0);
    let written = out.get_mut(start..).map_or(0, |target| STANDARD.encode_slice(bytes, target).unwrap_or(0));
    out.truncate(start + written);
}

/// The text as a JSON string.
pub(crate) fn quoted(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len() + 2);
    string(&mut out, text);
    String::from_utf8(out).unwrap_or_default()
}

/// Whether the text is one JSON object.
pub(crate) fn is_object(text: &str) -> bool {
    let trimmed = text.trim();
    trimmed.starts_with('{') && trimmed.ends_with('}')
}
