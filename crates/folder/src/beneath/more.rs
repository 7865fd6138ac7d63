//! Linux: what Undo needs beyond opening and renaming: links, modes of what cannot be opened, times of birth, and
//! waiting for a whole file system.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::ffi::OsStringExt;
use std::path::Path;

use rustix::fs::{self, Access, AtFlags, Mode, OFlags, ResolveFlags, StatxFlags, Timespec, Timestamps};
use rustix::io::Errno;

use super::linux::Handle;
use crate::Identity;

/// How often an open is tried again when the tree was being renamed under it.
const TRIES: usize = 64;
/// Rights of an owner to read and write.
const OWN_RIGHTS: u32 = 0o600;

/// Opens whatever is beneath a handle without any right to read it, also a symbolic link itself. With what this gives
/// one can look and change mode and time, nothing else.
pub(crate) fn open_place(at: &Handle, path: &Path) -> io::Result<OwnedFd> {
    let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let resolve = ResolveFlags::BENEATH.union(ResolveFlags::NO_SYMLINKS).union(ResolveFlags::NO_MAGICLINKS);
    let mut tries = 0;
    loop {
        match fs::openat2(at, path, flags, Mode::empty(), resolve) {
            Ok(place) => return Ok(place),
            Err(Errno::AGAIN | Errno::INTR) if tries < TRIES => tries += 1,
            Err(Errno::NOSYS) => return Err(io::ErrorKind::Unsupported.into()),
            Err(error) => return Err(error.into()),
        }
    }
}

/// Where an open link points to.
pub(crate) fn link_target(link: &OwnedFd) -> io::Result<OsString> {
    Ok(OsString::from_vec(fs::readlinkat(link, "", Vec::new())?.into_bytes()))
}

/// Makes a symbolic link.
pub(crate) fn make_link(target: &OsStr, at: &Handle, name: &OsStr) -> io::Result<()> {
    Ok(fs::symlinkat(target, at, name)?)
}

/// Gives what [`open_place`] opened one more name.
pub(crate) fn link_place(place: &OwnedFd, at: &Handle, name: &OsStr) -> io::Result<()> {
    Ok(fs::linkat(fs::CWD, proc_path(place), at, name, AtFlags::SYMLINK_FOLLOW)?)
}

/// Opens a regular file to change it in place, and gives the mode it had; none where something else stands there, which
/// is left as it is. A file's owner may always change it: rights that are missing are given, and stay so where this
/// succeeds.
pub(crate) fn open_in_place(at: &Handle, name: &OsStr) -> io::Result<Option<(File, u32)>> {
    let place = open_place(at, Path::new(name))?;
    let found = fs::fstat(&place)?;
    if fs::FileType::from_raw_mode(found.st_mode) != fs::FileType::RegularFile {
        return Ok(None);
    }
    let mode = found.st_mode & 0o7777;
    let given = mode & OWN_RIGHTS != OWN_RIGHTS;
    if given {
        set_mode(&place, mode | OWN_RIGHTS)?;
    }
    // Not by its name, for which something else may stand by now.
    let opened = fs::open(proc_path(&place), OFlags::RDWR | OFlags::CLOEXEC, Mode::empty());
    if opened.is_err() && given {
        set_mode(&place, mode)?;
    }
    Ok(Some((opened?.into(), mode)))
}

/// Whether names may come into a directory and go from it.
pub(crate) fn may_change_names(at: &Handle) -> bool {
    !matches!(fs::accessat(at, ".", Access::WRITE_OK | Access::EXEC_OK, AtFlags::empty()), Err(Errno::ACCESS))
}

/// Sets the mode of what [`open_place`] opened, which must not be a link.
pub(crate) fn set_mode(place: &OwnedFd, mode: u32) -> io::Result<()> {
    Ok(fs::chmod(proc_path(place), Mode::from_raw_mode(mode))?)
}

/// Sets the time of the last change of what [`open_place`] opened, which must not be a link.
pub(crate) fn set_place_mtime(place: &OwnedFd, mtime_ns: i64) -> io::Result<()> {
    let last_modification =
        Timespec { tv_sec: mtime_ns.div_euclid(1_000_000_000), tv_nsec: mtime_ns.rem_euclid(1_000_000_000) };
    let last_access = Timespec { tv_sec: 0, tv_nsec: fs::UTIME_OMIT };
    let times = Timestamps { last_access, last_modification };
    Ok(fs::utimensat(fs::CWD, proc_path(place), &times, AtFlags::empty())?)
}

/// Which file an open handle is; the handle may be one opened with `O_PATH`.
pub fn identity_of(file: &impl AsFd) -> io::Result<Identity> {
    let found = fs::statx(file, "", AtFlags::EMPTY_PATH, StatxFlags::BASIC_STATS | StatxFlags::BTIME)?;
    let has_birth = StatxFlags::from_bits_retain(found.stx_mask).contains(StatxFlags::BTIME);
    let born_ns = has_birth.then(|| {
        found.stx_btime.tv_sec.saturating_mul(1_000_000_000).saturating_add(i64::from(found.stx_btime.tv_nsec))
    });
    // The same number as `fstat` gives.
    let device = fs::makedev(found.stx_dev_major, found.stx_dev_minor);
    Ok(Identity { device, inode: found.stx_ino, born_ns })
}

/// Waits until everything in the file system of an open file is on the disk.
pub(crate) fn sync_file_system(file: &impl AsFd) -> io::Result<()> {
    Ok(fs::syncfs(file)?)
}

/// The name under which the kernel gives a place once more: it leads to that very file, whatever its names are now.
fn proc_path(place: &OwnedFd) -> String {
    format!("/proc/self/fd/{}", place.as_raw_fd())
}

#[cfg(test)]
#[path = "more_tests.rs"]
mod more_tests;
