//! Locks between processes, given back at once when they are dropped.

use std::fs::File;

use rustix::fs::FlockOperation;
use rustix::io::Errno;

/// A lock on an open file or folder. The system gives it back when the process ends, however it does.
#[derive(Debug)]
pub(super) struct Held(File);

impl Held {
    /// Shared with others that use the same.
    pub(super) fn with_others(file: File) -> Result<Self, Errno> {
        rustix::fs::flock(&file, FlockOperation::NonBlockingLockShared).map(|()| Self(file))
    }

    /// Alone; [`Errno::WOULDBLOCK`] where somebody else has it.
    pub(super) fn alone(file: File) -> Result<Self, Errno> {
        rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive).map(|()| Self(file))
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // Closing alone would leave it with a program that another thread starts at this very moment.
        rustix::fs::flock(&self.0, FlockOperation::Unlock).ok();
    }
}
