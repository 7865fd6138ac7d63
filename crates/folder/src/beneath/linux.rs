//! Linux: `openat2` and its relatives.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use rustix::fs::{self, AtFlags, Mode, OFlags, RenameFlags, ResolveFlags, Timespec, Timestamps};
use rustix::io::Errno;

use crate::{FileKind, Meta};

/// A directory kept open.
pub(crate) type Handle = OwnedFd;

/// How often an open is tried again when the tree was being renamed under it.
const TRIES: usize = 64;

/// The longest list of labels and the longest label that Linux knows (`XATTR_LIST_MAX`, `XATTR_SIZE_MAX`).
const LABELS_CAP: usize = 64 * 1024;

const NO_LINKS: ResolveFlags = ResolveFlags::NO_SYMLINKS.union(ResolveFlags::NO_MAGICLINKS);
const BENEATH: ResolveFlags = NO_LINKS.union(ResolveFlags::BENEATH);

fn open(
    at: &impl std::os::fd::AsFd,
    path: &Path,
    flags: OFlags,
    mode: u32,
    resolve: ResolveFlags,
) -> io::Result<OwnedFd> {
    let mut tries = 0;
    loop {
        match fs::openat2(at, path, flags | OFlags::CLOEXEC, Mode::from_raw_mode(mode), resolve) {
            Ok(handle) => return Ok(handle),
            Err(Errno::AGAIN | Errno::INTR) if tries < TRIES => tries += 1,
            // The kernel is too old, or a filter hides the call: nothing may be opened another way.
            Err(Errno::NOSYS) => return Err(io::ErrorKind::Unsupported.into()),
            Err(error) => return Err(error.into()),
        }
    }
}

/// Opens a path beneath a handle, with these flags. No symbolic link on the way is followed, and nothing outside is
/// reached. With `PATH` and `NOFOLLOW` a link at the end is opened itself.
pub fn open_beneath(at: &impl std::os::fd::AsFd, path: &Path, flags: OFlags, mode: u32) -> io::Result<OwnedFd> {
    open(at, path, flags, mode, BENEATH)
}

/// Opens a granted folder by its canonical path; a symbolic link anywhere in it fails.
pub fn open_granted(path: &Path) -> io::Result<Handle> {
    open(&fs::CWD, path, OFlags::PATH | OFlags::DIRECTORY, 0, NO_LINKS)
}

/// Opens a directory of the task itself.
pub fn open_own(path: &Path) -> io::Result<Handle> {
    open(&fs::CWD, path, OFlags::PATH | OFlags::DIRECTORY, 0, ResolveFlags::NO_MAGICLINKS)
}

/// Opens a directory beneath a handle, to list it or change what it holds.
pub(crate) fn open_directory(at: &Handle, path: &Path) -> io::Result<Handle> {
    open(at, path, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NONBLOCK, 0, BENEATH)
}

/// Opens whatever is beneath a handle for reading, without waiting and without side effects on terminals.
pub(crate) fn open_any(at: &Handle, path: &Path) -> io::Result<File> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::NOFOLLOW;
    open(at, path, flags, 0, BENEATH).map(File::from)
}

/// Makes a file that must not exist yet and opens it for reading and writing.
pub(crate) fn create_new(at: &Handle, name: &(impl AsRef<OsStr> + ?Sized), mode: u32) -> io::Result<File> {
    let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW;
    open(at, Path::new(name), flags, mode, BENEATH).map(File::from)
}

/// Makes a directory.
pub(crate) fn make_directory(at: &Handle, name: &(impl AsRef<OsStr> + ?Sized), mode: u32) -> io::Result<()> {
    Ok(fs::mkdirat(at, name.as_ref(), Mode::from_raw_mode(mode))?)
}

/// Removes a file's name.
pub(crate) fn unlink(at: &Handle, name: &(impl AsRef<OsStr> + ?Sized)) -> io::Result<()> {
    Ok(fs::unlinkat(at, name.as_ref(), AtFlags::empty())?)
}

/// Removes an empty directory.
pub(crate) fn remove_directory(at: &Handle, name: &(impl AsRef<OsStr> + ?Sized)) -> io::Result<()> {
    Ok(fs::unlinkat(at, name.as_ref(), AtFlags::REMOVEDIR)?)
}

/// Renames within a directory, over whatever is there.
pub(crate) fn rename_over(
    at: &Handle,
    from: &(impl AsRef<OsStr> + ?Sized),
    to: &(impl AsRef<OsStr> + ?Sized),
) -> io::Result<()> {
    Ok(fs::renameat(at, from.as_ref(), at, to.as_ref())?)
}

/// Renames within a directory to a name that must be free. [`io::ErrorKind::InvalidInput`] where the file system
/// cannot.
pub(crate) fn rename_new(
    at: &Handle,
    from: &(impl AsRef<OsStr> + ?Sized),
    to: &(impl AsRef<OsStr> + ?Sized),
) -> io::Result<()> {
    Ok(fs::renameat_with(at, from.as_ref(), at, to.as_ref(), RenameFlags::NOREPLACE)?)
}

/// Exchanges two names of a directory. [`io::ErrorKind::InvalidInput`] where the file system cannot.
pub(crate) fn exchange(
    at: &Handle,
    one: &(impl AsRef<OsStr> + ?Sized),
    other: &(impl AsRef<OsStr> + ?Sized),
) -> io::Result<()> {
    Ok(fs::renameat_with(at, one.as_ref(), at, other.as_ref(), RenameFlags::EXCHANGE)?)
}

