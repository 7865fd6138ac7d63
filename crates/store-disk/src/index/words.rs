//! What of a task can be searched: its view, and its words in parts of a few kilobytes. Pure.

use std::sync::Arc;

use event::{ChangeKind, Event, Fact, TaskId};
use view::View;

/// Bytes after which a new part begins. Only the last part is written again when words come, so a long task costs no
/// more for each turn than a short one. Where parts begin depends on the events alone.
const PART: usize = 4096;

/// A task folded for the index.
pub(super) struct Folded {
    pub(super) view: View,
    /// Bytes of the log that were folded, as far as known.
    pub(super) length: u64,
    /// The part that still grows; part 0 is the title.
    pub(super) part: u32,
    words: String,
    /// Parts to be written, each with all its words.
    changed: Vec<(u32, String)>,
    grown: bool,
    titled: bool,
}

impl Folded {
    /// Nothing folded yet.
    pub(super) fn empty(task: TaskId) -> Self {
        Self {
            view: View::empty(task),
            length: 0,
            part: 1,
            words: String::new(),
            changed: Vec::new(),
            grown: false,
            titled: false,
        }
    }

    /// Folds a whole log of `length` bytes.
    pub(super) fn of(task: TaskId, events: &[Arc<Event>], length: u64) -> Self {
        let mut folded = Self::empty(task);
        for event in events {
            folded.apply(event);
        }
        folded.length = length;
        folded
    }

    /// Folds one more event; one that was folded already does nothing.
    pub(super) fn apply(&mut self, event: &Event) {
        if event.seq <= self.view.head {
            return;
        }
        self.view.apply(event);
        match &event.fact {
            Fact::TaskCreated { .. } | Fact::Titled { .. } => self.titled = true,
            Fact::Said { text, attachments, .. } => {
                self.add(text);
                for file in attachments {
                    self.add(&file.name);
                }
            }
            Fact::Replied { reply, .. } => self.add(&reply.text()),
            Fact::Presented { files } => {
                for file in files {
                    self.add(&file.title);
                    self.add(file_name(&file.path));
                }
            }
            Fact::FilesChanged { changes, undo: false, .. } => {
                for change in changes.iter().filter(|change| change.kind == ChangeKind::Made) {
                    self.add(file_name(&change.path));
                }
            }
            _ => {}
        }
    }

    /// Whether events follow what was folded, none missing.
    pub(super) fn continues_with(&self, events: &[Arc<Event>]) -> bool {
        let mut head = self.view.head;
        events.iter().all(|event| {
            let follows = event.seq <= head.next();
            head = head.max(event.seq);
            follows
        })
    }

    /// The parts that changed since the last time, each with all its words.
    pub(super) fn take_changed(&mut self) -> Vec<(u32, String)> {
        let mut changed = std::mem::take(&mut self.changed);
        if std::mem::take(&mut self.grown) {
            changed.push((self.part, self.words.clone()));
        }
        if std::mem::take(&mut self.titled) {
            changed.push((0, tokens(&self.view.title).join(" ")));
        }
        changed
    }

    fn add(&mut self, text: &str) {
        let tokens = tokens(text);
        let length: usize = tokens.iter().map(|token| token.len() + 1).sum();
        if !self.words.is_empty() && self.words.len() + length > PART {
            self.changed.push((self.part, std::mem::take(&mut self.words)));
            self.part += 1;
        }
        for token in tokens {
            self.words.push_str(token);
            self.words.push(' ');
            self.grown = true;
        }
    }
}

fn file_name(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

/// The words of a text, as they are stored and as they are looked for. Scripts that put no spaces between words are
/// taken letter by letter.
pub(super) fn tokens(text: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut begun: Option<usize> = None;
    for (at, letter) in text.char_indices() {
        let kind = kind(letter);
        if kind == Kind::Joined {
            begun.get_or_insert(at);
            continue;
        }
        tokens.extend(begun.take().and_then(|start| text.get(start..at)));
        if kind == Kind::Alone {
            tokens.extend(text.get(at..at + letter.len_utf8()));
        }
    }
    tokens.extend(begun.and_then(|start| text.get(start..)));
    tokens
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Part of a word.
    Joined,
    /// A word of its own.
    Alone,
    /// Between words.
    Apart,
}

fn kind(letter: char) -> Kind {
    match letter {
        // Accents written behind their letter; what is enclosed in a circle is a picture to the index.
        '\u{300}'..='\u{36f}' => Kind::Joined,
        '\u{24b6}'..='\u{24e9}' => Kind::Apart,
        _ if !letter.is_alphanumeric() => Kind::Apart,
        // Thai, Lao; Burmese; Khmer; Chinese, Japanese and Yi; their compatibility forms; everything beyond the first plane.
        '\u{e00}'..='\u{eff}'
        | '\u{1000}'..='\u{109f}'
        | '\u{1780}'..='\u{17ff}'
        | '\u{2e80}'..='\u{a4cf}'
        | '\u{f900}'..='\u{faff}'
        | '\u{ff66}'..='\u{ff9f}'
        | '\u{10000}'.. => Kind::Alone,
        _ => Kind::Joined,
    }
}
