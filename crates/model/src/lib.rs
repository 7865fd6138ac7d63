//! The contract of a model: a conversation that is encoded once, only grows, and streams its replies.
//!
//! Lives here: the traits, the provider-neutral messages and the errors. Does not live here: wire formats
//! (`model-http`), Scripts (`model-script`), the system prompt (`engine`).

mod contract;
mod error;

pub use contract::{
    Ask, Chunk, Content, Conversation, Message, Model, ModelInfo, Models, Offer, Profile, ReplyStream, Setup,
    ToolResult, ToolSchema,
};
pub use error::{ErrorKind, ModelError};
