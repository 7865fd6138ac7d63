//! Two services of the folder guard that the engine needs as traits: checking a grant, and Undo.

use std::path::PathBuf;

use event::{Change, UndoSelection};

use crate::Desk;

/// A refusal with the one next step.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    /// What was refused and why.
    pub message: String,
    /// The one next step.
    pub hint: String,
}

/// Says whether a directory may be granted at all.
pub trait FolderGate: Send + Sync {
    /// The canonical path, or why home directories, system roots, secret places and the like are refused.
    fn check(&self, path: &str) -> Result<PathBuf, Refusal>;
}

/// What a step of an Undo does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UndoKind {
    /// A file gets its old content back.
    Restore {
        /// The size of that content.
        bytes: u64,
    },
    /// A file that the task made goes.
    Remove,
    /// A directory that the task made goes, if it is empty by then.
    RemoveFolder,
    /// A directory comes back.
    MakeFolder,
    /// Nothing: the user changed it since.
    Leave,
}

/// One step of an Undo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UndoStep {
    /// The path as the model knows it.
    pub path: String,
    /// What will happen to it.
    pub kind: UndoKind,
    /// The same in plain words.
    pub action: String,
    /// Why it will be left alone: the user changed it since.
    pub conflict: Option<String>,
}

/// Puts old file content back.
pub trait Undo: Send + Sync {
    /// What an Undo would do; changes nothing.
    fn plan(&self, desk: &Desk, selection: &UndoSelection) -> Result<Vec<UndoStep>, Refusal>;

    /// Does it, leaving conflicts alone. Gives what changed; it is journalled and can be undone itself.
    fn apply(&self, desk: &Desk, selection: &UndoSelection) -> Result<Vec<Change>, Refusal>;

    /// Tidies up after a process that ended in the middle of a change: temporary files go, the journal learns what
    /// became of the change. Called with the task's lease held and nothing running.
    fn mend(&self, _desk: &Desk) {}
}
