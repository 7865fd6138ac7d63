//! The Anthropic Messages dialect: how a conversation is written and a streamed reply is read.
//!
//! Source: the provider's API reference for `POST /v1/messages` (versions 2023-06-01 and 2026-10-21) and the types of
//! its official SDK. Headers and addresses are `client`'s.

mod block;
mod decode;
mod encode;

pub(crate) use decode::AnthropicDecoder;
pub(crate) use encode::{AnthropicEncoder, write_head};
