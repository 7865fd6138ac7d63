//! What a provider said goes back to it exactly; what another dialect said goes over in neutral form.

use std::sync::Arc;

use event::{Block, CallId, Json, OpaqueBlock, Reply, Stop, TextBlock, ThinkingBlock, ToolCall, Usage};
use model::{Content, Message, ToolResult};
use model_http::{CacheStyle, Endpoint, Quirks};
use proptest::prelude::*;
use serde_json::{Value, json};
use testkit::{Answer, FakeServer, Turn};

use crate::stage::{anthropic_with, asked, openai, reply};

fn unmarked(server: &FakeServer) -> Endpoint {
    anthropic_with(server, |settings| settings.cache = CacheStyle::Off)
}

/// Asks, hands the reply back with results for its calls, asks again; gives the second request's text.
async fn second_request(first: Answer, endpoint: impl Fn(&FakeServer) -> Endpoint) -> (Reply, String) {
    let server = FakeServer::start([first, Answer::turn(Turn::text("end"))]).unwrap();
    let mut conversation = asked(endpoint(&server));
    let said = reply(&*conversation).await;
    conversation.push(&Message::Reply(Arc::new(said.clone())));
    let results = said.calls().map(|call| ToolResult { call: call.id.clone(), content: vec![], failed: false });
    conversation.push(&Message::Results(results.collect(), vec![Content::Text("go on".to_owned())]));
    reply(&*conversation).await;
    (said, String::from_utf8(server.records().pop().unwrap().body.to_vec()).unwrap())
}

/// A stream of finished blocks, each sent whole when it begins.
fn stream_of(blocks: &[String]) -> Answer {
    let begin = "data: {\"type\":\"message_start\",\"message\":{\"model\":\"m\",\"usage\":{}}}\n\n".to_owned();
    let end = "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"}}\n\ndata: {\"type\":\"message_stop\"}\n\n";
    let blocks = blocks.iter().enumerate().map(|(index, block)| {
        let start = format!("{{\"type\":\"content_block_start\",\"index\":{index},\"content_block\":{block}}}");
        format!("data: {start}\n\ndata: {{\"type\":\"content_block_stop\",\"index\":{index}}}\n\n")
    });
    let stream = begin + &blocks.collect::<Vec<_>>().concat() + end;
    Answer::recorded(stream)
}

/// JSON as other programs write it: numbers, escapes and spaces that no re-encoding would reproduce.
fn raw_json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just("1.0".to_owned()),
        Just("-0".to_owned()),
        Just("1E+2".to_owned()),
        Just("123456789012345678901234567890.50".to_owned()),
        Just(r#""\u00fc\/\ud83d\ude00""#.to_owned()),
        "[a-zA-Z äöü{}:,]{0,12}".prop_map(|text| format!("\"{text}\"")),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        let space = prop_oneof![Just(""), Just(" "), Just("  ")];
        prop_oneof![
            (prop::collection::vec(inner.clone(), 0..4), space.clone())
                .prop_map(|(items, space)| format!("[{}]", items.join(&format!("{space},{space}")))),
            (prop::collection::vec(("[a-z_]{1,6}", inner), 0..4), space).prop_map(|(entries, space)| {
                let entries: Vec<String> =
                    entries.into_iter().map(|(key, value)| format!("\"{key}\":{space}{value}")).collect();
                format!("{{{}}}", entries.join(&format!(",{space}")))
            }),
        ]
    })
}