/// Waits until the names of a directory are on the disk. File systems that cannot are taken as they are.
pub(crate) fn sync_directory(at: &Handle) -> io::Result<()> {
    match fs::fsync(at) {
        Ok(()) | Err(Errno::INVAL | Errno::NOTSUP) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// What a name of a directory stands for; links are not followed.
pub(crate) fn look_at(at: &Handle, name: &OsStr) -> io::Result<Meta> {
    Ok(meta(&fs::statat(at, name, AtFlags::SYMLINK_NOFOLLOW)?))
}

/// What an open file is.
pub(crate) fn look(file: &impl std::os::fd::AsFd) -> io::Result<Meta> {
    Ok(meta(&fs::fstat(file)?))
}

/// The names of a directory and what they stand for, in no order.
pub(crate) fn entries(at: &Handle) -> io::Result<Vec<(OsString, FileKind)>> {
    let mut found = Vec::new();
    for entry in fs::Dir::read_from(at)? {
        let entry = entry?;
        let name = OsStr::from_bytes(entry.file_name().to_bytes());
        if name == "." || name == ".." {
            continue;
        }
        let kind = match entry.file_type() {
            fs::FileType::RegularFile => FileKind::File,
            fs::FileType::Directory => FileKind::Directory,
            fs::FileType::Symlink => FileKind::Link,
            // Some file systems do not say; the name may be gone by now.
            fs::FileType::Unknown => match look_at(at, name) {
                Ok(meta) => meta.kind,
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(error),
            },
            fs::FileType::Fifo | fs::FileType::Socket | fs::FileType::CharacterDevice | fs::FileType::BlockDevice => {
                FileKind::Special
            }
        };
        found.push((name.to_owned(), kind));
    }
    Ok(found)
}

/// Gives a file the owner, mode and time of another. The owner stays where this user may not change it.
pub(crate) fn adopt(file: &File, owner: Option<(u32, u32)>, mode: u32) -> io::Result<()> {
    if let Some((user, group)) = owner {
        match std::os::unix::fs::fchown(file, Some(user), Some(group)) {
            Err(error) if error.kind() != io::ErrorKind::PermissionDenied => return Err(error),
            Ok(()) | Err(_) => {}
        }
    }
    Ok(fs::fchmod(file, Mode::from_raw_mode(mode))?)
}

/// Gives a file the labels (extended attributes) and access lists of another, as far as this user may and the file
/// system can.
pub(crate) fn adopt_labels(file: &File, from: &File) {
    let mut names = vec![0_u8; LABELS_CAP];
    let Ok(length) = fs::flistxattr(from, &mut names) else { return };
    for name in names.get(..length).unwrap_or_default().split(|byte| *byte == 0) {
        if !(name.starts_with(b"user.") || name == b"system.posix_acl_access") {
            continue;
        }
        let (name, mut value) = (OsStr::from_bytes(name), vec![0_u8; LABELS_CAP]);
        if let Ok(length) = fs::fgetxattr(from, name, &mut value) {
            let value = value.get(..length).unwrap_or_default();
            // A label that cannot be kept is no reason to keep the change from being made.
            let _kept = fs::fsetxattr(file, name, value, fs::XattrFlags::empty()).is_ok();
        }
    }
}

/// Sets the time of a file's last change.
pub(crate) fn set_mtime(file: &File, mtime_ns: i64) -> io::Result<()> {
    let last_modification =
        Timespec { tv_sec: mtime_ns.div_euclid(1_000_000_000), tv_nsec: mtime_ns.rem_euclid(1_000_000_000) };
    let last_access = Timespec { tv_sec: 0, tv_nsec: fs::UTIME_OMIT };
    Ok(fs::futimens(file, &Timestamps { last_access, last_modification })?)
}

/// Shares the content of one file with another without copying; fails where the file system cannot.
pub fn clone_content(from: &File, into: &File) -> io::Result<()> {
    Ok(fs::ioctl_ficlone(into, from)?)
}

/// Whether an error says that a symbolic link stood in the way.
pub(crate) fn is_link_error(error: &io::Error) -> bool {
    Errno::from_io_error(error) == Some(Errno::LOOP)
}

/// Whether an error says that the way led out of the directory.
pub(crate) fn is_escape_error(error: &io::Error) -> bool {
    Errno::from_io_error(error) == Some(Errno::XDEV)
}

/// Whether an error says that a socket or an absent device was met.
pub(crate) fn is_special_error(error: &io::Error) -> bool {
    matches!(Errno::from_io_error(error), Some(Errno::NXIO | Errno::NODEV))
}

// The number of links is narrower on other processors.
#[allow(clippy::useless_conversion)]
fn meta(stat: &fs::Stat) -> Meta {
    let kind = match fs::FileType::from_raw_mode(stat.st_mode) {
        fs::FileType::RegularFile => FileKind::File,
        fs::FileType::Directory => FileKind::Directory,
        fs::FileType::Symlink => FileKind::Link,
        fs::FileType::Fifo
        | fs::FileType::Socket
        | fs::FileType::CharacterDevice
        | fs::FileType::BlockDevice
        | fs::FileType::Unknown => FileKind::Special,
    };
    let nanoseconds = i64::try_from(stat.st_mtime_nsec).unwrap_or(0);
    Meta {
        kind,
        bytes: u64::try_from(stat.st_size).unwrap_or(0),
        mode: stat.st_mode & 0o7777,
        mtime_ns: stat.st_mtime.saturating_mul(1_000_000_000).saturating_add(nanoseconds),
        links: u64::from(stat.st_nlink),
        device: stat.st_dev,
        inode: stat.st_ino,
        owner: stat.st_uid,
        group: stat.st_gid,
    }
}
