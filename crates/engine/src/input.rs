//! What goes into a step and what comes out.

use event::{
    ApprovalId, CallId, Command, Consent, Effect, Fact, Folder, Inquiry, Reply, Seq, Timestamp, UndoSelection,
};
use model::ModelError;
use policy::Organisation;
use store::Draft;
use tool::{Call, Report, Toolbox};

/// Everything a step may look at besides the state.
#[derive(Clone, Copy)]
pub struct Bench<'b> {
    /// The tools there are.
    pub toolbox: &'b Toolbox,
    /// The organisation's rules.
    pub organisation: &'b Organisation,
    /// Now.
    pub now: Timestamp,
    /// A number from 0 up to, not including, 1; used for jitter.
    pub chance: f64,
    /// Tokens that fit into the model, where known.
    pub context_tokens: Option<u64>,
    /// Bytes the next request would have; an estimate of how full the model gets.
    pub request_bytes: usize,
}

/// Whether anybody can answer what comes up while a call runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// A user at a door, now or later.
    Somebody,
    /// No door is open to this process: inquiries are refused at once.
    Nobody,
}

/// Something happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// The task was opened; the text of a reply cut by a crash, if any.
    Opened {
        /// Text that had been streamed.
        draft: String,
    },
    /// Somebody wishes something.
    Command(Command),
    /// The model replied.
    Replied {
        /// The whole reply.
        reply: Box<Reply>,
        /// Milliseconds it took.
        ms: u64,
    },
    /// Asking the model failed.
    ModelFailed {
        /// Why.
        error: ModelError,
        /// Text that had arrived.
        partial: String,
    },
    /// The wait before a retry is over.
    RetryDue,
    /// A summary for compaction arrived, or could not be had.
    Summarised {
        /// The last event the summary covers.
        through: Seq,
        /// Whether it was made from a shortened conversation.
        shortened: bool,
        /// The summary.
        summary: Result<String, ModelError>,
    },
    /// A call ended.
    CallDone {
        /// The call.
        call: CallId,
        /// What it gave back.
        report: Report,
        /// Milliseconds it took.
        ms: u64,
    },
    /// A running call has a fact to store now.
    CallFact {
        /// The fact.
        fact: Fact,
    },
    /// A running call asks whether it may do something.
    CallAsks {
        /// The call.
        call: CallId,
        /// The runner's number for it.
        ask: u64,
        /// What it asks.
        inquiry: Inquiry,
        /// Whether anybody can be asked.
        audience: Audience,
    },
    /// Nobody answered what a running call asked, and its time is over.
    AskExpired {
        /// The approval.
        approval: ApprovalId,
    },
    /// A running call gave up what it asked before there was an answer.
    AskGone {
        /// The approval.
        approval: ApprovalId,
    },
    /// A folder wished for by a call was checked.
    FolderChecked {
        /// The call.
        call: CallId,
        /// The path the user allowed; none where they have not been asked yet.
        allowed: Option<String>,
        /// The folder to grant, or why not.
        result: Result<Folder, String>,
    },
    /// An Undo ended.
    Undone {
        /// What changed, or why nothing could.
        result: Result<Vec<event::Change>, String>,
    },
    /// Nothing new: decide what to do next.
    Settle,
}

/// What to write and what to do, in this order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Decision {
    /// Facts to append.
    pub facts: Vec<Draft>,
    /// What to do after they are appended.
    pub acts: Vec<Act>,
}

impl Decision {
    /// Nothing to write and nothing to do.
    pub fn is_empty(&self) -> bool {
        self.facts.is_empty() && self.acts.is_empty()
    }
}

/// Something for the runner to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Act {
    /// Ask the model for a reply.
    AskModel {
        /// The step.
        step: u32,
    },
    /// Ask again after a while.
    Wait {
        /// Milliseconds.
        ms: u64,
    },
    /// Ask the model for a summary of the conversation.
    Summarise {
        /// Whether old tool output is shortened first, because the whole does not fit any more.
        shortened: bool,
    },
    /// Run a call.
    Run {
        /// The call.
        call: Call,
        /// Whether its intent must be on the disk first.
        outside: bool,
    },
    /// Remember that the turn ends as soon as nothing is in flight.
    NoteStop,
    /// Drop the request under way and keep its text as [`Fact::ReplyCut`].
    CutModel,
    /// Cancel one running call.
    CancelCall {
        /// The call.
        call: CallId,
    },
    /// Answer what a running call asked.
    Consent {
        /// The runner's number for it.
        ask: u64,
        /// The answer.
        consent: Consent,
    },
    /// Remember that the rules allow a running call this without asking anybody.
    Lend {
        /// The call.
        call: CallId,
        /// What.
        effects: Vec<Effect>,
    },
    /// Tell a running call that what was lent to it is allowed no longer.
    TakeBack {
        /// The call.
        call: CallId,
        /// What.
        effects: Vec<Effect>,
    },
    /// Let a running call wait for the answer to an approval.
    Await {
        /// The runner's number for what it asked.
        ask: u64,
        /// The approval.
        approval: ApprovalId,
    },
    /// Check a folder a call wishes for: before the user is asked, and again before it is granted.
    CheckFolder {
        /// The call.
        call: CallId,
        /// The path the user allowed; none where they have not been asked yet.
        allowed: Option<String>,
        /// The wish.
        request: tool::FolderRequest,
    },
    /// Put old content back.
    Undo {
        /// Which.
        selection: UndoSelection,
    },
}

/// A command cannot be followed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CommandRefused {
    /// No such approval waits.
    #[error("approval `{0}` is not waiting for an answer")]
    NoApproval(event::ApprovalId),
    /// The scope was not offered.
    #[error("approval `{0}` cannot be allowed that far")]
    ScopeNotOffered(event::ApprovalId),
    /// No such questions wait.
    #[error("question `{0}` is not waiting for an answer")]
    NoQuestion(event::QuestionId),
    /// The answers do not fit the questions.
    #[error("question `{question}` wants {expected} answers, not {found}")]
    AnswerCount {
        /// The questions.
        question: event::QuestionId,
        /// How many there are.
        expected: usize,
        /// How many answers came.
        found: usize,
    },
    /// Nothing is running.
    #[error("the task is not running")]
    NotRunning,
    /// Nothing is paused.
    #[error("the task is not paused")]
    NotPaused,
    /// Undo only when nothing runs.
    #[error("the task is running; stop or pause it before an undo")]
    Running,
    /// No such folder.
    #[error("folder `{0}` is not granted to this task")]
    NoFolder(String),
    /// No such grant.
    #[error("permission `{0}` does not exist in this task")]
    NoGrant(event::GrantId),
    /// Nothing was said.
    #[error("the message is empty")]
    Empty,
    /// A title without a letter.
    #[error("the title is empty")]
    NoTitle,
    /// A text is longer than it may be.
    #[error("{what} may have {limit} characters at most")]
    TooLong {
        /// Which text.
        what: &'static str,
        /// How many characters it may have.
        limit: usize,
    },
    /// An effort that no provider can know.
    #[error("`{0}` is no effort; it is one word of letters and digits")]
    NoEffort(String),
    /// A path outside every place of the task.
    #[error("`{0}` is no file below a granted folder, `/outputs` or `/uploads`")]
    NoPlace(String),
    /// More files are pinned than may be.
    #[error("{} files are pinned already", crate::MAX_PINNED)]
    TooManyPinned,
}
