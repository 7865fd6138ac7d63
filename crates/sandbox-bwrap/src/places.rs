//! The host directories of a machine without a share: opened without following a link, and compared with what was
//! mounted.
//!
//! bubblewrap opens paths by name. A command of another task could swap a part of a path for a link at that moment,
//! so a machine is only used if the very directories that were opened here are seen inside.

use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::{CWD, Mode, OFlags, ResolveFlags};
use rustix::io::Errno;
use sandbox::{Mount, SandboxError};

/// Opened directories in the order of the mounts. Held while the machine starts, so that no number is given again.
pub(crate) struct Places {
    /// Device and number of each, as `stat --format=%d:%i` says them.
    seen: Vec<String>,
    _held: Vec<OwnedFd>,
}

impl Places {
    pub(crate) fn open(mounts: &[Mount]) -> Result<Self, SandboxError> {
        let opened: Result<Vec<(String, OwnedFd)>, SandboxError> =
            mounts.iter().map(|mount| open(&mount.host)).collect();
        let (seen, held) = opened?.into_iter().unzip();
        Ok(Self { seen, _held: held })
    }

    /// The command whose output [`Places::confirm`] wants.
    pub(crate) fn question(mounts: &[Mount]) -> Vec<String> {
        let inside = mounts.iter().map(|mount| mount.inside.to_string_lossy().into_owned());
        ["stat", "-c", "%d:%i", "--"].into_iter().map(str::to_owned).chain(inside).collect()
    }

    /// Whether what is seen inside is what was opened. Asked before anybody's command has run there.
    pub(crate) fn confirm(&self, mounts: &[Mount], said: &str) -> Result<(), SandboxError> {
        let seen: Vec<&str> = said.lines().collect();
        if self.seen == seen {
            return Ok(());
        }
        let other = mounts.iter().zip(&self.seen).zip(seen).find(|((_, opened), seen)| opened.as_str() != *seen);
        let path = other.map(|((mount, _), _)| mount.host.display().to_string()).unwrap_or_default();
        Err(SandboxError::Start(format!("`{path}` was replaced while it was being opened")))
    }
}

fn open(path: &Path) -> Result<(String, OwnedFd), SandboxError> {
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
    Ok((format!("{}:{}", found.st_dev, found.st_ino), opened))
}

#[cfg(test)]
#[path = "places_tests.rs"]
mod tests;
