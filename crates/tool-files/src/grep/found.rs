//! What a search found, in the form and within the caps in which the model sees it.

use std::io;

use grep_searcher::{Searcher, Sink, SinkContext, SinkContextKind, SinkFinish, SinkMatch};
use tool::OUTPUT_CAP;

use super::Output;
use crate::text::cut;

/// Bytes of a line that are shown.
const LINE: usize = 400;
/// Bytes kept free for notices.
const NOTICES: usize = 400;

/// The matches so far.
pub(super) struct Found {
    output: Output,
    limit: usize,
    context: usize,
    text: String,
    path: String,
    /// Whether the path of the file being searched is written.
    headed: bool,
    /// Matching lines in it.
    in_file: usize,
    /// Files or lines shown.
    shown: usize,
    matches: usize,
    binary: usize,
    /// Files and directories that could not be searched.
    pub(super) unreadable: usize,
    full: bool,
}

impl Found {
    pub(super) fn new(output: Output, limit: usize, context: usize) -> Self {
        Self {
            output,
            limit,
            context,
            text: String::new(),
            path: String::new(),
            headed: false,
            in_file: 0,
            shown: 0,
            matches: 0,
            binary: 0,
            unreadable: 0,
            full: false,
        }
    }

    /// The next file.
    pub(super) fn begin(&mut self, path: &str) {
        path.clone_into(&mut self.path);
        self.in_file = 0;
        self.headed = false;
    }

    /// Whether no more can be shown.
    pub(super) fn is_full(&self) -> bool {
        self.full
    }

    /// Everything in words.
    pub(super) fn told(&self, base: &str) -> String {
        let mut notices = Vec::new();
        if self.full {
            notices.push("there is more; narrow the search or raise the limit".to_owned());
        }
        if self.binary > 0 {
            notices.push(format!("{} binary files left out", self.binary));
        }
        if self.unreadable > 0 {
            notices.push(format!("{} files or directories could not be searched", self.unreadable));
        }
        let notices = if notices.is_empty() { String::new() } else { format!("[{}]\n", notices.join("; ")) };
        if self.matches == 0 {
            return format!("no match in `{base}`\n{notices}");
        }
        format!("{}{notices}", self.text)
    }

    /// Adds a line of output, if it still fits.
    fn add(&mut self, line: &str) -> bool {
        if self.text.len() + line.len() + NOTICES > OUTPUT_CAP {
            self.full = true;
            return false;
        }
        self.text.push_str(line);
        true
    }

    fn add_line(&mut self, number: Option<u64>, mark: char, bytes: &[u8]) -> bool {
        let text = String::from_utf8_lossy(bytes);
        let text = text.trim_end_matches(['\n', '\r']);
        let short = cut(text, LINE);
        let more = if short.len() < text.len() { " [… cut]" } else { "" };
        self.add(&format!("{}{mark}{short}{more}\n", number.unwrap_or(0)))
    }

    /// The first line about a file is its path.
    fn head(&mut self) -> bool {
        if self.headed {
            return true;
        }
        let gap = if self.text.is_empty() { "" } else { "\n" };
        let head = format!("{gap}{}\n", self.path);
        self.headed = self.add(&head);
        self.headed
    }

    fn at_limit(&mut self) -> bool {
        self.full = self.full || self.shown >= self.limit;
        self.full
    }
}

impl Sink for Found {
    type Error = io::Error;

    fn matched(&mut self, _searcher: &Searcher, found: &SinkMatch<'_>) -> io::Result<bool> {
        if self.at_limit() {
            return Ok(false);
        }
        self.matches += 1;
        self.in_file += 1;
        match self.output {
            // The path is added at the end of the file; the first match is enough.
            Output::Files => Ok(false),
            Output::Count => Ok(true),
            Output::Lines => {
                self.shown += 1;
                Ok(self.head() && self.add_line(found.line_number(), ':', found.bytes()))
            }
        }
    }

    fn context(&mut self, _searcher: &Searcher, line: &SinkContext<'_>) -> io::Result<bool> {
        if self.output != Output::Lines {
            return Ok(true);
        }
        match line.kind() {
            // A line before a match comes before the first match of its file.
            SinkContextKind::Before if self.at_limit() => Ok(false),
            SinkContextKind::Before | SinkContextKind::After | SinkContextKind::Other => {
                Ok(self.head() && self.add_line(line.line_number(), '-', line.bytes()))
            }
        }
    }

    fn context_break(&mut self, _searcher: &Searcher) -> io::Result<bool> {
        Ok(self.context == 0 || self.output != Output::Lines || !self.headed || self.add("--\n"))
    }

    fn binary_data(&mut self, _searcher: &Searcher, _offset: u64) -> io::Result<bool> {
        self.binary += 1;
        Ok(false)
    }

    fn finish(&mut self, _searcher: &Searcher, _finish: &SinkFinish) -> io::Result<()> {
        if self.in_file == 0 {
            return Ok(());
        }
        let line = match self.output {
            Output::Lines => return Ok(()),
            Output::Files => format!("{}\n", self.path),
            Output::Count => format!("{}: {}\n", self.path, self.in_file),
        };
        if self.add(&line) {
            self.shown += 1;
        }
        Ok(())
    }
}
