//! Replies that make no sense, and tool inputs that were cut by the model's own limit.

use std::sync::Arc;

use event::{Json, Stop};
use model::{ErrorKind, Message};
use model_http::{CacheStyle, Quirks};
use testkit::{Answer, FakeServer, Turn};

use crate::stage::{anthropic, anthropic_with, asked, failure, openai, reply};

const CUT_INPUT: &str = r#"{"file_path": "/work/a", "content": "half of"#;

#[tokio::test]
async fn a_cut_input_is_reported_as_text_and_goes_back_as_the_empty_object() {
    let turn = Turn::text("I write.").call("Write", CUT_INPUT).stop("max_tokens");
    let server = FakeServer::start([turn, Turn::text("end")]).unwrap();
    let mut conversation = asked(anthropic_with(&server, |settings| settings.cache = CacheStyle::Off));
    let said = reply(&*conversation).await;
    let call = said.calls().next().unwrap();
    assert_eq!((call.input.decode::<String>().unwrap().as_str(), said.stop.clone()), (CUT_INPUT, Stop::OutputLimit));
    conversation.push(&Message::Reply(Arc::new(said)));
    reply(&*conversation).await;
    let body = String::from_utf8(server.records().pop().unwrap().body.to_vec()).unwrap();
    assert!(body.contains(r#"{"type":"tool_use","id":"fake_1_1","name":"Write","input":{}}"#), "{body}");
}

#[tokio::test]
async fn a_cut_input_goes_back_exactly_or_empty_as_the_server_needs_it() {
    let exact = serde_json::to_string(CUT_INPUT).unwrap();
    for (quirks, arguments) in [(Quirks::OPENAI, exact.as_str()), (Quirks::VLLM, r#""{}""#)] {
        let turn = Turn::text("").call("Write", CUT_INPUT).stop("length");
        let server = FakeServer::start([turn, Turn::text("end")]).unwrap();
        let mut conversation = asked(openai(&server, quirks));
        let said = reply(&*conversation).await;
        assert_eq!(said.stop, Stop::OutputLimit);
        assert_eq!(said.calls().next().unwrap().input, Json::of(&CUT_INPUT).unwrap());
        conversation.push(&Message::Reply(Arc::new(said)));
        reply(&*conversation).await;
        let body = String::from_utf8(server.records().pop().unwrap().body.to_vec()).unwrap();
        let call =
            format!(r#"{{"id":"fake_1_1","type":"function","function":{{"name":"Write","arguments":{arguments}}}}}"#);
        assert!(body.contains(&call), "{body}");
    }
}

#[tokio::test]
async fn arguments_with_their_own_spacing_go_back_exactly() {
    // Line breaks between tokens are the one thing a stored input loses.
    let spaced = "{\n  \"n\": 1\n}";
    let server = FakeServer::start([Turn::text("").call("Read", spaced).pieces(3), Turn::text("end")]).unwrap();
    let mut conversation = asked(openai(&server, Quirks::PLAIN));
    let said = reply(&*conversation).await;
    assert_eq!(said.calls().next().unwrap().input.as_str(), r#"{  "n": 1}"#);
    conversation.push(&Message::Reply(Arc::new(said)));
    reply(&*conversation).await;
    let body = server.records().pop().unwrap().json();
    assert_eq!(body["messages"][2]["tool_calls"][0]["function"]["arguments"], spaced);
}

#[tokio::test]
async fn streams_without_sense_are_cut_and_say_why() {
    let start = "data: {\"type\":\"message_start\",\"message\":{}}\n\n";
    let cases = [
        ("data: not json\n\n".to_owned(), "an event is not JSON of the expected shape"),
        (
            format!(
                "{start}data: {{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{{\"type\":\"text_delta\",\"text\":\"a\"}}}}\n\n"
            ),
            "a delta belongs to no block",
        ),
        (
            format!("{start}data: {{\"type\":\"content_block_start\",\"index\":0,\"content_block\":[]}}\n\n"),
            "a block is not an object",
        ),
        (
            format!("{start}data: {{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{{}}}}\n\n"),
            "a block does not say its type",
        ),
        (
            format!("{start}data: {{\"type\":\"content_block_start\",\"index\":0}}\n\n"),
            "a block begins without its index or content",
        ),
        (
            format!(
                "{start}data: {{\"type\":\"content_block_delta\",\"index\":\"x\",\"delta\":{{\"type\":\"text_delta\"}}}}\n\n"
            ),
            "an event is not JSON of the expected shape",
        ),
        ("data: {\"type\":\"message_stop\"}\n\n".to_owned(), "it ended before it began"),
    ];
    for (stream, why) in cases {
        let server = FakeServer::start([Answer::recorded(stream)]).unwrap();
        let error = failure(&*asked(anthropic(&server))).await;
        assert_eq!(
            (error.kind, error.message),
            (ErrorKind::Cut, format!("the reply of `claude` makes no sense: {why}"))
        );
    }
    let cases = [
        ("data: {\"choices\":\n\n", "an event is not JSON"),
        ("data: \u{1}\n\n", "an event is not JSON"),
        ("data: [DONE]\n\n", "it is done before it began"),
        ("data: {\"choices\":[{\"delta\":{\"tool_calls\":[7]}}]}\n\ndata: [DONE]\n\n", "a tool call is not an object"),
        (
            "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"function\":{\"name\":\"Read\",\"arguments\":\"{\\\"a\"}}]}}]}\n\ndata: [DONE]\n\n",
            "it ended within a tool call",
        ),
    ];
    for (stream, why) in cases {
        let server = FakeServer::start([Answer::recorded(stream)]).unwrap();
        let error = failure(&*asked(openai(&server, Quirks::PLAIN))).await;
        assert_eq!(
            (error.kind, error.message),
            (ErrorKind::Cut, format!("the reply of `local` makes no sense: {why}"))
        );
    }
}

#[tokio::test]
async fn bytes_that_are_no_text_are_cut() {
    let stream = b"data: {\"choices\":[{\"delta\":{\"content\":\"\xff\xfe\"}}]}\n\ndata: [DONE]\n\n".as_slice();
    let server = FakeServer::start([Answer::recorded(stream)]).unwrap();
    assert_eq!(failure(&*asked(openai(&server, Quirks::PLAIN))).await.kind, ErrorKind::Cut);
}
