//! A path beneath a place, and the few ways to open it. Everything starts at the place's open directory and follows no
//! symbolic link.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use folder::{is_hidden, text_of};
use rustix::fs::{self, Mode, OFlags};
use rustix::io::Errno;

use crate::attr::Attr;

/// A path beneath a place.
#[derive(Debug, Clone)]
pub(crate) struct Spot {
    pub(crate) place: u32,
    pub(crate) root: Arc<OwnedFd>,
    /// The path a machine knows the place by.
    pub(crate) inside: PathBuf,
    /// The path beneath it; empty for the place itself.
    pub(crate) beneath: PathBuf,
    pub(crate) guarded: bool,
}

/// A name in a directory.
#[derive(Debug, Clone)]
pub(crate) struct Listed {
    pub(crate) name: OsString,
    pub(crate) inode: u64,
    /// Type bits of a mode.
    pub(crate) type_bits: u32,
}

impl Spot {
    /// The path as the machine knows it and the journal writes it.
    pub(crate) fn known(&self) -> String {
        let mut known = self.inside.to_string_lossy().into_owned();
        for name in &self.beneath {
            known.push('/');
            known.push_str(&text_of(name));
        }
        known
    }

    /// A path beneath this one.
    pub(crate) fn join(&self, path: impl AsRef<Path>) -> Self {
        Self { beneath: self.beneath.join(path), ..self.clone() }
    }

    /// The name in the directory above; refused for the place itself.
    pub(crate) fn name(&self) -> Result<&OsStr, Errno> {
        self.beneath.file_name().ok_or(Errno::BUSY)
    }

    /// Opens the directory above.
    pub(crate) fn above(&self) -> Result<OwnedFd, Errno> {
        let above = self.beneath.parent().ok_or(Errno::BUSY)?;
        self.open_at(above, OFlags::PATH | OFlags::DIRECTORY, 0)
    }

    /// Opens it, whatever it is, without being able to read it, and says what it is.
    pub(crate) fn look(&self) -> Result<(OwnedFd, Attr), Errno> {
        let file = self.open(OFlags::PATH | OFlags::NOFOLLOW)?;
        let attr = Attr::of(&file)?;
        Ok((file, attr))
    }

    /// Opens it. What is neither file nor directory is never waited for.
    pub(crate) fn open(&self, flags: OFlags) -> Result<OwnedFd, Errno> {
        self.open_at(&self.beneath, flags, 0)
    }

    /// Makes a file and opens it.
    pub(crate) fn create(&self, mode: u32) -> Result<OwnedFd, Errno> {
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW;
        self.open_at(&self.beneath, flags, mode)
    }

    /// Opens a regular file for reading, also one whose owner has no permission to read it just now; it must be the
    /// one that was looked at.
    pub(crate) fn open_readable(&self, seen: &Attr) -> Result<File, Errno> {
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::NOFOLLOW;
        let file = match self.open(flags) {
            Err(Errno::ACCESS) => self.open_locked(flags, seen)?,
            other => other?,
        };
        if Attr::of(&file)?.same_file(seen) { Ok(File::from(file)) } else { Err(Errno::STALE) }
    }

    /// The names of a directory, in no order, without those nobody is shown.
    pub(crate) fn list(&self) -> Result<Vec<Listed>, Errno> {
        let directory = self.open(OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NONBLOCK)?;
        let mut listed = Vec::new();
        for entry in fs::Dir::new(directory)? {
            let entry = entry?;
            let name: &OsStr = std::os::unix::ffi::OsStrExt::from_bytes(entry.file_name().to_bytes());
            if name != "." && name != ".." {
                let type_bits = entry.file_type().as_raw_mode();
                listed.push(Listed { name: name.to_owned(), inode: entry.ino(), type_bits });
            }
        }
        listed.retain(|entry| !is_hidden(&entry.name));
        Ok(listed)
    }

    fn open_locked(&self, flags: OFlags, seen: &Attr) -> Result<OwnedFd, Errno> {
        let (file, attr) = self.look()?;
        if !attr.same_file(seen) {
            return Err(Errno::STALE);
        }
        // Only the owner may do this, and it is undone at once.
        set_mode(&file, attr.mode() | 0o400)?;
        let opened = self.open(flags);
        set_mode(&file, attr.mode())?;
        opened
    }

    fn open_at(&self, path: &Path, flags: OFlags, mode: u32) -> Result<OwnedFd, Errno> {
        let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
        match folder::open_beneath(&self.root, path, flags, mode) {
            Ok(file) => Ok(file),
            Err(error) => Err(match Errno::from_io_error(&error) {
                // Said of ways out of the place; to programs it would mean another disk.
                Some(Errno::XDEV) => Errno::ACCESS,
                Some(errno) => errno,
                None => Errno::IO,
            }),
        }
    }
}

/// Sets the permission bits of what was opened without being readable. It must not be a link.
pub(crate) fn set_mode(file: &OwnedFd, mode: u32) -> Result<(), Errno> {
    fs::chmod(format!("/proc/self/fd/{}", file.as_raw_fd()), Mode::from_raw_mode(mode))
}

/// The number a file is shown under: its own, kept apart from those of other disks.
pub(crate) fn number(device: u64, inode: u64) -> u64 {
    inode ^ device.rotate_left(44)
}
