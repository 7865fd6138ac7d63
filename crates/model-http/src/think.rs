//! Telling reasoning in `<think>` tags from the text after it, while it streams in pieces of any size.

const OPEN: &str = "<think>";
const CLOSE: &str = "</think>";

/// A piece of a reply, sorted.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// Text for the user.
    Text(String),
    /// Reasoning.
    Thinking(String),
}

#[derive(Debug, PartialEq, Eq, Clone, Copy)]
enum Place {
    /// Only blanks, or part of an opening tag, so far.
    Before,
    Within,
    /// Behind the closing tag: blanks before the first word are dropped.
    Behind,
    Text,
}

/// Sorts streamed content. A tag counts only at the very beginning of the content.
#[derive(Debug)]
pub(crate) struct ThinkSorter {
    place: Place,
    held: String,
}

impl ThinkSorter {
    /// A sorter for one reply.
    pub(crate) fn new() -> Self {
        Self { place: Place::Before, held: String::new() }
    }

    /// Sorts another piece of content.
    pub(crate) fn push(&mut self, text: &str, out: &mut Vec<Piece>) {
        match self.place {
            Place::Text => give_text(text.to_owned(), out),
            Place::Before => {
                self.held.push_str(text);
                self.before(out);
            }
            Place::Within => {
                self.held.push_str(text);
                self.within(out);
            }
            Place::Behind => self.behind(text, out),
        }
    }

    /// Gives what was held back when the content is over.
    pub(crate) fn finish(&mut self, out: &mut Vec<Piece>) {
        let held = std::mem::take(&mut self.held);
        match self.place {
            Place::Within => give_thinking(held, out),
            Place::Before | Place::Behind | Place::Text => give_text(held, out),
        }
    }

    fn before(&mut self, out: &mut Vec<Piece>) {
        let trimmed = self.held.trim_start();
        if let Some(rest) = trimmed.strip_prefix(OPEN) {
            self.held = rest.to_owned();
            self.place = Place::Within;
            self.within(out);
        } else if !OPEN.starts_with(trimmed) {
            self.place = Place::Text;
            give_text(std::mem::take(&mut self.held), out);
        }
    }

    fn within(&mut self, out: &mut Vec<Piece>) {
        if let Some((thinking, rest)) = self.held.split_once(CLOSE) {
            let rest = rest.to_owned();
            give_thinking(thinking.to_owned(), out);
            self.held.clear();
            self.place = Place::Behind;
            self.behind(&rest, out);
            return;
        }
        // The end may be the beginning of the closing tag.
        let keep = (1..CLOSE.len())
            .rev()
            .find(|length| CLOSE.get(..*length).is_some_and(|start| self.held.ends_with(start)))
            .unwrap_or(0);
        let rest = self.held.split_off(self.held.len() - keep);
        give_thinking(std::mem::replace(&mut self.held, rest), out);
    }

    fn behind(&mut self, text: &str, out: &mut Vec<Piece>) {
        let text = text.trim_start();
        if !text.is_empty() {
            self.place = Place::Text;
            give_text(text.to_owned(), out);
        }
    }
}

fn give_text(text: String, out: &mut Vec<Piece>) {
    if !text.is_empty() {
        out.push(Piece::Text(text));
    }
}

fn give_thinking(text: String, out: &mut Vec<Piece>) {
    if !text.is_empty() {
        out.push(Piece::Thinking(text));
    }
}
