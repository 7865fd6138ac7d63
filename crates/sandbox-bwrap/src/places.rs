//! The host directories of a machine's mounts: opened without following a link, and compared with what was mounted.
//!
//! bubblewrap opens paths by name. A command of another task could swap a part of a path for a link at that moment,
//! so a machine is only used if the guest sees the very directories that were opened here.

use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::{CWD, Mode, OFlags, ResolveFlags};
use rustix::io::Errno;
use sandbox::{Mount, SandboxError, SeenMount};

/// Opened directories in the order of the mounts. Held while the machine starts, so that no number is given again.
pub(crate) struct Places {
    seen: Vec<SeenMount>,
    _held: Vec<OwnedFd>,
}

impl Places {
    pub(crate) fn open(mounts: &[Mount]) -> Result<Self, SandboxError> {
        let opened: Result<Vec<(SeenMount, OwnedFd)>, SandboxError> =
            mounts.iter().map(|mount| open(&mount.host)).collect();
        let (seen, held) = opened?.into_iter().unzip();
        Ok(Self { seen, _held: held })
    }

    /// Whether the guest sees what was opened.
    pub(crate) fn confirm(&self, mounts: &[Mount], seen: &[SeenMount]) -> Result<(), SandboxError> {
        if self.seen == seen {
            return Ok(());
        }
        let other = mounts.iter().zip(&self.seen).zip(seen).find(|((_, opened), seen)| opened != seen);
        let path = other.map(|((mount, _), _)| mount.host.display().to_string()).unwrap_or_default();
        Err(SandboxError::Start(format!("`{path}` was replaced while it was being opened")))
    }
}

fn open(path: &Path) -> Result<(SeenMount, OwnedFd), SandboxError> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let resolve = ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
    let refused = |errno: Errno| {
        let why = match errno {
            Errno::LOOP => "a part of it is a symbolic link".to_owned(),
            Errno::NOENT => "it does not exist".to_owned(),
            Errno::NOTDIR => "it is not a folder".to_owned(),
            errno => std::io::Error::from(errno).to_string(),
        };
        SandboxError::Start(format!("cannot give `{}` to it: {why}", path.display()))
    };
    let opened = rustix::fs::openat2(CWD, path, flags, Mode::empty(), resolve).map_err(refused)?;
    let found = rustix::fs::fstat(&opened).map_err(refused)?;
    Ok((SeenMount { device: found.st_dev, inode: found.st_ino }, opened))
}

#[cfg(test)]
#[path = "places_tests.rs"]
mod tests;
