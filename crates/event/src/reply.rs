//! A model's reply, provider-neutral where it can be and byte-faithful where it must be.

use serde::{Deserialize, Serialize};

use crate::{CallId, Json, Usage};

/// One finished model reply.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Reply {
    /// The blocks in the order the model gave them.
    pub blocks: Vec<Block>,
    /// Why the model stopped.
    pub stop: Stop,
    /// Tokens read and written.
    pub usage: Usage,
    /// The model that answered, as the provider names it.
    pub model: String,
    /// The wire dialect the `wire` fields are written in, such as `anthropic`.
    pub dialect: String,
}

impl Reply {
    /// The tool calls in order.
    pub fn calls(&self) -> impl Iterator<Item = &ToolCall> {
        self.blocks.iter().filter_map(|block| match block {
            Block::ToolCall(call) => Some(call),
            Block::Text(_) | Block::Thinking(_) | Block::Opaque(_) => None,
        })
    }

    /// All text of the reply, blocks joined by a blank line.
    pub fn text(&self) -> String {
        let texts: Vec<&str> = self
            .blocks
            .iter()
            .filter_map(|block| match block {
                Block::Text(text) if !text.text.is_empty() => Some(text.text.as_str()),
                Block::Text(_) | Block::Thinking(_) | Block::ToolCall(_) | Block::Opaque(_) => None,
            })
            .collect();
        texts.join("\n\n")
    }
}

/// One block of a reply.
///
/// `wire` holds the provider's exact block wherever the neutral fields would lose something; it is sent back
/// byte for byte to a model of the same dialect and ignored by others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "type", content = "data", rename_all = "snake_case")]
pub enum Block {
    /// Text for the user.
    Text(TextBlock),
    /// The model's reasoning, kept because some providers demand it back.
    Thinking(ThinkingBlock),
    /// A tool call.
    ToolCall(ToolCall),
    /// A block only the provider understands.
    Opaque(OpaqueBlock),
}

/// Text for the user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct TextBlock {
    /// The text, Markdown.
    pub text: String,
    /// The provider's exact block, if it says more than the text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wire: Option<Json>,
}

/// The model's reasoning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ThinkingBlock {
    /// What may be shown of it; may be empty.
    pub text: String,
    /// The provider's exact block, signature included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wire: Option<Json>,
}

/// A tool call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ToolCall {
    /// Unique within the task.
    pub id: CallId,
    /// The tool's name.
    pub tool: String,
    /// The input as the model wrote it. Where the model's text was not JSON, a JSON string holding that text.
    pub input: Json,
    /// The provider's exact block, if it says more than the other fields.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wire: Option<Json>,
}

/// A block of a kind Deskhand does not know; kept and sent back untouched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct OpaqueBlock {
    /// The provider's name for the kind.
    pub kind: String,
    /// The exact block.
    pub wire: Json,
}

/// Why a model stopped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "type", content = "data", rename_all = "snake_case")]
pub enum Stop {
    /// It has said what it wanted to say.
    Finished,
    /// It asked for tools.
    Tools,
    /// It hit its output limit; the last block may be cut.
    OutputLimit,
    /// The provider paused a server-side tool: send the conversation again unchanged.
    ProviderPause,
    /// The model or provider refused.
    Refused,
    /// The conversation no longer fits the model's context.
    ContextFull,
    /// Anything else, in the provider's words.
    Other(String),
}
