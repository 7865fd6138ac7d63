//! Reading a streamed OpenAI Chat Completions reply, chunk by chunk.

use std::collections::VecDeque;

use event::{Block, Reply, Stop, TextBlock, ThinkingBlock, Usage};
use model::Chunk;
use serde_json::Value;

use super::call::Calls;
use super::frame::{Delta, Frame, Lenient};
use crate::decoder::{Ids, Progress, Size, Trouble};
use crate::dialect::OPENAI;
use crate::failure::Said;
use crate::think::{Piece, ThinkSorter};

/// Reads one reply.
pub(crate) struct OpenAiDecoder {
    ids: Ids,
    model: String,
    sorter: Option<ThinkSorter>,
    text: String,
    thinking: String,
    calls: Calls,
    finish: Option<String>,
    refused: bool,
    usage: Usage,
    size: Size,
    begun: bool,
}

impl OpenAiDecoder {
    /// A decoder for one reply of this model.
    pub(crate) fn new(model: &str, ids: Ids, think_tags: bool) -> Self {
        Self {
            ids,
            model: model.to_owned(),
            sorter: think_tags.then(ThinkSorter::new),
            text: String::new(),
            thinking: String::new(),
            calls: Calls::default(),
            finish: None,
            refused: false,
            usage: Usage::default(),
            size: Size::default(),
            begun: false,
        }
    }

    /// Reads the data of one event.
    pub(crate) fn event(&mut self, data: &[u8], out: &mut VecDeque<Chunk>) -> Result<Progress, Trouble> {
        if data.trim_ascii() == b"[DONE]" {
            return match self.whole(out)? {
                Some(reply) => Ok(Progress::Complete(reply)),
                None => Err(Trouble::Garbled("it is done before it began")),
            };
        }
        let Ok(frame) = serde_json::from_slice::<Frame<'_>>(data) else { return self.lenient(data, out) };
        let failed = frame.error.is_some_and(|error| error.get() != "null");
        if failed || frame.object.is_some_and(|object| object.0 == "error") {
            return Err(Trouble::Said(Said::parse(data)));
        }
        if let Some(model) = frame.model.filter(|model| !model.0.is_empty() && *model.0 != *self.model) {
            self.model = model.0.into_owned();
        }
        if let Some(usage) = frame.usage {
            self.usage = usage.usage();
        }
        let Some(choice) = frame.choices.and_then(|choices| choices.0) else { return Ok(Progress::More) };
        self.begun = true;
        if let Some(delta) = choice.delta {
            self.delta(delta, out)?;
        }
        // Some servers put an empty reason into every chunk.
        if let Some(reason) = choice.finish_reason.filter(|reason| !reason.0.is_empty()) {
            self.finish = Some(reason.0.into_owned());
        }
        Ok(Progress::More)
    }

    /// The body ended properly: the reply is whole if the model said why it stopped.
    pub(crate) fn end(&mut self, out: &mut VecDeque<Chunk>) -> Result<Option<Box<Reply>>, Trouble> {
        if self.finish.is_some() { self.whole(out) } else { Ok(None) }
    }

    fn delta(&mut self, delta: Delta<'_>, out: &mut VecDeque<Chunk>) -> Result<(), Trouble> {
        if let Some(reasoning) = delta.reasoning_content.or(delta.reasoning) {
            self.size.add(reasoning.0.len())?;
            self.think(reasoning.0.into_owned(), out);
        }
        if let Some(text) = delta.content {
            self.content(&text.0, out)?;
        }
        if let Some(refusal) = delta.refusal.filter(|refusal| !refusal.0.is_empty()) {
            self.refused = true;
            self.content(&refusal.0, out)?;
        }
        for call in delta.tool_calls.unwrap_or_default() {
            self.call(call.get(), out)?;
        }
        Ok(())
    }

