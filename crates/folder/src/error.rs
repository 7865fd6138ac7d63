//! What can go wrong with a file, each with the one next step.

use std::io;
use std::path::PathBuf;

use crate::JournalError;

/// Access to a file through the guard failed. Paths are those the model knows.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FolderError {
    /// The path does not start at the root.
    #[error("`{path}` is not an absolute path")]
    NotAbsolute {
        /// The path.
        path: String,
    },
    /// The path holds `..`.
    #[error("`{path}` holds `..`")]
    Climbs {
        /// The path.
        path: String,
    },
    /// The path cannot name a file.
    #[error("`{path}` cannot name a file: {what}")]
    BadName {
        /// The path.
        path: String,
        /// Why.
        what: &'static str,
    },
    /// The path or one of its names is longer than the system allows.
    #[error("`{path}` is too long: a name has at most 255 bytes, a path 4095")]
    TooLong {
        /// The start of the path.
        path: String,
    },
    /// The path lies in no place of the task.
    #[error("`{path}` lies in no place of this task; its places are {}", listed(places))]
    Outside {
        /// The path.
        path: String,
        /// The places there are.
        places: Vec<String>,
    },
    /// The place may only be read.
    #[error("`{path}` cannot be changed: `{place}` is read-only")]
    ReadOnly {
        /// The path.
        path: String,
        /// The place.
        place: String,
    },
    /// A symbolic link stands in the way.
    #[error("`{path}` cannot be used: `{at}` is a symbolic link, and links are not followed")]
    SymbolicLink {
        /// The path.
        path: String,
        /// The link.
        at: String,
    },
    /// A directory on the path holds keys.
    #[error("`{path}` is kept from tasks: `{name}` is refused because {why}")]
    Secret {
        /// The path.
        path: String,
        /// The name refused.
        name: String,
        /// Why.
        why: &'static str,
    },
    /// The name is kept for our own temporary files.
    #[error("`{path}` has a name that Deskhand keeps for its own temporary files")]
    Reserved {
        /// The path.
        path: String,
    },
    /// There is nothing of that name.
    #[error("`{path}` does not exist")]
    NotFound {
        /// The path.
        path: String,
    },
    /// Something of that name exists already.
    #[error("`{path}` exists already")]
    Exists {
        /// The path.
        path: String,
    },
    /// A directory stands where a file is meant.
    #[error("`{path}` is a directory")]
    IsADirectory {
        /// The path.
        path: String,
    },
    /// Something else stands where a directory is meant.
    #[error("`{path}` is not a directory")]
    NotADirectory {
        /// The path.
        path: String,
    },
    /// A directory that is to be removed holds something.
    #[error("directory `{path}` is not empty")]
    NotEmpty {
        /// The path.
        path: String,
    },
    /// A pipe, socket or device.
    #[error("`{path}` is a pipe, socket or device")]
    Special {
        /// The path.
        path: String,
    },
    /// The system does not let this user.
    #[error("no permission to {action} `{path}`")]
    Denied {
        /// What was tried.
        action: &'static str,
        /// The path.
        path: String,
    },
    /// The disk can only be read.
    #[error("`{path}` is on a disk that can only be read")]
    ReadOnlyDisk {
        /// The path.
        path: String,
    },
    /// No space, or a quota.
    #[error("no space left to write `{path}`")]
    Full {
        /// The path.
        path: String,
    },
    /// The file is larger than the caller takes.
    #[error("`{path}` has {bytes} bytes, more than the {cap} that can be taken at once")]
    TooLarge {
        /// The path.
        path: String,
        /// Its size.
        bytes: u64,
        /// The most that is taken.
        cap: u64,
    },
    /// The file is not as it was expected, so it was left alone.
    #[error("`{path}` was changed by somebody else in the meantime")]
    Changed {
        /// The path.
        path: String,
    },
    /// The folder itself is gone, or something else stands in its place.
    #[error("folder `{place}` cannot be opened at `{host}`: {what}")]
    Gone {
        /// The place as the model knows it.
        place: String,
        /// Where it should be.
        host: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// The system cannot confine an open to a directory.
    #[error("this system cannot open files safely beneath a folder")]
    Unguarded,
    /// The old content could not be kept, so nothing was changed.
    #[error("the old content of `{path}` cannot be kept: {source}")]
    Journal {
        /// The path.
        path: String,
        /// What the journal said.
        source: JournalError,
    },
    /// Any other failure of the system.
    #[error("cannot {action} `{path}`: {source}")]
    Disk {
        /// What was tried.
        action: &'static str,
        /// The path.
        path: String,
        /// What the system said.
        source: io::Error,
    },
}

fn listed(places: &[String]) -> String {
    let quoted: Vec<_> = places.iter().map(|place| format!("`{place}`")).collect();
    quoted.join(", ")
}

impl FolderError {
    /// The one next step.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NotAbsolute { .. } | Self::Climbs { .. } | Self::BadName { .. } => {
                "give an absolute path such as `/work/<folder>/<file>`"
            }
            Self::TooLong { .. } => "use a shorter name",
            Self::Outside { .. } => "use one of the task's places, or ask for the folder",
            Self::SymbolicLink { .. } => "use the path the link points to, if it lies in a place of this task",
            Self::Secret { .. } => "this cannot be allowed; ask the user to hand over what is needed",
            Self::Reserved { .. } => "use another name",
            Self::NotFound { .. } => "check the name; Glob lists what is there",
            Self::Exists { .. } => "read it first, or use another name",
            Self::IsADirectory { .. } => "list it with Glob, or name a file in it",
            Self::NotADirectory { .. } => "check the path: one of its parts is a file",
            Self::NotEmpty { .. } => "what it holds was not made by this task",
            Self::Special { .. } => "only regular files and directories can be used",
            Self::Denied { .. } => "the user must change the file's permissions",
            Self::ReadOnly { .. } | Self::ReadOnlyDisk { .. } => "write to `/outputs` instead",
            Self::Full { .. } => "the user must free some space; then try again",
            Self::TooLarge { .. } => "read a part of it",
            Self::Changed { .. } => "read it again, then repeat the change",
            Self::Gone { .. } => "the user must bring the folder back or grant it again",
            Self::Unguarded => "Linux 5.6 or newer is needed, with `openat2` not blocked",
            Self::Journal { .. } => "check the disk that holds Deskhand's data; nothing was changed",
            Self::Disk { .. } => "check the disk, then try again",
        }
    }

    /// Whether a test of crashes stopped here.
    pub(crate) fn is_interrupted(&self) -> bool {
        matches!(self, Self::Journal { source: JournalError::Interrupted(_), .. })
    }

    /// Puts words to what the system said.
    pub(crate) fn of_io(action: &'static str, path: &str, error: io::Error) -> Self {
        let path = path.to_owned();
        match error.kind() {
            io::ErrorKind::NotFound => Self::NotFound { path },
            io::ErrorKind::PermissionDenied => Self::Denied { action, path },
            io::ErrorKind::AlreadyExists => Self::Exists { path },
            io::ErrorKind::NotADirectory => Self::NotADirectory { path },
            io::ErrorKind::IsADirectory => Self::IsADirectory { path },
            io::ErrorKind::DirectoryNotEmpty => Self::NotEmpty { path },
            io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnlyDisk { path },
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
                Self::Full { path }
            }
            io::ErrorKind::InvalidFilename => Self::TooLong { path },
            io::ErrorKind::Unsupported => Self::Unguarded,
            // Foreign and non-exhaustive: everything else is told in the system's words.
            _ => Self::Disk { action, path, source: error },
        }
    }
}
