//! What the journal says beside the entries: the times of directories before and after an author changed the names in
//! them, and which files had other names. Neither is a change of its own, and neither is shown in a preview.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::entry::Line;
use super::ledger::Sync;
use super::{Author, Identity, Journal, JournalError};

/// The time of a directory, or that there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Moment {
    /// There is no directory.
    Gone,
    /// Last change of its names: nanoseconds since 1970-01-01 00:00 UTC.
    At(i64),
}

/// One change of a directory's time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Timed {
    /// Who changed the names.
    pub(crate) author: Author,
    /// The time before.
    pub(crate) before: Moment,
    /// The time afterwards; none where the line that says so is missing because of a crash.
    pub(crate) after: Option<Moment>,
}

/// The changes of the time of each directory, oldest first.
pub(crate) type Times = BTreeMap<String, Vec<Timed>>;

impl Journal {
    /// Writes down the times of directories whose names are about to change, by their paths as the model knows them.
    /// Once for each directory and errand. On the disk with the entry that is begun next.
    pub fn note_times(&self, author: &Author, noted: &[(String, Moment)]) -> Result<(), JournalError> {
        let line =
            |(path, time): &(String, Moment)| Line::Noted { author: author.clone(), path: path.clone(), time: *time };
        self.add(noted, &line)
    }

    /// Writes down the times that the directories noted before have now.
    pub fn leave_times(&self, left: &[(String, Moment)]) -> Result<(), JournalError> {
        self.add(left, &|(path, time)| Line::Left { path: path.clone(), time: *time })
    }

    /// Writes down which file it is that an entry is about, where it has other names: Undo makes it one of them again.
    pub fn note_links(&self, linked: &[(u64, Identity)]) -> Result<(), JournalError> {
        self.add(linked, &|(number, identity)| Line::Linked { number: *number, identity: *identity })
    }

    /// Writes down which new files stand for those of which all names had gone.
    pub(crate) fn note_renewed(&self, renewed: &[(Identity, Identity)]) -> Result<(), JournalError> {
        self.add(renewed, &|(was, now)| Line::Renewed { was: *was, now: *now })
    }

    fn add<T>(&self, all: &[T], line: &dyn Fn(&T) -> Line) -> Result<(), JournalError> {
        if all.is_empty() {
            return Ok(());
        }
        self.lock().append_all(&mut |_| all.iter().map(line).collect(), Sync::Later).map(drop)
    }
}

/// Takes in that a time was noted.
pub(super) fn noted(times: &mut Times, path: String, author: Author, before: Moment) {
    times.entry(path).or_default().push(Timed { author, before, after: None });
}

/// Takes in which time a directory was left with.
pub(super) fn left(times: &mut Times, path: &str, after: Moment) {
    if let Some(timed) = times.get_mut(path).and_then(|chain| chain.last_mut()) {
        timed.after = Some(after);
    }
}

/// Leaves out what changed nothing.
pub(super) fn without_idle(mut times: Times) -> Times {
    for chain in times.values_mut() {
        chain.retain(|timed| timed.after != Some(timed.before));
    }
    times.retain(|_, chain| !chain.is_empty());
    times
}
