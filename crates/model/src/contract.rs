//! The traits of models and what travels through them.

use std::sync::Arc;

use event::{CallId, Json, ModelRef, Reply};
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use serde::{Deserialize, Serialize};

use crate::ModelError;

/// Everything before the first message. Fixed for the life of a conversation, so that the prompt's prefix stays the
/// same byte for byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setup {
    /// The system prompt.
    pub system: String,
    /// The tools, sorted by name.
    pub tools: Vec<ToolSchema>,
}

/// A tool as the model sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToolSchema {
    /// Its name.
    pub name: String,
    /// What it does and when to use it.
    pub description: String,
    /// JSON Schema of its input.
    pub input: Json,
}

/// One message of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// From the user (or framed by Deskhand in the user's place).
    User(Vec<Content>),
    /// From the model.
    Reply(Arc<Reply>),
    /// Results of all calls of the reply before, in the order of the calls, and whatever the user said meanwhile.
    Results(Vec<ToolResult>, Vec<Content>),
}

/// A piece of content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Text, already framed.
    Text(String),
    /// A picture.
    Image {
        /// Media type, such as `image/png`.
        media: String,
        /// Its bytes.
        bytes: Arc<[u8]>,
    },
}

/// The result of one call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToolResult {
    /// The call.
    pub call: CallId,
    /// What the model gets to see.
    pub content: Vec<Content>,
    /// Whether the call failed.
    pub failed: bool,
}

/// What may differ from one reply to the next.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ask {
    /// The step's number, for logs and Scripts.
    pub step: u32,
    /// An instruction for this reply only, put after the history and not kept: used to ask for a summary.
    pub aside: Option<String>,
    /// How hard to try, in the provider's words; none leaves it to the provider's settings.
    pub effort: Option<String>,
}

/// A piece of a reply under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chunk {
    /// More text.
    Text(String),
    /// More reasoning.
    Thinking(String),
    /// A tool call begins.
    CallBegun {
        /// The tool's name.
        tool: String,
    },
    /// The whole reply; always the last chunk. A stream that ends without it was cut.
    Done(Box<Reply>),
}

/// A reply under way. Dropping it cancels the request.
pub type ReplyStream = BoxStream<'static, Result<Chunk, ModelError>>;

/// What is known of a model before it is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// The model, as the user names it.
    pub name: ModelRef,
    /// How many tokens fit, where known.
    pub context_tokens: Option<u64>,
    /// The wire dialect, such as `anthropic`.
    pub dialect: &'static str,
}

/// A model that can be talked to.
pub trait Model: Send + Sync {
    /// What is known of it.
    fn profile(&self) -> &Profile;

    /// Starts an empty conversation.
    fn begin(&self, setup: Arc<Setup>) -> Box<dyn Conversation>;
}

/// A conversation with one model: an encoded history that only grows.
pub trait Conversation: Send {
    /// Encodes a message and appends it. Encoding happens once; asking copies nothing of the history.
    fn push(&mut self, message: &Message);

    /// Bytes the next request will have.
    fn request_bytes(&self) -> usize;

    /// Sends the conversation and streams the reply. The reply is not appended: push it when it is stored.
    fn ask(&self, ask: &Ask) -> ReplyStream;
}

/// A provider and what it offers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// The provider's name.
    pub provider: String,
    /// Its models; empty where it could not be asked.
    pub models: Vec<ModelInfo>,
    /// Why it cannot be used now, if so.
    pub unavailable: Option<String>,
}

/// A model on offer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelInfo {
    /// The name to run it with.
    pub name: ModelRef,
    /// The provider's name for people; may equal the id.
    pub title: String,
    /// How hard it can be told to try, weakest first; empty where it cannot, or nobody knows.
    #[serde(default)]
    pub efforts: Vec<String>,
}

/// All models this installation can reach.
pub trait Models: Send + Sync {
    /// Finds a model by name. Does no network input or output.
    fn find(&self, name: &ModelRef) -> Result<Arc<dyn Model>, ModelError>;

    /// The model to use where none is named; asks providers where nothing is configured.
    fn default_model(&self) -> BoxFuture<'_, Result<ModelRef, ModelError>>;

    /// Asks every provider what it offers.
    fn offers(&self) -> BoxFuture<'_, Vec<Offer>>;
}
