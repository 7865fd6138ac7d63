//! What the task made itself: that it may delete without asking.

use std::collections::BTreeMap;

use super::{Entry, Identity, Journal, JournalError, Mark, State};

impl Journal {
    /// The paths, as the model knows them, that the task made and has not given up since, each with which file it is.
    /// A path counts only as long as every state in between was the task's own, and nothing that Undo brought back
    /// does.
    pub fn made(&self) -> Result<BTreeMap<String, Identity>, JournalError> {
        Ok(fold(&self.list()?))
    }
}

fn fold(entries: &[Entry]) -> BTreeMap<String, Identity> {
    let mut made: BTreeMap<&str, (Identity, Mark)> = BTreeMap::new();
    for entry in entries {
        let path = entry.intent.path.as_str();
        let had = made.remove(path);
        let Some(after) = entry.after.filter(|after| *after != Mark::Absent) else { continue };
        if entry.intent.author.undo.is_some() {
            continue;
        }
        let identity = match (&entry.intent.before, had) {
            (State::Absent, _) => entry.identity,
            // Between the task's changes it may have become the user's.
            (before, Some((identity, mark))) if before.mark() == mark => Some(entry.identity.unwrap_or(identity)),
            (State::File { .. } | State::Directory { .. } | State::Link { .. }, _) => None,
        };
        if let Some(identity) = identity {
            made.insert(path, (identity, after));
        }
    }
    made.into_iter().map(|(path, (identity, _))| (path.to_owned(), identity)).collect()
}
