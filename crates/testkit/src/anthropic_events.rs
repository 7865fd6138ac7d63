//! A turn as the server-sent events of an Anthropic Messages reply.

use bytes::Bytes;
use serde_json::{Value, json};

use crate::turn::Turn;

/// All events of the reply with this number.
pub(crate) fn render(turn: &Turn, reply: usize) -> Vec<Bytes> {
    let usage = turn.usage;
    let mut events = vec![event(
        "message_start",
        &json!({"type": "message_start", "message": {
            "id": format!("msg_{reply}"), "type": "message", "role": "assistant", "model": "fake-model",
            "content": [], "stop_reason": null, "stop_sequence": null,
            "usage": {
                "input_tokens": usage.input, "output_tokens": 1,
                "cache_read_input_tokens": usage.cache_read, "cache_creation_input_tokens": usage.cache_write,
            },
        }}),
    )];
    events.push(event("ping", &json!({"type": "ping"})));
    let mut index = 0;
    if !turn.thinking.is_empty() {
        events.push(start(index, &json!({"type": "thinking", "thinking": "", "signature": ""})));
        for piece in turn.cut(&turn.thinking) {
            events.push(delta(index, &json!({"type": "thinking_delta", "thinking": piece})));
        }
        events.push(delta(index, &json!({"type": "signature_delta", "signature": format!("signed-{reply}")})));
        events.push(stop(index));
        index += 1;
    }
    if !turn.text.is_empty() {
        events.push(start(index, &json!({"type": "text", "text": ""})));
        for piece in turn.cut(&turn.text) {
            events.push(delta(index, &json!({"type": "text_delta", "text": piece})));
        }
        events.push(stop(index));
        index += 1;
    }
    for (number, call) in turn.calls.iter().enumerate() {
        let id = Turn::call_id(call, reply, number);
        events.push(start(index, &json!({"type": "tool_use", "id": id, "name": call.tool, "input": {}})));
        events.push(delta(index, &json!({"type": "input_json_delta", "partial_json": ""})));
        for piece in turn.cut(&call.input) {
            events.push(delta(index, &json!({"type": "input_json_delta", "partial_json": piece})));
        }
        events.push(stop(index));
        index += 1;
    }
    let usual = if turn.calls.is_empty() { "end_turn" } else { "tool_use" };
    let reason = turn.stop.as_deref().unwrap_or(usual);
    events.push(event(
        "message_delta",
        &json!({"type": "message_delta", "delta": {"stop_reason": reason, "stop_sequence": null},
            "usage": {"output_tokens": usage.output}}),
    ));
    events.push(event("message_stop", &json!({"type": "message_stop"})));
    events
}

/// An error event.
pub(crate) fn error(kind: &str, message: &str) -> Bytes {
    event("error", &json!({"type": "error", "error": {"type": kind, "message": message}}))
}

fn start(index: usize, block: &Value) -> Bytes {
    event("content_block_start", &json!({"type": "content_block_start", "index": index, "content_block": block}))
}

fn delta(index: usize, delta: &Value) -> Bytes {
    event("content_block_delta", &json!({"type": "content_block_delta", "index": index, "delta": delta}))
}

fn stop(index: usize) -> Bytes {
    event("content_block_stop", &json!({"type": "content_block_stop", "index": index}))
}

fn event(name: &str, data: &Value) -> Bytes {
    Bytes::from(format!("event: {name}\ndata: {data}\n\n"))
}
