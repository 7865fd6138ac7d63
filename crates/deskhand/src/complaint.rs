//! Exit codes, and how an error reads: one line that says what, one that says what to do.

use std::io::Write as _;
use std::process::ExitCode;

use store::StoreError;
use tasks::TaskError;
use view::{Lines, visible};

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done.
    Done,
    /// Failed, or paused for a reason that needs the user.
    Failed,
    /// Typed wrongly.
    Usage,
    /// Stopped by the user, or something was denied.
    Stopped,
    /// Waiting for an answer that nobody can give here.
    Waiting,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Failed => 1,
            Exit::Usage => 2,
            Exit::Stopped => 3,
            Exit::Waiting => 4,
        })
    }
}

/// An error for the user.
#[derive(Debug)]
pub(crate) struct Complaint {
    /// What went wrong.
    pub(crate) message: String,
    /// The one next step; may be empty.
    pub(crate) hint: String,
    /// The exit code it leads to.
    pub(crate) exit: Exit,
}

impl Complaint {
    /// Something failed.
    pub(crate) fn failed(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: hint.into(), exit: Exit::Failed }
    }

    /// Something was typed wrongly.
    pub(crate) fn usage(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: hint.into(), exit: Exit::Usage }
    }

    /// Writes it to standard error.
    pub(crate) fn print(&self) {
        let hint = if self.hint.is_empty() {
            String::new()
        } else {
            format!("\n  hint: {}", visible(&self.hint, Lines::Keep))
        };
        // Names of files and words of servers stand in it.
        let message = visible(&self.message, Lines::Keep);
        // Where standard error is closed there is nobody to tell.
        let _closed = writeln!(std::io::stderr(), "error: {message}{hint}");
    }
}

impl From<TaskError> for Complaint {
    fn from(error: TaskError) -> Self {
        let exit = match error {
            TaskError::Folder(_) | TaskError::Attachment { .. } | TaskError::Store(StoreError::NoTask(_)) => {
                Exit::Usage
            }
            _ if error.code() == "script" => Exit::Usage,
            _ => Exit::Failed,
        };
        Self { hint: error.hint(), message: error.to_string(), exit }
    }
}

impl From<StoreError> for Complaint {
    fn from(error: StoreError) -> Self {
        Self::from(TaskError::from(error))
    }
}

impl From<app::ImageError> for Complaint {
    fn from(error: app::ImageError) -> Self {
        Self::failed(error.to_string(), error.hint())
    }
}

impl From<app::ConfigError> for Complaint {
    fn from(error: app::ConfigError) -> Self {
        Self::failed(error.to_string(), error.hint())
    }
}

impl From<app::OpenError> for Complaint {
    fn from(error: app::OpenError) -> Self {
        Self::failed(error.to_string(), error.hint())
    }
}
