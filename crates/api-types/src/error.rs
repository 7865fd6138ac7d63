//! The one form of every error that leaves the API.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A stable word for programs. Words are added, never renamed; screens switch on them, never on text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// The request's shape is wrong.
    BadRequest,
    /// Neither token nor session cookie, or a wrong one.
    Unauthorized,
    /// The request was meant for another host.
    WrongHost,
    /// The request comes from another page.
    WrongOrigin,
    /// There is nothing at this address.
    NoRoute,
    /// The address does not know this method.
    WrongMethod,
    /// The body is larger than allowed.
    TooLarge,
    /// The body is not JSON.
    NotJson,
    /// Too many streams are open.
    TooManyStreams,
    /// There is no such task.
    NoTask,
    /// A task of that id exists already.
    TaskExists,
    /// Another process works on the task.
    TaskBusy,
    /// The task's log is damaged.
    LogDamaged,
    /// No space is left.
    DiskFull,
    /// Storage failed in another way.
    Storage,
    /// The command cannot be followed now.
    Refused,
    /// The folder cannot be granted or shown.
    FolderRefused,
    /// The Script and the job disagree.
    Script,
    /// The model is not there.
    Model,
    /// An attachment cannot be used.
    Attachment,
    /// The Undo cannot be done.
    Undo,
    /// The standing permissions cannot be read or written.
    Standing,
    /// There is no such standing permission.
    NoGrant,
    /// The file does not exist, or lies in no place of the task.
    NoFile,
    /// The settings cannot be read or changed.
    Settings,
    /// There is no such provider.
    NoProvider,
    /// This computer has no desktop to show something on.
    Desktop,
    /// The program is ending.
    Closing,
    /// A fault of Deskhand itself.
    Internal,
    /// A word of a newer version than the reader; never sent.
    #[serde(other)]
    Unknown,
}

/// An error: one code, one message, at most one hint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ErrorBody {
    /// For programs.
    pub code: Code,
    /// For people: what and which.
    pub message: String,
    /// The one next step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}