    /// Reads a chunk that has not the usual shape.
    fn lenient(&mut self, data: &[u8], out: &mut VecDeque<Chunk>) -> Result<Progress, Trouble> {
        let found = Lenient::parse(data).ok_or(Trouble::Garbled("an event is not JSON"))?;
        let failed = serde_json::from_slice::<Value>(data).is_ok_and(|value| value.get("error").is_some());
        if failed {
            return Err(Trouble::Said(Said::parse(data)));
        }
        self.begun = true;
        self.size.add(found.reasoning.len())?;
        self.think(found.reasoning, out);
        self.content(&found.text, out)?;
        for call in &found.calls {
            self.call(call, out)?;
        }
        self.finish = found.finish.filter(|reason| !reason.is_empty()).or(self.finish.take());
        Ok(Progress::More)
    }

    fn call(&mut self, raw: &str, out: &mut VecDeque<Chunk>) -> Result<(), Trouble> {
        let begun = self.calls.add(raw, &mut self.size)?;
        out.extend(begun.map(|tool| Chunk::CallBegun { tool }));
        Ok(())
    }

    fn content(&mut self, text: &str, out: &mut VecDeque<Chunk>) -> Result<(), Trouble> {
        self.size.add(text.len())?;
        let Some(sorter) = &mut self.sorter else {
            self.say(text.to_owned(), out);
            return Ok(());
        };
        let mut pieces = Vec::new();
        sorter.push(text, &mut pieces);
        self.sorted(pieces, out);
        Ok(())
    }

    fn sorted(&mut self, pieces: Vec<Piece>, out: &mut VecDeque<Chunk>) {
        for piece in pieces {
            match piece {
                Piece::Text(text) => self.say(text, out),
                Piece::Thinking(text) => self.think(text, out),
            }
        }
    }

    fn say(&mut self, text: String, out: &mut VecDeque<Chunk>) {
        if !text.is_empty() {
            self.text.push_str(&text);
            out.push_back(Chunk::Text(text));
        }
    }

    fn think(&mut self, text: String, out: &mut VecDeque<Chunk>) {
        if !text.is_empty() {
            self.thinking.push_str(&text);
            out.push_back(Chunk::Thinking(text));
        }
    }

    /// The whole reply; none where nothing ever came.
    fn whole(&mut self, out: &mut VecDeque<Chunk>) -> Result<Option<Box<Reply>>, Trouble> {
        if !self.begun {
            return Ok(None);
        }
        // A server that says it is done without saying why may have been interrupted within a call.
        if self.finish.is_none() && !self.calls.are_whole() {
            return Err(Trouble::Garbled("it ended within a tool call"));
        }
        if let Some(mut sorter) = self.sorter.take() {
            let mut pieces = Vec::new();
            sorter.finish(&mut pieces);
            self.sorted(pieces, out);
        }
        let has_calls = !self.calls.is_empty();
        let mut blocks = Vec::new();
        let thinking = std::mem::take(&mut self.thinking);
        if !thinking.is_empty() {
            blocks.push(Block::Thinking(ThinkingBlock { text: thinking, wire: None }));
        }
        let text = std::mem::take(&mut self.text);
        if !text.is_empty() {
            blocks.push(Block::Text(TextBlock { text, wire: None }));
        }
        blocks.extend(std::mem::take(&mut self.calls).finish(&mut self.ids));
        Ok(Some(Box::new(Reply {
            blocks,
            stop: stop_of(self.finish.take().as_deref(), has_calls, self.refused),
            usage: self.usage,
            model: std::mem::take(&mut self.model),
            dialect: OPENAI.to_owned(),
        })))
    }
}

fn stop_of(reason: Option<&str>, has_calls: bool, refused: bool) -> Stop {
    match reason {
        // Several servers say `stop` although they ask for tools.
        None | Some("stop" | "tool_calls" | "function_call" | "eos") if has_calls => Stop::Tools,
        None | Some("stop" | "tool_calls" | "function_call" | "eos") if refused => Stop::Refused,
        None | Some("stop" | "tool_calls" | "function_call" | "eos") => Stop::Finished,
        Some("length") => Stop::OutputLimit,
        Some("content_filter") => Stop::Refused,
        Some(other) => Stop::Other(other.to_owned()),
    }
}
