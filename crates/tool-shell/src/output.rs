//! What a command wrote, in bounded memory: its beginning and its end, as text.

use sandbox::Stream;

/// Bytes of the beginning that are kept.
const HEAD: usize = 24 * 1024;
/// Bytes of the end that are kept; up to twice as many while collecting.
const TAIL: usize = 16 * 1024;

/// Collects both outputs as they come.
#[derive(Debug, Default)]
pub(crate) struct Collector {
    out: Decoder,
    error: Decoder,
    head: String,
    tail: String,
    /// Bytes of text in all, the left out ones included.
    total: usize,
}

impl Collector {
    /// Takes a piece and gives it back as text; a character cut by the piece's end comes with the next piece.
    pub(crate) fn take(&mut self, stream: Stream, bytes: &[u8]) -> String {
        let decoder = match stream {
            Stream::Out => &mut self.out,
            Stream::Error => &mut self.error,
        };
        let text = decoder.take(bytes);
        self.keep(&text);
        text
    }

    /// The whole text, cut in the middle to at most `cap` bytes.
    pub(crate) fn finish(mut self, cap: usize) -> String {
        let rest = [self.out.finish(), self.error.finish()].concat();
        self.keep(&rest);
        if self.total <= cap && self.total == self.head.len() + self.tail.len() {
            return self.head + &self.tail;
        }
        // Room for the notice; the end is shorter but always there, because errors stand at the end.
        let room = cap.saturating_sub(80);
        let head = floor(&self.head, room * 2 / 3);
        let end = [self.head.get(head.len()..).unwrap_or_default(), &self.tail].concat();
        let tail = ceil(&end, end.len().saturating_sub((room / 3).min(TAIL)));
        let left_out = self.total - head.len() - tail.len();
        format!("{head}\n[… {left_out} bytes left out …]\n{tail}")
    }

    fn keep(&mut self, text: &str) {
        self.total += text.len();
        let mut text = text;
        if self.tail.is_empty() {
            let fits = floor(text, HEAD.saturating_sub(self.head.len()));
            self.head.push_str(fits);
            text = text.get(fits.len()..).unwrap_or_default();
        }
        self.tail.push_str(text);
        if self.tail.len() > 2 * TAIL {
            let kept = ceil(&self.tail, self.tail.len() - TAIL).len();
            self.tail.drain(..self.tail.len() - kept);
            self.tail.shrink_to(4 * TAIL);
        }
    }
}

/// Bytes to text, across pieces.
#[derive(Debug, Default)]
struct Decoder {
    /// The beginning of a character whose end has not come yet; three bytes at most.
    begun: Vec<u8>,
}

impl Decoder {
    fn take(&mut self, bytes: &[u8]) -> String {
        let mut joined = std::mem::take(&mut self.begun);
        joined.extend_from_slice(bytes);
        let mut text = String::with_capacity(joined.len());
        let mut rest = joined.as_slice();
        while !rest.is_empty() {
            match std::str::from_utf8(rest) {
                Ok(valid) => {
                    text.push_str(valid);
                    break;
                }
                Err(error) => {
                    let (valid, after) = rest.split_at(error.valid_up_to());
                    text.push_str(std::str::from_utf8(valid).unwrap_or_default());
                    let Some(wrong) = error.error_len() else {
                        self.begun = after.to_vec();
                        break;
                    };
                    text.push(char::REPLACEMENT_CHARACTER);
                    rest = after.get(wrong..).unwrap_or_default();
                }
            }
        }
        text
    }

    fn finish(&mut self) -> String {
        if std::mem::take(&mut self.begun).is_empty() { String::new() } else { "\u{fffd}".to_owned() }
    }
}

/// At most the first `count` bytes, whole characters only.
fn floor(text: &str, count: usize) -> &str {
    text.get(..text.floor_char_boundary(count)).unwrap_or_default()
}

/// Everything from byte `from` on, whole characters only.
fn ceil(text: &str, from: usize) -> &str {
    text.get(text.ceil_char_boundary(from)..).unwrap_or_default()
}

#[cfg(test)]
#[path = "output_tests.rs"]
mod tests;
