//! From a path as the model knows it to a place of the task and names beneath it. Text only; nothing is opened.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use event::{Access, Folder};

use crate::mask::{is_temporary, masked};
use crate::{FileKind, FolderError, name_of};

/// Longest name of one component, in bytes (Linux `NAME_MAX`).
const NAME_MAX: usize = 255;
/// Longest path, in bytes (Linux `PATH_MAX`).
const PATH_MAX: usize = 4096;

/// A directory a task may reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    /// The path the model knows it by, such as `/work/Reports`; no slash at its end.
    pub known: String,
    /// Its absolute path on this computer.
    pub host: PathBuf,
    /// What may be done in it.
    pub access: Access,
    /// How its own path is opened.
    pub trust: Trust,
}

/// How the path of a root itself is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// The user's: granted in canonical form, so a symbolic link anywhere in it means that it was exchanged since.
    Granted,
    /// The task's own directory, reached the way the user set it up.
    Own,
}

impl Root {
    /// A granted folder: `/work/<name>`.
    pub fn folder(folder: &Folder) -> Self {
        Self {
            known: format!("/work/{}", folder.name),
            host: PathBuf::from(&folder.path),
            access: folder.access,
            trust: Trust::Granted,
        }
    }

    /// The task's `/outputs`.
    pub fn outputs(host: impl Into<PathBuf>) -> Self {
        Self { known: "/outputs".to_owned(), host: host.into(), access: Access::ReadWrite, trust: Trust::Own }
    }

    /// The task's `/uploads`, which nothing may change.
    pub fn uploads(host: impl Into<PathBuf>) -> Self {
        Self { known: "/uploads".to_owned(), host: host.into(), access: Access::ReadOnly, trust: Trust::Own }
    }
}

/// A path taken apart and found to lie beneath a root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Located {
    /// The path in its one normal form, as the model knows it.
    pub(crate) path: String,
    /// Index of the root.
    pub(crate) root: usize,
    /// The components beneath the root; empty for the root itself.
    pub(crate) names: Vec<String>,
    /// Whether a slash at the end says that a directory is meant.
    pub(crate) directory: bool,
}

impl Located {
    /// The components joined as the system knows them, `.` for the root itself.
    pub(crate) fn relative(&self) -> PathBuf {
        joined(&self.names)
    }

    /// The components above the last one joined as the system knows them, `.` for the root itself.
    pub(crate) fn above(&self) -> PathBuf {
        joined(self.split().map_or(&[], |(above, _)| above))
    }

    /// The last component as the system knows it.
    pub(crate) fn leaf(&self) -> OsString {
        self.names.last().map(|name| name_of(name)).unwrap_or_default()
    }

    /// The names of the parent directories and the last name; none for the root itself.
    pub(crate) fn split(&self) -> Option<(&[String], &str)> {
        self.names.split_last().map(|(leaf, parents)| (parents, leaf.as_str()))
    }

    /// Refuses what is found where a slash at the end asked for a directory.
    pub(crate) fn check_slash(&self, kind: FileKind) -> Result<(), FolderError> {
        if self.directory && kind != FileKind::Directory {
            return Err(FolderError::NotADirectory { path: self.path.clone() });
        }
        Ok(())
    }
}

fn joined(names: &[String]) -> PathBuf {
    if names.is_empty() { Path::new(".").to_owned() } else { names.iter().map(|name| name_of(name)).collect() }
}

/// Finds the root a path lies beneath and takes it apart.
///
/// `.` and doubled slashes are dropped; `..` is refused, whatever it would lead to.
pub(crate) fn locate(path: &str, roots: &[Root]) -> Result<Located, FolderError> {
    if path.is_empty() {
        return Err(FolderError::BadName { path: String::new(), what: "it is empty" });
    }
    if path.len() >= PATH_MAX && name_of(path).len() >= PATH_MAX {
        return Err(FolderError::TooLong { path: shorten(path) });
    }
    let Some(rest) = path.strip_prefix('/') else {
        return Err(FolderError::NotAbsolute { path: path.to_owned() });
    };
    let mut parts = Vec::new();
    for part in rest.split('/') {
        match part {
            "" | "." => {}
            ".." => return Err(FolderError::Climbs { path: path.to_owned() }),
            name => parts.push(checked(path, name)?.to_owned()),
        }
    }
    let directory = rest.ends_with('/') || rest.ends_with("/.");
    let known = format!("/{}", parts.join("/"));
    let found = roots.iter().enumerate().find_map(|(index, root)| {
        let beneath = known.strip_prefix(root.known.as_str())?;
        (beneath.is_empty() || beneath.starts_with('/')).then(|| (index, root.known.matches('/').count()))
    });
    let Some((root, depth)) = found else {
        let places = roots.iter().map(|root| root.known.clone()).collect();
        return Err(FolderError::Outside { path: known, places });
    };
    let names = parts.split_off(depth);
    for name in &names {
        if let Some(why) = masked(name) {
            return Err(FolderError::Secret { path: known, name: name.clone(), why });
        }
        if is_temporary(name) {
            return Err(FolderError::Reserved { path: known });
        }
    }
    Ok(Located { path: known, root, names, directory })
}

fn checked<'n>(path: &str, name: &'n str) -> Result<&'n str, FolderError> {
    if name.len() > NAME_MAX && name_of(name).len() > NAME_MAX {
        return Err(FolderError::TooLong { path: shorten(path) });
    }
    if name.contains('\0') {
        return Err(FolderError::BadName { path: path.replace('\0', "\\0"), what: "it holds a NUL" });
    }
    Ok(name)
}

fn shorten(path: &str) -> String {
    let head: String = path.chars().take(60).collect();
    format!("{head}…")
}
