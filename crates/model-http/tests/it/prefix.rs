//! The prompt's prefix: byte-stable from turn to turn, and never copied wrongly.

use std::sync::Arc;

use model::{Content, Conversation, Message, ToolResult};
use model_http::{CacheStyle, Endpoint, Quirks};
use serde_json::Value;
use testkit::{FakeServer, Turn};

use crate::stage::{anthropic_with, begin, openai, reply, said};

const TURNS: usize = 50;

/// Runs fifty turns with tool calls, every tenth with a picture and words of the user; gives every request's body.
async fn bodies(endpoint: impl Fn(&FakeServer) -> Endpoint) -> Vec<Vec<u8>> {
    let turns = (0..TURNS).map(|number| {
        let turn = Turn::text(format!("Turn {number}.")).call("Read", format!(r#"{{"file_path":"/work/{number}"}}"#));
        if number.is_multiple_of(3) { turn.thinking("Hm, \"let\" me see.").call("Read", "{}") } else { turn }
    });
    let server = FakeServer::by_history(turns).unwrap();
    let mut conversation = begin(endpoint(&server));
    conversation.push(&said("Begin."));
    let mut sizes = Vec::new();
    for number in 0..TURNS {
        sizes.push(conversation.request_bytes());
        let reply = Arc::new(reply(&*conversation).await);
        conversation.push(&Message::Reply(Arc::clone(&reply)));
        push_results(&mut *conversation, &reply, number);
    }
    let bodies: Vec<Vec<u8>> = server.records().into_iter().map(|record| record.body.to_vec()).collect();
    assert_eq!(bodies.iter().map(Vec::len).collect::<Vec<_>>(), sizes, "announced and sent sizes must agree");
    bodies
}

fn push_results(conversation: &mut dyn Conversation, reply: &event::Reply, number: usize) {
    let results = reply.calls().map(|call| ToolResult {
        call: call.id.clone(),
        content: vec![
            Content::Text(format!("{number}\n").repeat(700)),
            Content::Image { media: "image/png".to_owned(), bytes: Arc::from([1, 2, 3, 4]) },
        ],
        failed: number.is_multiple_of(4),
    });
    let words = if number % 10 == 9 { vec![Content::Text("Go on.".to_owned())] } else { Vec::new() };
    conversation.push(&Message::Results(results.collect(), words));
}

/// How long the messages of a body are stable: up to the end of the last message, or, where a mark stands within the
/// last message's last block, up to that mark.
fn stable(body: &[u8], tail: &str) -> Vec<u8> {
    let text = std::str::from_utf8(body).unwrap();
    text.strip_suffix(tail).expect("each request ends the same way").as_bytes().to_vec()
}

#[tokio::test]
async fn what_was_sent_once_is_sent_the_same_ever_after() {
    const MARK: &str = r#","cache_control":{"type":"ephemeral"}"#;
    // What may follow the stable part differs by dialect and by where cache marks go.
    let auto = format!("}}]}}]{MARK}}}");
    let blocks = format!("{MARK}}}]}}]}}");
    let style = |cache| move |server: &FakeServer| anthropic_with(server, |settings| settings.cache = cache);
    let all: [(Vec<Vec<u8>>, &str); 5] = [
        (bodies(style(CacheStyle::Auto)).await, auto.as_str()),
        (bodies(style(CacheStyle::Blocks)).await, blocks.as_str()),
        (bodies(style(CacheStyle::Off)).await, "}]}]}"),
        (bodies(|server| openai(server, Quirks::OPENAI)).await, "]}"),
        (bodies(|server| openai(server, Quirks::LLAMA_CPP)).await, "]}"),
    ];
    for (bodies, tail) in all {
        assert_eq!(bodies.len(), TURNS);
        for (before, after) in bodies.iter().zip(bodies.iter().skip(1)) {
            assert!(after.starts_with(&stable(before, tail)), "the prefix changed");
        }
        for body in &bodies {
            let value: Value = serde_json::from_slice(body).unwrap();
            assert!(value["messages"].is_array());
        }
        // Large enough that several stretches of the history are frozen.
        assert!(bodies.last().unwrap().len() > 150_000);
    }
}

#[tokio::test]
async fn exactly_one_mark_moves_with_the_end_and_one_stays_on_the_system_prompt() {
    let bodies = bodies(|server| anthropic_with(server, |settings| settings.cache = CacheStyle::Blocks)).await;
    for body in bodies {
        let text = String::from_utf8(body).unwrap();
        assert_eq!(text.matches("cache_control").count(), 2);
        let value: Value = serde_json::from_str(&text).unwrap();
        let last = value["messages"].as_array().unwrap().last().unwrap();
        let block = last["content"].as_array().unwrap().last().unwrap();
        assert_eq!(block["cache_control"]["type"], "ephemeral");
    }
}

#[tokio::test]
async fn messages_alternate_even_where_the_conversation_does_not() {
    let server = FakeServer::start([Turn::text("a")]).unwrap();
    let mut conversation = begin(anthropic_with(&server, |settings| settings.cache = CacheStyle::Off));
    let paused = |text: &str| {
        let block = event::Block::Text(event::TextBlock { text: text.to_owned(), wire: None });
        Message::Reply(Arc::new(event::Reply {
            blocks: vec![block],
            stop: event::Stop::ProviderPause,
            usage: event::Usage::default(),
            model: "m".to_owned(),
            dialect: "anthropic".to_owned(),
        }))
    };
    for message in [
        said("one"),
        said("two"),
        said(" \n"),
        paused("three"),
        paused("\n\n"),
        paused("four"),
        paused(""),
        said("five"),
    ] {
        conversation.push(&message);
    }
    reply(&*conversation).await;
    let body = server.records().pop().unwrap().json();
    let words: Vec<(String, Vec<String>)> = body["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|message| {
            let texts = message["content"].as_array().unwrap().iter();
            let texts = texts.map(|block| block["text"].as_str().unwrap().to_owned()).collect();
            (message["role"].as_str().unwrap().to_owned(), texts)
        })
        .collect();
    let expected =
        [("user", vec!["one", "two", "(empty message)"]), ("assistant", vec!["three", "four"]), ("user", vec!["five"])];
    let expected =
        expected.map(|(role, texts)| (role.to_owned(), texts.into_iter().map(str::to_owned).collect::<Vec<_>>()));
    assert_eq!(words, expected);
}
