//! The journal: the old content of everything a task changes, written down before the change is made.
//!
//! `entries.jsonl` is append-only: a `began` line, synced before the change; a `done` line after it, or a `void` line
//! where nothing came of it. Old contents lie in `objects/` under their digest. Several handles, also of several
//! processes, may be open at once. Undo, which reads this, is in `undo`.

mod entry;
mod ledger;

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Seek};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use event::Digest;

pub use entry::{Author, Entry, Intent, Mark, State};
use entry::{Line, fold};
use ledger::Ledger;

use crate::beneath;
use crate::mask::temporary_name;

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
        Ok(Self { directory, ledger: Mutex::new(ledger), hook: None })
    }

    /// The same journal, abandoning a change after a stage where `hook` answers false: for tests of crashes.
    pub fn with_hook(mut self, hook: impl Fn(Stage) -> bool + Send + Sync + 'static) -> Self {
        self.hook = Some(Arc::new(hook));
        self
    }

    /// Keeps the content of an open file, from its beginning, and gives its digest and size. On the disk when this
    /// returns. Content that is kept already is not written again.
    pub fn keep(&self, file: &mut File) -> Result<(Digest, u64), JournalError> {
        let objects = self.directory.join("objects");
        let name = temporary_name().map_err(|error| JournalError::of("write", &objects, error))?;
        let temporary = objects.join(name);
        let kept = self.keep_as(file, &temporary);
        if kept.is_err() {
            // What is left of it would only take space; the failure itself is what counts.
            let _gone = std::fs::remove_file(&temporary).is_ok();
        }
        kept
    }

    /// Opens an old content, after checking that it is what was kept.
    pub fn object(&self, digest: Digest) -> Result<File, JournalError> {
        let path = self.object_path(digest);
        let lost = |what: String| JournalError::Lost { digest, what };
        let mut file = File::open(&path).map_err(|error| lost(error.to_string()))?;
        let found = Digest::of_reader(&file).map_err(|error| lost(error.to_string()))?;
        if found != digest {
            return Err(lost("its bytes were altered".to_owned()));
        }
        file.rewind().map_err(|error| lost(error.to_string()))?;
        Ok(file)
    }

    /// Writes down, on the disk, what is about to be done; gives the entry's number.
    pub fn begin(&self, intent: &Intent) -> Result<u64, JournalError> {
        self.lock().append(&mut |number| Line::Began { number, intent: intent.clone() }, ledger::Sync::Now)
    }

    /// Writes down that it was done.
    pub fn finish(&self, number: u64, after: Mark) -> Result<(), JournalError> {
        self.lock().append(&mut |_| Line::Done { number, after }, ledger::Sync::Later).map(drop)
    }

    /// Writes down that nothing came of it.
    pub fn void(&self, number: u64) -> Result<(), JournalError> {
        self.lock().append(&mut |_| Line::Void { number }, ledger::Sync::Later).map(drop)
    }

    /// Every entry, oldest first, without those of which nothing came. Lines that cannot be read are left out.
    pub fn list(&self) -> Result<Vec<Entry>, JournalError> {
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

    fn keep_as(&self, file: &mut File, temporary: &Path) -> Result<(Digest, u64), JournalError> {
        let failed = |error| JournalError::of("write", temporary, error);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut copy = options.open(temporary).map_err(failed)?;
        if beneath::clone_content(file, &copy).is_err() {
            file.rewind().map_err(failed)?;
            io::copy(file, &mut copy).map_err(failed)?;
        }
        // The digest is that of the copy, which nobody else can change: that is the content Undo will give back.
        copy.rewind().map_err(failed)?;
        let digest = Digest::of_reader(&copy).map_err(failed)?;
        let bytes = copy.metadata().map_err(failed)?.len();
        let place = self.object_path(digest);
        if std::fs::metadata(&place).is_ok_and(|meta| meta.len() == bytes) {
            std::fs::remove_file(temporary).map_err(failed)?;
        } else {
            copy.sync_all().map_err(failed)?;
            std::fs::rename(temporary, &place).map_err(failed)?;
            sync_directory(&self.directory.join("objects"))?;
        }
        Ok((digest, bytes))
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
