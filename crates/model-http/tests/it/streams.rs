//! Recorded streams of both dialects: whole, cut at every byte, in pieces, and slowly.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use event::{Block, CallId, Json, Reply, Stop, TextBlock, ThinkingBlock, ToolCall, Usage};
use futures_util::StreamExt as _;
use model::{Chunk, ErrorKind};
use model_http::{Endpoint, Provider, Quirks};
use testkit::{Answer, Bounds, FakeServer};

use crate::stage::{ASK, Outcome, anthropic, asked, collect, openai, said, setup};

const TEXT_AND_CALL: &[u8] = include_bytes!("recorded/anthropic_text_and_call.sse");
const THINKING_AND_CALLS: &[u8] = include_bytes!("recorded/anthropic_thinking_and_calls.sse");
const SERVER_TOOLS: &[u8] = include_bytes!("recorded/anthropic_server_tools.sse");
const REASONING_AND_TEXT: &[u8] = include_bytes!("recorded/openai_reasoning_and_text.sse");
const PARALLEL_CALLS: &[u8] = include_bytes!("recorded/openai_parallel_calls.sse");

fn call(id: &str, tool: &str, input: &str, wire: Option<&str>) -> Block {
    let wire = wire.map(|wire| Json::parse(wire).unwrap());
    Block::ToolCall(ToolCall { id: CallId::from(id), tool: tool.to_owned(), input: Json::parse(input).unwrap(), wire })
}

fn text(text: &str) -> Chunk {
    Chunk::Text(text.to_owned())
}

fn thinking(text: &str) -> Chunk {
    Chunk::Thinking(text.to_owned())
}

fn begun(tool: &str) -> Chunk {
    Chunk::CallBegun { tool: tool.to_owned() }
}

fn anthropic_reply(blocks: Vec<Block>, output: u64) -> Reply {
    Reply {
        blocks,
        stop: Stop::Tools,
        usage: Usage { input: 25, output, cache_read: 11, cache_write: 7 },
        model: "claude-example-1".to_owned(),
        dialect: "anthropic".to_owned(),
    }
}

fn openai_reply(blocks: Vec<Block>, stop: Stop) -> Reply {
    Reply {
        blocks,
        stop,
        usage: Usage { input: 20, output: 12, cache_read: 10, cache_write: 0 },
        model: "gpt-example-1".to_owned(),
        dialect: "openai-chat".to_owned(),
    }
}

