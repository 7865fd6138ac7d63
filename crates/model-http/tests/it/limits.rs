//! Bounds: a reply, a line and a list that are too large, and the memory they may take.

use model::ErrorKind;
use model_http::{Provider, Quirks};
use testkit::{Answer, FakeServer, Turn};

use crate::stage::{ASK, anthropic, asked, collect, failure, openai, text_of};

const MEGABYTE: usize = 1024 * 1024;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reply_of_many_megabytes_comes_whole() {
    let server = FakeServer::start([Answer::flood(20 * MEGABYTE), Answer::flood(20 * MEGABYTE)]).unwrap();
    for endpoint in [anthropic(&server), openai(&server, Quirks::PLAIN)] {
        let outcome = collect(asked(endpoint).ask(&ASK)).await;
        assert_eq!(text_of(&outcome.chunks).len(), 20 * MEGABYTE);
        assert_eq!(outcome.end.unwrap().text().len(), 20 * MEGABYTE);
    }
}

/// Reads a reply and forgets its chunks, as a caller that forwards them does; gives the error it ends with.
async fn drain(mut stream: model::ReplyStream) -> (usize, Option<model::ModelError>) {
    let mut bytes = 0;
    while let Some(next) = futures_util::StreamExt::next(&mut stream).await {
        match next {
            Ok(model::Chunk::Text(text)) => bytes += text.len(),
            Ok(_) => {}
            Err(error) => return (bytes, Some(error)),
        }
    }
    (bytes, None)
}

/// The most memory this process has had so far, in bytes.
fn peak() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() * 1024
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reply_of_a_gigabyte_is_refused_at_a_hundred_megabytes_in_bounded_memory() {
    let server = FakeServer::start([Answer::flood(1024 * MEGABYTE), Answer::flood(1024 * MEGABYTE)]).unwrap();
    for endpoint in [anthropic(&server), openai(&server, Quirks::PLAIN)] {
        let name = endpoint.provider.clone();
        let (bytes, error) = drain(asked(endpoint).ask(&ASK)).await;
        let error = error.unwrap();
        assert_eq!(error.kind, ErrorKind::BadRequest);
        assert_eq!(error.message, format!("the reply of `{name}` is larger than 100 MB or has more than 10000 parts"));
        assert!((90 * MEGABYTE..=100 * MEGABYTE).contains(&bytes), "{bytes}");
    }
    // The text itself, its growing, and what other tests of this process hold at the same time.
    assert!(peak() < 700 * MEGABYTE, "{} MB", peak() / MEGABYTE);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_that_never_ends_is_refused_early() {
    let line = format!("data: {{\"choices\":[{{\"delta\":{{\"content\":\"{}", "x".repeat(9 * MEGABYTE));
    let many = "data: 0123456789\n".repeat(MEGABYTE);
    for stream in [line, many] {
        let server = FakeServer::start([Answer::recorded(stream)]).unwrap();
        let error = failure(&*asked(openai(&server, Quirks::PLAIN))).await;
        assert_eq!(error.message, "the reply of `local` has a line longer than 8 MB");
        assert_eq!(error.kind, ErrorKind::BadRequest);
    }
}

#[tokio::test]
async fn a_line_just_within_the_limit_is_read() {
    let turn = Turn::text("y".repeat(7 * MEGABYTE));
    let server = FakeServer::start([turn]).unwrap();
    let outcome = collect(asked(anthropic(&server)).ask(&ASK)).await;
    assert_eq!(outcome.end.unwrap().text().len(), 7 * MEGABYTE);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_empty_blocks_or_calls_is_refused_too() {
    let blocks: Vec<String> = (0..10_001)
        .map(|index| {
            let block = r#"{"type":"text","text":""}"#;
            format!("data: {{\"type\":\"content_block_start\",\"index\":{index},\"content_block\":{block}}}\n\n")
        })
        .collect();
    let calls: Vec<String> = (0..10_001)
        .map(|index| format!("data: {{\"choices\":[{{\"delta\":{{\"tool_calls\":[{{\"index\":{index}}}]}}}}]}}\n\n"))
        .collect();
    let server = FakeServer::start([Answer::recorded(blocks.concat()), Answer::recorded(calls.concat())]).unwrap();
    for endpoint in [anthropic(&server), openai(&server, Quirks::PLAIN)] {
        let name = endpoint.provider.clone();
        let error = failure(&*asked(endpoint)).await;
        let expected = format!("the reply of `{name}` is larger than 100 MB or has more than 10000 parts");
        assert_eq!((error.kind, error.message), (ErrorKind::BadRequest, expected));
    }
}

#[tokio::test]
async fn an_endless_error_and_an_endless_list_are_cut_short() {
    let server = FakeServer::start([Answer::status(500, "x".repeat(3 * MEGABYTE))]).unwrap();
    let error = failure(&*asked(anthropic(&server))).await;
    assert!(error.message.len() < 700, "{}", error.message.len());
    server.list_models_as([Answer::document("application/json", " ".repeat(9 * MEGABYTE))]);
    let error = Provider::new(anthropic(&server)).list_models().await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::NotFound);
}
