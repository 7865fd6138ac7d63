//! What can go wrong with storage, each with the one next step.

use std::path::PathBuf;

use event::TaskId;

/// A storage operation failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// There is no such task.
    #[error("there is no task `{0}`")]
    NoTask(TaskId),
    /// A task of that id exists already.
    #[error("task `{0}` exists already")]
    Exists(TaskId),
    /// Another process works on the task.
    #[error("task `{task}` is open in another process{}", holder.map(|pid| format!(" ({pid})")).unwrap_or_default())]
    Leased {
        /// The task.
        task: TaskId,
        /// The process that holds it, where known.
        holder: Option<u32>,
    },
    /// The log is damaged in a place that cannot be repaired by cutting a torn last line.
    #[error("the log of task `{task}` is damaged at line {line}: {what}")]
    Damaged {
        /// The task.
        task: TaskId,
        /// Line of `events.jsonl`, from 1.
        line: u64,
        /// What is wrong there.
        what: String,
    },
    /// No space, or a quota.
    #[error("no space left to write `{path}`")]
    Full {
        /// The file.
        path: PathBuf,
    },
    /// Any other failure of the disk.
    #[error("cannot {action} `{path}`: {source}")]
    Disk {
        /// What was tried, such as `write`.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The index failed; logs are not affected.
    #[error("the index failed: {0}")]
    Index(String),
    /// The file is not an export of a task.
    #[error("`{path}` is not a task export: {what}")]
    NotAnExport {
        /// The file.
        path: PathBuf,
        /// Why not.
        what: String,
    },
}

impl StoreError {
    /// The one next step for the user.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NoTask(_) => "list tasks with `deskhand tasks`",
            Self::Exists(_) => "remove or rename the existing task first",
            Self::Leased { .. } => "wait for the other process, or stop it",
            Self::Damaged { .. } => "see the damage with `deskhand doctor`; the lines before it are intact",
            Self::Full { .. } => "free some space, then `deskhand resume` the task",
            Self::Disk { .. } => "check that the disk is mounted and writable, then try again",
            Self::Index(_) => "rebuild it with `deskhand index rebuild`",
            Self::NotAnExport { .. } => "give a file made by `deskhand export`",
        }
    }
}
