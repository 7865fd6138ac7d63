//! The shape of a view.

use event::{
    Approval, Attachment, Change, Ending, Folder, Grant, Limits, Mode, ModelRef, PlanItem, Question, QuestionId, Seq,
    TaskId, Tier, Timestamp, Usage,
};
use serde::{Deserialize, Serialize};

/// Where a task stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum TaskState {
    /// Made, nothing said yet.
    #[default]
    New,
    /// The model or a tool is at work.
    Working,
    /// An approval or a question waits for the user.
    NeedsYou,
    /// Paused, with a reason.
    Paused,
    /// The last turn finished.
    Done,
    /// The last turn was stopped by the user.
    Stopped,
    /// The last turn failed.
    Failed,
}

/// The plan as N of M.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Progress {
    /// Items done.
    pub done: u32,
    /// Items in all.
    pub total: u32,
    /// The items.
    pub items: Vec<PlanItem>,
}

/// A produced file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct OutputCard {
    /// The path as the model knows it.
    pub path: String,
    /// The model's title for it.
    pub title: String,
    /// Size in bytes when presented.
    pub bytes: u64,
    /// Media type.
    pub media: String,
    /// The turn that presented it.
    pub turn: u32,
}

/// A tool that cannot be used in this task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Withdrawn {
    /// The tool.
    pub tool: String,
    /// Why.
    pub reason: String,
    /// The one next step.
    pub hint: String,
}

/// What a screen shows of a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct View {
    /// The task.
    pub task: TaskId,
    /// Its title.
    pub title: String,
    /// Where it stands.
    pub state: TaskState,
    /// The last event folded in.
    pub head: Seq,
    /// When it was made.
    pub made_at: Timestamp,
    /// When its last event was written.
    pub changed_at: Timestamp,
    /// The turn under way, or the last one; 0 before the first.
    pub turn: u32,
    /// Model replies asked for so far.
    pub steps: u32,
    /// Its mode.
    pub mode: Mode,
    /// Its model.
    pub model: ModelRef,
    /// Its limits.
    pub limits: Limits,
    /// Its project.
    pub project: Option<String>,
    /// Whether it is kept on top of Recents.
    pub pinned: bool,
    /// Whether it is out of Recents.
    pub archived: bool,
    /// Whether something happened that the user has not looked at: a turn ended, something was asked, work paused.
    pub unread: bool,
    /// How hard the model tries, in the provider's words; none leaves it to the provider.
    pub effort: Option<String>,
    /// The instructions that hold for the whole task; empty where there are none.
    pub instructions: String,
    /// Files the user wants kept in view, as the model knows them.
    pub pinned_files: Vec<String>,
    /// Files the user handed over, in order.
    pub uploads: Vec<Attachment>,
    /// The isolation in use, once a command has run.
    pub tier: Option<Tier>,
    /// Whether commands can read the user's folders there and not change them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub folders_read_only: bool,
    /// Where relative paths start, as the model knows it; fixed when the task is made.
    pub start: String,
    /// The folders it was granted.
    pub folders: Vec<Folder>,
    /// The permissions given within it.
    pub grants: Vec<Grant>,
    /// The plan.
    pub progress: Progress,
    /// The scratchpad.
    pub scratchpad: String,
    /// Approvals waiting for an answer.
    pub approvals: Vec<Approval>,
    /// Questions waiting for an answer.
    pub questions: Vec<(QuestionId, Vec<Question>)>,
    /// Produced files, the newest card of each path.
    pub outputs: Vec<OutputCard>,
    /// Files changed, one line each, the latest change last.
    pub changed: Vec<Change>,
    /// Tools that cannot be used.
    pub withdrawn: Vec<Withdrawn>,
    /// Tokens over the whole task.
    pub usage: Usage,
    /// Tokens the model read for its last reply: how full its context is.
    pub context_tokens: u64,
    /// Why it is paused, and the one next step.
    pub paused: Option<(String, String)>,
    /// How the last turn ended.
    pub ending: Option<Ending>,
    /// The model's last words.
    pub last_text: String,
}
