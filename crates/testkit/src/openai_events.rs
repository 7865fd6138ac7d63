//! A turn as the server-sent events of an OpenAI Chat Completions reply.

use bytes::Bytes;
use serde_json::{Value, json};

use crate::turn::Turn;

/// All events of the reply with this number.
pub(crate) fn render(turn: &Turn, reply: usize) -> Vec<Bytes> {
    let mut events = vec![choice(reply, &json!({"role": "assistant", "content": ""}), &Value::Null)];
    for piece in turn.cut(&turn.thinking) {
        events.push(choice(reply, &json!({"reasoning_content": piece}), &Value::Null));
    }
    for piece in turn.cut(&turn.text) {
        events.push(choice(reply, &json!({"content": piece}), &Value::Null));
    }
    for (number, call) in turn.calls.iter().enumerate() {
        let id = Turn::call_id(call, reply, number);
        let begun = json!({"tool_calls": [{"index": number, "id": id, "type": "function",
            "function": {"name": call.tool, "arguments": ""}}]});
        events.push(choice(reply, &begun, &Value::Null));
        for piece in turn.cut(&call.input) {
            let more = json!({"tool_calls": [{"index": number, "function": {"arguments": piece}}]});
            events.push(choice(reply, &more, &Value::Null));
        }
    }
    let usual = if turn.calls.is_empty() { "stop" } else { "tool_calls" };
    let reason = turn.stop.as_deref().unwrap_or(usual);
    events.push(choice(reply, &json!({}), &json!(reason)));
    let usage = turn.usage;
    let read = usage.input + usage.cache_read;
    let counts = json!({"prompt_tokens": read, "completion_tokens": usage.output,
        "total_tokens": read + usage.output, "prompt_tokens_details": {"cached_tokens": usage.cache_read}});
    events.push(data(&chunk(reply, &json!([]), &counts)));
    events.push(Bytes::from_static(b"data: [DONE]\n\n"));
    events
}

/// An error event.
pub(crate) fn error(kind: &str, message: &str) -> Bytes {
    data(&json!({"error": {"message": message, "type": kind, "param": null, "code": null}}))
}

fn choice(reply: usize, delta: &Value, finish: &Value) -> Bytes {
    let choices = json!([{"index": 0, "delta": delta, "logprobs": null, "finish_reason": finish}]);
    data(&chunk(reply, &choices, &Value::Null))
}

fn chunk(reply: usize, choices: &Value, usage: &Value) -> Value {
    json!({"id": format!("chatcmpl-{reply}"), "object": "chat.completion.chunk", "created": 1_700_000_000,
        "model": "fake-model", "choices": choices, "usage": usage})
}

fn data(value: &Value) -> Bytes {
    Bytes::from(format!("data: {value}\n\n"))
}
