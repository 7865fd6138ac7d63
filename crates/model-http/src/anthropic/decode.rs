//! Reading a streamed Anthropic Messages reply, event by event.

use std::borrow::Cow;
use std::collections::VecDeque;

use event::{Block, Reply, Stop, Usage};
use model::Chunk;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::block::OpenBlock;
use crate::decoder::{Ids, Progress, Size, Trouble};
use crate::dialect::ANTHROPIC;
use crate::failure::Said;

/// Text that is borrowed from the event where it has no escapes.
#[derive(Deserialize)]
#[serde(transparent)]
struct Str<'a>(#[serde(borrow)] Cow<'a, str>);

#[derive(Deserialize)]
struct Frame<'a> {
    #[serde(borrow, rename = "type", default)]
    kind: Option<Str<'a>>,
    #[serde(default)]
    index: Option<u64>,
    #[serde(borrow, default)]
    delta: Option<Delta<'a>>,
    #[serde(borrow, default)]
    content_block: Option<&'a RawValue>,
    #[serde(borrow, default)]
    message: Option<&'a RawValue>,
    #[serde(default)]
    usage: Option<WireUsage>,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Delta<'a> {
    #[serde(borrow, rename = "type", default)]
    kind: Option<Str<'a>>,
    #[serde(borrow, default)]
    text: Option<Str<'a>>,
    #[serde(borrow, default)]
    partial_json: Option<Str<'a>>,
    #[serde(borrow, default)]
    thinking: Option<Str<'a>>,
    #[serde(borrow, default)]
    signature: Option<Str<'a>>,
    #[serde(borrow, default)]
    citation: Option<&'a RawValue>,
    #[serde(borrow, default)]
    stop_reason: Option<Str<'a>>,
}

/// Only the names, for events whose other fields have unexpected shapes.
#[derive(Deserialize)]
struct Names {
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    delta: Option<DeltaName>,
}

#[derive(Deserialize)]
struct DeltaName {
    #[serde(rename = "type", default)]
    kind: String,
}

#[derive(Deserialize)]
struct Start<'a> {
    #[serde(borrow, default)]
    model: Option<Str<'a>>,
    #[serde(default)]
    usage: Option<WireUsage>,
}

#[derive(Deserialize, Default)]
struct WireUsage {
    #[serde(default)]
    input_tokens: Option<u64>,
    #[serde(default)]
    output_tokens: Option<u64>,
    #[serde(default)]
    cache_read_input_tokens: Option<u64>,
    #[serde(default)]
    cache_creation_input_tokens: Option<u64>,
}

/// Events that matter; all others are ignored, as the interface asks clients to do.
const KNOWN_EVENTS: [&str; 6] =
    ["message_start", "content_block_start", "content_block_delta", "message_delta", "message_stop", "error"];
/// Deltas that matter.
const KNOWN_DELTAS: [&str; 6] =
    ["", "text_delta", "input_json_delta", "citations_delta", "thinking_delta", "signature_delta"];

/// Reads one reply.
pub(crate) struct AnthropicDecoder {
    ids: Ids,
    model: String,
    begun: bool,
    blocks: Vec<OpenBlock>,
    stop: Option<String>,
    usage: Usage,
    size: Size,
}

impl AnthropicDecoder {
    /// A decoder for one reply of this model.
    pub(crate) fn new(model: &str, ids: Ids) -> Self {
        Self {
            ids,
            model: model.to_owned(),
            begun: false,
            blocks: Vec::new(),
            stop: None,
            usage: Usage::default(),
            size: Size::default(),
        }
    }

