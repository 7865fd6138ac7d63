//! The times of directories around a change: what they showed before and after is in the journal, for Undo.

use super::Writer;
use super::spot::Spot;
use crate::{FolderError, Identity, Moment, beneath};

impl Writer<'_> {
    /// Writes down the time of the directory a name is about to come into or go from and, where the name is that of a
    /// directory, `own`. Undo looks after times itself.
    pub(super) fn note_times(&self, spot: &Spot, own: Option<Moment>) -> Result<(), FolderError> {
        if self.author.undo.is_some() {
            return Ok(());
        }
        let own = own.map(|own| (spot.path().to_owned(), own));
        let noted: Vec<_> = above(spot).into_iter().chain(own).collect();
        self.journal.note_times(&self.author, &noted).map_err(|source| spot.journal_error(source))
    }

    /// Writes down the times there are now.
    pub(super) fn leave_times(&self, spot: &Spot, own: Option<Moment>) {
        if self.author.undo.is_some() {
            return;
        }
        let own = own.map(|own| (spot.path().to_owned(), own));
        let left: Vec<_> = above(spot).into_iter().chain(own).collect();
        // Missing lines are understood later: the times before are written down.
        let _told = self.journal.leave_times(&left).is_ok();
    }

    /// Writes down which file it is that changes, where it has other names.
    pub(super) fn note_links(&self, number: u64, identity: Option<Identity>) {
        // Without the line it comes back as a file of its own.
        let _told = identity.map(|identity| self.journal.note_links(&[(number, identity)]));
    }
}

/// The directory of a name, with its time.
fn above(spot: &Spot) -> Option<(String, Moment)> {
    let (directory, _) = spot.path().rsplit_once('/')?;
    let meta = beneath::look(spot.parent.as_ref()).ok()?;
    Some((directory.to_owned(), Moment::At(meta.mtime_ns)))
}
