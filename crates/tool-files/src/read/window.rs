//! A window of numbered lines over bytes that arrive in pieces: memory is bounded by what is shown.

use tool::OUTPUT_CAP;

use crate::text::{Encoding, append, latin1};

/// Bytes of one line that are shown.
const LINE_CAP: usize = 2_000;
/// Bytes kept free for notices.
const NOTICES: usize = 400;

/// Collects the lines from `first` on, at most `limit` and no more than fit; counts all.
pub(super) struct Window {
    first: u64,
    limit: u64,
    /// Number of the line being read, from 1.
    number: u64,
    kept: Vec<Line>,
    kept_bytes: usize,
    /// The line being read, as far as it is kept.
    line: Vec<u8>,
    /// Its whole length.
    length: usize,
    full: bool,
}

struct Line {
    bytes: Vec<u8>,
    left_out: usize,
}

/// What a window saw.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Shown {
    /// The lines, each as number, tab and text.
    pub(super) text: String,
    /// How many lines that is.
    pub(super) count: u64,
    /// How many lines there are in all.
    pub(super) total: u64,
    /// The encoding they were read as.
    pub(super) encoding: Encoding,
}

impl Window {
    pub(super) fn new(first: u64, limit: u64) -> Self {
        Self { first, limit, number: 1, kept: Vec::new(), kept_bytes: 0, line: Vec::new(), length: 0, full: false }
    }

    /// More bytes of the file.
    pub(super) fn feed(&mut self, bytes: &[u8]) {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            let (text, ends) = piece.strip_suffix(b"\n").map_or((piece, false), |text| (text, true));
            if self.wanted() {
                let room = (LINE_CAP + 4).saturating_sub(self.line.len());
                self.line.extend_from_slice(text.get(..room).unwrap_or(text));
            }
            self.length += text.len();
            if ends {
                self.end_line();
            }
        }
    }

    /// The end of the file.
    pub(super) fn finish(mut self) -> Shown {
        if self.length > 0 {
            self.end_line();
        }
        let encoding = if self.kept.iter().all(|line| readable(&line.bytes).is_some()) {
            Encoding::Utf8
        } else {
            Encoding::Latin1
        };
        let mut text = String::with_capacity(self.kept_bytes);
        for (number, line) in (self.first..).zip(&self.kept) {
            let shown = readable(&line.bytes)
                .filter(|_| encoding == Encoding::Utf8)
                .map_or_else(|| latin1(line.bytes.get(..LINE_CAP).unwrap_or(&line.bytes)), str::to_owned);
            let shown = if number == 1 { shown.trim_start_matches('\u{feff}') } else { &shown };
            match line.left_out {
                0 => append(&mut text, format_args!("{number}\t{shown}\n")),
                left_out => {
                    append(&mut text, format_args!("{number}\t{shown} [… {left_out} bytes more in this line]\n"));
                }
            }
        }
        Shown { text, count: self.kept.len() as u64, total: self.number - 1, encoding }
    }

    fn wanted(&self) -> bool {
        !self.full && self.number >= self.first && self.number - self.first < self.limit
    }

    fn end_line(&mut self) {
        if self.wanted() {
            let mut bytes = std::mem::take(&mut self.line);
            if bytes.len() == self.length && bytes.last() == Some(&b'\r') {
                bytes.pop();
            }
            let shown = bytes.len().min(LINE_CAP);
            let left_out = self.length - bytes.len().min(self.length) + (bytes.len() - shown);
            let left_out = if left_out <= 1 && shown == bytes.len() { 0 } else { left_out };
            // Number, tab, line break, and the notice of a cut line.
            self.kept_bytes += shown + 10 + if left_out > 0 { 40 } else { 0 };
            if self.kept_bytes + NOTICES > OUTPUT_CAP && !self.kept.is_empty() {
                self.full = true;
            } else {
                self.kept.push(Line { bytes, left_out });
            }
        }
        self.line.clear();
        self.length = 0;
        self.number += 1;
    }
}

/// The text of a line that may be cut within a letter; none where it is not UTF-8.
fn readable(bytes: &[u8]) -> Option<&str> {
    let cut = bytes.len() > LINE_CAP;
    let bytes = bytes.get(..LINE_CAP).unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text),
        Err(error) if cut && error.error_len().is_none() => {
            bytes.get(..error.valid_up_to()).and_then(|bytes| std::str::from_utf8(bytes).ok())
        }
        Err(_) => None,
    }
}

#[cfg(test)]
#[path = "window_tests.rs"]
mod window_tests;