    /// Reads the data of one event.
    pub(crate) fn event(&mut self, data: &[u8], out: &mut VecDeque<Chunk>) -> Result<Progress, Trouble> {
        let frame: Frame<'_> = match serde_json::from_slice(data) {
            Ok(frame) => frame,
            Err(_) if may_be_ignored(data) => return Ok(Progress::More),
            Err(_) => return Err(Trouble::Garbled("an event is not JSON of the expected shape")),
        };
        let kind = frame.kind.as_ref().map_or("", |kind| &kind.0);
        match kind {
            "content_block_delta" => self.delta(frame, out)?,
            "content_block_start" => self.block(&frame, out)?,
            "message_start" => self.start(&frame),
            "message_delta" => {
                if let Some(reason) = frame.delta.and_then(|delta| delta.stop_reason) {
                    self.stop = Some(reason.0.into_owned());
                }
                self.count(frame.usage.unwrap_or_default());
            }
            "message_stop" if !self.begun => return Err(Trouble::Garbled("it ended before it began")),
            "message_stop" => return Ok(Progress::Complete(Box::new(self.reply()?))),
            "error" => return Err(said(data)),
            // Gateways send errors of their own without a type.
            "" if frame.error.is_some() => return Err(said(data)),
            _ => {}
        }
        Ok(Progress::More)
    }

    fn start(&mut self, frame: &Frame<'_>) {
        self.begun = true;
        let start = frame.message.and_then(|raw| serde_json::from_str::<Start<'_>>(raw.get()).ok());
        let Some(start) = start else { return };
        if let Some(model) = start.model {
            self.model = model.0.into_owned();
        }
        self.count(start.usage.unwrap_or_default());
    }

    fn block(&mut self, frame: &Frame<'_>, out: &mut VecDeque<Chunk>) -> Result<(), Trouble> {
        let (Some(index), Some(raw)) = (frame.index, frame.content_block) else {
            return Err(Trouble::Garbled("a block begins without its index or content"));
        };
        if self.blocks.iter().any(|block| block.index == index) {
            return Err(Trouble::Garbled("a block begins twice"));
        }
        self.size.add_block(raw.get().len())?;
        let block = OpenBlock::begin(index, raw.get(), &mut self.ids)?;
        match block.kind.as_str() {
            "tool_use" => out.push_back(Chunk::CallBegun { tool: block.tool() }),
            "text" => give(block.initial("text"), Chunk::Text, out),
            "thinking" => give(block.initial("thinking"), Chunk::Thinking, out),
            _ => {}
        }
        self.blocks.push(block);
        Ok(())
    }

    fn delta(&mut self, frame: Frame<'_>, out: &mut VecDeque<Chunk>) -> Result<(), Trouble> {
        let Some(delta) = frame.delta else { return Err(Trouble::Garbled("a delta is empty")) };
        // The block under way is nearly always the last one.
        let block = self.blocks.iter_mut().rev().find(|block| Some(block.index) == frame.index);
        let Some(block) = block else { return Err(Trouble::Garbled("a delta belongs to no block")) };
        let visible = block.kind == "text" || block.kind == "thinking";
        match delta.kind.as_ref().map_or("", |kind| &kind.0) {
            "text_delta" => {
                let text = delta.text.map(|text| text.0).unwrap_or_default();
                self.size.add(text.len())?;
                block.add_text(&text);
                if visible {
                    give(text.into_owned(), Chunk::Text, out);
                }
            }
            "thinking_delta" => {
                let text = delta.thinking.map(|text| text.0).unwrap_or_default();
                self.size.add(text.len())?;
                block.add_thinking(&text);
                if visible {
                    give(text.into_owned(), Chunk::Thinking, out);
                }
            }
            "input_json_delta" => {
                let more = delta.partial_json.map(|text| text.0).unwrap_or_default();
                self.size.add(more.len())?;
                block.add_input(&more);
            }
            "signature_delta" => {
                let signature = delta.signature.map(|text| text.0).unwrap_or_default();
                self.size.add(signature.len())?;
                block.sign(&signature);
            }
            "citations_delta" => {
                if let Some(citation) = delta.citation {
                    self.size.add_block(citation.get().len())?;
                    block.cite(citation.get());
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Counts are running totals; a later one replaces an earlier one.
    fn count(&mut self, usage: WireUsage) {
        let pairs = [
            (&mut self.usage.input, usage.input_tokens),
            (&mut self.usage.output, usage.output_tokens),
            (&mut self.usage.cache_read, usage.cache_read_input_tokens),
            (&mut self.usage.cache_write, usage.cache_creation_input_tokens),
        ];
        for (total, count) in pairs {
            if let Some(count) = count {
                *total = count;
            }
        }
    }

    fn reply(&mut self) -> Result<Reply, Trouble> {
        let mut blocks = Vec::with_capacity(self.blocks.len());
        for block in std::mem::take(&mut self.blocks) {
            blocks.extend(block.finish()?);
        }
        let has_calls = blocks.iter().any(|block| matches!(block, Block::ToolCall(_)));
        Ok(Reply {
            stop: stop_of(self.stop.take().as_deref(), has_calls),
            blocks,
            usage: self.usage,
            model: std::mem::take(&mut self.model),
            dialect: ANTHROPIC.to_owned(),
        })
    }
}

fn stop_of(reason: Option<&str>, has_calls: bool) -> Stop {
    match reason {
        // Compatible servers sometimes say the turn is over although they ask for tools.
        None | Some("end_turn" | "stop_sequence" | "tool_use") if has_calls => Stop::Tools,
        None | Some("end_turn" | "stop_sequence" | "tool_use") => Stop::Finished,
        Some("max_tokens") => Stop::OutputLimit,
        Some("pause_turn") => Stop::ProviderPause,
        Some("refusal") => Stop::Refused,
        Some("model_context_window_exceeded") => Stop::ContextFull,
        Some(other) => Stop::Other(other.to_owned()),
    }
}

fn give(text: String, chunk: fn(String) -> Chunk, out: &mut VecDeque<Chunk>) {
    if !text.is_empty() {
        out.push_back(chunk(text));
    }
}

fn said(data: &[u8]) -> Trouble {
    Trouble::Said(Said::parse(data))
}

/// Whether an event that could not be read is of a kind that does not matter.
fn may_be_ignored(data: &[u8]) -> bool {
    let Ok(names) = serde_json::from_slice::<Names>(data) else { return false };
    let delta_matters = names.delta.is_none_or(|delta| KNOWN_DELTAS.contains(&delta.kind.as_str()));
    !KNOWN_EVENTS.contains(&names.kind.as_str()) || (names.kind == "content_block_delta" && !delta_matters)
}
