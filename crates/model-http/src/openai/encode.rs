//! Writing a conversation as an OpenAI Chat Completions request, append-only.

use event::{Block, Reply, ToolCall};
use model::{Content, Message, Setup, ToolResult};

use crate::decoder::is_object_input;
use crate::dialect::{OPENAI, OpenAiSettings};
use crate::json_text;
use crate::quirks::{MaxTokensField, Quirks, SystemRole};
use crate::raw_object::RawObject;

/// Writes everything before the first message, the system prompt included.
pub(crate) fn write_head(out: &mut Vec<u8>, settings: &OpenAiSettings, model: &str, setup: &Setup) {
    let quirks = &settings.quirks;
    out.push(b'{');
    json_text::field(out, "model", model);
    out.extend_from_slice(br#","stream":true"#);
    if quirks.stream_options {
        out.extend_from_slice(br#","stream_options":{"include_usage":true}"#);
    }
    if let Some(limit) = settings.max_tokens {
        let name = match quirks.max_tokens_field {
            MaxTokensField::MaxTokens => "max_tokens",
            MaxTokensField::MaxCompletionTokens => "max_completion_tokens",
        };
        out.extend_from_slice(format!(r#","{name}":{limit}"#).as_bytes());
    }
    if !setup.tools.is_empty() {
        out.extend_from_slice(br#","tools":["#);
        for (number, tool) in setup.tools.iter().enumerate() {
            out.extend_from_slice(if number > 0 { b"," } else { b"" });
            out.extend_from_slice(br#"{"type":"function","function":{"#);
            json_text::field(out, "name", &tool.name);
            out.push(b',');
            json_text::field(out, "description", &tool.description);
            out.extend_from_slice(br#","parameters":"#);
            out.extend_from_slice(tool.input.as_str().as_bytes());
            out.extend_from_slice(b"}}");
        }
        out.push(b']');
        if !quirks.parallel_calls {
            out.extend_from_slice(br#","parallel_tool_calls":false"#);
        }
    }
    out.extend_from_slice(br#","messages":["#);
    if !setup.system.is_empty() {
        let role = match quirks.system_role {
            SystemRole::System => "system",
            SystemRole::Developer => "developer",
        };
        out.push(b'{');
        json_text::field(out, "role", role);
        out.push(b',');
        json_text::field(out, "content", &setup.system);
        out.push(b'}');
    }
}

/// Writes messages.
#[derive(Debug)]
pub(crate) struct OpenAiEncoder {
    quirks: Quirks,
    /// Whether a message stands before the next one.
    follows: bool,
}

impl OpenAiEncoder {
    /// An encoder for a conversation that begins with a system prompt, or with nothing.
    pub(crate) fn new(quirks: Quirks, has_system: bool) -> Self {
        Self { quirks, follows: has_system }
    }

    /// Appends a message.
    pub(crate) fn push(&mut self, message: &Message, out: &mut Vec<u8>) {
        match message {
            Message::User(content) => self.user(content, out),
            Message::Reply(reply) => self.reply(reply, out),
            Message::Results(results, content) => {
                for result in results {
                    self.result(result, out);
                }
                // A tool's message carries text only, so pictures follow in the user's place.
                let mut pieces = Vec::new();
                for result in results.iter().filter(|result| result.content.iter().any(is_image)) {
                    pieces.push(Content::Text(format!("[picture returned by call {}]", result.call)));
                    pieces.extend(result.content.iter().filter(|piece| is_image(piece)).cloned());
                }
                pieces.extend(content.iter().cloned());
                if !pieces.is_empty() {
                    self.user(&pieces, out);
                }
            }
        }
    }

    /// Everything after the history: the aside, the effort, and the end of the request.
    pub(crate) fn tail(&self, aside: Option<&str>, effort: Option<&str>) -> Vec<u8> {
        let mut out = Vec::new();
        if let Some(aside) = aside {
            let follows = if self.follows { b",".as_slice() } else { b"" };
            out.extend_from_slice(follows);
            out.extend_from_slice(br#"{"role":"user","#);
            json_text::field(&mut out, "content", aside);
            out.push(b'}');
        }
        out.push(b']');
        if let Some(effort) = effort {
            out.push(b',');
            json_text::field(&mut out, "reasoning_effort", effort);
        }
        out.push(b'}');
        out
    }

    fn begin(&mut self, role: &str, out: &mut Vec<u8>) {
        out.extend_from_slice(if self.follows { b",{" } else { b"{" });
        self.follows = true;
        json_text::field(out, "role", role);
        out.push(b',');
    }

    fn user(&mut self, content: &[Content], out: &mut Vec<u8>) {
        self.begin("user", out);
        if self.quirks.images && content.iter().any(is_image) {
            out.extend_from_slice(br#""content":["#);
            for (number, piece) in content.iter().enumerate() {
                out.extend_from_slice(if number > 0 { b",{" } else { b"{" });
                write_part(piece, out);
                out.push(b'}');
            }
            out.push(b']');
        } else {
            json_text::field(out, "content", &as_text(content));
        }
        out.push(b'}');
    }

    fn result(&mut self, result: &ToolResult, out: &mut Vec<u8>) {
        self.begin("tool", out);
        json_text::field(out, "tool_call_id", &result.call.0);
        out.push(b',');
        let shown: Vec<Content> =
            result.content.iter().filter(|piece| !(self.quirks.images && is_image(piece))).cloned().collect();
        let text = as_text(&shown);
        // The dialect has no mark for a failed call.
        let text = if result.failed { format!("[the call failed]\n{text}") } else { text };
        json_text::field(out, "content", &text);
        out.push(b'}');
    }

    fn reply(&mut self, reply: &Reply, out: &mut Vec<u8>) {
        let text = reply.text();
        let calls: Vec<&ToolCall> = reply.calls().collect();
        if text.is_empty() && calls.is_empty() {
            return;
        }
        self.begin("assistant", out);
        if text.is_empty() {
            out.extend_from_slice(br#""content":null"#);
        } else {
            json_text::field(out, "content", &text);
        }
        let ours = reply.dialect == OPENAI;
        if let Some(name) = self.quirks.reasoning_back.filter(|_| ours) {
            let reasoning: String = reply.blocks.iter().filter_map(reasoning_of).collect();
            if !reasoning.is_empty() {
                out.push(b',');
                json_text::field(out, name, &reasoning);
            }
        }
        if !calls.is_empty() {
            out.extend_from_slice(br#","tool_calls":["#);
            for (number, call) in calls.into_iter().enumerate() {
                if number > 0 {
                    out.push(b',');
                }
                self.call(call, ours, out);
            }
            out.push(b']');
        }
        out.push(b'}');
    }

    fn call(&self, call: &ToolCall, ours: bool, out: &mut Vec<u8>) {
        let malformed = !is_object_input(call);
        let wire = call.wire.as_ref().filter(|_| ours);
        let wire = wire.and_then(|wire| RawObject::parse(wire.as_str()).ok());
        if let Some(mut wire) = wire {
            if malformed && self.quirks.parses_arguments {
                wire.set("function", function(&call.tool, "{}"));
            }
            out.extend_from_slice(wire.to_text().as_bytes());
            return;
        }
        let arguments = if malformed { "{}" } else { call.input.as_str() };
        out.push(b'{');
        json_text::field(out, "id", &call.id.0);
        out.extend_from_slice(br#","type":"function","function":"#);
        out.extend_from_slice(function(&call.tool, arguments).as_bytes());
        out.push(b'}');
    }
}

/// The `function` of a call.
pub(super) fn function(tool: &str, arguments: &str) -> String {
    format!(r#"{{"name":{},"arguments":{}}}"#, json_text::quoted(tool), json_text::quoted(arguments))
}

fn reasoning_of(block: &Block) -> Option<&str> {
    match block {
        Block::Thinking(thinking) => Some(&thinking.text),
        Block::Text(_) | Block::ToolCall(_) | Block::Opaque(_) => None,
    }
}

fn is_image(content: &Content) -> bool {
    matches!(content, Content::Image { .. })
}

fn as_text(content: &[Content]) -> String {
    let pieces = content.iter().map(|piece| match piece {
        Content::Text(text) => text.clone(),
        Content::Image { media, bytes } => {
            format!("[a picture, {media}, {} bytes, which this model cannot see]", bytes.len())
        }
    });
    pieces.collect::<Vec<_>>().join("\n\n")
}

fn write_part(content: &Content, out: &mut Vec<u8>) {
    match content {
        Content::Text(text) => {
            out.extend_from_slice(br#""type":"text","#);
            json_text::field(out, "text", text);
        }
        Content::Image { media, bytes } => {
            out.extend_from_slice(br#""type":"image_url","image_url":{"url":""#);
            // A media type is a token (RFC 9110, 8.3.1); anything else would break the quoting.
            let token = media.chars().filter(|c| c.is_ascii_alphanumeric() || "/+-.".contains(*c));
            out.extend_from_slice(format!("data:{};base64,", token.collect::<String>()).as_bytes());
            json_text::base64(out, bytes);
            out.extend_from_slice(br#""}"#);
        }
    }
}