/// A block of an unknown kind, or a known one with more than we know, keys in any order.
fn raw_block() -> impl Strategy<Value = String> {
    let kind = prop_oneof![
        Just("server_tool_use"),
        Just("redacted_thinking"),
        Just("container_upload"),
        Just("novelty"),
        Just("text"),
        Just("thinking"),
        Just("tool_use"),
    ];
    (kind, prop::collection::vec(("x_[a-z]{1,5}", raw_json()), 1..4), any::<bool>(), any::<prop::sample::Index>())
        .prop_map(|(kind, extra, _, place)| {
            let mut entries: Vec<String> = extra.into_iter().map(|(key, value)| format!("\"{key}\":{value}")).collect();
            // A null says nothing; one telling key keeps every block out of the neutral form.
            entries.push("\"telling\":1".to_owned());
            match kind {
                "text" => entries.push(r#""text":"some \u00e4 text""#.to_owned()),
                "thinking" => entries.push(r#""thinking":"hm","signature":"sig""#.to_owned()),
                "tool_use" => entries.push(r#""id":"toolu_x","name":"Read","input":{"a":  1}"#.to_owned()),
                _ => {}
            }
            let place = place.index(entries.len() + 1);
            entries.insert(place, format!("\"type\":\"{kind}\""));
            format!("{{{}}}", entries.join(","))
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn blocks_we_do_not_understand_go_back_byte_for_byte(block in raw_block()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (_, request) = runtime.block_on(second_request(stream_of(std::slice::from_ref(&block)), unmarked));
        let expected = format!(r#"{{"role":"assistant","content":[{block}]}}"#);
        prop_assert!(request.contains(&expected), "{expected}\nis not in\n{request}");
    }
}

#[tokio::test]
async fn plain_blocks_need_no_second_copy_and_go_back_the_same() {
    let turn = Turn::text("I \"look\".").call("Read", r#"{"file_path": "/a",  "n": 1.0}"#);
    let (said, request) = second_request(Answer::turn(turn), unmarked).await;
    let wires = said.blocks.iter().filter(|block| match block {
        Block::Text(text) => text.wire.is_some(),
        Block::Thinking(thinking) => thinking.wire.is_some(),
        Block::ToolCall(call) => call.wire.is_some(),
        Block::Opaque(_) => true,
    });
    assert_eq!(wires.count(), 0);
    let expected = r#"{"role":"assistant","content":[{"type":"text","text":"I \"look\"."},{"type":"tool_use","id":"fake_1_1","name":"Read","input":{"file_path": "/a",  "n": 1.0}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"fake_1_1"},{"type":"text","text":"go on"}]}"#;
    assert!(request.contains(expected), "{request}");
}

#[tokio::test]
async fn reasoning_goes_back_with_its_signature_before_the_call() {
    // The fake server writes its keys in the order of the alphabet, and so they go back.
    let turn = Turn::text("").thinking("Hm, \"so\".").call("Read", "{}");
    let (_, request) = second_request(Answer::turn(turn), unmarked).await;
    let expected = r#"{"role":"assistant","content":[{"signature":"signed-1","thinking":"Hm, \"so\".","type":"thinking"},{"type":"tool_use","id":"fake_1_1","name":"Read","input":{}}]}"#;
    assert!(request.contains(expected), "{request}");
}

#[tokio::test]
async fn reasoning_goes_back_to_servers_that_want_it_and_to_no_others() {
    let turn = Turn::text("Yes.").thinking("Hm.");
    let back = |quirks: Quirks| move |server: &FakeServer| openai(server, quirks.clone());
    let (_, request) = second_request(Answer::turn(turn.clone()), back(Quirks::LLAMA_CPP)).await;
    assert!(request.contains(r#"{"role":"assistant","content":"Yes.","reasoning_content":"Hm."}"#), "{request}");
    let (_, request) = second_request(Answer::turn(turn), back(Quirks::OPENAI)).await;
    assert!(request.contains(r#"{"role":"assistant","content":"Yes."}"#), "{request}");
}

/// A reply with everything, as another dialect would have it.
fn foreign(dialect: &str) -> Message {
    let wire = |text: &str| Some(Json::parse(text).unwrap());
    let call = |id: &str, input: &str| {
        let input = Json::parse(input).unwrap();
        Block::ToolCall(ToolCall { id: CallId::from(id), tool: "Read".to_owned(), input, wire: wire(r#"{"alien":1}"#) })
    };
    Message::Reply(Arc::new(Reply {
        blocks: vec![
            Block::Thinking(ThinkingBlock { text: "secret thoughts".to_owned(), wire: wire(r#"{"alien":2}"#) }),
            Block::Text(TextBlock { text: "Hello".to_owned(), wire: wire(r#"{"alien":3}"#) }),
            Block::Opaque(OpaqueBlock { kind: "alien".to_owned(), wire: wire(r#"{"alien":4}"#).unwrap() }),
            call("functions.Read:0", r#"{"a":1}"#),
            call("good_id", r#""{\"cut\": \"jso""#),
        ],
        stop: Stop::Tools,
        usage: Usage::default(),
        model: "m".to_owned(),
        dialect: dialect.to_owned(),
    }))
}

#[tokio::test]
async fn another_dialects_reply_goes_over_in_neutral_form() {
    let result = |id: &str| ToolResult {
        call: CallId::from(id),
        content: vec![Content::Text("out".to_owned())],
        failed: id == "good_id",
    };
    let results = || Message::Results(vec![result("functions.Read:0"), result("good_id")], vec![]);
    let server = FakeServer::start([Turn::text("a"), Turn::text("b")]).unwrap();
    let mut conversation = asked(unmarked(&server));
    conversation.push(&foreign("openai-chat"));
    conversation.push(&results());
    reply(&*conversation).await;
    let mut conversation = asked(openai(&server, Quirks::OPENAI));
    conversation.push(&foreign("anthropic"));
    conversation.push(&results());
    reply(&*conversation).await;
    let bodies: Vec<Value> = server.records().iter().map(testkit::Record::json).collect();
    // Ids with characters the interface refuses are rewritten, in the call and in its result alike.
    let id = bodies[0]["messages"][1]["content"][1]["id"].as_str().unwrap().to_owned();
    assert!(id.starts_with("functions_Read_0_") && id.len() == "functions_Read_0_".len() + 16, "{id}");
    let out = json!([{"type": "text", "text": "out"}]);
    let expected = json!([
        {"role": "assistant", "content": [
            {"type": "text", "text": "Hello"},
            {"type": "tool_use", "id": id, "name": "Read", "input": {"a": 1}},
            {"type": "tool_use", "id": "good_id", "name": "Read", "input": {}},
        ]},
        {"role": "user", "content": [
            {"type": "tool_result", "tool_use_id": id, "content": out},
            {"type": "tool_result", "tool_use_id": "good_id", "content": out, "is_error": true},
        ]},
    ]);
    assert_eq!(bodies[0]["messages"].as_array().unwrap()[1..], *expected.as_array().unwrap());
    let call = |id: &str, arguments: &str| json!({"id": id, "type": "function", "function": {"name": "Read", "arguments": arguments}});
    let expected = json!([
        {"role": "assistant", "content": "Hello", "tool_calls": [call("functions.Read:0", r#"{"a":1}"#), call("good_id", "{}")]},
        {"role": "tool", "tool_call_id": "functions.Read:0", "content": "out"},
        {"role": "tool", "tool_call_id": "good_id", "content": "[the call failed]\nout"},
    ]);
    assert_eq!(bodies[1]["messages"].as_array().unwrap()[2..], *expected.as_array().unwrap());
}

#[tokio::test]
async fn pictures_are_sent_where_they_are_seen_and_named_where_not() {
    let picture = || Content::Image { media: "image/png".to_owned(), bytes: Arc::from(*b"PNG!") };
    let pushed = [
        Message::User(vec![Content::Text("look".to_owned()), picture()]),
        Message::Results(
            vec![ToolResult {
                call: CallId::from("c"),
                content: vec![Content::Text("shot".to_owned()), picture()],
                failed: false,
            }],
            vec![],
        ),
    ];
    let server = FakeServer::start([Turn::text("a"), Turn::text("b"), Turn::text("c")]).unwrap();
    for endpoint in [unmarked(&server), openai(&server, Quirks::OPENAI), openai(&server, Quirks::PLAIN)] {
        let mut conversation = crate::stage::begin(endpoint);
        for message in &pushed {
            conversation.push(message);
        }
        reply(&*conversation).await;
    }
    let bodies: Vec<Value> = server.records().iter().map(testkit::Record::json).collect();
    let source = json!({"type": "base64", "media_type": "image/png", "data": "UE5HIQ=="});
    let seen = json!({"type": "image", "source": source});
    let text = |text: &str| json!({"type": "text", "text": text});
    let expected = json!([{"role": "user", "content": [
        text("look"), seen,
        {"type": "tool_result", "tool_use_id": "c", "content": [text("shot"), seen]},
    ]}]);
    assert_eq!(bodies[0]["messages"], expected);
    let seen = json!({"type": "image_url", "image_url": {"url": "data:image/png;base64,UE5HIQ=="}});
    let expected = json!([
        {"role": "user", "content": [text("look"), seen]},
        {"role": "tool", "tool_call_id": "c", "content": "shot"},
        {"role": "user", "content": [text("[picture returned by call c]"), seen]},
    ]);
    assert_eq!(bodies[1]["messages"].as_array().unwrap()[1..], *expected.as_array().unwrap());
    let named = "[a picture, image/png, 4 bytes, which this model cannot see]";
    assert_eq!(bodies[2]["messages"][1]["content"], format!("look\n\n{named}"));
    assert_eq!(bodies[2]["messages"][2]["content"], format!("shot\n\n{named}"));
}
