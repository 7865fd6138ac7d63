//! Writing a conversation as an Anthropic Messages request, append-only.
//!
//! The last block of the last message is left without its closing brace, so that a cache mark or an aside can be put
//! there when a request is sent, without touching a byte of what is stored.

use event::{Block, CallId, Reply, ToolCall};
use model::{Content, Message, Setup, ToolResult};

use crate::decoder::is_object_input;
use crate::dialect::{ANTHROPIC, AnthropicSettings, CacheStyle, Thinking};
use crate::json_text;

const MARK: &[u8] = br#","cache_control":{"type":"ephemeral"}"#;

/// Writes everything before the first message.
pub(crate) fn write_head(out: &mut Vec<u8>, settings: &AnthropicSettings, model: &str, setup: &Setup) {
    out.push(b'{');
    json_text::field(out, "model", model);
    out.extend_from_slice(format!(r#","max_tokens":{},"stream":true"#, settings.max_tokens).as_bytes());
    match settings.thinking {
        Thinking::Off => {}
        Thinking::Adaptive => out.extend_from_slice(br#","thinking":{"type":"adaptive"}"#),
        Thinking::Budget(tokens) => {
            out.extend_from_slice(format!(r#","thinking":{{"type":"enabled","budget_tokens":{tokens}}}"#).as_bytes());
        }
    }
    if !setup.tools.is_empty() {
        out.extend_from_slice(br#","tools":["#);
        for (number, tool) in setup.tools.iter().enumerate() {
            out.extend_from_slice(if number > 0 { b",{" } else { b"{" });
            json_text::field(out, "name", &tool.name);
            out.push(b',');
            json_text::field(out, "description", &tool.description);
            out.extend_from_slice(br#","input_schema":"#);
            out.extend_from_slice(tool.input.as_str().as_bytes());
            out.push(b'}');
        }
        out.push(b']');
    }
    if !setup.system.is_empty() {
        out.extend_from_slice(br#","system":[{"type":"text","#);
        json_text::field(out, "text", &setup.system);
        if settings.cache != CacheStyle::Off {
            out.extend_from_slice(MARK);
        }
        out.extend_from_slice(b"}]");
    }
    out.extend_from_slice(br#","messages":["#);
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    User,
    Assistant,
}

/// Writes messages. Messages of the same role in a row become one, as the interface wants them to alternate.
#[derive(Debug)]
pub(crate) struct AnthropicEncoder {
    cache: CacheStyle,
    /// The role of the last message, which is still open.
    last: Option<Role>,
}

impl AnthropicEncoder {
    /// An encoder for an empty conversation.
    pub(crate) fn new(cache: CacheStyle) -> Self {
        Self { cache, last: None }
    }

    /// Appends a message.
    pub(crate) fn push(&mut self, message: &Message, out: &mut Vec<u8>) {
        match message {
            Message::User(content) => {
                self.user(content, out);
                // A message that says nothing would be refused; saying so keeps the turn.
                if content.iter().all(is_blank) {
                    self.user(&[Content::Text("(empty message)".to_owned())], out);
                }
            }
            Message::Reply(reply) => self.reply(reply, out),
            Message::Results(results, content) => {
                for result in results {
                    self.block(Role::User, out, |out| write_result(result, out));
                }
                self.user(content, out);
            }
        }
    }

    /// Everything after the history: the moving cache mark, the aside, the effort, and the end of the request.
    pub(crate) fn tail(&self, aside: Option<&str>, effort: Option<&str>) -> Vec<u8> {
        let mut out = Vec::new();
        match self.last {
            None => {}
            Some(role) => {
                if role == Role::User && self.cache == CacheStyle::Blocks {
                    out.extend_from_slice(MARK);
                }
                out.push(b'}');
            }
        }
        if let Some(aside) = aside {
            open_block(self.last, Role::User, &mut out);
            write_text(aside, &mut out);
        }
        if self.last.is_some() || aside.is_some() {
            out.extend_from_slice(b"]}");
        }
        out.push(b']');
        if self.cache == CacheStyle::Auto {
            out.extend_from_slice(MARK);
        }
        if let Some(effort) = effort {
            out.extend_from_slice(br#","output_config":{"#);
            json_text::field(&mut out, "effort", effort);
            out.push(b'}');
        }
        out.push(b'}');
        out
    }

    fn user(&mut self, content: &[Content], out: &mut Vec<u8>) {
        for piece in content.iter().filter(|piece| !is_blank(piece)) {
            self.block(Role::User, out, |out| write_content(piece, out));
        }
    }

    fn reply(&mut self, reply: &Reply, out: &mut Vec<u8>) {
        let ours = reply.dialect == ANTHROPIC;
        for block in &reply.blocks {
            match block {
                // Blank text, which models do write between calls, is refused by the interface and says nothing.
                Block::Text(text) if text.text.trim().is_empty() => {}
                Block::Text(text) => match text.wire.as_ref().filter(|_| ours) {
                    Some(wire) => self.wire(wire.as_str(), out),
                    None => self.block(Role::Assistant, out, |out| write_text(&text.text, out)),
                },
                Block::Thinking(thinking) => match thinking.wire.as_ref().filter(|_| ours) {
                    Some(wire) => self.wire(wire.as_str(), out),
                    // Reasoning of another dialect has no signature and would be refused.
                    None if !ours => {}
                    None => self.block(Role::Assistant, out, |out| {
                        out.extend_from_slice(br#"{"type":"thinking","#);
                        json_text::field(out, "thinking", &thinking.text);
                        out.push(b'}');
                    }),
                },
                Block::ToolCall(call) => match call.wire.as_ref().filter(|_| ours) {
                    Some(wire) => self.wire(wire.as_str(), out),
                    None => self.block(Role::Assistant, out, |out| write_call(call, out)),
                },
                Block::Opaque(opaque) if ours => self.wire(opaque.wire.as_str(), out),
                Block::Opaque(_) => {}
            }
        }
    }

    /// A block exactly as the provider gave it.
    fn wire(&mut self, wire: &str, out: &mut Vec<u8>) {
        if json_text::is_object(wire) {
            self.block(Role::Assistant, out, |out| out.extend_from_slice(wire.trim().as_bytes()));
        }
    }

    /// Appends one block, in the open message or in a new one, and leaves its closing brace away.
    fn block(&mut self, role: Role, out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
        if self.last.is_some() {
            out.push(b'}');
        }
        open_block(self.last, role, out);
        write(out);
        out.pop();
        self.last = Some(role);
    }
}

/// Writes what stands between a finished block and the next one.
fn open_block(last: Option<Role>, role: Role, out: &mut Vec<u8>) {
    if last == Some(role) {
        out.push(b',');
        return;
    }
    if last.is_some() {
        out.extend_from_slice(b"]},");
    }
    out.extend_from_slice(match role {
        Role::User => br#"{"role":"user","content":["#,
        Role::Assistant => br#"{"role":"assistant","content":["#,
    });
}

/// Blank text is refused by the interface.
fn is_blank(content: &Content) -> bool {
    matches!(content, Content::Text(text) if text.trim().is_empty())
}

fn write_text(text: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(br#"{"type":"text","#);
    json_text::field(out, "text", text);
    out.push(b'}');
}

fn write_content(content: &Content, out: &mut Vec<u8>) {
    match content {
        Content::Text(text) => write_text(text, out),
        Content::Image { media, bytes } => {
            out.extend_from_slice(br#"{"type":"image","source":{"type":"base64","#);
            json_text::field(out, "media_type", media);
            out.extend_from_slice(br#","data":""#);
            json_text::base64(out, bytes);
            out.extend_from_slice(br#""}}"#);
        }
    }
}

fn write_result(result: &ToolResult, out: &mut Vec<u8>) {
    out.extend_from_slice(br#"{"type":"tool_result","#);
    json_text::field(out, "tool_use_id", &accepted_id(&result.call));
    let pieces: Vec<&Content> = result.content.iter().filter(|piece| !is_blank(piece)).collect();
    if !pieces.is_empty() {
        out.extend_from_slice(br#","content":["#);
        for (number, piece) in pieces.into_iter().enumerate() {
            if number > 0 {
                out.push(b',');
            }
            write_content(piece, out);
        }
        out.push(b']');
    }
    if result.failed {
        out.extend_from_slice(br#","is_error":true"#);
    }
    out.push(b'}');
}

fn write_call(call: &ToolCall, out: &mut Vec<u8>) {
    out.extend_from_slice(br#"{"type":"tool_use","#);
    json_text::field(out, "id", &accepted_id(&call.id));
    out.push(b',');
    json_text::field(out, "name", &call.tool);
    out.extend_from_slice(br#","input":"#);
    out.extend_from_slice(if is_object_input(call) { call.input.as_str().as_bytes() } else { b"{}" });
    out.push(b'}');
}

/// The id in the letters this interface accepts (`[a-zA-Z0-9_-]+`); ids of other providers may hold more. Ids that
/// had to change get a check number, so that two of them stay two.
fn accepted_id(id: &CallId) -> String {
    let accepted = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !id.0.is_empty() && id.0.chars().all(accepted) {
        return id.0.clone();
    }
    let plain: String = id.0.chars().map(|c| if accepted(c) { c } else { '_' }).collect();
    let check = id.0.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3) // FNV-1a
    });
    format!("{plain}_{check:016x}")
}
