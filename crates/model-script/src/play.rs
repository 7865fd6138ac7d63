//! Playing a Script as a model.
//!
//! The place in the Script is found from the conversation alone, so a task can be closed and opened in the middle.

use std::sync::Arc;
use std::time::Duration;

use event::{Block, CallId, Json, ModelRef, Reply, Stop, TextBlock, ToolCall, Usage};
use futures_util::{StreamExt, stream};
use model::{Ask, Chunk, Content, Conversation, ErrorKind, Message, Model, ModelError, Profile, ReplyStream, Setup};

use crate::quote::{Results, fill, fill_value};
use crate::script::{Script, ScriptReply};

/// Marks the place in the Script inside a summary, because a compaction starts the conversation over.
const PLACE_MARK: &str = "[script place: ";

/// A Script as a model.
pub struct ScriptModel {
    script: Arc<Script>,
    profile: Profile,
}

impl ScriptModel {
    /// A model that plays this Script; `name` is what the user calls it.
    pub fn new(name: ModelRef, script: Script) -> Self {
        let profile = Profile { name, context_tokens: script.context_tokens, dialect: "script" };
        Self { script: Arc::new(script), profile }
    }
}

impl Model for ScriptModel {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    fn begin(&self, setup: Arc<Setup>) -> Box<dyn Conversation> {
        let tools: usize = setup.tools.iter().map(|tool| tool.description.len() + tool.input.as_str().len()).sum();
        Box::new(Playing {
            script: Arc::clone(&self.script),
            place: 0,
            last: String::new(),
            results: Results::new(),
            open_calls: Vec::new(),
            bytes: setup.system.len() + tools,
        })
    }
}

struct Playing {
    script: Arc<Script>,
    /// Index of the reply to play next, `when`s not yet looked at.
    place: usize,
    /// Text of the last message.
    last: String,
    results: Results,
    /// Ids of the last reply's calls, and the names the Script gave them.
    open_calls: Vec<(CallId, Option<String>)>,
    bytes: usize,
}

impl Playing {
    /// The reply that comes next, with its index.
    fn next(&self) -> Option<(usize, &ScriptReply)> {
        self.script
            .replies
            .iter()
            .enumerate()
            .skip(self.place)
            .find(|(_, reply)| reply.when.as_ref().is_none_or(|when| when.mismatch(&self.last).is_none()))
    }

    fn compose(&self, step: u32) -> Result<Reply, String> {
        let (index, reply) = self.next().ok_or_else(|| format!("the Script has no reply for step {step}"))?;
        if let Some(mismatch) = reply.expect.as_ref().and_then(|expect| expect.mismatch(&self.last)) {
            return Err(format!("reply {}: {mismatch}", index + 1));
        }
        let named = |problem: String| format!("reply {}: {problem}", index + 1);
        let mut blocks = Vec::new();
        let text = fill(&reply.text, &self.results).map_err(named)?;
        if !text.is_empty() {
            blocks.push(Block::Text(TextBlock { text, wire: None }));
        }
        for (number, call) in reply.calls.iter().enumerate() {
            let input = match &call.input {
                serde_json::Value::Null => Json::empty_object(),
                input => Json::of(&fill_value(input, &self.results).map_err(named)?)
                    .map_err(|error| named(error.to_string()))?,
            };
            blocks.push(Block::ToolCall(ToolCall {
                id: call_id(index, number),
                tool: call.tool.clone(),
                input,
                wire: None,
            }));
        }
        let stop = if reply.calls.is_empty() { Stop::Finished } else { Stop::Tools };
        Ok(self.wrap(blocks, stop))
    }

    fn wrap(&self, blocks: Vec<Block>, stop: Stop) -> Reply {
        let written: usize = blocks
            .iter()
            .map(|block| match block {
                Block::Text(text) => text.text.len(),
                Block::ToolCall(call) => call.input.as_str().len(),
                Block::Thinking(_) | Block::Opaque(_) => 0,
            })
            .sum();
        // About four bytes a token, so that the usage meter has something true to its size to show.
        let usage = Usage { input: self.bytes as u64 / 4, output: written as u64 / 4, ..Usage::default() };
        Reply { blocks, stop, usage, model: "script".to_owned(), dialect: "script".to_owned() }
    }

    fn summary(&self) -> Reply {
        let text = format!("The Script goes on from here. {PLACE_MARK}{}]", self.place);
        self.wrap(vec![Block::Text(TextBlock { text, wire: None })], Stop::Finished)
    }
}

fn call_id(index: usize, number: usize) -> CallId {
    CallId(format!("script_{}_{}", index + 1, number + 1))
}

impl Conversation for Playing {
    fn push(&mut self, message: &Message) {
        match message {
            Message::User(content) => {
                self.last = texts(content);
                if let Some(place) = place_in(&self.last) {
                    self.place = place;
                }
            }
            Message::Reply(reply) => {
                let Some((index, scripted)) = self.next() else { return };
                let names = scripted.calls.iter().map(|call| call.id.clone());
                self.open_calls = reply.calls().map(|call| call.id.clone()).zip(names).collect();
                self.place = index + 1;
                return;
            }
            Message::Results(results, content) => {
                let mut said = String::new();
                for result in results {
                    let text = texts(&result.content);
                    said.push_str(&text);
                    said.push('\n');
                    let name = self.open_calls.iter().find(|(call, _)| *call == result.call);
                    if let Some((_, Some(name))) = name {
                        self.results.insert(name.clone(), text);
                    }
                }
                said.push_str(&texts(content));
                self.last = said;
            }
        }
        self.bytes += self.last.len();
    }

    fn request_bytes(&self) -> usize {
        self.bytes
    }

    fn ask(&self, ask: &Ask) -> ReplyStream {
        let composed = if ask.aside.is_some() { Ok(self.summary()) } else { self.compose(ask.step) };
        match composed {
            Ok(reply) => play(reply, Duration::from_millis(self.script.pace_ms)),
            Err(problem) => {
                let error = ModelError::new(ErrorKind::Script, problem, "correct the Script or the job");
                Box::pin(stream::once(std::future::ready(Err(error))))
            }
        }
    }
}

fn play(reply: Reply, pace: Duration) -> ReplyStream {
    let mut chunks: Vec<Chunk> = Vec::new();
    for block in &reply.blocks {
        match block {
            Block::Text(text) => {
                chunks.extend(text.text.split_inclusive(' ').map(|word| Chunk::Text(word.to_owned())));
            }
            Block::ToolCall(call) => chunks.push(Chunk::CallBegun { tool: call.tool.clone() }),
            Block::Thinking(_) | Block::Opaque(_) => {}
        }
    }
    chunks.push(Chunk::Done(Box::new(reply)));
    Box::pin(stream::iter(chunks).then(move |chunk| async move {
        if !pace.is_zero() {
            tokio::time::sleep(pace).await;
        }
        Ok(chunk)
    }))
}

fn texts(content: &[Content]) -> String {
    let parts: Vec<&str> = content
        .iter()
        .map(|part| match part {
            Content::Text(text) => text.as_str(),
            Content::Image { .. } => "[picture]",
        })
        .collect();
    parts.join("\n")
}

fn place_in(text: &str) -> Option<usize> {
    let (_, after) = text.split_once(PLACE_MARK)?;
    after.split_once(']')?.0.parse().ok()
}
