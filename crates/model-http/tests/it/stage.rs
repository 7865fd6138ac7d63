//! What the tests of this binary share: providers aimed at a fake server, conversations, and collected replies.

use std::sync::Arc;
use std::time::Duration;

use event::{Json, Reply};
use futures_util::StreamExt as _;
use model::{Ask, Chunk, Content, Conversation, Message, ModelError, ReplyStream, Setup, ToolSchema};
use model_http::{AnthropicSettings, Dialect, Endpoint, Provider, Quirks, Secret};
use testkit::FakeServer;

pub(crate) const KEY: &str = "sk-test-0123456789abcdef";
pub(crate) const ASK: Ask = Ask { step: 1, aside: None, effort: None };

pub(crate) fn anthropic(server: &FakeServer) -> Endpoint {
    Endpoint::anthropic("claude", server.url(), Some(Secret::new(KEY)))
}

pub(crate) fn anthropic_with(server: &FakeServer, change: impl FnOnce(&mut AnthropicSettings)) -> Endpoint {
    let mut endpoint = anthropic(server);
    if let Dialect::Anthropic(settings) = &mut endpoint.dialect {
        change(settings);
    }
    endpoint
}

pub(crate) fn openai(server: &FakeServer, quirks: Quirks) -> Endpoint {
    Endpoint::openai("local", server.url(), Some(Secret::new(KEY)), quirks)
}

pub(crate) fn setup() -> Arc<Setup> {
    let schema = r#"{"type":"object","properties":{"file_path":{"type":"string"}},"required":["file_path"]}"#;
    Arc::new(Setup {
        system: "You are a \"desk\" worker.".to_owned(),
        tools: vec![ToolSchema {
            name: "Read".to_owned(),
            description: "Reads a file.".to_owned(),
            input: Json::parse(schema).unwrap(),
        }],
    })
}

pub(crate) fn begin(endpoint: Endpoint) -> Box<dyn Conversation> {
    Provider::new(endpoint).model("example-1", None).begin(setup())
}

pub(crate) fn said(text: &str) -> Message {
    Message::User(vec![Content::Text(text.to_owned())])
}

/// A conversation in which the user has said one thing.
pub(crate) fn asked(endpoint: Endpoint) -> Box<dyn Conversation> {
    let mut conversation = begin(endpoint);
    conversation.push(&said("hello"));
    conversation
}

/// What came of a reply: the chunks before the end, and the end.
#[derive(Debug, PartialEq)]
pub(crate) struct Outcome {
    pub(crate) chunks: Vec<Chunk>,
    pub(crate) end: Result<Reply, ModelError>,
}

/// Reads a stream to its end; a stream that hangs, or goes on after its end, fails the test.
pub(crate) async fn collect(mut stream: ReplyStream) -> Outcome {
    let reading = async {
        let mut chunks = Vec::new();
        let end = loop {
            match stream.next().await {
                Some(Ok(Chunk::Done(reply))) => break Ok(*reply),
                Some(Ok(chunk)) => chunks.push(chunk),
                Some(Err(error)) => break Err(error),
                None => panic!("a stream ended without a reply and without an error"),
            }
        };
        assert!(stream.next().await.is_none(), "a stream went on after its end");
        Outcome { chunks, end }
    };
    tokio::time::timeout(Duration::from_mins(1), reading).await.expect("a reply must come to an end")
}

pub(crate) async fn reply(conversation: &dyn Conversation) -> Reply {
    collect(conversation.ask(&ASK)).await.end.expect("a reply")
}

pub(crate) async fn failure(conversation: &dyn Conversation) -> ModelError {
    collect(conversation.ask(&ASK)).await.end.expect_err("an error")
}

pub(crate) fn text_of(chunks: &[Chunk]) -> String {
    let texts = chunks.iter().filter_map(|chunk| match chunk {
        Chunk::Text(text) => Some(text.as_str()),
        Chunk::Thinking(_) | Chunk::CallBegun { .. } | Chunk::Done(_) => None,
    });
    texts.collect()
}
