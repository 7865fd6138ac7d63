//! The OpenAI Chat Completions dialect: how a conversation is written and a streamed reply is read.
//!
//! Source: the provider's API reference for `POST /v1/chat/completions` and the types of its official SDK; what other
//! servers do differently is in `quirks`. Headers and addresses are `client`'s.

mod call;
mod decode;
mod encode;
mod frame;

pub(crate) use decode::OpenAiDecoder;
pub(crate) use encode::{OpenAiEncoder, write_head};
