//! What can go wrong when a model is asked, sorted by what to do about it.

use std::time::Duration;

/// Asking a model failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ModelError {
    /// What kind of failure it is; decides what happens next.
    pub kind: ErrorKind,
    /// For the user: what failed and which provider said so. Never holds a credential.
    pub message: String,
    /// The one next step for the user.
    pub hint: String,
    /// How long the provider asked to wait, if it did.
    pub retry_after: Option<Duration>,
}

/// Kinds of failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Key missing, wrong or without rights. Trying again cannot help; pause.
    Unauthorized,
    /// No such provider or model. Pause.
    NotFound,
    /// The request itself was refused. Trying the same again cannot help.
    BadRequest,
    /// The conversation does not fit. Compact and ask again.
    ContextOverflow,
    /// Too many requests, or the provider is overloaded. Try again after a while.
    Busy,
    /// The provider failed. Try again.
    Server,
    /// It could not be reached. Try again, then pause.
    Unreachable,
    /// The stream ended or broke in the middle. Try again.
    Cut,
    /// A Script and the run disagree, or a Script is malformed. Stop.
    Script,
}

impl ErrorKind {
    /// Whether the same request may succeed later.
    pub fn may_pass(self) -> bool {
        match self {
            Self::Busy | Self::Server | Self::Unreachable | Self::Cut => true,
            Self::Unauthorized | Self::NotFound | Self::BadRequest | Self::ContextOverflow | Self::Script => false,
        }
    }
}

impl ModelError {
    /// A failure with a message and a next step.
    pub fn new(kind: ErrorKind, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { kind, message: message.into(), hint: hint.into(), retry_after: None }
    }

    /// The same failure with the provider's wish to wait.
    pub fn after(mut self, wait: Option<Duration>) -> Self {
        self.retry_after = wait;
        self
    }
}
