//! The places of a task as the model knows them, decided by the text of a path alone.
//!
//! Symbolic links are not resolved here: files are opened beneath a directory handle by `folder`, which refuses
//! to follow links out. This module only says which grant a path falls under.

use event::Folder;

/// Where a path lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place<'a> {
    /// In a granted folder, with the path inside it (empty for the folder itself).
    Folder(&'a Folder, String),
    /// In the task's own `outputs/`.
    Outputs(String),
    /// In the task's own `uploads/`, which nothing may change.
    Uploads(String),
    /// In the task's own `/tmp`, which only commands in the sandbox see.
    Scratch(String),
    /// Anywhere else: out of bounds.
    Outside,
}

/// Says where an absolute path lies. `.` and empty components are dropped; any `..` that would climb is resolved
/// on the text, so `/work/a/../../etc` is [`Place::Outside`].
pub fn place<'a>(path: &str, folders: &'a [Folder]) -> Place<'a> {
    let Some(parts) = components(path) else { return Place::Outside };
    let mut parts = parts.into_iter();
    match parts.next() {
        Some("outputs") => Place::Outputs(join(parts)),
        Some("uploads") => Place::Uploads(join(parts)),
        Some("tmp") => Place::Scratch(join(parts)),
        Some("work") => match parts.next() {
            Some(name) => folders
                .iter()
                .find(|folder| folder.name == name)
                .map_or(Place::Outside, |folder| Place::Folder(folder, join(parts))),
            None => Place::Outside,
        },
        Some(_) | None => Place::Outside,
    }
}

/// Components of an absolute path with `.` and `..` resolved; none where it is relative or climbs above the root.
fn components(path: &str) -> Option<Vec<&str>> {
    let rest = path.strip_prefix('/')?;
    let mut kept = Vec::new();
    for part in rest.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                kept.pop()?;
            }
            name => kept.push(name),
        }
    }
    Some(kept)
}

fn join<'p>(parts: impl Iterator<Item = &'p str>) -> String {
    parts.collect::<Vec<_>>().join("/")
}
