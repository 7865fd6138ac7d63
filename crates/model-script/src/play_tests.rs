//! Playing Scripts: quotes, conditions, places.

use std::sync::Arc;

use event::{Block, ModelRef, Reply, Stop};
use futures_util::StreamExt;
use model::{Ask, Chunk, Content, Conversation, ErrorKind, Message, Model, Setup, ToolResult};

use crate::{Script, ScriptModel};

fn begin(text: &str) -> Box<dyn Conversation> {
    let model = ScriptModel::new(ModelRef("script/test".into()), Script::parse(text).unwrap());
    model.begin(Arc::new(Setup { system: "s".into(), tools: Vec::new() }))
}

fn user(text: &str) -> Message {
    Message::User(vec![Content::Text(text.into())])
}

fn answer(conversation: &dyn Conversation, aside: Option<&str>) -> Result<Reply, model::ModelError> {
    let ask = Ask { step: 1, aside: aside.map(str::to_owned), effort: None };
    let chunks = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap()
        .block_on(conversation.ask(&ask).collect::<Vec<_>>());
    let mut streamed = String::new();
    for chunk in chunks {
        match chunk? {
            Chunk::Text(text) => streamed.push_str(&text),
            Chunk::Thinking(_) | Chunk::CallBegun { .. } => {}
            Chunk::Done(reply) => {
                assert_eq!(streamed, reply.text(), "what is streamed is what is said");
                return Ok(*reply);
            }
        }
    }
    panic!("a reply ends with Done");
}

fn results(reply: &Reply, texts: &[&str]) -> Message {
    let results = reply
        .calls()
        .zip(texts)
        .map(|(call, text)| ToolResult {
            call: call.id.clone(),
            content: vec![Content::Text((*text).into())],
            failed: false,
        })
        .collect();
    Message::Results(results, Vec::new())
}

const SCRIPT: &str = r#"
replies:
  - text: Looking.
    calls:
      - { id: sum, tool: Bash, input: { command: "sum *.csv" } }
  - when: { contains: ["total=0"] }
    text: Nothing there.
  - expect: { contains: ["total="] }
    text: "The total is {{sum:total}}."
    calls:
      - { tool: Write, input: { path: r.md, content: "All: {{sum}}", tags: ["{{sum:unit}}"] } }
  - text: Done.
"#;

#[test]
fn replies_quote_results_and_skip_what_does_not_apply() {
    let mut conversation = begin(SCRIPT);
    conversation.push(&user("go"));
    let first = answer(&*conversation, None).unwrap();
    assert_eq!((first.text().as_str(), &first.stop), ("Looking.", &Stop::Tools));
    conversation.push(&Message::Reply(Arc::new(first.clone())));
    conversation.push(&results(&first, &["total=42\nunit: mm\n"]));
    let second = answer(&*conversation, None).unwrap();
    assert_eq!(second.text(), "The total is 42.");
    let Some(Block::ToolCall(call)) = second.blocks.last() else { panic!("a call") };
    assert_eq!(call.input.as_str(), r#"{"content":"All: total=42\nunit: mm","path":"r.md","tags":["mm"]}"#);
    conversation.push(&Message::Reply(Arc::new(second.clone())));
    conversation.push(&results(&second, &["written"]));
    let last = answer(&*conversation, None).unwrap();
    assert_eq!((last.text().as_str(), &last.stop), ("Done.", &Stop::Finished));
    conversation.push(&Message::Reply(Arc::new(last)));
    conversation.push(&user("more"));
    let error = answer(&*conversation, None).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Script);
}

#[test]
fn a_failed_expectation_or_quote_is_an_error_that_names_the_reply() {
    let mut conversation = begin(SCRIPT);
    conversation.push(&user("go"));
    let first = answer(&*conversation, None).unwrap();
    conversation.push(&Message::Reply(Arc::new(first.clone())));
    conversation.push(&results(&first, &["no such file"]));
    let error = answer(&*conversation, None).unwrap_err();
    assert_eq!(error.message, "reply 3: expected `total=` in what it was sent");
    let mut conversation = begin("replies: [{text: 'see {{nothing}}'}]");
    conversation.push(&user("go"));
    let error = answer(&*conversation, None).unwrap_err();
    assert_eq!(error.message, "reply 1: there is no result `nothing` to quote");
}

#[test]
fn a_summary_keeps_the_place() {
    let mut conversation = begin(SCRIPT);
    conversation.push(&user("go"));
    let first = answer(&*conversation, None).unwrap();
    conversation.push(&Message::Reply(Arc::new(first.clone())));
    conversation.push(&results(&first, &["total=0"]));
    let summary = answer(&*conversation, Some("summarise")).unwrap().text();
    let mut fresh = begin(SCRIPT);
    fresh.push(&user(&format!("{summary} total=0")));
    assert_eq!(answer(&*fresh, None).unwrap().text(), "Nothing there.");
}
