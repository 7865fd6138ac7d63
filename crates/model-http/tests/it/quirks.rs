//! What servers that call themselves compatible do, each as recorded from its kind.

use event::{Block, Json, Reply, Stop, Usage};
use model::{Ask, Chunk, Message};
use model_http::Quirks;
use testkit::{Answer, FakeServer, Turn};

use crate::stage::{ASK, anthropic, asked, collect, openai, reply};

fn stream(chunks: &[&str]) -> Answer {
    let events: Vec<String> = chunks.iter().map(|chunk| format!("data: {chunk}\n\n")).collect();
    Answer::recorded(events.concat() + "data: [DONE]\n\n")
}

async fn read(chunks: &[&str]) -> Reply {
    let server = FakeServer::start([stream(chunks)]).unwrap();
    reply(&*asked(openai(&server, Quirks::PLAIN))).await
}

fn calls(reply: &Reply) -> Vec<(&str, &str, &str)> {
    reply.calls().map(|call| (call.id.as_str(), call.tool.as_str(), call.input.as_str())).collect()
}

/// What a server does, its chunks, and the calls (id, tool, input) that must come of them.
type Case = (&'static str, Vec<&'static str>, Vec<(&'static str, &'static str, &'static str)>);

const STOP: &str = r#"{"choices":[{"delta":{},"finish_reason":"stop"}]}"#;

#[tokio::test]
async fn tool_calls_arrive_in_every_shape_there_is() {
    let cases: [Case; 10] = [
        (
            "everything in one chunk, stop instead of tool_calls, no usage",
            vec![
                r#"{"choices":[{"index":0,"delta":{"role":"assistant","content":"","tool_calls":[{"index":0,"id":"call_x","type":"function","function":{"name":"Read","arguments":"{\"a\":1}"}}]},"finish_reason":"stop"}]}"#,
            ],
            vec![("call_x", "Read", r#"{"a":1}"#)],
        ),
        (
            "no id",
            vec![
                r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"name":"Read","arguments":"{}"}},{"index":1,"id":"","function":{"name":"Glob","arguments":"{}"}},{"index":2,"id":null,"function":{"name":"Grep","arguments":"{}"}}]}}]}"#,
                STOP,
            ],
            vec![("call_4_1", "Read", "{}"), ("call_4_2", "Glob", "{}"), ("call_4_3", "Grep", "{}")],
        ),
        (
            "no index, several calls in one chunk",
            vec![
                r#"{"choices":[{"delta":{"tool_calls":[{"id":"a","function":{"name":"Read","arguments":"{\"n\":1}"}},{"id":"b","function":{"name":"Read","arguments":"{\"n\":2}"}}]}}]}"#,
                STOP,
            ],
            vec![("a", "Read", r#"{"n":1}"#), ("b", "Read", r#"{"n":2}"#)],
        ),
        (
            "no index, arguments in pieces",
            vec![
                r#"{"choices":[{"delta":{"tool_calls":[{"id":"a","function":{"name":"Read","arguments":""}}]}}]}"#,
                r#"{"choices":[{"delta":{"tool_calls":[{"function":{"arguments":"{\"n\":"}}]}}]}"#,
                r#"{"choices":[{"delta":{"tool_calls":[{"id":"a","function":{"arguments":"1}"}}]}}]}"#,
                r#"{"choices":[{"delta":{"tool_calls":[{"function":{"name":"Glob","arguments":"{}"}}]}}]}"#,
                STOP,
            ],
            vec![("a", "Read", r#"{"n":1}"#), ("call_4_2", "Glob", "{}")],
        ),
        (
            "every call numbered 0",
            vec![
                r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"Read","arguments":"{}"}}]}}]}"#,
                r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"b","function":{"name":"Glob","arguments":"{}"}}]}}]}"#,
                STOP,
            ],
            vec![("a", "Read", "{}"), ("b", "Glob", "{}")],
        ),
        (
            "the same id twice",
            vec![
                r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"Read","arguments":"{}"}},{"index":1,"id":"a","function":{"name":"Glob","arguments":"{}"}}]}}]}"#,
                STOP,
            ],
            vec![("a", "Read", "{}"), ("call_4_2", "Glob", "{}")],
        ),
        (
            "arguments as an object",
            vec![
                r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"Read","arguments":{"n": 1}}}]}}]}"#,
                STOP,
            ],
            vec![("a", "Read", r#"{"n": 1}"#)],
        ),
        (
            "no arguments at all",
            vec![
                r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"Now"}},{"index":1,"id":"b","function":{"name":"Now","arguments":null}},{"index":2,"id":"c","function":{"name":"Now","arguments":" "}}]}}]}"#,
                STOP,
            ],
            vec![("a", "Now", "{}"), ("b", "Now", "{}"), ("c", "Now", "{}")],
        ),
        (
            "the name after the id, an empty finish reason in every chunk",
            vec![
                r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","type":"function"}]},"finish_reason":""}]}"#,
                r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"name":"Read","arguments":"{}"}}]},"finish_reason":""}]}"#,
            ],
            vec![("a", "Read", "{}")],
        ),
        (
            "numbers where strings belong elsewhere in the chunk",
            vec![
                r#"{"model":7,"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"Read","arguments":"{}"}}]},"finish_reason":"tool_calls"}]}"#,
            ],
            vec![("a", "Read", "{}")],
        ),
    ];
    for (name, chunks, expected) in cases {
        let server = FakeServer::start([stream(&chunks)]).unwrap();
        let conversation = asked(openai(&server, Quirks::PLAIN));
        let reply = collect(conversation.ask(&Ask { step: 4, aside: None, effort: None })).await.end.unwrap();
        assert_eq!(calls(&reply), expected, "{name}");
        assert_eq!((reply.stop, reply.usage), (Stop::Tools, Usage::default()), "{name}");
    }
}

