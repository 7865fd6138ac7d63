//! The fake server's own promises: scripts, faults, records, bounds.

use std::time::{Duration, Instant};

use testkit::{Answer, Bounds, Dialect, FakeServer, Turn, gaps};

use crate::plain_http::{Plain, unchunk};

const MESSAGES: &str = "POST /v1/messages";
const COMPLETIONS: &str = "POST /v1/chat/completions";

#[test]
fn answers_come_in_order_and_then_the_script_is_over() {
    let server = FakeServer::start([Answer::recorded("first"), Answer::status(418, "second")]).unwrap();
    let mut plain = Plain::connect(server.address());
    assert_eq!(unchunk(&plain.exchange(MESSAGES, "{}")), b"first");
    let second = plain.exchange(COMPLETIONS, "{}");
    assert!(second.starts_with(b"HTTP/1.1 418 "));
    assert_eq!(unchunk(&second), b"second");
    assert!(plain.exchange(MESSAGES, "{}").starts_with(b"HTTP/1.1 500 "));
    assert_eq!((server.asked(), server.connections()), (3, 1));
}

#[test]
fn the_history_in_the_request_chooses_the_turn() {
    let server = FakeServer::by_history([Turn::text("zero"), Turn::text("one")]).unwrap();
    let mut plain = Plain::connect(server.address());
    let history = r#"{"messages":[{"role":"user","content":"\"role\":\"assistant\""},{"role":"assistant"}]}"#;
    for (body, word) in [(history, "one"), ("{}", "zero"), (r#"{"role": "assistant"}"#, "one")] {
        let answer = String::from_utf8(unchunk(&plain.exchange(MESSAGES, body))).unwrap();
        assert!(answer.contains(&format!(r#""text":"{word}""#)), "{answer}");
    }
}

#[test]
fn a_body_is_cut_after_exactly_the_bytes_that_were_asked_for() {
    let answer = Answer::turn(Turn::text("one two three"));
    let whole = answer.body(Dialect::OpenAi, 0);
    for bytes in [0, 1, 50, whole.len() - 1, whole.len()] {
        for answer in [answer.clone(), answer.clone().in_pieces(7), answer.clone().events_per_write(1)] {
            let server = FakeServer::start([answer.cut_after(bytes)]).unwrap();
            let got = Plain::connect(server.address()).exchange(COMPLETIONS, "{}");
            assert!(!got.ends_with(b"0\r\n\r\n"), "a cut body has no proper end");
            // The head may be lost where nothing of the body was sent.
            let body = if got.is_empty() { Vec::new() } else { unchunk(&got) };
            assert_eq!(body, &whole[..bytes]);
        }
    }
}

#[tokio::test]
async fn a_hanging_answer_stays_open_until_the_client_leaves() {
    let server = FakeServer::start([Answer::recorded("0123456789").hang_after(4)]).unwrap();
    let mut plain = Plain::connect(server.address());
    plain.send(MESSAGES, "{}");
    let head_and_piece = plain.some(100);
    assert!(String::from_utf8_lossy(&head_and_piece).starts_with("HTTP/1.1 200 OK"));
    assert_eq!((server.open_connections(), server.records()[0].ended), (1, None));
    drop(plain);
    assert!(server.until(|server| server.open_connections() == 0).await);
    assert!(server.records()[0].abandoned);
}

#[test]
fn splits_pieces_and_floods_leave_the_bytes_alone() {
    let body = "data: 0123456789\n\n";
    let answers = [
        Answer::recorded(body).split_at([3, 3, 9, 99]),
        Answer::recorded(body).in_pieces(1),
        Answer::recorded(body).in_pieces(1000),
        Answer::recorded(body).every(Duration::from_millis(1)).in_pieces(5),
    ];
    let count = answers.len();
    let server = FakeServer::start(answers).unwrap();
    let mut plain = Plain::connect(server.address());
    for _ in 0..count {
        assert_eq!(unchunk(&plain.exchange(MESSAGES, "{}")), body.as_bytes());
    }
    let server = FakeServer::start([Answer::flood(1_000_000)]).unwrap();
    let flood = unchunk(&Plain::connect(server.address()).exchange(COMPLETIONS, "{}"));
    assert!(String::from_utf8_lossy(&flood).matches('x').count() >= 1_000_000);
    assert!(flood.ends_with(b"data: [DONE]\n\n"));
}

#[test]
fn error_events_replace_what_would_have_come() {
    let turn = Turn::text("one two three");
    let server = FakeServer::start([Answer::turn(turn).error_after(2, "overloaded_error", "busy")]).unwrap();
    let body = String::from_utf8(unchunk(&Plain::connect(server.address()).exchange(MESSAGES, "{}"))).unwrap();
    let expected =
        "event: error\ndata: {\"error\":{\"message\":\"busy\",\"type\":\"overloaded_error\"},\"type\":\"error\"}\n\n";
    assert!(body.ends_with(expected), "{body}");
    assert_eq!(body.matches("event: ").count(), 3);
}

#[test]
fn requests_are_recorded_as_they_came_with_their_times() {
    let server = FakeServer::start([Turn::text("a"), Turn::text("b")]).unwrap();
    let before = Instant::now();
    let mut plain = Plain::connect(server.address());
    plain.exchange("POST /base/v1/messages?x=1", r#"{"n":1}"#);
    plain.exchange(MESSAGES, r#"{"n":2}"#);
    let records = server.records();
    let seen: Vec<_> = records
        .iter()
        .map(|record| (record.method.as_str(), record.path.as_str(), record.json()["n"].clone()))
        .collect();
    assert_eq!(seen, [("POST", "/base/v1/messages?x=1", 1.into()), ("POST", "/v1/messages", 2.into())]);
    assert_eq!(records[0].header("content-length"), ["7"]);
    let times = [
        before,
        records[0].began,
        records[0].ended.unwrap(),
        records[1].began,
        records[1].ended.unwrap(),
        Instant::now(),
    ];
    assert!(times.is_sorted());
    let gaps = gaps(&records);
    assert_eq!(gaps.iter().map(|gap| (gap.after, gap.bytes)).collect::<Vec<_>>(), [(0, 7)]);
    let gap = records[1].began.duration_since(records[0].ended.unwrap()).as_secs_f64() * 1e6;
    assert!((gaps[0].micros - gap).abs() < 0.001);
}

#[test]
fn other_paths_are_not_found() {
    let server = FakeServer::start([Turn::text("a")]).unwrap();
    let mut plain = Plain::connect(server.address());
    assert!(plain.exchange("POST /v1/messages/count_tokens", "{}").starts_with(b"HTTP/1.1 404 "));
    let list = String::from_utf8(unchunk(&plain.exchange("GET /v1/models", ""))).unwrap();
    assert!(list.contains(r#""id":"fake-model""#), "{list}");
    assert_eq!(server.asked(), 0);
}

#[test]
fn the_server_ends_after_its_requests_after_its_time_and_when_dropped() {
    let bounds = Bounds { requests: 2, ..Bounds::default() };
    let server = FakeServer::with(bounds, |_| Answer::recorded("x")).unwrap();
    let address = server.address();
    let mut plain = Plain::connect(address);
    for _ in 0..2 {
        assert_eq!(unchunk(&plain.exchange(MESSAGES, "{}")), b"x");
    }
    drop(plain);
    assert_eq!(server.wait().len(), 2);
    assert!(std::net::TcpStream::connect(address).is_err());

    let bounds = Bounds { time: Duration::from_millis(50), ..Bounds::default() };
    let server = FakeServer::with(bounds, |_| Answer::recorded("x")).unwrap();
    let address = server.address();
    assert!(server.wait().is_empty());
    assert!(std::net::TcpStream::connect(address).is_err());

    let server = FakeServer::start([Answer::recorded("x").hang_after(0)]).unwrap();
    let address = server.address();
    let mut plain = Plain::connect(address);
    plain.send(MESSAGES, "{}");
    drop(server);
    assert!(std::net::TcpStream::connect(address).is_err());
    assert!(unchunk_or_nothing(&plain.rest()).is_empty());
}

fn unchunk_or_nothing(answer: &[u8]) -> Vec<u8> {
    if answer.is_empty() { Vec::new() } else { unchunk(answer) }
}
