//! Headers, addresses and the fixed part of requests.

use model_http::{ApiVersion, Auth, CacheStyle, Dialect, Endpoint, Provider, Quirks, Secret, Thinking};
use serde_json::json;
use testkit::{FakeServer, Record, Turn};

use crate::stage::{KEY, anthropic, anthropic_with, asked, begin, openai, reply, said};

async fn request(change: impl FnOnce(&FakeServer) -> Endpoint) -> Record {
    let server = FakeServer::start([Turn::text("a")]).unwrap();
    reply(&*asked(change(&server))).await;
    server.records().pop().unwrap()
}

#[tokio::test]
async fn both_versions_and_both_ways_to_show_a_key_and_never_two() {
    let bearer = format!("Bearer {KEY}");
    for version in [ApiVersion::V20261021, ApiVersion::V20230601] {
        for (auth, expected) in [
            (Auth::Bearer, [vec![bearer.as_str()], vec![], vec![]]),
            (Auth::XApiKey, [vec![], vec![KEY], vec![]]),
            (Auth::ApiKey, [vec![], vec![], vec![KEY]]),
        ] {
            let record = request(|server| {
                let mut endpoint = anthropic_with(server, |settings| {
                    settings.version = version;
                    settings.betas = vec!["one-2026".to_owned(), "two-2026".to_owned()];
                });
                endpoint.auth = auth;
                // A gateway's header may not smuggle in a second key.
                endpoint.headers = vec![
                    ("Authorization".to_owned(), Secret::new("Bearer other")),
                    ("X-Api-Key".to_owned(), Secret::new("other")),
                    ("x-team".to_owned(), Secret::new("blue")),
                ];
                endpoint
            })
            .await;
            assert_eq!(["authorization", "x-api-key", "api-key"].map(|name| record.header(name)), expected);
            assert_eq!(record.header("anthropic-version"), [version.as_str()]);
            assert_eq!(record.header("anthropic-beta"), ["one-2026,two-2026"]);
            assert_eq!(record.header("x-team"), ["blue"]);
        }
    }
}

#[tokio::test]
async fn the_headers_of_a_plain_request_are_exactly_these() {
    let record = request(anthropic).await;
    let mut names: Vec<&str> = record.headers.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    let expected =
        ["accept", "anthropic-version", "authorization", "content-length", "content-type", "host", "user-agent"];
    assert_eq!(names, expected);
    assert_eq!(record.header("content-length"), [record.body.len().to_string()]);
    assert_eq!(record.header("content-type"), ["application/json"]);
    let record = request(|server| Endpoint { key: None, ..openai(server, Quirks::OLLAMA) }).await;
    assert!(record.header("authorization").is_empty());
    assert!(record.header("anthropic-version").is_empty());
}

#[tokio::test]
async fn base_urls_lead_to_the_right_path_however_they_are_written() {
    let cases = [
        ("", "/v1/messages", "/v1/chat/completions", "/v1/models"),
        ("/", "/v1/messages", "/v1/chat/completions", "/v1/models"),
        ("/v1", "/v1/messages", "/v1/chat/completions", "/v1/models"),
        ("/v1/", "/v1/messages", "/v1/chat/completions", "/v1/models"),
        ("/gate/v1", "/gate/v1/messages", "/gate/v1/chat/completions", "/gate/v1/models"),
        ("/v1beta/openai", "/v1beta/openai/v1/messages", "/v1beta/openai/chat/completions", "/v1beta/openai/models"),
    ];
    for (base, messages, completions, models) in cases {
        let server = FakeServer::start([Turn::text("a"), Turn::text("b")]).unwrap();
        let at = |mut endpoint: Endpoint| {
            endpoint.base_url.push_str(base);
            endpoint
        };
        let chat = at(openai(&server, Quirks::PLAIN));
        reply(&*asked(at(anthropic(&server)))).await;
        reply(&*asked(chat.clone())).await;
        Provider::new(chat).list_models().await.unwrap();
        let paths: Vec<String> = server.records().into_iter().map(|record| record.path).collect();
        assert_eq!(paths, [messages, completions, models], "base path `{base}`");
    }
}

#[tokio::test]
async fn the_anthropic_head_says_what_the_settings_say() {
    let tool = json!({"name": "Read", "description": "Reads a file.", "input_schema":
        {"type": "object", "properties": {"file_path": {"type": "string"}}, "required": ["file_path"]}});
    let mark = json!({"type": "ephemeral"});
    let hello = json!([{"role": "user", "content": [{"type": "text", "text": "hello"}]}]);
    let record = request(|server| anthropic_with(server, |settings| settings.max_tokens = 1000)).await;
    let expected = json!({
        "model": "example-1", "max_tokens": 1000, "stream": true, "tools": [tool], "messages": hello,
        "system": [{"type": "text", "text": "You are a \"desk\" worker.", "cache_control": mark}],
        "cache_control": mark,
    });
    assert_eq!(record.json(), expected);
    let record = request(|server| {
        anthropic_with(server, |settings| {
            settings.cache = CacheStyle::Blocks;
            settings.thinking = Thinking::Adaptive;
            settings.effort = Some("high".to_owned());
        })
    })
    .await;
    let expected = json!({
        "model": "example-1", "max_tokens": 32000, "stream": true, "tools": [tool],
        "thinking": {"type": "adaptive"}, "output_config": {"effort": "high"},
        "system": [{"type": "text", "text": "You are a \"desk\" worker.", "cache_control": mark}],
        "messages": [{"role": "user", "content": [{"type": "text", "text": "hello", "cache_control": mark}]}],
    });
    assert_eq!(record.json(), expected);
    let record = request(|server| {
        anthropic_with(server, |settings| {
            settings.cache = CacheStyle::Off;
            settings.thinking = Thinking::Budget(2048);
        })
    })
    .await;
    let expected = json!({
        "model": "example-1", "max_tokens": 32000, "stream": true, "tools": [tool], "messages": hello,
        "thinking": {"type": "enabled", "budget_tokens": 2048},
        "system": [{"type": "text", "text": "You are a \"desk\" worker."}],
    });
    assert_eq!(record.json(), expected);
}

