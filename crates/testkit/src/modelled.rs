//! A fake model server whose replies come from a Script: what a provider's request says is read back into a
//! conversation, and the Script's own model says what comes next.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a request that no client of ours sends ends its connection")]

use std::sync::Arc;

use crate::{Answer, Asked, Dialect, Turn};
use event::{Block, CallId, Json, ModelRef, Reply, Stop, TextBlock, ToolCall, Usage};
use futures_util::{FutureExt as _, StreamExt as _};
use model::{Ask, Chunk, Content, Message, Model, Setup, ToolResult};
use model_script::{Script, ScriptModel};
use serde_json::Value;

/// Answers that play a Script, whichever dialect a request is in. A Script and a run that disagree are a refused
/// request that says why.
pub fn play_script(mut script: Script) -> impl Fn(&Asked) -> Answer + Send + Sync + 'static {
    script.pace_ms = 0;
    move |asked| match reply_to(&script, asked) {
        Ok(reply) => Answer::turn(turn_of(&reply)),
        Err(problem) => Answer::status(400, serde_json::json!({"error": {"message": problem}}).to_string()),
    }
}

fn reply_to(script: &Script, asked: &Asked) -> Result<Reply, String> {
    let body: Value = serde_json::from_slice(&asked.body).map_err(|error| error.to_string())?;
    let messages = body["messages"].as_array().ok_or("no messages")?;
    let heard = match asked.dialect {
        Dialect::Anthropic => messages.iter().map(anthropic).collect(),
        Dialect::OpenAi => openai(messages),
    };
    let model = ScriptModel::new(ModelRef("script/served".to_owned()), script.clone());
    let mut conversation = model.begin(Arc::new(Setup { system: String::new(), tools: Vec::new() }));
    for message in &heard {
        conversation.push(message);
    }
    // A Script without pauses is never waited for.
    let ask = Ask { step: 0, aside: None, effort: None };
    let chunks = conversation.ask(&ask).collect::<Vec<_>>().now_or_never().ok_or("the Script pauses")?;
    match chunks.into_iter().last() {
        Some(Ok(Chunk::Done(reply))) => Ok(*reply),
        Some(Err(error)) => Err(error.message),
        Some(Ok(_)) | None => Err("no reply".to_owned()),
    }
}

fn turn_of(reply: &Reply) -> Turn {
    reply.calls().fold(Turn::text(reply.text()), |turn, call| turn.call(&call.tool, call.input.as_str()))
}

/// One message of the Messages interface.
fn anthropic(message: &Value) -> Message {
    let blocks = message["content"].as_array().unwrap();
    let kind = |block: &Value| block["type"].as_str().unwrap().to_owned();
    if message["role"] == "assistant" {
        return reply(blocks.iter().map(|block| match kind(block).as_str() {
            "text" => said(&block["text"]),
            "tool_use" => called(&block["id"], &block["name"], block["input"].to_string()),
            other => panic!("a block of type {other}"),
        }));
    }
    let (results, rest): (Vec<&Value>, Vec<&Value>) = blocks.iter().partition(|block| kind(block) == "tool_result");
    let content: Vec<Content> = rest.into_iter().map(text_of).collect();
    if results.is_empty() {
        return Message::User(content);
    }
    let results = results.into_iter().map(|block| ToolResult {
        call: CallId(block["tool_use_id"].as_str().unwrap().to_owned()),
        content: block["content"].as_array().map(|parts| parts.iter().map(text_of).collect()).unwrap_or_default(),
        failed: block["is_error"] == true,
    });
    Message::Results(results.collect(), content)
}

/// All messages of the Chat Completions interface, where each result is a message of its own.
fn openai(messages: &[Value]) -> Vec<Message> {
    let mut heard: Vec<Message> = Vec::new();
    for message in messages {
        let text = || Content::Text(message["content"].as_str().unwrap_or_default().to_owned());
        match message["role"].as_str().unwrap() {
            "system" => {}
            "assistant" => {
                let calls = message["tool_calls"].as_array().cloned().unwrap_or_default();
                let calls = calls.iter().map(|call| {
                    let arguments = call["function"]["arguments"].as_str().unwrap().to_owned();
                    called(&call["id"], &call["function"]["name"], arguments)
                });
                let words = message["content"].is_string().then(|| said(&message["content"]));
                heard.push(reply(words.into_iter().chain(calls)));
            }
            "tool" => {
                let call = CallId(message["tool_call_id"].as_str().unwrap().to_owned());
                let result = ToolResult { call, content: vec![text()], failed: false };
                match heard.last_mut() {
                    Some(Message::Results(results, _)) => results.push(result),
                    _ => heard.push(Message::Results(vec![result], Vec::new())),
                }
            }
            "user" => match heard.last_mut() {
                Some(Message::Results(_, content)) => content.push(text()),
                _ => heard.push(Message::User(vec![text()])),
            },
            other => panic!("a message of role {other}"),
        }
    }
    heard
}

fn text_of(block: &Value) -> Content {
    Content::Text(block["text"].as_str().unwrap_or("[picture]").to_owned())
}

fn said(text: &Value) -> Block {
    Block::Text(TextBlock { text: text.as_str().unwrap().to_owned(), wire: None })
}

fn called(id: &Value, tool: &Value, input: String) -> Block {
    Block::ToolCall(ToolCall {
        id: CallId(id.as_str().unwrap().to_owned()),
        tool: tool.as_str().unwrap().to_owned(),
        input: Json::parse(&input).unwrap(),
        wire: None,
    })
}

fn reply(blocks: impl Iterator<Item = Block>) -> Message {
    Message::Reply(Arc::new(Reply {
        blocks: blocks.collect(),
        stop: Stop::Tools,
        usage: Usage::default(),
        model: String::new(),
        dialect: String::new(),
    }))
}
