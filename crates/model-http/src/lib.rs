//! Models behind HTTP: the Anthropic Messages and OpenAI Chat Completions dialects over one lean client.
//!
//! Lives here: settings of an endpoint, encoding of a conversation, decoding of streamed replies, and the mapping of
//! failures to `model::ErrorKind`. Does not live here: retries and compaction (`engine`), configuration files and key
//! storage (`app`), Scripts (`model-script`).

mod anthropic;
mod body;
mod client;
mod conversation;
mod decoder;
mod dialect;
mod endpoint;
mod failure;
mod history;
mod json_text;
mod offers;
mod openai;
mod provider;
mod quirks;
mod raw_object;
mod reply_stream;
mod sse;
mod think;

pub use dialect::{AnthropicSettings, ApiVersion, CacheStyle, Dialect, OpenAiSettings, Thinking};
pub use endpoint::{Auth, Endpoint, Secret};
pub use provider::Provider;
pub use quirks::{MaxTokensField, Quirks, SystemRole};

#[cfg(test)]
mod decoder_tests;
#[cfg(test)]
mod failure_tests;
#[cfg(test)]
mod history_tests;
#[cfg(test)]
mod raw_object_tests;
#[cfg(test)]
mod sse_tests;
#[cfg(test)]
mod think_tests;
