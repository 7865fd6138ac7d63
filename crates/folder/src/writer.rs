//! Changing files: the old content goes to the journal, the new one is written beside it and takes its name in one
//! step. Nothing is ever written in place, so other hard links and open programs keep what they have.

pub(crate) mod spot;
mod sweep;
mod times;

use std::fs::File;
use std::io::{self, Seek, Write};

use event::{Change, ChangeKind, Digest};

use crate::mask::temporary_name;
use crate::{
    Author, Ending, FolderError, Guard, Identity, Intent, Journal, Look, Mark, Meta, Moment, Stage, State, beneath,
};
use spot::{IsOld, Old, Parents, Spot};
pub use sweep::sweep;

/// Mode of a new file before the user's mask is applied.
const NEW_FILE_MODE: u32 = 0o666;
/// Mode of a new directory before the user's mask is applied.
const NEW_DIRECTORY_MODE: u32 = 0o777;
/// Bits of an old file's mode that a new content keeps: running as somebody else is not among them.
pub(crate) const KEPT_MODE: u32 = 0o777;

/// Where new content comes from.
#[derive(Debug, Clone, Copy)]
pub enum Content<'a> {
    /// These bytes.
    Bytes(&'a [u8]),
    /// An old content kept in the journal.
    Kept(Digest),
}

/// What has to be there for a change to be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expect {
    /// Anything.
    Anything,
    /// Nothing.
    Absent,
    /// A file with this content.
    Content(Digest),
    /// Nothing, or a file with this content.
    AbsentOr(Digest),
}

/// A new content for a path.
#[derive(Debug, Clone, Copy)]
pub struct Replacement<'a> {
    /// The content.
    pub content: Content<'a>,
    /// What has to be there now.
    pub expect: Expect,
    /// Permission bits; none keeps those of the old file, or takes the usual ones for a new file.
    pub mode: Option<u32>,
    /// Time of the last change; none means now.
    pub mtime_ns: Option<i64>,
}

impl<'a> Replacement<'a> {
    /// These bytes, where `expect` is met.
    pub fn bytes(bytes: &'a [u8], expect: Expect) -> Self {
        Self { content: Content::Bytes(bytes), expect, mode: None, mtime_ns: None }
    }
}

/// The one who changes files, in the name of an author.
pub struct Writer<'a> {
    guard: &'a Guard,
    journal: &'a Journal,
    author: Author,
}

/// How far a change had come when it failed.
pub(crate) enum Failed {
    /// The path is as it was.
    Before(FolderError),
    /// The new state is in place, but something after that failed.
    After(FolderError),
}

impl<'a> Writer<'a> {
    /// A writer in the name of `author`.
    pub fn new(guard: &'a Guard, journal: &'a Journal, author: Author) -> Self {
        Self { guard, journal, author }
    }

