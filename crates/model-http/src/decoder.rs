//! What the two dialects' decoders share: their input, their result, and call ids that are missing or repeated.

use std::collections::VecDeque;

use event::{CallId, Json, Reply, ToolCall};
use model::{Chunk, ModelError};

use crate::anthropic::AnthropicDecoder;
use crate::conversation::KnownIds;
use crate::endpoint::Endpoint;
use crate::failure::{Blame, Said};
use crate::openai::OpenAiDecoder;

/// The largest reply: text, reasoning and inputs together.
const LARGEST_REPLY: usize = 100 * 1024 * 1024;
/// The most blocks of a reply, so that a flood of empty ones is bounded too, in memory and in time to find one.
const MOST_BLOCKS: usize = 10_000;

/// Why a reply cannot be read on.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The provider sent an error.
    Said(Said),
    /// What came makes no sense.
    Garbled(&'static str),
    /// More came than fits.
    TooLarge,
}

impl Trouble {
    /// The failure as the engine wants it.
    pub(crate) fn error(&self, blame: Blame<'_>) -> ModelError {
        match self {
            Self::Said(said) => blame.event(said),
            Self::Garbled(what) => blame.cut(&format!("makes no sense: {what}")),
            Self::TooLarge => blame.too_large("is larger than 100 MB or has more than 10000 parts"),
        }
    }
}

/// What one event led to.
#[derive(Debug, PartialEq)]
pub(crate) enum Progress {
    /// The reply goes on.
    More,
    /// The reply is whole.
    Complete(Box<Reply>),
}

/// Reads one reply of either dialect.
pub(crate) enum Decoder {
    Anthropic(Box<AnthropicDecoder>),
    OpenAi(Box<OpenAiDecoder>),
}

impl Decoder {
    /// A decoder for a reply of this endpoint.
    pub(crate) fn new(endpoint: &Endpoint, model: &str, ids: Ids) -> Self {
        match &endpoint.dialect {
            crate::Dialect::Anthropic(_) => Self::Anthropic(Box::new(AnthropicDecoder::new(model, ids))),
            crate::Dialect::OpenAi(settings) => {
                Self::OpenAi(Box::new(OpenAiDecoder::new(model, ids, settings.quirks.think_tags)))
            }
        }
    }

    /// Reads the data of one event.
    pub(crate) fn event(&mut self, data: &[u8], out: &mut VecDeque<Chunk>) -> Result<Progress, Trouble> {
        // An empty event is a sign of life at most.
        if data.trim_ascii().is_empty() {
            return Ok(Progress::More);
        }
        match self {
            Self::Anthropic(decoder) => decoder.event(data, out),
            Self::OpenAi(decoder) => decoder.event(data, out),
        }
    }

    /// The body ended properly. Gives the reply if that makes it whole.
    pub(crate) fn end(&mut self, out: &mut VecDeque<Chunk>) -> Result<Option<Box<Reply>>, Trouble> {
        match self {
            Self::Anthropic(_) => Ok(None),
            Self::OpenAi(decoder) => decoder.end(out),
        }
    }
}

/// Counts what a reply holds.
#[derive(Debug, Default)]
pub(crate) struct Size {
    bytes: usize,
    blocks: usize,
}

impl Size {
    /// Adds bytes.
    pub(crate) fn add(&mut self, bytes: usize) -> Result<(), Trouble> {
        self.bytes = self.bytes.saturating_add(bytes);
        if self.bytes > LARGEST_REPLY { Err(Trouble::TooLarge) } else { Ok(()) }
    }

    /// Adds a block, or another part that is kept apart.
    pub(crate) fn add_block(&mut self, bytes: usize) -> Result<(), Trouble> {
        self.blocks += 1;
        if self.blocks > MOST_BLOCKS { Err(Trouble::TooLarge) } else { self.add(bytes) }
    }
}

/// Gives every call of a reply an id that is unique within the task.
#[derive(Debug)]
pub(crate) struct Ids {
    step: u32,
    count: u32,
    known: KnownIds,
    given: Vec<String>,
}

impl Ids {
    /// Ids for the reply of this step.
    pub(crate) fn new(step: u32, known: KnownIds) -> Self {
        Self { step, count: 0, known, given: Vec::new() }
    }

    /// The id of the next call: the provider's, or ours where the provider gives none or one that was used before.
    pub(crate) fn next(&mut self, offered: Option<String>) -> String {
        self.count += 1;
        let usable = offered.filter(|id| !id.is_empty() && !self.known.contains(id) && !self.given.contains(id));
        let id = usable.unwrap_or_else(|| self.own());
        self.given.push(id.clone());
        id
    }

    fn own(&self) -> String {
        let mut number = self.count;
        loop {
            let id = format!("call_{}_{number}", self.step);
            if !self.known.contains(&id) && !self.given.contains(&id) {
                return id;
            }
            number += 1;
        }
    }
}

/// A tool's input: JSON as it came, or a JSON string around text that is no JSON. Empty text is the empty object.
pub(crate) fn input_of(text: &str) -> Json {
    if text.trim().is_empty() {
        return Json::empty_object();
    }
    Json::parse(text).or_else(|_| Json::of(&text)).unwrap_or_else(|_| Json::empty_object())
}

/// Whether a call's input can be sent as an object; malformed inputs are JSON strings.
pub(crate) fn is_object_input(call: &ToolCall) -> bool {
    crate::json_text::is_object(call.input.as_str())
}

/// A call without a provider's block.
pub(crate) fn plain_call(id: String, tool: String, input: Json) -> ToolCall {
    ToolCall { id: CallId(id), tool, input, wire: None }
}
