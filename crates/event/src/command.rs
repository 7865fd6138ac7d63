//! What a person, a schedule or a phone asks of a task.

use serde::{Deserialize, Serialize};

use crate::{
    Answer, ApprovalId, Attachment, CallId, CommandId, Folder, GrantId, Limits, Mark, Mode, ModelRef, QuestionAnswer,
    QuestionId,
};

/// A wish with an id; sent twice, it acts once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Command {
    /// Chosen by the sender.
    pub id: CommandId,
    /// What is wished for.
    pub wish: Wish,
}

/// What is wished for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "type", content = "data", rename_all = "snake_case")]
pub enum Wish {
    /// Say something. Starts a turn, or is read at the next step of the running one.
    Say {
        /// The words.
        text: String,
        /// Files already placed in the task's `uploads/`.
        #[serde(default)]
        attachments: Vec<Attachment>,
    },
    /// End the turn at once.
    Stop,
    /// Start nothing new until Resume.
    Pause,
    /// Go on.
    Resume,
    /// Answer an approval.
    Answer {
        /// The approval.
        approval: ApprovalId,
        /// The answer.
        answer: Answer,
    },
    /// Answer questions.
    AnswerQuestions {
        /// Their id.
        question: QuestionId,
        /// One answer for each question.
        answers: Vec<QuestionAnswer>,
    },
    /// Put old file content back.
    Undo {
        /// Which changes.
        #[serde(default)]
        selection: UndoSelection,
    },
    /// Change the mode.
    SetMode {
        /// The new mode.
        mode: Mode,
    },
    /// Change the model from the next step on.
    SetModel {
        /// The new model.
        model: ModelRef,
    },
    /// Change the limits.
    SetLimits {
        /// The new limits.
        limits: Limits,
    },
    /// Grant a folder, already checked by the door.
    AddFolder(Folder),
    /// Take a folder back; calls that use it are cut.
    RemoveFolder {
        /// Its name.
        name: String,
    },
    /// Take a permission back; calls that need it are cut.
    Revoke {
        /// The grant.
        grant: GrantId,
    },
    /// Rename the task.
    Rename {
        /// The new title.
        title: String,
    },
    /// Note something about the task as a whole.
    Mark(Mark),
    /// Set the instructions that hold for the whole task.
    SetInstructions {
        /// The text, whole; empty for none.
        text: String,
    },
    /// Choose how hard the model tries, from the next step on.
    SetEffort {
        /// In the provider's words; none leaves it to the provider.
        #[serde(default)]
        effort: Option<String>,
    },
    /// Keep a file in view.
    PinFile {
        /// The path as the model knows it.
        path: String,
    },
    /// Stop keeping a file in view.
    UnpinFile {
        /// The path as the model knows it.
        path: String,
    },
}

/// Which changes to undo; everything the task did where nothing is chosen.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct UndoSelection {
    /// Only changes of this turn.
    #[serde(default)]
    pub turn: Option<u32>,
    /// Only this path, as the model knows it, or what lies beneath it.
    #[serde(default)]
    pub path: Option<String>,
    /// Only what this call did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<CallId>,
    /// Take back the last Undo instead.
    #[serde(default)]
    pub redo: bool,
}
