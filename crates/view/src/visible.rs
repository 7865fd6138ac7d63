//! Making text safe to look at: nothing in it may hide, reorder or overprint what stands beside it.

/// The text with every control, bidirectional, zero-width and other invisible character written out as `\u{…}`.
/// Line breaks and tabs stay where `lines` says so.
pub fn visible(text: &str, lines: Lines) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' | '\t' if lines == Lines::Keep => shown.push(character),
            '\n' => shown.push_str("\\n"),
            '\t' => shown.push_str("\\t"),
            '\r' => shown.push_str("\\r"),
            hidden if is_hidden(hidden) => shown.extend(hidden.escape_unicode()),
            plain => shown.push(plain),
        }
    }
    shown
}

/// What becomes of line breaks and tabs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lines {
    /// They stay.
    Keep,
    /// They are written out.
    Escape,
}

/// Characters that show nothing or change how their neighbours are shown (Unicode general categories Cc and Cf, line
/// and paragraph separators, variation selectors, Hangul fillers, tag characters, private use).
fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(
            u32::from(character),
            0xad | 0x34f
                | 0x600..=0x605
                | 0x61c
                | 0x6dd
                | 0x70f
                | 0x115f..=0x1160
                | 0x17b4..=0x17b5
                | 0x180b..=0x180f
                | 0x200b..=0x200f
                | 0x2028..=0x202e
                | 0x2060..=0x206f
                | 0x2800
                | 0x3164
                | 0xe000..=0xf8ff
                | 0xfe00..=0xfe0f
                | 0xfeff
                | 0xffa0
                | 0xfff0..=0xfffb
                | 0x1bca0..=0x1bca3
                | 0x1d173..=0x1d17a
                | 0xe0000..=0xe0fff
                | 0xf0000..=0x0010_ffff
        )
}

#[cfg(test)]
mod tests {
    use super::{Lines, visible};

    #[test]
    fn nothing_hides() {
        for (text, shown) in [
            ("rm -rf x", "rm -rf x"),
            ("Grüße, 日本 👋", "Grüße, 日本 👋"),
            ("a\nb\tc", "a\\nb\\tc"),
            ("a\rb", "a\\rb"),
            ("\u{1b}[2Jx", "\\u{1b}[2Jx"),
            ("abc\u{202e}txt.exe", "abc\\u{202e}txt.exe"),
            ("zero\u{200b}width", "zero\\u{200b}width"),
            ("tag\u{e0041}", "tag\\u{e0041}"),
            ("\u{7f}\u{9b}", "\\u{7f}\\u{9b}"),
            ("sep\u{2028}x", "sep\\u{2028}x"),
        ] {
            assert_eq!(visible(text, Lines::Escape), shown);
        }
        assert_eq!(visible("a\n\tb\u{7}", Lines::Keep), "a\n\tb\\u{7}");
    }
}
