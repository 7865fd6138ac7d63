//! The right to write a task: a lock that the system gives to one open file and takes back when its process ends.

use std::fs::{File, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use event::TaskId;
use store::StoreError;

use crate::disk::{failed, private};
use crate::layout::{LEASE, LOG};

/// The lock on a log file. Dropping it gives the lease back.
pub(crate) struct Lease {
    file: Arc<File>,
    note: PathBuf,
}

impl Lease {
    /// Takes the lease of the task in the folder `root`, whose log is `file`.
    pub(crate) fn take(task: TaskId, file: Arc<File>, root: &Path) -> Result<Self, StoreError> {
        let note = root.join(LEASE);
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(StoreError::Leased { task, holder: holder(&note) }),
            Err(TryLockError::Error(error)) => return Err(failed("lock", &root.join(LOG))(error)),
        }
        Ok(Self { file, note })
    }

    /// Whether the last holder ended without giving the lease back, as its note still lies there; then writes our note.
    pub(crate) fn sign(&self) -> bool {
        let left_behind = self.note.exists();
        let written = private().write(true).create(true).truncate(true).open(&self.note);
        // The note only makes an error message better; the lease is the lock.
        let _only_for_people = written.and_then(|mut note| write!(note, "{}", std::process::id()));
        left_behind
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        // Neither failure matters: the note is for people, and the lock ends with the file.
        let _only_for_people = std::fs::remove_file(&self.note);
        let _ends_with_the_file = self.file.unlock();
    }
}

/// Who the note of a lease names.
pub(crate) fn holder(note: &Path) -> Option<u32> {
    std::fs::read_to_string(note).ok()?.trim().parse().ok()
}
