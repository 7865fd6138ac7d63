//! What the guard says about a file, the same on every system.

/// What a directory entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link; never followed.
    Link,
    /// A pipe, socket or device; never opened for reading or writing.
    Special,
}

/// A file's data as the system keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Meta {
    /// What it is.
    pub kind: FileKind,
    /// Size in bytes.
    pub bytes: u64,
    /// Permission bits, `0o7777`.
    pub mode: u32,
    /// Last change of the content: nanoseconds since 1970-01-01 00:00 UTC.
    pub mtime_ns: i64,
    /// Names the file has in its file system.
    pub links: u64,
    /// The file system it is on.
    pub device: u64,
    /// Its number there.
    pub inode: u64,
    /// User id of the owner.
    pub owner: u32,
    /// Group id.
    pub group: u32,
}

impl Meta {
    /// Whether both describe one and the same file, whatever its name and content.
    pub fn same_file(&self, other: &Self) -> bool {
        self.device == other.device && self.inode == other.inode
    }
}
