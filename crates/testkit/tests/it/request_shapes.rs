//! Our client's requests beside those of the official SDKs, for the same conversation: the same JSON, and JSON that the
//! SDKs' own types accept without a key too many.

use std::io::Write as _;
use std::sync::Arc;

use event::{Block, CallId, Json, OpaqueBlock, Reply, Stop, TextBlock, ThinkingBlock, ToolCall, Usage};
use futures_util::StreamExt as _;
use model::{Ask, Content, Conversation, Message, Setup, ToolResult, ToolSchema};
use model_http::{CacheStyle, Dialect, Endpoint, Provider, Quirks, Secret, Thinking};
use serde_json::{Value, json};
use testkit::{FakeServer, Record, Turn};

use crate::oracle::Sdk;

const SCHEMA: &str = r#"{"type":"object","properties":{"file_path":{"type":"string"}},"required":["file_path"]}"#;
const THOUGHT: &str = r#"{"type":"thinking","thinking":"Hm.","signature":"EqQBCg=="}"#;
const HIDDEN: &str = r#"{"type":"redacted_thinking","data":"EmwKAhgB"}"#;

/// A conversation with everything: system prompt, tool, reasoning, calls, results, a picture.
fn tell(conversation: &mut dyn Conversation, dialect: &str) {
    let wire = |text: &str| Some(Json::parse(text).unwrap());
    let call = |id: &str, path: &str| {
        Block::ToolCall(ToolCall {
            id: CallId::from(id),
            tool: "Read".to_owned(),
            input: Json::of(&json!({"file_path": path})).unwrap(),
            wire: None,
        })
    };
    let result = |id: &str, text: &str, failed| ToolResult {
        call: CallId::from(id),
        content: vec![Content::Text(text.to_owned())],
        failed,
    };
    conversation.push(&Message::User(vec![
        Content::Text("Look.".to_owned()),
        Content::Image { media: "image/png".to_owned(), bytes: Arc::from(*b"PNG!") },
    ]));
    conversation.push(&Message::Reply(Arc::new(Reply {
        blocks: vec![
            Block::Thinking(ThinkingBlock { text: "Hm.".to_owned(), wire: wire(THOUGHT) }),
            Block::Opaque(OpaqueBlock { kind: "redacted_thinking".to_owned(), wire: wire(HIDDEN).unwrap() }),
            Block::Text(TextBlock { text: "I read.".to_owned(), wire: None }),
            call("call_1", "/work/a"),
            call("call_2", "/work/b"),
        ],
        stop: Stop::Tools,
        usage: Usage::default(),
        model: "m".to_owned(),
        dialect: dialect.to_owned(),
    })));
    let results = vec![result("call_1", "content", false), result("call_2", "no such file", true)];
    conversation.push(&Message::Results(results, vec![Content::Text("Hurry.".to_owned())]));
}

/// What our client sends, recorded.
async fn ours(server: &FakeServer, endpoint: Endpoint, dialect: &str) -> Record {
    let setup = Setup {
        system: "You are a desk worker.".to_owned(),
        tools: vec![ToolSchema {
            name: "Read".to_owned(),
            description: "Reads a file.".to_owned(),
            input: Json::parse(SCHEMA).unwrap(),
        }],
    };
    let mut conversation = Provider::new(endpoint).model("fake-model", None).begin(Arc::new(setup));
    tell(&mut *conversation, dialect);
    let mut stream = conversation.ask(&Ask { step: 2, aside: None, effort: None });
    while let Some(chunk) = stream.next().await {
        chunk.unwrap();
    }
    server.records().pop().unwrap()
}

/// Sends the same conversation with the official SDK, and has the SDK's own types look at our body: they must accept it,
/// and no key may be unknown to them. Gives what the SDK sent, recorded.
fn theirs(server: &FakeServer, sdk: Sdk, request: &Value, ours: &Record) -> Record {
    let mut files = [tempfile::NamedTempFile::new().unwrap(), tempfile::NamedTempFile::new().unwrap()];
    files[0].write_all(request.to_string().as_bytes()).unwrap();
    files[1].write_all(&ours.body).unwrap();
    let [request, body] = files.each_ref().map(|file| file.path().to_string_lossy().into_owned());
    let jobs = [vec!["send".to_owned(), server.url(), request], vec!["types".to_owned(), body]];
    let seen = sdk.check_all(&jobs);
    assert_eq!(seen[1], json!({"same": true}));
    server.records().pop().unwrap()
}

fn headers<'r>(record: &'r Record, names: &[&str]) -> Vec<Vec<&'r str>> {
    names.iter().map(|name| record.header(name)).collect()
}

