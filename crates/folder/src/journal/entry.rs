//! What the journal says: states, intents, entries, and the lines they are stored in.

use std::collections::BTreeMap;

use event::{CallId, Digest};
use serde::{Deserialize, Serialize};

/// Who makes a change.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Author {
    /// The call; none for Undo.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<CallId>,
    /// The turn it belongs to; 0 before the first.
    pub turn: u32,
    /// Which Undo this is, from 1; none for the task's own changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undo: Option<u64>,
}

/// The state of a path, with all that Undo gives back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum State {
    /// There is nothing of that name.
    Absent,
    /// A regular file.
    File {
        /// Digest of its content, which is kept.
        digest: Digest,
        /// Permission bits.
        mode: u32,
        /// Last change of the content: nanoseconds since 1970-01-01 00:00 UTC.
        mtime_ns: i64,
        /// Size.
        bytes: u64,
    },
    /// A directory.
    Directory {
        /// Permission bits.
        mode: u32,
    },
}

impl State {
    /// What can be compared of it.
    pub fn mark(&self) -> Mark {
        match self {
            Self::Absent => Mark::Absent,
            Self::File { digest, .. } => Mark::File(*digest),
            Self::Directory { .. } => Mark::Directory,
        }
    }
}

/// The state of a path as far as it is compared: a file is its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// There is nothing of that name.
    Absent,
    /// A regular file with this content.
    File(Digest),
    /// A directory.
    Directory,
}

impl Mark {
    /// The content's digest, where it is a file.
    pub fn digest(self) -> Option<Digest> {
        match self {
            Self::File(digest) => Some(digest),
            Self::Absent | Self::Directory => None,
        }
    }
}

/// What is about to be done to one path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// By whom.
    #[serde(flatten)]
    pub author: Author,
    /// The path as the model knows it.
    pub path: String,
    /// What is there now; a file's content is kept already.
    pub before: State,
    /// What will be there, where that is known beforehand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intends: Option<Mark>,
    /// The name beside the path that is used meanwhile; [`crate::sweep`] removes it after a crash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temporary: Option<String>,
}

/// One change of one path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its number, from 1.
    pub number: u64,
    /// What was to be done.
    pub intent: Intent,
    /// What was there afterwards; none where the line that says so is missing because of a crash.
    pub after: Option<Mark>,
}

/// A line of `entries.jsonl`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Line {
    /// A change is about to be made.
    Began {
        /// The entry.
        number: u64,
        /// What is about to be done.
        #[serde(flatten)]
        intent: Intent,
    },
    /// It was made.
    Done {
        /// The entry.
        number: u64,
        /// What is there now.
        after: Mark,
    },
    /// Nothing came of it.
    Void {
        /// The entry.
        number: u64,
    },
}

/// Puts lines together to entries, oldest first. Lines that cannot be read, such as a torn last one, say nothing.
pub(super) fn fold(text: &[u8]) -> Vec<Entry> {
    let mut entries = BTreeMap::new();
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        let Some(line) = line.strip_suffix(b"\n") else { continue };
        match serde_json::from_slice(line) {
            Ok(Line::Began { number, intent }) => {
                entries.insert(number, Entry { number, intent, after: None });
            }
            Ok(Line::Done { number, after }) => {
                if let Some(entry) = entries.get_mut(&number) {
                    entry.after = Some(after);
                }
            }
            Ok(Line::Void { number }) => {
                entries.remove(&number);
            }
            Err(_) => {}
        }
    }
    entries.into_values().collect()
}