#[tokio::test]
async fn the_openai_head_says_what_settings_and_quirks_say() {
    let tool = json!({"type": "function", "function": {"name": "Read", "description": "Reads a file.", "parameters":
        {"type": "object", "properties": {"file_path": {"type": "string"}}, "required": ["file_path"]}}});
    let limited = |server: &FakeServer, quirks: Quirks| {
        let mut endpoint = openai(server, quirks);
        if let Dialect::OpenAi(settings) = &mut endpoint.dialect {
            settings.max_tokens = Some(500);
            settings.effort = Some("low".to_owned());
        }
        endpoint
    };
    let record = request(|server| limited(server, Quirks::OPENAI)).await;
    let expected = json!({
        "model": "example-1", "stream": true, "stream_options": {"include_usage": true},
        "max_completion_tokens": 500, "reasoning_effort": "low", "tools": [tool],
        "messages": [
            {"role": "developer", "content": "You are a \"desk\" worker."}, {"role": "user", "content": "hello"},
        ],
    });
    assert_eq!(record.json(), expected);
    let record = request(|server| openai(server, Quirks { parallel_calls: false, ..Quirks::PLAIN })).await;
    let expected = json!({
        "model": "example-1", "stream": true, "tools": [tool], "parallel_tool_calls": false,
        "messages": [
            {"role": "system", "content": "You are a \"desk\" worker."}, {"role": "user", "content": "hello"},
        ],
    });
    assert_eq!(record.json(), expected);
}

#[tokio::test]
async fn the_effort_of_a_request_goes_before_that_of_the_settings() {
    let table = [(None, None), (Some("low"), None), (None, Some("high")), (Some("low"), Some("high"))];
    for (set, asked_for) in table {
        let server = FakeServer::start([Turn::text("a"), Turn::text("b"), Turn::text("c"), Turn::text("d")]).unwrap();
        let set_to = set.map(str::to_owned);
        let claude = anthropic_with(&server, |settings| settings.effort.clone_from(&set_to));
        let mut local = openai(&server, Quirks::PLAIN);
        if let Dialect::OpenAi(settings) = &mut local.dialect {
            settings.effort = set_to;
        }
        let wanted = asked_for.or(set).map_or(serde_json::Value::Null, |effort| json!(effort));
        for (endpoint, place) in [(claude, "/output_config/effort"), (local, "/reasoning_effort")] {
            let conversation = asked(endpoint);
            for aside in [None, Some("Sum it up.".to_owned())] {
                let ask = model::Ask { step: 1, aside, effort: asked_for.map(str::to_owned) };
                crate::stage::collect(conversation.ask(&ask)).await.end.unwrap();
                let body = server.records().pop().unwrap().json();
                assert_eq!(body.pointer(place).cloned().unwrap_or_default(), wanted, "{set:?} {asked_for:?}");
            }
        }
    }
}

#[tokio::test]
async fn no_request_ever_has_a_sampling_setting() {
    for record in [request(anthropic).await, request(|server| openai(server, Quirks::OPENAI)).await] {
        let body = record.json();
        for name in ["temperature", "top_p", "top_k"] {
            assert_eq!(body.get(name), None);
        }
    }
}

#[tokio::test]
async fn an_aside_is_asked_once_and_not_kept() {
    for style in [CacheStyle::Auto, CacheStyle::Blocks, CacheStyle::Off] {
        let server = FakeServer::start([Turn::text("a"), Turn::text("b")]).unwrap();
        let mut conversation = asked(anthropic_with(&server, |settings| settings.cache = style));
        let before = conversation.request_bytes();
        let aside = model::Ask { step: 1, aside: Some("Sum it up.".to_owned()), effort: None };
        crate::stage::collect(conversation.ask(&aside)).await.end.unwrap();
        assert_eq!(conversation.request_bytes(), before);
        conversation.push(&said("more"));
        reply(&*conversation).await;
        let texts = server.records().into_iter().map(|record| {
            let body = record.json();
            let content = body["messages"][0]["content"].as_array().unwrap().clone();
            content.iter().map(|block| block["text"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        });
        assert_eq!(texts.collect::<Vec<_>>(), [["hello", "Sum it up."], ["hello", "more"]]);
    }
    let server = FakeServer::start([Turn::text("a")]).unwrap();
    let aside = model::Ask { step: 1, aside: Some("Sum it up.".to_owned()), effort: None };
    crate::stage::collect(begin(openai(&server, Quirks::PLAIN)).ask(&aside)).await.end.unwrap();
    let body = server.records().pop().unwrap().json();
    assert_eq!(body["messages"][1], json!({"role": "user", "content": "Sum it up."}));
}

#[test]
fn descriptions_name_the_place_and_no_secret() {
    let endpoint = Endpoint::anthropic("claude", "https://me:pass@api.example.org/v1/?key=k#f", Some(Secret::new("k")));
    assert_eq!(endpoint.describe(), "claude (anthropic) at https://api.example.org/v1, with a key");
    let endpoint = Endpoint::openai("local", "http://localhost:11434", None, Quirks::OLLAMA);
    assert_eq!(endpoint.describe(), "local (openai-chat) at http://localhost:11434, without a key");
}
