//! Caps on text that goes before the model.

/// Bytes of text one call may put before the model.
pub const OUTPUT_CAP: usize = 30_000;

/// Changes to files that one event lists; more are only counted.
pub const MAX_CHANGES: usize = 200;

/// Cuts text in the middle to at most `cap` bytes and says how much was left out; short text comes back unchanged.
pub fn cap_text(text: String, cap: usize) -> String {
    if text.len() <= cap {
        return text;
    }
    // Room for the notice; the tail is kept larger than nothing because errors stand at the end.
    let room = cap.saturating_sub(80);
    let head_end = floor_boundary(&text, room * 2 / 3);
    let tail_start = ceil_boundary(&text, text.len() - (room - room * 2 / 3));
    let left_out = tail_start - head_end;
    format!("{}\n[… {left_out} bytes left out …]\n{}", &text[..head_end], &text[tail_start..])
}

fn floor_boundary(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn ceil_boundary(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at += 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::cap_text;

    #[test]
    fn short_text_is_unchanged_and_long_text_fits() {
        assert_eq!(cap_text("abc".into(), 100), "abc");
        for length in [101, 1_000, 50_000] {
            let capped = cap_text("é".repeat(length), 100);
            assert!(capped.len() <= 100, "{} bytes", capped.len());
            assert!(capped.contains("bytes left out"));
            assert!(capped.starts_with('é') && capped.ends_with('é'));
        }
    }
}
