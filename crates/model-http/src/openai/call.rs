//! Tool calls of a streamed reply, put together from pieces that servers number, name and identify as they like.

use event::{Block, CallId, ToolCall};
use serde_json::value::RawValue;

use super::encode::function;
use crate::decoder::{Ids, Size, Trouble, input_of, is_object_input, plain_call};
use crate::json_text;
use crate::raw_object::RawObject;

/// A call being received.
#[derive(Debug)]
struct OpenCall {
    index: Option<u64>,
    /// The provider's id; empty where it gives none.
    id: String,
    tool: String,
    arguments: String,
    /// Keys beside the usual ones, such as a signature that must go back.
    extra: RawObject,
}

/// The calls of one reply.
#[derive(Debug, Default)]
pub(super) struct Calls {
    open: Vec<OpenCall>,
}

impl Calls {
    /// Takes one element of `tool_calls`; gives the tool's name when a call begins.
    pub(super) fn add(&mut self, raw: &str, size: &mut Size) -> Result<Option<String>, Trouble> {
        let mut piece = RawObject::parse(raw).map_err(|_| Trouble::Garbled("a tool call is not an object"))?;
        let index = piece.raw("index").and_then(|raw| raw.parse().ok());
        let id = piece.text("id").unwrap_or_default();
        let function = piece.raw("function").and_then(|raw| RawObject::parse(raw).ok()).unwrap_or_default();
        let name = function.text("name").unwrap_or_default();
        let arguments = arguments_of(&function);
        for known in ["index", "id", "type", "function"] {
            piece.remove(known);
        }
        let (place, is_new) = self.place(index, &id, &name);
        if is_new {
            size.add_block(0)?;
        }
        size.add(raw.len())?;
        let Some(call) = self.open.get_mut(place) else { return Ok(None) };
        if call.id.is_empty() {
            call.id = id;
        }
        let begins = call.tool.is_empty() && !name.is_empty();
        if begins {
            call.tool = name;
        }
        call.arguments.push_str(&arguments);
        call.extra.absorb(piece);
        Ok(begins.then(|| call.tool.clone()))
    }

    /// Whether there is any call.
    pub(super) fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// Whether every call's arguments are whole JSON.
    pub(super) fn are_whole(&self) -> bool {
        let whole = |text: &str| text.trim().is_empty() || serde_json::from_str::<&RawValue>(text).is_ok();
        self.open.iter().all(|call| whole(&call.arguments))
    }

    /// The finished calls in the order they began.
    pub(super) fn finish(self, ids: &mut Ids) -> Vec<Block> {
        self.open.into_iter().map(|call| Block::ToolCall(call.finish(ids))).collect()
    }

    /// Which call a piece belongs to, and whether it is a new one.
    fn place(&mut self, index: Option<u64>, id: &str, name: &str) -> (usize, bool) {
        let found = match index {
            // Some servers number every call 0: another id with another name is another call.
            Some(_) => self.open.iter().rposition(|call| call.index == index).filter(|place| {
                let other =
                    |call: &OpenCall| !id.is_empty() && !call.id.is_empty() && call.id != id && !name.is_empty();
                !self.open.get(*place).is_some_and(other)
            }),
            None if !id.is_empty() => self.open.iter().rposition(|call| call.id == id),
            None if name.is_empty() => self.open.len().checked_sub(1),
            None => None,
        };
        if let Some(place) = found {
            return (place, false);
        }
        self.open.push(OpenCall {
            index,
            id: String::new(),
            tool: String::new(),
            arguments: String::new(),
            extra: RawObject::default(),
        });
        (self.open.len() - 1, true)
    }
}

impl OpenCall {
    fn finish(mut self, ids: &mut Ids) -> ToolCall {
        let id = ids.next(Some(std::mem::take(&mut self.id)));
        let input = input_of(&self.arguments);
        let call = plain_call(id, self.tool, input);
        let same = self.arguments == call.input.as_str() || self.arguments.trim().is_empty();
        if same && is_object_input(&call) && !self.extra.has_more_than(&[]) {
            return call;
        }
        let sent = if self.arguments.trim().is_empty() { "{}" } else { &self.arguments };
        let mut wire = RawObject::default();
        wire.set_text("id", &call.id.0);
        wire.set("type", json_text::quoted("function"));
        wire.set("function", function(&call.tool, sent));
        wire.absorb(self.extra);
        ToolCall { id: CallId(call.id.0), wire: wire.to_json().ok(), ..call }
    }
}

/// The arguments as text: a string's content, or the text of whatever else stands there.
fn arguments_of(function: &RawObject) -> String {
    match function.raw("arguments") {
        None | Some("null") => String::new(),
        Some(raw) if raw.starts_with('"') => function.text("arguments").unwrap_or_default(),
        Some(raw) => raw.to_owned(),
    }
}
