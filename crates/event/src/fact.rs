//! Every fact a log may hold. Stored form = streamed form. Variants and optional fields may be added; nothing
//! is ever renamed or removed, because logs outlive releases.

use serde::{Deserialize, Serialize};

use crate::{
    Answer, Approval, ApprovalId, Attachment, CallId, Change, CommandId, Effect, FileCard, Folder, Grant, GrantId,
    Limits, Mark, Mode, ModelRef, Part, PlanItem, Question, QuestionAnswer, QuestionId, Reply, Seq, Tier,
};

/// A past fact about a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "type", content = "data", rename_all = "snake_case")]
pub enum Fact {
    /// The task was made. Always the first event of a log.
    TaskCreated {
        /// What Recents shows.
        title: String,
        /// How much it may do without asking.
        mode: Mode,
        /// The model it runs with.
        model: ModelRef,
        /// The folders it was given.
        folders: Vec<Folder>,
        /// Where it stops by itself.
        limits: Limits,
        /// The project it belongs to.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        project: Option<String>,
        /// The isolation the user asked for; none means the best there is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        tier: Option<Tier>,
        /// The program and version that made it.
        made_by: String,
    },
    /// The user said something.
    Said {
        /// The words.
        text: String,
        /// Files handed over with them.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        attachments: Vec<Attachment>,
        /// The command that carried them; a repeated command is not said twice.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        command: Option<CommandId>,
    },
    /// A turn began: the model works until it stops. Turns count from 1.
    TurnStarted {
        /// The turn's number.
        turn: u32,
    },
    /// The model was asked for a reply. Steps count from 1 over the whole task.
    StepStarted {
        /// The step's number.
        step: u32,
        /// The model asked.
        model: ModelRef,
    },
    /// The model replied.
    Replied {
        /// The step it belongs to.
        step: u32,
        /// The whole reply.
        reply: Reply,
        /// Milliseconds from request to end.
        ms: u64,
    },
    /// A reply was cut off; this is the text that had arrived. The model is asked again.
    ReplyCut {
        /// The step it belongs to.
        step: u32,
        /// The text that had arrived.
        text: String,
        /// What cut it.
        reason: String,
    },
    /// Asking the model failed and will be tried again.
    RetryPlanned {
        /// The step it belongs to.
        step: u32,
        /// Which retry this is, from 1.
        attempt: u32,
        /// Milliseconds until then.
        after_ms: u64,
        /// What failed, for the user.
        reason: String,
    },
    /// The user is asked about one exact call.
    ApprovalAsked(Approval),
    /// The user, or a rule in their name, answered.
    ApprovalAnswered {
        /// The approval.
        approval: ApprovalId,
        /// The answer.
        answer: Answer,
        /// The command that carried it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        command: Option<CommandId>,
    },
    /// A permission was stored.
    GrantAdded(Grant),
    /// A permission was taken back.
    GrantRevoked {
        /// The grant.
        grant: GrantId,
    },
    /// The model asked the user something.
    QuestionAsked {
        /// Its id.
        question: QuestionId,
        /// The call that asked.
        call: CallId,
        /// One to four questions.
        questions: Vec<Question>,
    },
    /// The user answered, question by question.
    QuestionAnswered {
        /// Its id.
        question: QuestionId,
        /// One answer for each question.
        answers: Vec<QuestionAnswer>,
        /// The command that carried them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        command: Option<CommandId>,
    },
    /// A tool call begins. Written before any outside effect, and synced first where there is one.
    ToolStarted {
        /// The call.
        call: CallId,
        /// The tool.
        tool: String,
        /// What it will do.
        effects: Vec<Effect>,
    },
    /// A tool call ended.
    ToolFinished {
        /// The call.
        call: CallId,
        /// How it ended.
        outcome: Outcome,
        /// What the model gets to see.
        output: Vec<Part>,
        /// Milliseconds it took.
        ms: u64,
    },
    /// The plan, whole.
    PlanSet {
        /// Its items.
        items: Vec<PlanItem>,
    },
    /// The scratchpad, whole.
    NoteSet {
        /// Its text, Markdown.
        text: String,
    },
    /// Files were changed by one call, or by Undo.
    FilesChanged {
        /// The call that did it; none for the user's own Undo.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        call: Option<CallId>,
        /// The turn it belongs to; 0 before the first.
        turn: u32,
        /// The changes; of very many the first ones, in the order of their paths. The journal has them all.
        changes: Vec<Change>,
        /// How many changes there are beyond those.
        #[serde(default, skip_serializing_if = "crate::fact::is_zero")]
        more: u64,
        /// Whether this put old content back.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        undo: bool,
    },
    /// Finished files were handed over.
    Presented {
        /// The cards.
        files: Vec<FileCard>,
    },
    /// A folder was granted.
    FolderAdded(Folder),
    /// A folder was taken back.
    FolderRemoved {
        /// Its name.
        name: String,
    },
    /// The mode was changed.
    ModeSet {
        /// The new mode.
        mode: Mode,
    },
    /// The model was changed; it takes effect with the next step.
    ModelSet {
        /// The new model.
        model: ModelRef,
    },
    /// The limits were changed.
    LimitsSet {
        /// The new limits.
        limits: Limits,
    },
    /// The task was renamed.
    Titled {
        /// The new title.
        title: String,
    },
    /// The user noted something about the task as a whole.
    Marked(Mark),
    /// The instructions that hold for the whole task, in the user's words; empty where there are none.
    InstructionsSet {
        /// The text, whole.
        text: String,
    },
    /// How hard the model shall try, in the provider's words; it takes effect with the next step.
    EffortSet {
        /// Such as `high`; none leaves it to the provider.
        #[serde(default)]
        effort: Option<String>,
    },
    /// The user wants a file kept in view; the model is told.
    FilePinned {
        /// The path as the model knows it.
        path: String,
    },
    /// A file need not be kept in view any more.
    FileUnpinned {
        /// The path as the model knows it.
        path: String,
    },
    /// A tool cannot be used in this task; the others go on.
    ToolWithdrawn {
        /// The tool.
        tool: String,
        /// Why.
        reason: String,
        /// The one next step.
        hint: String,
    },
    /// The sandbox is up; its tier is shown with the task.
    SandboxStarted {
        /// The tier in use.
        tier: Tier,
        /// Whether commands can read the user's folders and not change them.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        folders_read_only: bool,
    },
    /// The conversation was shortened for the model; the log keeps everything.
    Compacted {
        /// Everything up to this event is now represented by the summary.
        through: Seq,
        /// The summary, written by the model and framed as such.
        summary: String,
    },
    /// The last line of the log was torn, by a power cut or a full disk, and was cut away. Nothing that was
    /// acknowledged stood in it.
    LogMended {
        /// Bytes that were cut.
        bytes: u64,
    },
    /// Work paused; it goes on with Resume or with a new message.
    Paused {
        /// Why.
        reason: PauseReason,
        /// For the user.
        message: String,
        /// The one next step.
        hint: String,
    },
    /// Work goes on.
    Resumed {
        /// The command that did it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        command: Option<CommandId>,
    },
    /// The turn is over.
    TurnEnded {
        /// The turn's number.
        turn: u32,
        /// How it ended.
        ending: Ending,
    },
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out references")]
pub(crate) fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// How a tool call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It did what it was asked.
    Ok,
    /// It failed; the output says why.
    Failed,
    /// The user or a rule said no; it did not run.
    Denied,
    /// It was stopped by the user.
    Stopped,
    /// It ran out of time and was ended.
    TimedOut,
    /// Deskhand ended in the middle of it: nobody knows what it did. Never repeated by itself.
    Unknown,
}

/// Why work paused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum PauseReason {
    /// The user paused it.
    User,
    /// The model could not be reached within the retry budget, or refuses the credentials.
    Model,
    /// A limit of the task was met.
    Limit,
}

/// How a turn ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "type", content = "data", rename_all = "snake_case")]
pub enum Ending {
    /// The model finished.
    Done,
    /// The user stopped it.
    Stopped,
    /// It cannot go on.
    Failed {
        /// A stable word for programs, such as `refused`.
        code: String,
        /// For the user.
        message: String,
        /// The one next step.
        hint: String,
    },
}