#[tokio::test]
async fn a_server_that_repeats_its_ids_gets_its_own_ids_back_only_once() {
    let chunk = r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"0","function":{"name":"Read","arguments":"{}"}}]},"finish_reason":"tool_calls"}]}"#;
    let server = FakeServer::start([stream(&[chunk]), stream(&[chunk]), stream(&[chunk])]).unwrap();
    let mut conversation = asked(openai(&server, Quirks::PLAIN));
    let mut ids = Vec::new();
    for step in 1..=3 {
        let reply = collect(conversation.ask(&Ask { step, aside: None, effort: None })).await.end.unwrap();
        ids.extend(reply.calls().map(|call| call.id.to_string()));
        conversation.push(&Message::Reply(std::sync::Arc::new(reply)));
    }
    assert_eq!(ids, ["0", "call_2_1", "call_3_1"]);
}

#[tokio::test]
async fn missing_and_repeated_ids_are_mended_in_the_other_dialect_too() {
    let event = |index: u32, block: &str| {
        format!("data: {{\"type\":\"content_block_start\",\"index\":{index},\"content_block\":{block}}}\n\n")
    };
    let stream = [
        "data: {\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":3}}}\n\n".to_owned(),
        event(0, r#"{"type":"tool_use","name":"Read","input":{"whole":true}}"#),
        event(1, r#"{"type":"tool_use","id":"t","name":"Read","input":{},"caller":{"type":"direct"}}"#),
        event(2, r#"{"type":"tool_use","id":"t","name":"Read","input":{},"caller":{"type":"direct"}}"#),
        "data: {\"type\":\"message_stop\"}\n\n".to_owned(),
    ];
    let server = FakeServer::start([Answer::recorded(stream.concat())]).unwrap();
    let reply = collect(asked(anthropic(&server)).ask(&ASK)).await.end.unwrap();
    assert_eq!(
        calls(&reply),
        [("call_1_1", "Read", r#"{"whole":true}"#), ("t", "Read", "{}"), ("call_1_3", "Read", "{}")]
    );
    let wires: Vec<Option<&str>> = reply.calls().map(|call| call.wire.as_ref().map(Json::as_str)).collect();
    let wire = |id: &str| {
        format!(r#"{{"type":"tool_use","id":"{id}","name":"Read","input":{{}},"caller":{{"type":"direct"}}}}"#)
    };
    assert_eq!(wires, [None, Some(wire("t").as_str()), Some(wire("call_1_3").as_str())]);
    assert_eq!(reply.stop, Stop::Tools);
}

#[tokio::test]
async fn keys_beside_a_call_go_back_with_it() {
    let chunk = r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"Read","arguments":"{\"n\":  1}"},"extra_content":{"google": {"thought_signature":"AbC+/="}}}]},"finish_reason":"stop"}]}"#;
    let reply = read(&[chunk]).await;
    let wire = reply.calls().next().unwrap().wire.clone().unwrap();
    let expected = r#"{"id":"a","type":"function","function":{"name":"Read","arguments":"{\"n\":  1}"},"extra_content":{"google": {"thought_signature":"AbC+/="}}}"#;
    assert_eq!(wire.as_str(), expected);
    let server = FakeServer::start([Turn::text("a")]).unwrap();
    let mut conversation = asked(openai(&server, Quirks::PLAIN));
    conversation.push(&Message::Reply(std::sync::Arc::new(reply)));
    crate::stage::reply(&*conversation).await;
    let body = String::from_utf8(server.records().pop().unwrap().body.to_vec()).unwrap();
    assert!(body.contains(&format!(r#""tool_calls":[{expected}]"#)), "{body}");
}

#[tokio::test]
async fn reasoning_is_told_from_text_in_every_form() {
    let cases: [(&str, Vec<&str>, &str, &str); 7] = [
        ("reasoning_content", vec![r#"{"reasoning_content":"Hm."}"#, r#"{"content":"Yes."}"#], "Hm.", "Yes."),
        ("reasoning", vec![r#"{"reasoning":"Hm.","content":null}"#, r#"{"content":"Yes."}"#], "Hm.", "Yes."),
        ("tags in one piece", vec![r#"{"content":"<think>Hm.</think>\n\nYes."}"#], "Hm.", "Yes."),
        (
            "tags in pieces",
            vec![
                r#"{"content":"\n<th"}"#,
                r#"{"content":"ink>H"}"#,
                r#"{"content":"m.</"}"#,
                r#"{"content":"think"}"#,
                r#"{"content":">\n"}"#,
                r#"{"content":"\nYes."}"#,
            ],
            "Hm.",
            "Yes.",
        ),
        ("no tag at the beginning", vec![r#"{"content":"Yes <think>no</think>."}"#], "", "Yes <think>no</think>."),
        ("a tag that never closes", vec![r#"{"content":"<think>Hm. </thi"}"#], "Hm. </thi", ""),
        (
            "typed parts",
            vec![
                r#"{"content":[{"type":"thinking","thinking":[{"type":"text","text":"Hm."}]}]}"#,
                r#"{"content":[{"type":"text","text":"Yes."}]}"#,
            ],
            "Hm.",
            "Yes.",
        ),
    ];
    for (name, deltas, thinking, text) in cases {
        let mut chunks: Vec<String> =
            deltas.iter().map(|delta| format!(r#"{{"choices":[{{"index":0,"delta":{delta}}}]}}"#)).collect();
        chunks.push(STOP.to_owned());
        let chunks: Vec<&str> = chunks.iter().map(String::as_str).collect();
        let server = FakeServer::start([stream(&chunks)]).unwrap();
        let outcome = collect(asked(openai(&server, Quirks::PLAIN)).ask(&ASK)).await;
        let reply = outcome.end.unwrap();
        let thought: String = reply
            .blocks
            .iter()
            .filter_map(|block| match block {
                Block::Thinking(thinking) => Some(thinking.text.as_str()),
                Block::Text(_) | Block::ToolCall(_) | Block::Opaque(_) => None,
            })
            .collect();
        assert_eq!((thought.as_str(), reply.text().as_str()), (thinking, text), "{name}");
        let shown: String = outcome
            .chunks
            .iter()
            .map(|chunk| match chunk {
                Chunk::Text(text) | Chunk::Thinking(text) => text.as_str(),
                Chunk::CallBegun { .. } | Chunk::Done(_) => "",
            })
            .collect();
        assert_eq!(shown, format!("{thinking}{text}"), "{name}");
    }
}

#[tokio::test]
async fn tags_are_text_where_the_server_sorts_reasoning_itself() {
    let chunk = r#"{"choices":[{"delta":{"content":"<think>x</think>y"},"finish_reason":"stop"}]}"#;
    let server = FakeServer::start([stream(&[chunk])]).unwrap();
    let reply = reply(&*asked(openai(&server, Quirks::OPENAI))).await;
    assert_eq!(reply.text(), "<think>x</think>y");
}

#[tokio::test]
async fn a_refusal_is_text_and_a_reason() {
    let reply = read(&[r#"{"choices":[{"delta":{"refusal":"I will not."}}]}"#, STOP]).await;
    assert_eq!((reply.text().as_str(), reply.stop), ("I will not.", Stop::Refused));
}

#[tokio::test]
async fn every_preset_has_a_name_and_no_name_is_made_up() {
    for name in Quirks::NAMES {
        assert!(Quirks::named(name).is_some(), "{name}");
    }
    assert_eq!(Quirks::named("novelty"), None);
    // Each preset gets through a whole exchange.
    for name in Quirks::NAMES {
        let server = FakeServer::start([Turn::text("a").call("Read", "{}")]).unwrap();
        let reply = reply(&*asked(openai(&server, Quirks::named(name).unwrap()))).await;
        assert_eq!((reply.text().as_str(), reply.stop, reply.usage.output), ("a", Stop::Tools, 5), "{name}");
    }
}
