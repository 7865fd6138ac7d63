//! The monitor against a QEMU played by the test: one that was taken over, or hangs.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use serde_json::json;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;

use super::{CHUNK, EVENTS, LINE, Monitor};

/// A monitor that was greeted, and the other end.
async fn open() -> (Monitor, BufReader<UnixStream>) {
    let (ours, theirs) = UnixStream::pair().unwrap();
    let mut theirs = BufReader::new(theirs);
    let (monitor, ()) = tokio::join!(Monitor::open(ours), async {
        theirs.write_all(b"{\"QMP\": {}}\n").await.unwrap();
        let number = asked(&mut theirs).await["id"].clone();
        say(&mut theirs, &json!({ "return": {}, "id": number })).await;
    });
    (monitor.unwrap(), theirs)
}

async fn asked(theirs: &mut BufReader<UnixStream>) -> serde_json::Value {
    let mut line = String::new();
    theirs.read_line(&mut line).await.unwrap();
    serde_json::from_str(&line).unwrap()
}

async fn say(theirs: &mut BufReader<UnixStream>, value: &serde_json::Value) {
    theirs.write_all(format!("{value}\n").as_bytes()).await.unwrap();
}

#[tokio::test]
async fn a_line_without_end_is_given_up_before_it_fills_the_memory() {
    let (mut monitor, mut theirs) = open().await;
    let flood = tokio::spawn(async move { while theirs.write_all(&[b' '; 4096]).await.is_ok() {} });
    let said = monitor.run("stop", &json!({})).await;
    assert_eq!(said, Err("its monitor sent a line without end".to_owned()));
    assert!(monitor.incoming.len() <= LINE + CHUNK, "{}", monitor.incoming.len());
    drop(monitor);
    flood.await.unwrap();
}

#[tokio::test]
async fn few_and_small_events_are_kept() {
    let (mut monitor, mut theirs) = open().await;
    let nothing = json!({});
    let ((), said) = tokio::join!(
        async {
            for number in 0..1000 {
                say(&mut theirs, &json!({ "event": "E", "data": { "n": number } })).await;
                say(&mut theirs, &json!({ "event": "E", "data": { "n": number, "much": "x".repeat(5000) } })).await;
            }
            say(&mut theirs, &json!({ "return": 1, "id": 2 })).await;
        },
        monitor.run("stop", &nothing)
    );
    assert_eq!(said, Ok(json!(1)));
    let kept: Vec<_> = monitor.events.iter().map(|event| event["data"].clone()).collect();
    let last: Vec<_> = (1000 - EVENTS..1000).map(|number| json!({ "n": number })).collect();
    assert_eq!(kept, last);
}

#[tokio::test]
async fn an_answer_that_comes_late_is_not_taken_for_another() {
    let (mut monitor, mut theirs) = open().await;
    // As one does that was given up.
    monitor.given += 1;
    say(&mut theirs, &json!({ "error": { "desc": "too late" }, "id": 2 })).await;
    say(&mut theirs, &json!({ "return": "now", "id": 3 })).await;
    assert_eq!(monitor.run("cont", &json!({})).await, Ok(json!("now")));
    say(&mut theirs, &json!({ "error": { "desc": "it cannot" }, "id": 4 })).await;
    assert_eq!(monitor.run("cont", &json!({})).await, Err("`cont`: it cannot".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn a_file_is_not_offered_for_ever() {
    let (mut monitor, _theirs) = open().await;
    let filled = |socket: &UnixStream| while socket.try_write(&[b' '; 4096]).is_ok() {};
    filled(&monitor.socket);
    let file = tempfile::tempfile().unwrap();
    let given = tokio::time::timeout(super::PATIENCE * 2, monitor.give(&file, "state")).await;
    assert_eq!(given.unwrap(), Err("`getfd` was not answered".to_owned()));
}
