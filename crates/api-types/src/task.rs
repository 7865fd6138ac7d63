//! Tasks: making them, saying something, listing them, what waits for the user, what an Undo would do.

use event::{Access, Approval, CommandId, Limits, Mode, ModelRef, Seq, TaskId, Tier, Timestamp};
use serde::{Deserialize, Serialize};
use store::Summary;
use tool::UndoStep;
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
}

impl From<Summary> for TaskSummary {
    fn from(summary: Summary) -> Self {
        let Summary { id, title, state, made_at, changed_at, done, total, project } = summary;
        Self { id, title, state, made_at, changed_at, done, total, project }
    }
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

/// One step of an Undo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UndoPlanStep {
    /// The path as the model knows it.
    pub path: String,
    /// What will happen to it, in plain words.
    pub action: String,
    /// Why it will be left alone: the user changed it since.
    pub conflict: Option<String>,
}

impl From<UndoStep> for UndoPlanStep {
    fn from(step: UndoStep) -> Self {
        let UndoStep { path, action, conflict } = step;
        Self { path, action, conflict }
    }
}
