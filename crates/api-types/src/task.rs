//! Tasks: making them, saying something, listing them, what waits for the user, what an Undo would do.

use event::{Access, Approval, CommandId, Limits, Mode, ModelRef, Seq, TaskId, Tier, Timestamp};
use serde::{Deserialize, Serialize};
use store::{Shelf, Summary};
use tool::{UndoKind, UndoStep};
use utoipa::ToSchema;
use view::TaskState;

use crate::Upload;

/// A new task. Sent twice with the same id, it makes one task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NewTaskRequest {
    /// Chosen by the sender.
    pub id: CommandId,
    /// The first message.
    pub prompt: String,
    /// Folders to grant.
    #[serde(default)]
    pub folders: Vec<FolderRequest>,
    /// Files to hand over with the first message; together at most 64 MiB.
    #[serde(default)]
    pub attachments: Vec<Upload>,
    /// How much it may do without asking; none means the default of the settings.
    #[serde(default)]
    pub mode: Option<Mode>,
    /// The model; none means the default.
    #[serde(default)]
    pub model: Option<ModelRef>,
    /// How hard the model tries, in the provider's words.
    #[serde(default)]
    pub effort: Option<String>,
    /// The instructions that hold for the whole task; none means those of the settings.
    #[serde(default)]
    pub instructions: Option<String>,
    /// Where it stops by itself; none means the usual limits.
    #[serde(default)]
    pub limits: Option<Limits>,
    /// The project it belongs to.
    #[serde(default)]
    pub project: Option<String>,
    /// The isolation asked for; none means the best there is.
    #[serde(default)]
    pub tier: Option<Tier>,
}

/// A folder to grant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FolderRequest {
    /// Absolute path on this computer.
    pub path: String,
    /// What may be done in it.
    pub access: Access,
}

/// The task that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TaskCreatedResponse {
    /// Its id.
    pub id: TaskId,
}

/// Something to say in a task, with files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SayRequest {
    /// Chosen by the sender; sent twice, it is said once.
    pub id: CommandId,
    /// The words.
    pub text: String,
    /// Files to hand over; together at most 64 MiB.
    #[serde(default)]
    pub attachments: Vec<Upload>,
}

/// A command was stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CommandAccepted {
    /// The place of the last event then.
    pub seq: Seq,
}

/// What Recents shows of a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TaskSummary {
    /// The task.
    pub id: TaskId,
    /// Its title.
    pub title: String,
    /// Where it stands.
    pub state: TaskState,
    /// When it was made.
    pub made_at: Timestamp,
    /// When its last event was written.
    pub changed_at: Timestamp,
    /// Plan items done.
    pub done: u32,
    /// Plan items in all.
    pub total: u32,
    /// Its project.
    pub project: Option<String>,
    /// Whether it is kept on top of Recents.
    pub pinned: bool,
    /// Whether it is out of Recents.
    pub archived: bool,
    /// Whether something happened that the user has not looked at.
    pub unread: bool,
}

impl From<Summary> for TaskSummary {
    fn from(summary: Summary) -> Self {
        let Summary { id, title, state, made_at, changed_at, done, total, project, pinned, archived, unread } = summary;
        Self { id, title, state, made_at, changed_at, done, total, project, pinned, archived, unread }
    }
}

/// Which tasks to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TaskShelf {
    /// Every task.
    #[default]
    All,
    /// Those that are not archived.
    Current,
    /// Those kept on top that are not archived.
    Pinned,
    /// Those that are archived.
    Archived,
}

impl From<TaskShelf> for Shelf {
    fn from(shelf: TaskShelf) -> Self {
        match shelf {
            TaskShelf::All => Self::All,
            TaskShelf::Current => Self::Current,
            TaskShelf::Pinned => Self::Pinned,
            TaskShelf::Archived => Self::Archived,
        }
    }
}

/// What changed among the tasks: one line of the stream of changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", content = "data", rename_all = "snake_case")]
pub enum Headline {
    /// A task is new, or its summary changed.
    Task(TaskSummary),
    /// A task is gone.
    Gone {
        /// Which.
        id: TaskId,
    },
    /// Some changes were missed: list the tasks again.
    Missed,
}

/// The frame `live` of a task's stream: everything that was stored when the stream opened has been sent, and what
/// follows comes as it happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Live {
    /// The last event that was sent, or where the reader asked to start if there was none behind it.
    pub head: Seq,
}

/// An approval that waits, with the task it belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ApprovalWaiting {
    /// The task.
    pub task: TaskId,
    /// Its title.
    pub title: String,
    /// The approval.
    pub approval: Approval,
}

/// What an Undo would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UndoPlan {
    /// Its steps; empty where there is nothing to undo.
    pub steps: Vec<UndoPlanStep>,
}

/// What a step of an Undo does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum UndoPlanKind {
    /// A file gets its old content back.
    Restore,
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UndoPlanStep {
    /// The path as the model knows it.
    pub path: String,
    /// What will happen to it.
    pub kind: UndoPlanKind,
    /// The size of the content that comes back; only for `restore`.
    pub bytes: Option<u64>,
    /// The same as `kind` in plain words.
    pub action: String,
    /// Why it will be left alone: the user changed it since.
    pub conflict: Option<String>,
}

impl From<UndoStep> for UndoPlanStep {
    fn from(step: UndoStep) -> Self {
        let UndoStep { path, kind, action, conflict } = step;
        let (kind, bytes) = match kind {
            UndoKind::Restore { bytes } => (UndoPlanKind::Restore, Some(bytes)),
            UndoKind::Remove => (UndoPlanKind::Remove, None),
            UndoKind::RemoveFolder => (UndoPlanKind::RemoveFolder, None),
            UndoKind::MakeFolder => (UndoPlanKind::MakeFolder, None),
            UndoKind::Leave => (UndoPlanKind::Leave, None),
        };
        Self { path, kind, bytes, action, conflict }
    }
}
