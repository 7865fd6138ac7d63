//! What a machine and its QEMU say: the last of it, kept for errors.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::AsyncReadExt;
use tokio::net::unix::pipe::Receiver;

/// Bytes that are kept.
const KEPT: usize = 64 * 1024;
/// The file with everything that is kept.
pub(crate) const WHOLE: &str = "console.log";
/// Bytes that a message shows.
const SHOWN: usize = 800;

/// The last words.
#[derive(Clone, Default)]
pub(crate) struct Console(Arc<Mutex<VecDeque<u8>>>);

impl Console {
    /// Takes in everything until the other end closes.
    pub(crate) async fn read(self, mut from: Receiver) {
        let mut chunk = vec![0; 4096];
        while let Ok(count) = from.read(&mut chunk).await {
            if count == 0 {
                return;
            }
            self.add(chunk.get(..count).unwrap_or_default());
        }
    }

    fn add(&self, bytes: &[u8]) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.extend(bytes);
        let excess = kept.len().saturating_sub(KEPT);
        kept.drain(..excess);
    }

    /// What is kept, as text.
    pub(crate) fn text(&self) -> String {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes: Vec<u8> = kept.iter().copied().collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// The end of an error message: the last lines, with the whole of it written to `place`.
    pub(crate) fn quoted(&self, place: &Path) -> String {
        let text = self.text();
        let path = place.join(WHOLE);
        let whole = match std::fs::write(&path, &text) {
            Ok(()) => format!(" (all of it is in `{}`)", path.display()),
            Err(_) => String::new(),
        };
        said(&text, &whole)
    }

    /// The same of a machine whose words are not worth a file: that holds what another one said.
    pub(crate) fn quoted_alone(&self) -> String {
        said(&self.text(), "")
    }
}

fn said(text: &str, whole: &str) -> String {
    quote(text).map_or_else(String::new, |lines| format!("; it last said: {lines}{whole}"))
}

/// The last lines without control characters; none where there is nothing.
fn quote(text: &str) -> Option<String> {
    let clean: String = text.chars().map(|c| if c.is_control() && c != '\n' { ' ' } else { c }).collect();
    let mut start = clean.len().saturating_sub(SHOWN);
    while !clean.is_char_boundary(start) {
        start += 1;
    }
    let lines = clean.get(start..).unwrap_or_default().lines().map(str::trim).filter(|line| !line.is_empty());
    let lines: Vec<&str> = lines.collect();
    (!lines.is_empty()).then(|| lines.join(" / "))
}

#[cfg(test)]
mod tests {
    use super::{Console, KEPT, quote};

    #[test]
    fn only_the_last_is_kept() {
        let console = Console::default();
        console.add(&vec![b'a'; KEPT]);
        console.add(b"end");
        assert_eq!(console.text().len(), KEPT);
        assert!(console.text().ends_with("aend"));
    }

    #[test]
    fn a_quote_is_one_line_without_control_characters() {
        assert_eq!(quote("one\u{1b}[31m\r\n\n two\n"), Some("one [31m / two".to_owned()));
        assert_eq!(quote("\n\r\n"), None);
    }
}