/// A recorded stream, the kind of endpoint that reads it, and what must come of it.
type Case = (&'static [u8], fn(&FakeServer) -> Endpoint, Outcome);

/// All recorded streams.
fn recorded() -> Vec<Case> {
    let on_openai = |server: &FakeServer| openai(server, Quirks::OPENAI);
    let plain_text = |text: &str| Block::Text(TextBlock { text: text.to_owned(), wire: None });
    let signed = r#"{"type":"thinking","thinking":"Two files, so two calls.","signature":"EqQBCgIYAhIM1gbcDa9GJwZA2b3hGgxBdjrkzLoky3dl1pkiMOYds=="}"#;
    let wire = |id: &str, tool: &str, input: &str| {
        format!(r#"{{"type":"tool_use","id":"{id}","name":"{tool}","input":{input},"caller":{{"type":"direct"}}}}"#)
    };
    let (read, glob) = (r#"{"file_path":"/work/a"}"#, r#"{"pattern":"**/*"}"#);
    vec![
        (
            TEXT_AND_CALL,
            anthropic,
            Outcome {
                chunks: vec![text("Grüße – I read "), text("the \"file\"\n now."), begun("Read")],
                end: Ok(anthropic_reply(
                    vec![
                        plain_text("Grüße – I read the \"file\"\n now."),
                        call("toolu_01", "Read", r#"{"file_path": "/work/a.txt"}"#, None),
                    ],
                    42,
                )),
            },
        ),
        (
            THINKING_AND_CALLS,
            anthropic,
            Outcome {
                chunks: vec![thinking("Two files, "), thinking("so two calls."), begun("Read"), begun("Glob")],
                end: Ok(anthropic_reply(
                    vec![
                        Block::Thinking(ThinkingBlock {
                            text: "Two files, so two calls.".to_owned(),
                            wire: Some(Json::parse(signed).unwrap()),
                        }),
                        call("toolu_02", "Read", read, Some(&wire("toolu_02", "Read", read))),
                        call("toolu_03", "Glob", glob, Some(&wire("toolu_03", "Glob", glob))),
                    ],
                    77,
                )),
            },
        ),
        (
            REASONING_AND_TEXT,
            on_openai,
            Outcome {
                chunks: vec![thinking("Let me "), thinking("see."), text("Grüße – "), text("done\n\"now\".")],
                end: Ok(openai_reply(
                    vec![
                        Block::Thinking(ThinkingBlock { text: "Let me see.".to_owned(), wire: None }),
                        plain_text("Grüße – done\n\"now\"."),
                    ],
                    Stop::Finished,
                )),
            },
        ),
        (
            PARALLEL_CALLS,
            on_openai,
            Outcome {
                chunks: vec![begun("Read"), begun("Glob")],
                end: Ok(openai_reply(
                    vec![
                        call("call_a", "Read", r#"{"file_path": "/work/a"}"#, None),
                        call("call_b", "Glob", r#"{"pattern":"*"}"#, None),
                    ],
                    Stop::Tools,
                )),
            },
        ),
    ]
}

#[tokio::test]
async fn a_recorded_stream_gives_exactly_its_chunks_and_its_reply() {
    for (stream, endpoint, expected) in recorded() {
        let server = FakeServer::start([Answer::recorded(stream)]).unwrap();
        assert_eq!(collect(asked(endpoint(&server)).ask(&ASK)).await, expected);
    }
}

#[tokio::test]
async fn server_side_tools_and_citations_are_kept_exactly_and_novelties_ignored() {
    let server = FakeServer::start([Answer::recorded(SERVER_TOOLS)]).unwrap();
    let outcome = collect(asked(anthropic(&server)).ask(&ASK)).await;
    let reply = outcome.end.unwrap();
    let wires: Vec<(&str, &str)> = reply
        .blocks
        .iter()
        .map(|block| match block {
            Block::Opaque(opaque) => (opaque.kind.as_str(), opaque.wire.as_str()),
            Block::Text(text) => ("text", text.wire.as_ref().unwrap().as_str()),
            Block::Thinking(_) | Block::ToolCall(_) => panic!("no such block was sent"),
        })
        .collect();
    let expected = [
        (
            "server_tool_use",
            r#"{"type":"server_tool_use","id":"srvtoolu_1","name":"web_search","input":{"query":"weather"}}"#,
        ),
        (
            "web_search_tool_result",
            r#"{"type":"web_search_tool_result","tool_use_id":"srvtoolu_1","content":[{"type":"web_search_result","title":"W","url":"https://example.org","encrypted_content":"AbC/+==","page_age":null}]}"#,
        ),
        (
            "text",
            r#"{"type":"text","text":"It is sunny.","citations":[{"type":"web_search_result_location","url":"https://example.org","title":"W","encrypted_index":"Eo8B","cited_text":"sunny"}]}"#,
        ),
    ];
    assert_eq!(wires, expected);
    assert_eq!((reply.text().as_str(), reply.stop), ("It is sunny.", Stop::Finished));
    assert_eq!(outcome.chunks, [text("It is sunny.")]);
}

/// Answers with the stream, cut after as many bytes as the request's text says.
fn cutting(stream: &'static [u8]) -> FakeServer {
    FakeServer::with(Bounds::default(), move |asked| {
        let body = String::from_utf8_lossy(&asked.body).into_owned();
        let (_, rest) = body.split_once("cut after ").unwrap();
        let bytes = rest.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap();
        Answer::recorded(stream).cut_after(bytes)
    })
    .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_cut_at_any_byte_gives_no_reply_and_never_hangs() {
    for (stream, endpoint, expected) in recorded() {
        let server = cutting(stream);
        let model = Provider::new(endpoint(&server)).model("example-1", None);
        let model = &model;
        let asks = (0..=stream.len()).map(|bytes| async move {
            let mut conversation = model.begin(setup());
            conversation.push(&said(&format!("cut after {bytes} bytes")));
            let outcome = collect(conversation.ask(&ASK)).await;
            (bytes, outcome)
        });
        let outcomes: BTreeMap<usize, Outcome> = futures_util::stream::iter(asks).buffer_unordered(64).collect().await;
        assert_eq!(outcomes.len(), stream.len() + 1);
        for (bytes, outcome) in &outcomes {
            if *bytes == stream.len() {
                assert_eq!(outcome, &expected, "a stream cut behind its end is whole");
                continue;
            }
            let error = outcome.end.as_ref().expect_err("a cut stream is no reply");
            assert_eq!(error.kind, ErrorKind::Cut, "cut after {bytes}: {error}");
            let prefix = expected.chunks.get(..outcome.chunks.len()).expect("no chunk may be made up");
            assert_eq!(outcome.chunks, prefix, "cut after {bytes}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pieces_of_any_size_give_the_same_reply() {
    for (stream, endpoint, expected) in recorded() {
        let answers = [1, 2, 3, 7, 64, 1000].map(|size| Answer::recorded(stream).in_pieces(size));
        let count = answers.len();
        let server = FakeServer::start(answers).unwrap();
        let conversation = asked(endpoint(&server));
        for _ in 0..count {
            assert_eq!(collect(conversation.ask(&ASK)).await, expected);
        }
        assert_eq!(server.asked(), count);
    }
}

#[tokio::test]
async fn a_slow_stream_gives_its_chunks_as_they_come() {
    let (stream, endpoint, expected) = recorded().swap_remove(0);
    // Each piece is a packet of its own; the whole takes under a second.
    let answer = Answer::recorded(stream).in_pieces(40).every(Duration::from_millis(10));
    let server = FakeServer::start([answer]).unwrap();
    let mut stream = asked(endpoint(&server)).ask(&ASK);
    let first = stream.next().await.unwrap().unwrap();
    assert_eq!(first, expected.chunks[0]);
    let ended = server.records().pop().unwrap().ended;
    assert_eq!(ended, None, "the first chunk must come before the answer's end");
    let rest = collect(stream).await;
    assert_eq!((rest.chunks.as_slice(), rest.end), (&expected.chunks[1..], expected.end));
}

#[tokio::test]
async fn an_unfinished_stream_that_ends_properly_is_cut_too() {
    for (stream, endpoint, _) in recorded() {
        let text = std::str::from_utf8(stream).unwrap();
        // Without its last two events each stream lacks its proper end.
        let events: Vec<&str> = text.split_inclusive("\n\n").collect();
        let kept = events.len() - if text.contains("[DONE]") { 3 } else { 1 };
        let server = FakeServer::start([Answer::recorded(events[..kept].concat())]).unwrap();
        let error = collect(asked(endpoint(&server)).ask(&ASK)).await.end.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Cut, "{error}");
    }
}

#[tokio::test]
async fn a_finish_reason_and_a_proper_end_are_enough_without_the_word_done() {
    let text = std::str::from_utf8(PARALLEL_CALLS).unwrap().replace("data: [DONE]\n\n", "");
    let server = FakeServer::start([Answer::recorded(text)]).unwrap();
    let (_, _, expected) = recorded().pop().unwrap();
    assert_eq!(collect(asked(openai(&server, Quirks::OPENAI)).ask(&ASK)).await, expected);
}

#[tokio::test]
async fn line_ends_of_every_kind_and_comments_make_no_difference() {
    for (stream, endpoint, expected) in recorded() {
        let text = std::str::from_utf8(stream).unwrap();
        let variants = [
            text.replace('\n', "\r\n"),
            text.replace('\n', "\r"),
            format!("\u{feff}: hello\n\n{text}"),
            text.replace("data: ", ":keep-alive\nid: 7\nretry: 5\ndatabase: x\ndata:"),
        ];
        for variant in variants {
            let server = FakeServer::start([Answer::recorded(variant).in_pieces(5)]).unwrap();
            assert_eq!(collect(asked(endpoint(&server)).ask(&ASK)).await, expected);
        }
    }
}

#[tokio::test]
async fn stop_reasons_of_both_dialects_are_told_apart() {
    let cases = [
        ("end_turn", Stop::Finished),
        ("stop_sequence", Stop::Finished),
        ("max_tokens", Stop::OutputLimit),
        ("pause_turn", Stop::ProviderPause),
        ("refusal", Stop::Refused),
        ("model_context_window_exceeded", Stop::ContextFull),
        ("novelty", Stop::Other("novelty".to_owned())),
    ];
    for (word, stop) in cases {
        let server = FakeServer::start([testkit::Turn::text("a").stop(word)]).unwrap();
        assert_eq!(collect(asked(anthropic(&server)).ask(&ASK)).await.end.unwrap().stop, stop);
    }
    let cases = [
        ("stop", Stop::Finished),
        ("length", Stop::OutputLimit),
        ("content_filter", Stop::Refused),
        ("novelty", Stop::Other("novelty".to_owned())),
    ];
    for (word, stop) in cases {
        let server = FakeServer::start([testkit::Turn::text("a").stop(word)]).unwrap();
        assert_eq!(collect(asked(openai(&server, Quirks::PLAIN)).ask(&ASK)).await.end.unwrap().stop, stop);
    }
}

#[tokio::test]
async fn a_turn_of_the_fake_server_comes_out_the_same_in_both_dialects() {
    let turn = testkit::Turn::text("Two words").thinking("Hm.").call("Read", r#"{"a":1}"#);
    let server = FakeServer::start([turn.clone(), turn]).unwrap();
    let first = collect(asked(anthropic(&server)).ask(&ASK)).await;
    let second = collect(asked(openai(&server, Quirks::OPENAI)).ask(&ASK)).await;
    assert_eq!(first.chunks, [thinking("Hm."), text("Two "), text("words"), begun("Read")]);
    assert_eq!(second.chunks, first.chunks);
    let (first, second) = (Arc::new(first.end.unwrap()), second.end.unwrap());
    assert_eq!((first.text(), first.stop.clone(), first.usage), (second.text(), second.stop.clone(), second.usage));
    assert_eq!(first.calls().collect::<Vec<_>>(), second.calls().collect::<Vec<_>>());
}
