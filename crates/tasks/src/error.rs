//! What can go wrong between a door and a task, each with a stable code and one next step.

use engine::CommandRefused;
use model::{ErrorKind, ModelError};
use store::StoreError;
use tool::Refusal;

/// A wish could not be carried out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TaskError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The command cannot be followed now.
    #[error(transparent)]
    Refused(#[from] CommandRefused),
    /// A folder cannot be granted.
    #[error("{}", .0.message)]
    Folder(Refusal),
    /// The model is not there.
    #[error("{0}")]
    Model(ModelError),
    /// An attached file cannot be read.
    #[error("cannot attach `{name}`: {source}")]
    Attachment {
        /// The file.
        name: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// An Undo could not be done.
    #[error("{0}")]
    Undo(String),
    /// Standing permissions cannot be read or written.
    #[error("cannot {action} the standing permissions in `{path}`: {what}")]
    Standing {
        /// `read` or `write`.
        action: &'static str,
        /// The file.
        path: std::path::PathBuf,
        /// What is wrong.
        what: String,
    },
    /// The task's events could not be written while the wish was carried out. Nothing acknowledged is lost.
    #[error("{message}")]
    Storage {
        /// What went wrong.
        message: String,
        /// The one next step.
        hint: String,
    },
    /// The program is ending.
    #[error("Deskhand is shutting down")]
    Closing,
}

impl TaskError {
    /// A stable word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Store(StoreError::NoTask(_)) => "no_task",
            Self::Store(StoreError::Exists(_)) => "task_exists",
            Self::Store(StoreError::Leased { .. }) => "task_busy",
            Self::Store(StoreError::Damaged { .. }) => "log_damaged",
            Self::Store(StoreError::Full { .. }) => "disk_full",
            Self::Store(_) | Self::Storage { .. } => "storage",
            Self::Refused(_) => "refused",
            Self::Folder(_) => "folder_refused",
            Self::Model(error) if error.kind == ErrorKind::Script => "script",
            Self::Model(_) => "model",
            Self::Attachment { .. } => "attachment",
            Self::Undo(_) => "undo",
            Self::Standing { .. } => "standing",
            Self::Closing => "closing",
        }
    }

    /// The one next step for the user.
    pub fn hint(&self) -> String {
        match self {
            Self::Store(error) => error.hint().to_owned(),
            Self::Refused(CommandRefused::NoApproval(_) | CommandRefused::NoQuestion(_)) => {
                "see what waits with `deskhand show ID`".to_owned()
            }
            Self::Refused(CommandRefused::Running) => "stop or pause the task first".to_owned(),
            Self::Refused(CommandRefused::NoTitle) => "give it a name of at least one letter".to_owned(),
            Self::Refused(CommandRefused::TooLong { .. }) => "make it shorter".to_owned(),
            Self::Refused(CommandRefused::NoEffort(_)) => "choose one that the model offers".to_owned(),
            Self::Refused(CommandRefused::NoPlace(_)) => "pin a file that the task can see".to_owned(),
            Self::Refused(CommandRefused::TooManyPinned) => "unpin one first".to_owned(),
            Self::Refused(_) => "see where the task stands with `deskhand show ID`".to_owned(),
            Self::Folder(refusal) => refusal.hint.clone(),
            Self::Model(error) => error.hint.clone(),
            Self::Attachment { .. } => "check the path and its permissions".to_owned(),
            Self::Undo(_) => "see what would be undone with --dry-run".to_owned(),
            Self::Standing { .. } => "correct or remove the file".to_owned(),
            Self::Storage { hint, .. } => hint.clone(),
            Self::Closing => "start it again with `deskhand serve`".to_owned(),
        }
    }
}
