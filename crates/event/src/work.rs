//! Nouns of the work itself: parts of content, plan items, questions, file changes and cards.

use serde::{Deserialize, Serialize};

use crate::{Digest, Untrusted};

/// A piece of a tool's output or of an attachment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "type", content = "data", rename_all = "snake_case")]
pub enum Part {
    /// Text from outside.
    Text(Untrusted),
    /// A picture kept in the task's `blobs/` under its digest.
    Image {
        /// Media type, such as `image/png`.
        media: String,
        /// Name of the blob.
        blob: Digest,
    },
}

impl Part {
    /// A text part.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(Untrusted::new(text))
    }
}

/// A file the user handed over with a message; it lies in the task's `uploads/`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Attachment {
    /// File name in `uploads/`.
    pub name: String,
    /// Size in bytes.
    pub bytes: u64,
}

/// One line of the task's plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct PlanItem {
    /// What is to be done, in the user's words.
    pub text: String,
    /// Where it stands.
    pub state: PlanState,
}

/// Where a plan item stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum PlanState {
    /// Not begun.
    Pending,
    /// Being worked on.
    Active,
    /// Finished.
    Done,
}

/// A question from the model to the user. Free text is always possible as well.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Question {
    /// The whole question.
    pub text: String,
    /// A word or two for a tab or label.
    pub header: String,
    /// Zero to four choices.
    pub choices: Vec<Choice>,
    /// Whether several choices may be taken.
    pub several: bool,
}

/// One choice of a question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Choice {
    /// What is chosen.
    pub label: String,
    /// What choosing it means; may be empty.
    pub description: String,
}

/// The user's answer to one question: labels of choices, free text, or both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct QuestionAnswer {
    /// The labels chosen.
    #[serde(default)]
    pub chosen: Vec<String>,
    /// The user's own words, if any.
    #[serde(default)]
    pub other: Option<String>,
}

/// A change to one file, with what is needed to show it and to find its old content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Change {
    /// The path as the model knows it, such as `/work/Reports/a.csv`.
    pub path: String,
    /// What happened to it.
    pub kind: ChangeKind,
    /// Digest of the content before; none for a new file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Digest>,
    /// Digest of the content after; none for a deleted file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Digest>,
    /// Number of its entry in the task's journal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<u64>,
}

/// What happened to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// It did not exist before.
    Made,
    /// Its content changed.
    Changed,
    /// It is gone.
    Deleted,
}

/// A produced file, presented to the user as a card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct FileCard {
    /// The path as the model knows it, such as `/outputs/report.md`.
    pub path: String,
    /// The model's short title for it; may be empty.
    pub title: String,
    /// Size in bytes.
    pub bytes: u64,
    /// Media type guessed from the name, such as `text/markdown`.
    pub media: String,
}
