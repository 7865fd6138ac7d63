//! HTML to Markdown in one pass over the tokens, without a tree: time and memory stay in proportion to the page,
//! whatever is nested in it.

use std::cell::RefCell;
use std::time::Instant;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};

use crate::hidden::is_hidden;
use crate::writer::Writer;

/// A page for reading.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Markdown {
    /// Its title; empty where it has none.
    pub(crate) title: String,
    /// Its text.
    pub(crate) text: String,
    /// Whether reading it took too long, so that the rest is missing.
    pub(crate) is_cut: bool,
}

/// Bytes read between two looks at the clock.
const PIECE: usize = 8 << 10;

/// Turns a page at `address` into Markdown, as far as that can be done `until` then.
pub(crate) fn markdown(html: &str, address: &str, until: Instant) -> Markdown {
    let sink = Sink(RefCell::new(Reading {
        writer: Writer::new(address),
        title: String::new(),
        in_title: false,
        hidden: None,
    }));
    let tokenizer = Tokenizer::new(sink, TokenizerOpts::default());
    let input = BufferQueue::default();
    let mut rest = html;
    while !rest.is_empty() && Instant::now() < until {
        let (piece, after) = rest.split_at(rest.ceil_char_boundary(PIECE));
        input.push_back(StrTendril::from(piece));
        // It stops only where a sink says so, which this one does not: the whole piece is read.
        drop(tokenizer.feed(&input));
        rest = after;
    }
    tokenizer.end();
    let reading = tokenizer.sink.0.into_inner();
    Markdown { title: reading.title, text: reading.writer.finish(), is_cut: !rest.is_empty() }
}

/// Elements without content: they neither hide anything nor end.
const VOID: &[&str] = &[
    "area", "base", "basefont", "bgsound", "br", "col", "embed", "frame", "hr", "img", "input", "keygen", "link",
    "meta", "param", "source", "track", "wbr",
];

/// Elements whose end tag may be left out: the next block ends them too.
const OPEN_ENDED: &[&str] = &["dd", "dt", "li", "optgroup", "option", "p", "tbody", "td", "tfoot", "th", "thead", "tr"];

struct Sink(RefCell<Reading>);

struct Reading {
    writer: Writer,
    title: String,
    in_title: bool,
    /// The element that hides everything now, and how often it is open.
    hidden: Option<(String, usize)>,
}

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut reading = self.0.borrow_mut();
        match token {
            Token::TagToken(tag) if tag.kind == TagKind::StartTag => return reading.open(&tag),
            Token::TagToken(tag) => reading.close(&tag.name),
            Token::CharacterTokens(text) => reading.text(&text),
            Token::DoctypeToken(_)
            | Token::CommentToken(_)
            | Token::NullCharacterToken
            | Token::EOFToken
            | Token::ParseError(_) => {}
        }
        TokenSinkResult::Continue
    }
}

impl Reading {
    fn open(&mut self, tag: &Tag) -> TokenSinkResult<()> {
        let name = &*tag.name;
        let is_void = VOID.contains(&name) || (tag.self_closing && matches!(name, "svg" | "math" | "path"));
        if let Some((hiding, depth)) = &mut self.hidden {
            if OPEN_ENDED.contains(&hiding.as_str()) && hiding == name {
                // The next of its kind: the hidden one has ended.
                self.hidden = None;
            } else if hiding == name && !is_void {
                *depth += 1;
            }
        }
        if self.hidden.is_none() {
            if is_hidden(tag) {
                self.hidden = (!is_void).then(|| (name.to_owned(), 1));
            } else {
                self.show(tag);
            }
        }
        match name {
            "script" => TokenSinkResult::RawData(RawKind::ScriptData),
            "style" | "xmp" | "iframe" | "noembed" | "noframes" | "noscript" => {
                TokenSinkResult::RawData(RawKind::Rawtext)
            }
            "title" | "textarea" => TokenSinkResult::RawData(RawKind::Rcdata),
            "plaintext" => TokenSinkResult::Plaintext,
            _ => TokenSinkResult::Continue,
        }
    }

    fn show(&mut self, tag: &Tag) {
        let attribute = |wanted: &str| {
            tag.attrs.iter().find(|attribute| &*attribute.name.local == wanted).map(|attribute| &*attribute.value)
        };
        match &*tag.name {
            "title" => self.in_title = true,
            "a" => self.writer.open_link(attribute("href").unwrap_or_default()),
            "img" => self.writer.image(attribute("alt").unwrap_or_default()),
            "ol" => self.writer.open_list(Some(attribute("start").and_then(|start| start.parse().ok()).unwrap_or(1))),
            "ul" | "menu" | "dir" => self.writer.open_list(None),
            name => self.writer.open(name),
        }
    }

    fn close(&mut self, name: &str) {
        if let Some((hiding, depth)) = &mut self.hidden {
            let ends_it =
                OPEN_ENDED.contains(&hiding.as_str()) && matches!(name, "ul" | "ol" | "table" | "div" | "body");
            if hiding == name {
                *depth -= 1;
                if *depth == 0 {
                    self.hidden = None;
                }
                return;
            }
            if !ends_it {
                return;
            }
            self.hidden = None;
        }
        match name {
            "title" => self.in_title = false,
            "a" => self.writer.close_link(),
            "ol" | "ul" | "menu" | "dir" => self.writer.close_list(),
            name => self.writer.close(name),
        }
    }

    fn text(&mut self, text: &str) {
        if self.hidden.is_some() {
            return;
        }
        if self.in_title {
            if self.title.len() < 1000 {
                self.title.push_str(text);
            }
            return;
        }
        self.writer.text(text);
    }
}

#[cfg(test)]
#[path = "markdown_tests.rs"]
mod tests;