    /// Makes a file or replaces its content, making missing directories. None where it has that content already.
    pub fn put(&self, path: &str, new: &Replacement<'_>) -> Result<Option<Change>, FolderError> {
        let spot = self.spot(path, Parents::Make)?;
        let mut old = spot.old(self.guard)?;
        let before = expected(&spot, old.as_mut(), new.expect)?;
        let after = match new.content {
            Content::Bytes(bytes) => Digest::of(bytes),
            Content::Kept(digest) => digest,
        };
        if before == Some(after) {
            return Ok(None);
        }
        let (number, temporary) = self.begin(&spot, old.as_mut(), before, Mark::File(after))?;
        let mut ending = Ending { after: Mark::File(after), look: None, identity: None };
        let placed = self.write_beside(&spot, &temporary, old.as_ref(), new).and_then(|(mine, identity)| {
            ending.look = Some(Look { mode: mine.mode, mtime_ns: Some(mine.mtime_ns) });
            ending.identity = identity;
            let old = old.as_mut().zip(before);
            let mut is_old = old.map(|(old, digest)| move |spot: &Spot, name: &_| old.is(spot, name, digest));
            spot.place(&temporary, is_old.as_mut().map(|is_old| is_old as IsOld<'_>), &mine)?;
            self.settle(&spot).and_then(|()| spot.verify(self.guard, after)).map_err(Failed::After)
        });
        self.close(&spot, number, &temporary, placed, ending)?;
        let kind = if before.is_some() { ChangeKind::Changed } else { ChangeKind::Made };
        Ok(Some(Change { path: spot.path().to_owned(), kind, before, after: Some(after), entry: Some(number) }))
    }

    /// Deletes a file; its content stays in the journal. None where there is none and none is expected.
    pub fn remove(&self, path: &str, expect: Expect) -> Result<Option<Change>, FolderError> {
        let spot = match self.spot(path, Parents::Keep) {
            Err(FolderError::NotFound { .. }) if matches!(expect, Expect::Absent | Expect::AbsentOr(_)) => {
                return Ok(None);
            }
            other => other?,
        };
        let mut old = spot.old(self.guard)?;
        let before = expected(&spot, old.as_mut(), expect)?;
        let Some(digest) = before else {
            return Ok(None);
        };
        let (number, temporary) = self.begin(&spot, old.as_mut(), before, Mark::Absent)?;
        let mut is_old = |spot: &Spot, name: &_| old.as_mut().is_some_and(|old| old.is(spot, name, digest));
        let removed = spot.take_away(&temporary, &mut is_old).and_then(|()| self.settle(&spot).map_err(Failed::After));
        let ending = Ending { after: Mark::Absent, look: None, identity: None };
        self.close(&spot, number, &temporary, removed, ending)?;
        let path = spot.path().to_owned();
        Ok(Some(Change { path, kind: ChangeKind::Deleted, before, after: None, entry: Some(number) }))
    }

    /// Makes a directory and those missing above it. Nothing happens where it exists.
    pub fn make_directory(&self, path: &str, mode: Option<u32>) -> Result<(), FolderError> {
        let spot = self.spot(path, Parents::Make)?;
        match beneath::open_directory(&spot.parent, spot.leaf().as_ref()) {
            Ok(_) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => self.make_one(&spot, mode),
            Err(error) => Err(self.guard.explain("make", &spot.located, error)),
        }
    }

    /// Removes an empty directory.
    pub fn remove_directory(&self, path: &str) -> Result<(), FolderError> {
        let spot = self.spot(path, Parents::Keep)?;
        let explain = |error| self.guard.explain("remove", &spot.located, error);
        let meta = beneath::look_at(&spot.parent, &spot.leaf()).map_err(explain)?;
        self.note_times(&spot, Some(Moment::At(meta.mtime_ns)))?;
        let number = self.record(
            &spot,
            State::Directory { mode: meta.mode, mtime_ns: Some(meta.mtime_ns) },
            Mark::Absent,
            None,
        )?;
        if let Err(error) = beneath::remove_directory(&spot.parent, &spot.leaf()) {
            self.forget(number);
            self.leave_times(&spot, Some(Moment::At(meta.mtime_ns)));
            return Err(explain(error));
        }
        self.leave_times(&spot, Some(Moment::Gone));
        self.settle(&spot)?;
        self.journal.finish(number, Mark::Absent).map_err(|source| spot.journal_error(source))
    }

    fn make_one(&self, spot: &Spot, mode: Option<u32>) -> Result<(), FolderError> {
        self.note_times(spot, Some(Moment::Gone))?;
        let number = self.record(spot, State::Absent, Mark::Directory, None)?;
        let explain = |error| self.guard.explain("make", &spot.located, error);
        if let Err(error) = beneath::make_directory(&spot.parent, &spot.leaf(), NEW_DIRECTORY_MODE) {
            self.forget(number);
            self.leave_times(spot, Some(Moment::Gone));
            return Err(explain(error));
        }
        let made = beneath::open_any(&spot.parent, spot.leaf().as_ref()).map_err(explain)?;
        if let Some(mode) = mode {
            beneath::adopt(&made, None, mode & KEPT_MODE).map_err(explain)?;
        }
        let meta = beneath::look(&made).map_err(explain)?;
        self.leave_times(spot, Some(Moment::At(meta.mtime_ns)));
        self.settle(spot)?;
        let look = Some(Look { mode: meta.mode, mtime_ns: Some(meta.mtime_ns) });
        let ending = Ending { after: Mark::Directory, look, identity: self.own(&made) };
        self.journal.finish_with(number, ending).map_err(|source| spot.journal_error(source))
    }

    /// Which file a new one is; none where it is Undo that brings it back, since then it may be the user's.
    fn own(&self, file: &File) -> Option<Identity> {
        if self.author.undo.is_some() { None } else { beneath::identity_of(file).ok() }
    }

    fn spot(&self, path: &str, parents: Parents) -> Result<Spot, FolderError> {
        let located = self.guard.locate(path)?;
        if located.names.last().is_some_and(|leaf| leaf.chars().any(char::is_control)) {
            let path = located.path.escape_default().to_string();
            return Err(FolderError::BadName { path, what: "it holds control characters" });
        }
        self.any_spot(path, parents)
    }

    /// As [`Self::spot`], for Undo: a name that was there may hold anything.
    pub(crate) fn any_spot(&self, path: &str, parents: Parents) -> Result<Spot, FolderError> {
        Spot::find(self.guard, path, parents, &|spot| self.make_one(spot, None))
    }

    /// Keeps the old content and records the intent.
    fn begin(
        &self,
        spot: &Spot,
        old: Option<&mut Old>,
        before: Option<Digest>,
        intends: Mark,
    ) -> Result<(u64, String), FolderError> {
        let mut linked = None;
        let state = match old {
            None => State::Absent,
            Some(old) => {
                let kept = self.journal.keep(&mut old.file.file).map_err(|source| spot.journal_error(source))?;
                if Some(kept.0) != before {
                    return Err(FolderError::Changed { path: spot.path().to_owned() });
                }
                let meta = old.file.meta;
                linked = if meta.links > 1 { beneath::identity_of(&old.file.file).ok() } else { None };
                State::File { digest: kept.0, mode: meta.mode, mtime_ns: meta.mtime_ns, bytes: kept.1 }
            }
        };
        self.pass(spot, Stage::Kept)?;
        let temporary = temporary_name().map_err(|error| FolderError::of_io("write", spot.path(), error))?;
        self.note_times(spot, None)?;
        let number = self.record(spot, state, intends, Some(temporary.clone()))?;
        self.note_links(number, linked);
        Ok((number, temporary))
    }

    fn record(&self, spot: &Spot, before: State, intends: Mark, temporary: Option<String>) -> Result<u64, FolderError> {
        let path = spot.path().to_owned();
        let intent = Intent { author: self.author.clone(), path, before, intends: Some(intends), temporary };
        let number = self.journal.begin(&intent).map_err(|source| spot.journal_error(source))?;
        self.pass(spot, Stage::Recorded)?;
        Ok(number)
    }

    /// Writes the new content under its temporary name, complete and on the disk.
    fn write_beside(
        &self,
        spot: &Spot,
        temporary: &str,
        old: Option<&Old>,
        new: &Replacement<'_>,
    ) -> Result<(Meta, Option<Identity>), Failed> {
        let failed = |error| Failed::Before(self.guard.explain("write", &spot.located, error));
        let journal = |source| Failed::Before(spot.journal_error(source));
        let first_mode = if old.is_some() || new.mode.is_some() { 0o600 } else { NEW_FILE_MODE };
        let mut file = beneath::create_new(&spot.parent, temporary, first_mode).map_err(failed)?;
        match new.content {
            Content::Bytes(bytes) => file.write_all(bytes).map_err(failed)?,
            Content::Kept(digest) => {
                let mut kept = self.journal.object(digest).map_err(journal)?;
                copy_content(&mut kept, &mut file).map_err(failed)?;
            }
        }
        let mode = new.mode.or(old.map(|old| old.file.meta.mode));
        if let Some(mode) = mode {
            let owner = old.map(|old| (old.file.meta.owner, old.file.meta.group));
            if let Some(old) = old {
                beneath::adopt_labels(&file, &old.file.file);
            }
            beneath::adopt(&file, owner, mode & KEPT_MODE).map_err(failed)?;
        }
        if let Some(mtime_ns) = new.mtime_ns {
            beneath::set_mtime(&file, mtime_ns).map_err(failed)?;
        }
        file.sync_all().map_err(failed)?;
        let mine = beneath::look(&file).map_err(failed)?;
        self.journal.pass(Stage::Written).map_err(journal)?;
        Ok((mine, self.own(&file)))
    }

    /// Waits until the directory is on the disk.
    fn settle(&self, spot: &Spot) -> Result<(), FolderError> {
        self.pass(spot, Stage::Placed)?;
        beneath::sync_directory(&spot.parent).map_err(|error| self.guard.explain("sync", &spot.located, error))?;
        self.pass(spot, Stage::Synced)
    }

    /// Writes down how it ended, and cleans up where it failed before anything was changed.
    fn close(
        &self,
        spot: &Spot,
        number: u64,
        temporary: &str,
        done: Result<(), Failed>,
        ending: Ending,
    ) -> Result<(), FolderError> {
        match done {
            // The entry holds what was intended, so a missing line is understood later: the change itself is made.
            Ok(()) => {
                let _told = self.journal.finish_with(number, ending).is_ok();
                self.leave_times(spot, None);
                Ok(())
            }
            Err(Failed::Before(error) | Failed::After(error)) if error.is_interrupted() => Err(error),
            Err(Failed::Before(error)) => {
                let _gone = beneath::unlink(&spot.parent, temporary).is_ok();
                self.forget(number);
                self.leave_times(spot, None);
                Err(error)
            }
            Err(Failed::After(error)) => {
                self.leave_times(spot, None);
                Err(error)
            }
        }
    }

    /// Takes an entry back. Where that fails too, the entry still says that the path is as it was.
    fn forget(&self, number: u64) {
        let _told = self.journal.void(number).is_ok();
    }

    fn pass(&self, spot: &Spot, stage: Stage) -> Result<(), FolderError> {
        self.journal.pass(stage).map_err(|source| spot.journal_error(source))
    }
}

/// Checks what is there against what has to be; gives the digest of the file there is.
fn expected(spot: &Spot, old: Option<&mut Old>, expect: Expect) -> Result<Option<Digest>, FolderError> {
    let path = || spot.path().to_owned();
    let found = old.map(|old| old.file.digest()).transpose()?;
    match (expect, found) {
        (Expect::Anything, _) | (Expect::Absent | Expect::AbsentOr(_), None) => Ok(found),
        (Expect::Absent, Some(_)) => Err(FolderError::Exists { path: path() }),
        (Expect::Content(_), None) => Err(FolderError::NotFound { path: path() }),
        (Expect::Content(wanted) | Expect::AbsentOr(wanted), Some(digest)) if wanted == digest => Ok(found),
        (Expect::Content(_) | Expect::AbsentOr(_), Some(_)) => Err(FolderError::Changed { path: path() }),
    }
}

pub(crate) fn copy_content(from: &mut File, into: &mut File) -> io::Result<()> {
    if beneath::clone_content(from, into).is_err() {
        from.rewind()?;
        io::copy(from, into)?;
    }
    Ok(())
}
