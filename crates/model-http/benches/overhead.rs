//! What the client costs: per request at several sizes of history, per streamed token, and at the start.
//!
//! Prints medians beside a bare loop that does the same over one plain socket, so that ratios can be compared.
#![allow(clippy::expect_used, reason = "a benchmark that cannot run has nothing to report")]

use std::io::{Read as _, Write as _};
use std::sync::Arc;
use std::time::{Duration, Instant};

use event::Json;
use futures_util::StreamExt as _;
use model::{Ask, Chunk, Content, Conversation, Message, Setup, ToolSchema};
use model_http::{Endpoint, Provider, Quirks};
use testkit::{Answer, Bounds, FakeServer, Turn};

const ASK: Ask = Ask { step: 1, aside: None, effort: None };

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let mut out = std::io::stdout();
    for line in runtime.block_on(all()) {
        writeln!(out, "{line}").expect("standard output");
    }
}

async fn all() -> Vec<String> {
    let mut lines = vec![start().await, certificates().await];
    for bytes in [2_000, 130_000, 1_000_000, 10_000_000] {
        lines.push(request(bytes).await);
    }
    for dialect in ["anthropic", "openai"] {
        lines.push(tokens(dialect).await);
    }
    lines
}

fn server(answer: Answer) -> FakeServer {
    let bounds = Bounds { keep_bodies: false, ..Bounds::default() };
    FakeServer::with(bounds, move |_| answer.clone()).expect("a server")
}

fn begin(endpoint: Endpoint) -> Box<dyn Conversation> {
    let tools = (0..20).map(|number| ToolSchema {
        name: format!("Tool{number}"),
        description: "Does something with a file, and says what it did. ".repeat(6),
        input: Json::parse(r#"{"type":"object","properties":{"file_path":{"type":"string"}}}"#).expect("JSON"),
    });
    let setup = Setup { system: "You are a desk worker. ".repeat(50), tools: tools.collect() };
    Provider::new(endpoint).model("m", None).begin(Arc::new(setup))
}

async fn start() -> String {
    let server = server(Answer::turn(Turn::text("a")));
    let began = Instant::now();
    let mut conversation = begin(Endpoint::anthropic("a", server.url(), None));
    conversation.push(&Message::User(vec![Content::Text("hello".to_owned())]));
    let mut stream = conversation.ask(&ASK);
    let first = stream.next().await;
    format!("provider to first token, cold: {:?} ({})", began.elapsed(), first.is_some())
}

async fn certificates() -> String {
    let server = server(Answer::turn(Turn::text("a")));
    let began = Instant::now();
    let conversation = begin(Endpoint::anthropic("a", server.url().replace("http:", "https:"), None));
    let first = conversation.ask(&ASK).next().await;
    format!("https provider to a refused handshake, cold: {:?} ({})", began.elapsed(), first.is_some())
}

async fn request(bytes: usize) -> String {
    let server = server(Answer::turn(Turn::text("a")));
    let mut conversation = begin(Endpoint::anthropic("a", server.url(), None));
    while conversation.request_bytes() < bytes {
        conversation.push(&Message::User(vec![Content::Text("line of a file\n".repeat(200))]));
    }
    let rounds = if bytes > 500_000 { 30 } else { 500 };
    let mut ours = Vec::new();
    for _ in 0..rounds {
        let began = Instant::now();
        let mut stream = conversation.ask(&ASK);
        while let Some(Ok(_)) = stream.next().await {}
        ours.push(began.elapsed());
    }
    let size = conversation.request_bytes();
    let mut bare = Vec::new();
    let mut socket = std::net::TcpStream::connect(server.address()).expect("a connection");
    socket.set_nodelay(true).expect("a socket");
    let head = format!("POST /v1/messages HTTP/1.1\r\nhost: x\r\ncontent-length: {size}\r\n\r\n");
    let body = vec![b'x'; size];
    let mut buffer = vec![0; 64 * 1024];
    for _ in 0..rounds {
        let began = Instant::now();
        socket.write_all(head.as_bytes()).expect("a write");
        socket.write_all(&body).expect("a write");
        let mut answer = Vec::new();
        while !answer.ends_with(b"0\r\n\r\n") {
            let read = socket.read(&mut buffer).expect("a read");
            answer.extend_from_slice(&buffer[..read]);
        }
        bare.push(began.elapsed());
    }
    let (ours, bare) = (median(ours), median(bare));
    format!("{size} bytes: {ours:?}, bare socket {bare:?}, difference {:?}", ours.saturating_sub(bare))
}

async fn tokens(dialect: &str) -> String {
    let text = (0..20_000).map(|number| format!("word{number}")).collect::<Vec<_>>().join(" ");
    // A stand-alone recording: rendering the events would be the server's cost.
    let of = if dialect == "openai" { testkit::Dialect::OpenAi } else { testkit::Dialect::Anthropic };
    let body = Answer::turn(Turn::text(text)).body(of, 0);
    let size = body.len();
    let server = server(Answer::recorded(body).in_pieces(64 * 1024));
    let endpoint = if dialect == "openai" {
        Endpoint::openai("o", server.url(), None, Quirks::OPENAI)
    } else {
        Endpoint::anthropic("a", server.url(), None)
    };
    let mut conversation = begin(endpoint);
    conversation.push(&Message::User(vec![Content::Text("hello".to_owned())]));
    let (mut walls, mut cpus, mut seen) = (Vec::new(), Vec::new(), 0);
    for _ in 0..20 {
        let (began, cpu) = (Instant::now(), thread_cpu());
        let mut stream = conversation.ask(&ASK);
        seen = 0;
        while let Some(Ok(chunk)) = stream.next().await {
            seen += usize::from(matches!(chunk, Chunk::Text(_)));
        }
        walls.push(began.elapsed());
        cpus.push(thread_cpu().saturating_sub(cpu));
    }
    format!("{seen} tokens, {size} bytes, {dialect}: wall {:?}, processor {:?}", median(walls), median(cpus))
}

/// Processor time of this thread, as the scheduler counts it.
fn thread_cpu() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    Duration::from_nanos(text.split_whitespace().next().and_then(|nanos| nanos.parse().ok()).unwrap_or(0))
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}
