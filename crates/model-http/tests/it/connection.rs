//! Connections: one request per ask, kept open between asks, closed when a reply is dropped, never redirected.

use std::sync::Arc;

use futures_util::StreamExt as _;
use model::{Chunk, ErrorKind, Message};
use model_http::{Provider, Quirks};
use testkit::{Answer, FakeServer, Turn};

use crate::stage::{ASK, anthropic, asked, begin, collect, failure, openai, reply, said, setup};

#[tokio::test]
async fn turns_share_one_connection() {
    let server = FakeServer::by_history((0..10).map(|_| Turn::text("a").call("Read", "{}"))).unwrap();
    for endpoint in [anthropic(&server), openai(&server, Quirks::PLAIN)] {
        let before = server.connections();
        let mut conversation = begin(endpoint);
        for _ in 0..10 {
            conversation.push(&said("go on"));
            let said = reply(&*conversation).await;
            conversation.push(&Message::Reply(Arc::new(said)));
        }
        assert_eq!(server.connections() - before, 1);
    }
    assert_eq!(server.asked(), 20);
}

#[tokio::test]
async fn conversations_of_one_provider_share_its_connections() {
    let server = FakeServer::by_history([Turn::text("a")]).unwrap();
    let provider = Provider::new(anthropic(&server));
    for id in ["one", "two", "three"] {
        let mut conversation = provider.clone().model(id, None).begin(setup());
        conversation.push(&said("hello"));
        reply(&*conversation).await;
    }
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn nothing_is_sent_before_the_stream_is_read_and_each_ask_is_one_request() {
    let server = FakeServer::start([Answer::status(500, "{}"), Answer::turn(Turn::text("a"))]).unwrap();
    let conversation = asked(anthropic(&server));
    drop(conversation.ask(&ASK));
    assert_eq!(server.asked(), 0);
    // Trying again is the engine's business: a failure is one request.
    assert_eq!(failure(&*conversation).await.kind, ErrorKind::Server);
    assert_eq!(server.asked(), 1);
    reply(&*conversation).await;
    assert_eq!(server.asked(), 2);
}

#[tokio::test]
async fn a_cut_connection_is_not_tried_again_silently() {
    let server =
        FakeServer::start([Answer::turn(Turn::text("a")).cut_after(0), Answer::turn(Turn::text("b"))]).unwrap();
    assert_eq!(failure(&*asked(anthropic(&server))).await.kind, ErrorKind::Cut);
    assert_eq!(server.asked(), 1);
}

#[tokio::test]
async fn dropping_a_reply_closes_its_connection() {
    let answer = Answer::turn(Turn::text("one two three"));
    let body = answer.body(testkit::Dialect::Anthropic, 0);
    let within = String::from_utf8_lossy(&body).find("two").unwrap();
    for hang in [0, within] {
        let answer = answer.clone().hang_after(hang);
        let server = FakeServer::start([answer]).unwrap();
        let mut stream = asked(anthropic(&server)).ask(&ASK);
        if hang > 0 {
            assert_eq!(stream.next().await, Some(Ok(Chunk::Text("one ".to_owned()))));
        } else {
            // The request is under way and nothing has come: the answer is awaited when the reply is dropped.
            let waiting = tokio::time::timeout(std::time::Duration::from_millis(300), stream.next());
            let (waited, asked) = tokio::join!(waiting, server.until(|server| server.asked() == 1));
            assert!(waited.is_err() && asked);
        }
        assert_eq!(server.open_connections(), 1);
        drop(stream);
        assert!(server.until(|server| server.open_connections() == 0).await);
        assert!(server.records()[0].abandoned);
    }
}

#[tokio::test]
async fn a_server_that_lingers_after_its_last_event_does_not_hold_the_reply_back() {
    let turn = Turn::text("a");
    let length = Answer::turn(turn.clone()).body(testkit::Dialect::Anthropic, 0).len();
    let server = FakeServer::start([Answer::turn(turn).hang_after(length)]).unwrap();
    assert_eq!(reply(&*asked(anthropic(&server))).await.text(), "a");
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let target = FakeServer::start([Turn::text("secret")]).unwrap();
    let server = FakeServer::start([
        Answer::status(307, "").header("location", format!("{}/v1/messages", target.url())),
        Answer::status(302, "").header("location", format!("{}/v1/messages", target.url())),
    ])
    .unwrap();
    for status in ["307", "302"] {
        let error = failure(&*asked(anthropic(&server))).await;
        assert_eq!(error.kind, ErrorKind::BadRequest);
        assert!(error.message.contains(status), "{error}");
    }
    assert_eq!((target.asked(), target.connections()), (0, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_conversations_talk_at_once() {
    let server = FakeServer::by_history((0..5).map(|number| Turn::text(format!("reply {number}")))).unwrap();
    let model = Provider::new(anthropic(&server)).model("m", None);
    let talks = (0..100).map(|_| {
        let model = Arc::clone(&model);
        tokio::spawn(async move {
            let mut conversation = model.begin(setup());
            let mut texts = Vec::new();
            for _ in 0..5 {
                conversation.push(&said("go on"));
                let reply = collect(conversation.ask(&ASK)).await.end.unwrap();
                texts.push(reply.text());
                conversation.push(&Message::Reply(Arc::new(reply)));
            }
            texts
        })
    });
    for talk in talks.collect::<Vec<_>>() {
        assert_eq!(talk.await.unwrap(), ["reply 0", "reply 1", "reply 2", "reply 3", "reply 4"]);
    }
    assert_eq!(server.asked(), 500);
}

#[test]
fn making_a_provider_and_a_conversation_opens_nothing() {
    let server = FakeServer::start([Turn::text("a")]).unwrap();
    let mut conversation = asked(anthropic(&server));
    conversation.push(&said("more"));
    assert_eq!(server.connections(), 0);
}
