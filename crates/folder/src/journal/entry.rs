//! What the journal says: states, intents, entries, and the lines they are stored in.

use std::collections::{BTreeMap, HashMap, HashSet};

use event::{CallId, Digest};
use serde::{Deserialize, Serialize};

use super::times::{self, Moment, Times};

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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
        /// Last change of its names: nanoseconds since 1970-01-01 00:00 UTC; none where that was not asked.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mtime_ns: Option<i64>,
    },
    /// A symbolic link.
    Link {
        /// What it points to, as text; bytes that are not UTF-8 are kept by [`crate::text_of`].
        target: String,
    },
}

impl State {
    /// What can be compared of it.
    pub fn mark(&self) -> Mark {
        match self {
            Self::Absent => Mark::Absent,
            Self::File { digest, .. } => Mark::File(*digest),
            Self::Directory { .. } => Mark::Directory,
            Self::Link { target } => Mark::Link(Digest::of(target.as_bytes())),
        }
    }

    /// Permission bits and time, where it has any.
    pub fn look(&self) -> Option<Look> {
        match self {
            Self::File { mode, mtime_ns, .. } => Some(Look { mode: *mode, mtime_ns: Some(*mtime_ns) }),
            Self::Directory { mode, mtime_ns } => Some(Look { mode: *mode, mtime_ns: *mtime_ns }),
            Self::Absent | Self::Link { .. } => None,
        }
    }
}

/// What a file or directory shows besides its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {
    /// Permission bits.
    pub mode: u32,
    /// Last change: nanoseconds since 1970-01-01 00:00 UTC; none where that was not asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mtime_ns: Option<i64>,
}

/// Which file, directory or link this is, whatever its name. A number is used again after a deletion, so the time of
/// birth belongs to it where the file system knows one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Identity {
    /// The file system it is on.
    pub device: u64,
    /// Its number there.
    pub inode: u64,
    /// When it was made: nanoseconds since 1970-01-01 00:00 UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub born_ns: Option<i64>,
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
    /// A symbolic link with this target, as [`State::Link`] holds it.
    Link(Digest),
}

impl Mark {
    /// The content's digest, where it is a file; that of the target, where it is a link.
    pub fn digest(self) -> Option<Digest> {
        match self {
            Self::File(digest) | Self::Link(digest) => Some(digest),
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
    /// Permission bits and time there were afterwards, where they were asked.
    pub look: Option<Look>,
    /// Which file it is that the task made or goes on changing; none where it is not the task's own.
    pub identity: Option<Identity>,
}

/// How a change ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ending {
    /// What is there now.
    pub after: Mark,
    /// Permission bits and time, where they were asked. With them an edit of mode or time by the user is noticed.
    pub look: Option<Look>,
    /// Which file it is, where the task made it; none where it is the user's, such as a file that was only renamed.
    pub identity: Option<Identity>,
}

/// Why old content is not there any more although nothing was damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Given {
    /// To stay within the quota.
    Quota,
    /// The user emptied the journal.
    User,
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
        /// Permission bits and time.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        look: Option<Look>,
        /// Which file it is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        identity: Option<Identity>,
    },
    /// Nothing came of it.
    Void {
        /// The entry.
        number: u64,
    },
    /// Old contents were given up.
    Gave {
        /// Why.
        why: Given,
        /// Which.
        digests: Vec<Digest>,
    },
    /// The names in a directory are about to change.
    Noted {
        /// By whom.
        #[serde(flatten)]
        author: Author,
        /// The directory as the model knows it.
        path: String,
        /// Its time.
        time: Moment,
    },
    /// They were changed: what was noted last of this directory ends here.
    Left {
        /// The directory as the model knows it.
        path: String,
        /// Its time.
        time: Moment,
    },
    /// What an entry is about has other names.
    Linked {
        /// The entry.
        number: u64,
        /// Which file it is.
        identity: Identity,
    },
    /// All names of a file were gone: a new one stands for it.
    Renewed {
        /// The file there was.
        was: Identity,
        /// The new one.
        now: Identity,
    },
}

/// What all lines say together.
#[derive(Default)]
pub(crate) struct Told {
    /// Every entry of which something came, oldest first.
    pub(crate) entries: Vec<Entry>,
    /// The contents that were given up; one that was kept again since is there all the same.
    pub(crate) given: HashMap<Digest, Given>,
    /// How the times of directories changed.
    pub(crate) times: Times,
    /// The Undos that could not do something they had begun.
    cut: HashSet<u64>,
    /// Which file it was that an entry is about, by its number, where it had other names.
    pub(crate) linked: HashMap<u64, Identity>,
    /// The files that stand for one there was, oldest first.
    pub(crate) renewed: HashMap<Identity, Vec<Identity>>,
}

impl Told {
    /// Number of the last Undo of which something came. Times of directories alone count where nothing else was to be
    /// done; where it was to be and could not, it does not take the place of an Undo that did something.
    pub(crate) fn last_undo(&self) -> Option<u64> {
        self.last_of_entries().max(self.of_times().filter(|undo| !self.cut.contains(undo)).max())
    }

    /// Number of an Undo that begins now.
    pub(crate) fn next_undo(&self) -> u64 {
        self.last_of_entries().max(self.of_times().max()).unwrap_or(0) + 1
    }

    fn last_of_entries(&self) -> Option<u64> {
        self.entries.iter().filter_map(|entry| entry.intent.author.undo).max()
    }

    fn of_times(&self) -> impl Iterator<Item = u64> {
        self.times.values().flatten().filter_map(|timed| timed.author.undo)
    }
}

/// Puts lines together. Lines that cannot be read, such as a torn last one, say nothing.
pub(super) fn fold(text: &[u8]) -> Told {
    let mut entries = BTreeMap::new();
    let (mut given, mut times, mut linked) = (HashMap::new(), Times::new(), HashMap::new());
    let mut cut = HashSet::new();
    let mut renewed: HashMap<Identity, Vec<Identity>> = HashMap::new();
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        let Some(line) = line.strip_suffix(b"\n") else { continue };
        match serde_json::from_slice(line) {
            Ok(Line::Began { number, intent }) => {
                entries.insert(number, Entry { number, intent, after: None, look: None, identity: None });
            }
            Ok(Line::Done { number, after, look, identity }) => {
                if let Some(entry) = entries.get_mut(&number) {
                    (entry.after, entry.look, entry.identity) = (Some(after), look, identity);
                }
            }
            Ok(Line::Void { number }) => {
                cut.extend(entries.remove(&number).and_then(|entry: Entry| entry.intent.author.undo));
            }
            Ok(Line::Gave { why, digests }) => given.extend(digests.into_iter().map(|digest| (digest, why))),
            Ok(Line::Noted { author, path, time }) => times::noted(&mut times, path, author, time),
            Ok(Line::Left { path, time }) => times::left(&mut times, &path, time),
            Ok(Line::Linked { number, identity }) => drop(linked.insert(number, identity)),
            Ok(Line::Renewed { was, now }) => renewed.entry(was).or_default().push(now),
            Err(_) => {}
        }
    }
    Told { entries: entries.into_values().collect(), given, times: times::without_idle(times), cut, linked, renewed }
}
