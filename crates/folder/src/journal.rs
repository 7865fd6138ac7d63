//! The journal: the old content of everything a task changes, written down before the change is made.
//!
//! `entries.jsonl` is append-only: a `began` line before the change; a `done` line after it, or a `void` line where
//! nothing came of it; between them the times of directories (`times`). Old contents lie in `objects/` under their
//! digest. What is begun is on the disk when the call returns, or, where many changes are made, after the next
//! [`Journal::settle`]. Several handles, also of several processes, may be open at once. Undo, which reads this, is in
//! `undo`.

mod entry;
mod keep;
mod ledger;
mod made;
mod quota;
mod times;

use std::fs::{DirBuilder, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use event::Digest;

pub(crate) use entry::Told;
pub use entry::{Author, Ending, Entry, Given, Identity, Intent, Look, Mark, State};
use entry::{Line, fold};
use ledger::Ledger;
pub use quota::{Freed, Usage, expire, usage};
pub use times::Moment;
pub(crate) use times::Timed;

/// Why the journal cannot do its part.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// No space, or a quota.
    #[error("no space left to write `{}`", path.display())]
    Full {
        /// The file.
        path: PathBuf,
    },
    /// An old content is missing or was altered.
    #[error("the old content `{digest}` is lost: {what}")]
    Lost {
        /// Its digest.
        digest: Digest,
        /// What is wrong.
        what: String,
    },
    /// A test asked to stop here, as a crash would.
    #[error("interrupted after `{0:?}`")]
    Interrupted(Stage),
    /// Any other failure of the disk.
    #[error("cannot {action} `{}`: {source}", path.display())]
    Disk {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl JournalError {
    fn of(action: &'static str, path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full { path },
            // Foreign and non-exhaustive: everything else is told in the system's words.
            _ => Self::Disk { action, path, source },
        }
    }
}

/// The points between which a change can be cut off by a crash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The old content is kept; nothing says so yet.
    Kept,
    /// The intent is on the disk; nothing was changed yet.
    Recorded,
    /// The new content is complete under its temporary name.
    Written,
    /// The new content has its name; the old one may still lie under the temporary name.
    Placed,
    /// All is on the disk except the line that says so.
    Synced,
}

/// Asked at every stage; an answer of false abandons the change there, without cleaning up.
type Hook = Arc<dyn Fn(Stage) -> bool + Send + Sync>;

/// The journal of one task.
pub struct Journal {
    directory: PathBuf,
    ledger: Mutex<Ledger>,
    /// Objects that may not be on the disk yet.
    fresh: Mutex<Vec<Digest>>,
    /// Held while the disk is waited for, so that nobody takes what is under way for done.
    settling: Mutex<()>,
    hook: Option<Hook>,
}

impl Journal {
    /// Opens the journal in a task's journal directory, making what is missing. A torn last line is left for the next
    /// writer to cut.
    pub fn open(directory: impl Into<PathBuf>) -> Result<Self, JournalError> {
        let directory = directory.into();
        let objects = directory.join("objects");
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&objects).map_err(|error| JournalError::of("make", &objects, error))?;
        let ledger = Ledger::open(directory.join("entries.jsonl"))?;
        sync_directory(&directory)?;
        Ok(Self {
            directory,
            ledger: Mutex::new(ledger),
            fresh: Mutex::default(),
            settling: Mutex::default(),
            hook: None,
        })
    }

    /// The same journal, abandoning a change after a stage where `hook` answers false: for tests of crashes.
    pub fn with_hook(mut self, hook: impl Fn(Stage) -> bool + Send + Sync + 'static) -> Self {
        self.hook = Some(Arc::new(hook));
        self
    }

    /// Writes down, on the disk, what is about to be done; gives the entry's number.
    pub fn begin(&self, intent: &Intent) -> Result<u64, JournalError> {
        self.lock().append(&mut |number| Line::Began { number, intent: intent.clone() }, ledger::Sync::Now)
    }

    /// Writes down what is about to be done; gives the entry's number. On the disk after the next [`Self::settle`].
    pub fn begin_soon(&self, intent: &Intent) -> Result<u64, JournalError> {
        self.lock().append(&mut |number| Line::Began { number, intent: intent.clone() }, ledger::Sync::Later)
    }

    /// As [`Self::begin_soon`] for many changes, whose numbers follow each other; gives the first.
    pub fn begin_all(&self, intents: &[Intent]) -> Result<u64, JournalError> {
        let began = |(number, intent): (u64, &Intent)| Line::Began { number, intent: intent.clone() };
        self.lock().append_all(&mut |first| (first..).zip(intents).map(began).collect(), ledger::Sync::Later)
    }

    /// Writes down that it was done.
    pub fn finish(&self, number: u64, after: Mark) -> Result<(), JournalError> {
        self.finish_as(number, after, None)
    }

    /// As [`Self::finish`], saying which file it is where the task made it.
    pub fn finish_as(&self, number: u64, after: Mark, identity: Option<Identity>) -> Result<(), JournalError> {
        self.finish_with(number, Ending { after, look: None, identity })
    }

    /// As [`Self::finish`], with all that is known of it.
    pub fn finish_with(&self, number: u64, ending: Ending) -> Result<(), JournalError> {
        self.finish_all(&[(number, ending)])
    }

    /// As [`Self::finish_with`] for many changes.
    pub fn finish_all(&self, endings: &[(u64, Ending)]) -> Result<(), JournalError> {
        let done = |(number, ending): &(u64, Ending)| {
            let Ending { after, look, identity } = *ending;
            Line::Done { number: *number, after, look, identity }
        };
        self.lock().append_all(&mut |_| endings.iter().map(done).collect(), ledger::Sync::Later).map(drop)
    }

    /// Writes down that nothing came of it.
    pub fn void(&self, number: u64) -> Result<(), JournalError> {
        self.lock().append(&mut |_| Line::Void { number }, ledger::Sync::Later).map(drop)
    }

    /// Every entry, oldest first, without those of which nothing came. Lines that cannot be read are left out.
    pub fn list(&self) -> Result<Vec<Entry>, JournalError> {
        Ok(self.told()?.entries)
    }

    /// All that the lines say.
    pub(crate) fn told(&self) -> Result<Told, JournalError> {
        let path = self.directory.join("entries.jsonl");
        let text = std::fs::read(&path).map_err(|error| JournalError::of("read", &path, error))?;
        Ok(fold(&text))
    }

    /// Passes a stage, unless a test wants to stop here.
    pub(crate) fn pass(&self, stage: Stage) -> Result<(), JournalError> {
        match &self.hook {
            Some(hook) if !hook(stage) => Err(JournalError::Interrupted(stage)),
            Some(_) | None => Ok(()),
        }
    }

    fn object_path(&self, digest: Digest) -> PathBuf {
        self.directory.join("objects").join(digest.to_string())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Ledger> {
        // A writer that panicked leaves at most a torn line, which the next one cuts.
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn sync_directory(path: &Path) -> Result<(), JournalError> {
    File::open(path).and_then(|directory| directory.sync_all()).map_err(|error| JournalError::of("sync", path, error))
}