#[tokio::test]
async fn anthropic_requests_are_those_of_the_official_sdk() {
    let mark = json!({"type": "ephemeral"});
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    for style in [CacheStyle::Auto, CacheStyle::Blocks, CacheStyle::Off] {
        let server = FakeServer::by_history([Turn::text("a"), Turn::text("b")]).unwrap();
        let mut endpoint = Endpoint::anthropic("claude", server.url(), Some(Secret::new("sk-oracle")));
        if let Dialect::Anthropic(settings) = &mut endpoint.dialect {
            settings.cache = style;
            settings.thinking = Thinking::Adaptive;
            settings.effort = Some("high".to_owned());
            settings.max_tokens = 1000;
        }
        let sent = ours(&server, endpoint, "anthropic").await;
        let call =
            |id: &str, path: &str| json!({"type": "tool_use", "id": id, "name": "Read", "input": {"file_path": path}});
        let text = |text: &str| json!({"type": "text", "text": text});
        let result =
            |id: &str, words: &str| json!({"type": "tool_result", "tool_use_id": id, "content": [text(words)]});
        let mut failed = result("call_2", "no such file");
        failed["is_error"] = json!(true);
        let mut request = json!({
            "model": "fake-model", "max_tokens": 1000,
            "thinking": {"type": "adaptive"}, "output_config": {"effort": "high"},
            "system": [text("You are a desk worker.")],
            "tools": [{"name": "Read", "description": "Reads a file.", "input_schema": schema}],
            "messages": [
                {"role": "user", "content": [text("Look."), {"type": "image", "source":
                    {"type": "base64", "media_type": "image/png", "data": "UE5HIQ=="}}]},
                {"role": "assistant", "content": [
                    serde_json::from_str::<Value>(THOUGHT).unwrap(), serde_json::from_str::<Value>(HIDDEN).unwrap(),
                    text("I read."), call("call_1", "/work/a"), call("call_2", "/work/b"),
                ]},
                {"role": "user", "content": [result("call_1", "content"), failed, text("Hurry.")]},
            ],
        });
        match style {
            CacheStyle::Auto => {
                request["cache_control"] = mark.clone();
                request["system"][0]["cache_control"] = mark.clone();
            }
            CacheStyle::Blocks => {
                request["system"][0]["cache_control"] = mark.clone();
                request["messages"][2]["content"][2]["cache_control"] = mark.clone();
            }
            CacheStyle::Off => {}
        }
        let official = theirs(&server, Sdk::Anthropic, &request, &sent);
        assert_eq!(sent.json(), official.json(), "{style:?}");
        let names = ["anthropic-version", "authorization", "x-api-key", "content-type", "content-length"];
        let [.., length] = names;
        assert_eq!(headers(&sent, &names[..4]), headers(&official, &names[..4]));
        assert_eq!(sent.header(length).len(), official.header(length).len());
        assert_eq!(sent.path, official.path);
    }
}

#[tokio::test]
async fn openai_requests_are_those_of_the_official_sdk() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let server = FakeServer::by_history([Turn::text("a"), Turn::text("b")]).unwrap();
    let key = Some(Secret::new("sk-oracle"));
    let mut endpoint = Endpoint::openai("gpt", format!("{}/v1", server.url()), key, Quirks::OPENAI);
    if let Dialect::OpenAi(settings) = &mut endpoint.dialect {
        settings.max_tokens = Some(1000);
        settings.effort = Some("high".to_owned());
    }
    let sent = ours(&server, endpoint, "openai-chat").await;
    let call = |id: &str, path: &str| {
        let arguments = format!(r#"{{"file_path":"{path}"}}"#);
        json!({"id": id, "type": "function", "function": {"name": "Read", "arguments": arguments}})
    };
    let request = json!({
        "model": "fake-model", "max_completion_tokens": 1000, "reasoning_effort": "high",
        "stream_options": {"include_usage": true},
        "tools": [{"type": "function", "function":
            {"name": "Read", "description": "Reads a file.", "parameters": schema}}],
        "messages": [
            {"role": "developer", "content": "You are a desk worker."},
            {"role": "user", "content": [
                {"type": "text", "text": "Look."},
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,UE5HIQ=="}},
            ]},
            {"role": "assistant", "content": "I read.",
                "tool_calls": [call("call_1", "/work/a"), call("call_2", "/work/b")]},
            {"role": "tool", "tool_call_id": "call_1", "content": "content"},
            {"role": "tool", "tool_call_id": "call_2", "content": "[the call failed]\nno such file"},
            {"role": "user", "content": "Hurry."},
        ],
    });
    let official = theirs(&server, Sdk::OpenAi, &request, &sent);
    assert_eq!(sent.json(), official.json());
    let names = ["authorization", "x-api-key", "content-type"];
    assert_eq!(headers(&sent, &names), headers(&official, &names));
    assert_eq!(sent.path, official.path);
}

#[test]
fn the_strict_check_of_types_finds_a_key_too_many() {
    let content = json!([{"type": "text", "text": "a", "surplus": 1}]);
    for sdk in [Sdk::Anthropic, Sdk::OpenAi] {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        let mut body = json!({"model": "m", "stream": true, "messages": [{"role": "user", "content": content}]});
        if matches!(sdk, Sdk::Anthropic) {
            body["max_tokens"] = json!(1);
        }
        file.write_all(body.to_string().as_bytes()).unwrap();
        let seen = sdk.check(&["types", &file.path().to_string_lossy()]);
        assert!(seen["same"] == false && seen["error"].as_str().unwrap().contains("surplus"), "{seen}");
    }
}
