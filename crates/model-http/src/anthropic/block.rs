//! One block of a streamed reply: how it began, what was added, and what is kept of it at the end.

use event::{Block, CallId, OpaqueBlock, TextBlock, ThinkingBlock, ToolCall};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::decoder::{Ids, Trouble, input_of, plain_call};
use crate::raw_object::RawObject;

/// A block being received. What the provider began it with is kept byte for byte; only what deltas fill is replaced.
#[derive(Debug)]
pub(crate) struct OpenBlock {
    pub(crate) index: u64,
    pub(crate) kind: String,
    start: RawObject,
    text: Option<String>,
    thinking: Option<String>,
    signature: Option<String>,
    input: String,
    citations: Vec<String>,
}

impl OpenBlock {
    /// A block as `content_block_start` shows it. A tool call without a usable id gets one.
    pub(crate) fn begin(index: u64, raw: &str, ids: &mut Ids) -> Result<Self, Trouble> {
        let mut start = RawObject::parse(raw).map_err(|_| Trouble::Garbled("a block is not an object"))?;
        let kind = start.text("type").ok_or(Trouble::Garbled("a block does not say its type"))?;
        if kind == "tool_use" {
            let offered = start.text("id");
            let id = ids.next(offered.clone());
            if offered.as_ref() != Some(&id) {
                start.set_text("id", &id);
            }
        }
        Ok(Self {
            index,
            kind,
            start,
            text: None,
            thinking: None,
            signature: None,
            input: String::new(),
            citations: Vec::new(),
        })
    }

    /// Text or reasoning the block began with; normally none.
    pub(crate) fn initial(&self, key: &str) -> String {
        self.start.text(key).unwrap_or_default()
    }

    /// The tool's name, for blocks that have one.
    pub(crate) fn tool(&self) -> String {
        self.initial("name")
    }

    pub(crate) fn add_text(&mut self, more: &str) {
        let start = &self.start;
        self.text.get_or_insert_with(|| start.text("text").unwrap_or_default()).push_str(more);
    }

    pub(crate) fn add_thinking(&mut self, more: &str) {
        let start = &self.start;
        self.thinking.get_or_insert_with(|| start.text("thinking").unwrap_or_default()).push_str(more);
    }

    pub(crate) fn sign(&mut self, signature: &str) {
        self.signature = Some(signature.to_owned());
    }

    pub(crate) fn add_input(&mut self, more: &str) {
        self.input.push_str(more);
    }

    pub(crate) fn cite(&mut self, citation: &str) {
        self.citations.push(citation.to_owned());
    }

    /// The finished block; none for empty text, which providers refuse to take back.
    pub(crate) fn finish(mut self) -> Result<Option<Block>, Trouble> {
        match self.kind.as_str() {
            "text" => {
                let bare = self.citations.is_empty() && self.raw_list("citations").is_empty();
                let neutral: &[&str] = if bare { &["type", "text", "citations"] } else { &["type", "text"] };
                let plain = bare && !self.start.has_more_than(neutral);
                let text = self.text.clone().unwrap_or_else(|| self.initial("text"));
                if plain {
                    return Ok((!text.is_empty()).then_some(Block::Text(TextBlock { text, wire: None })));
                }
                Ok(Some(Block::Text(TextBlock { text, wire: Some(self.wire()?) })))
            }
            "thinking" => {
                let text = self.thinking.clone().unwrap_or_else(|| self.initial("thinking"));
                let plain = self.signature.is_none() && !self.start.has_more_than(&["type", "thinking"]);
                let wire = if plain { None } else { Some(self.wire()?) };
                Ok(Some(Block::Thinking(ThinkingBlock { text, wire })))
            }
            "tool_use" => {
                let input = if self.input.is_empty() {
                    input_of(self.start.raw("input").unwrap_or_default())
                } else {
                    input_of(&self.input)
                };
                let call = plain_call(self.initial("id"), self.tool(), input);
                if !self.start.has_more_than(&["type", "id", "name", "input"]) {
                    return Ok(Some(Block::ToolCall(call)));
                }
                let wire = Some(self.wire()?);
                Ok(Some(Block::ToolCall(ToolCall { id: CallId(call.id.0), wire, ..call })))
            }
            _ => Ok(Some(Block::Opaque(OpaqueBlock { wire: self.wire()?, kind: self.kind }))),
        }
    }

    /// The provider's block with the deltas filled in.
    fn wire(&mut self) -> Result<event::Json, Trouble> {
        if let Some(text) = self.text.take() {
            self.start.set_text("text", &text);
        }
        if let Some(thinking) = self.thinking.take() {
            self.start.set_text("thinking", &thinking);
        }
        if let Some(signature) = self.signature.take() {
            self.start.set_text("signature", &signature);
        }
        if !self.input.is_empty() {
            // A cut input is no JSON; the interface wants an object back.
            let whole = serde_json::from_str::<&RawValue>(&self.input).is_ok_and(|raw| raw.get().starts_with('{'));
            self.start.set("input", if whole { std::mem::take(&mut self.input) } else { "{}".to_owned() });
        }
        if !self.citations.is_empty() {
            let mut all = self.raw_list("citations");
            all.append(&mut self.citations);
            self.start.set("citations", format!("[{}]", all.join(",")));
        }
        self.start.to_json().map_err(|_| Trouble::Garbled("a block is not JSON"))
    }

    /// The raw items of a list the block began with.
    fn raw_list(&self, key: &str) -> Vec<String> {
        let list = self.start.raw(key).and_then(|raw| Vec::<&RawValue>::deserialize(&mut reader(raw)).ok());
        list.unwrap_or_default().into_iter().map(|raw| raw.get().to_owned()).collect()
    }
}

fn reader(text: &str) -> serde_json::Deserializer<serde_json::de::StrRead<'_>> {
    serde_json::Deserializer::from_str(text)
}
