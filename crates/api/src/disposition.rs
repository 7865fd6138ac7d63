//! The `Content-Disposition` of a file (RFC 6266, RFC 8187).

/// Shown in place or saved, under this name.
pub(crate) fn disposition(kind: Disposition, name: &str) -> String {
    let kind = match kind {
        Disposition::Show => "inline",
        Disposition::Save => "attachment",
    };
    let plain: String = name.chars().map(|letter| if is_plain(letter) { letter } else { '_' }).collect();
    format!("{kind}; filename=\"{plain}\"; filename*=UTF-8''{}", escaped(name))
}

/// What a browser does with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Disposition {
    /// Shows it.
    Show,
    /// Saves it.
    Save,
}

fn is_plain(letter: char) -> bool {
    (letter.is_ascii_graphic() || letter == ' ') && !matches!(letter, '"' | '\\' | '%' | '/')
}

/// Escapes all but RFC 3986's unreserved characters.
pub(crate) fn escaped(text: &str) -> String {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            escaped.push(char::from(byte));
        } else {
            let digits = [HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]];
            escaped.push('%');
            escaped.extend(digits.map(char::from));
        }
    }
    escaped
}
