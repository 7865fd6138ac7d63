//! What a file is, asked of the system once and shown to a machine in the protocol's form.

use std::ffi::OsStr;
use std::os::fd::AsFd;

use folder::{FileKind, Identity};
use rustix::fs::{self, AtFlags, FileType, Statx, StatxFlags};
use rustix::io::Errno;

use crate::answer::Answer;

/// Whom every file is shown to belong to.
pub(crate) const OWNER: u32 = 1000;
/// Permission bits that are shown and set: running as somebody else is not among them.
pub(crate) const SHOWN_MODE: u32 = 0o1777;

/// A file's data.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Attr {
    stat: Statx,
}

impl Attr {
    /// Of an open file; a link opened itself is not followed.
    pub(crate) fn of(file: impl AsFd) -> Result<Self, Errno> {
        Self::ask(file, OsStr::new(""), AtFlags::EMPTY_PATH)
    }

    /// Of a name in an open directory.
    pub(crate) fn at(directory: impl AsFd, name: &OsStr) -> Result<Self, Errno> {
        Self::ask(directory, name, AtFlags::SYMLINK_NOFOLLOW)
    }

    fn ask(at: impl AsFd, name: &OsStr, flags: AtFlags) -> Result<Self, Errno> {
        let stat = fs::statx(at, name, flags, StatxFlags::BASIC_STATS | StatxFlags::BTIME)?;
        Ok(Self { stat })
    }

    pub(crate) fn kind(&self) -> FileKind {
        match FileType::from_raw_mode(u32::from(self.stat.stx_mode)) {
            FileType::RegularFile => FileKind::File,
            FileType::Directory => FileKind::Directory,
            FileType::Symlink => FileKind::Link,
            FileType::Fifo
            | FileType::Socket
            | FileType::CharacterDevice
            | FileType::BlockDevice
            | FileType::Unknown => FileKind::Special,
        }
    }

    /// Permission bits.
    pub(crate) fn mode(&self) -> u32 {
        u32::from(self.stat.stx_mode) & 0o7777
    }

    /// Type bits.
    pub(crate) fn type_bits(&self) -> u32 {
        u32::from(self.stat.stx_mode) & 0o170_000
    }

    pub(crate) fn size(&self) -> u64 {
        self.stat.stx_size
    }

    pub(crate) fn links(&self) -> u32 {
        self.stat.stx_nlink
    }

    pub(crate) fn owner(&self) -> (u32, u32) {
        (self.stat.stx_uid, self.stat.stx_gid)
    }

    pub(crate) fn device(&self) -> u64 {
        fs::makedev(self.stat.stx_dev_major, self.stat.stx_dev_minor)
    }

    pub(crate) fn inode(&self) -> u64 {
        self.stat.stx_ino
    }

    pub(crate) fn mtime_ns(&self) -> i64 {
        nanoseconds(self.stat.stx_mtime.tv_sec, self.stat.stx_mtime.tv_nsec)
    }

    /// What the file is, whatever its name.
    pub(crate) fn identity(&self) -> Identity {
        let born = StatxFlags::from_bits_retain(self.stat.stx_mask).contains(StatxFlags::BTIME);
        let born_ns = born.then(|| nanoseconds(self.stat.stx_btime.tv_sec, self.stat.stx_btime.tv_nsec));
        Identity { device: self.device(), inode: self.inode(), born_ns }
    }

    pub(crate) fn same_file(&self, other: &Self) -> bool {
        self.device() == other.device() && self.inode() == other.inode()
    }

    /// Appends it in the protocol's form, under this number.
    pub(crate) fn put(&self, answer: &mut Answer, number: u64) {
        let stat = &self.stat;
        answer.u64(number).u64(stat.stx_size).u64(stat.stx_blocks);
        for time in [&stat.stx_atime, &stat.stx_mtime, &stat.stx_ctime] {
            answer.u64(time.tv_sec.cast_unsigned());
        }
        for time in [&stat.stx_atime, &stat.stx_mtime, &stat.stx_ctime] {
            answer.u32(time.tv_nsec);
        }
        answer.u32(self.type_bits() | (self.mode() & SHOWN_MODE)).u32(stat.stx_nlink);
        // A device is shown as number 0, which nothing answers to.
        answer.u32(OWNER).u32(OWNER).u32(0).u32(stat.stx_blksize).u32(0);
    }
}

/// Appends the data of a directory that is not on any disk.
pub(crate) fn put_place(answer: &mut Answer, number: u64) {
    answer.u64(number).u64(0).u64(0).u64(0).u64(0).u64(0).u32(0).u32(0).u32(0);
    answer.u32(0o040_555).u32(2).u32(OWNER).u32(OWNER).u32(0).u32(4096).u32(0);
}

fn nanoseconds(seconds: i64, nanoseconds: u32) -> i64 {
    seconds.saturating_mul(1_000_000_000).saturating_add(i64::from(nanoseconds))
}
