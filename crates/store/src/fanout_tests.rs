//! The fan-out alone: what a reader gets when it starts late, falls behind, or the log cannot be read.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use event::{CallId, Delta, Event, Seq, TaskId, Timestamp};
use futures_util::StreamExt;

use crate::conformance::said;
use crate::{Fanout, Signal, StoreError, Watch};

fn event(seq: u64) -> Arc<Event> {
    let (actor, fact) = said(&seq.to_string());
    let prev = event::Digest::of(b"");
    Arc::new(Event { seq: Seq(seq), at: Timestamp(0), task: TaskId::from_random([0; 8]), actor, prev, fact })
}

fn text(text: &str) -> Delta {
    Delta::Text { step: 1, text: text.to_owned() }
}

/// What is ready now, as words.
async fn ready(watch: &mut Watch) -> Vec<String> {
    let mut words = Vec::new();
    while let Some(signal) = futures_util::future::poll_immediate(watch.next()).await {
        words.push(match signal {
            Some(Ok(Signal::Event(event))) => event.seq.to_string(),
            Some(Ok(Signal::Delta(delta))) => match &*delta {
                Delta::Text { text, .. } | Delta::Thinking { text, .. } | Delta::Output { text, .. } => text.clone(),
                Delta::CallBegun { tool, .. } => tool.clone(),
            },
            Some(Err(error)) => error.to_string(),
            None => {
                words.push("end".to_owned());
                break;
            }
        });
    }
    words
}

#[tokio::test]
async fn doubles_are_dropped_by_number() {
    let fanout = Fanout::default();
    let stored = Arc::new(Mutex::new(vec![event(1), event(2)]));
    let log = Arc::clone(&stored);
    let inner = fanout.clone();
    let mut watch = fanout
        .watch(Seq(0), move |_| {
            // An append that falls between registering and reading is seen twice.
            inner.event(&event(2));
            inner.event(&event(3));
            Ok(log.lock().expect("the log").clone())
        })
        .expect("a reader");
    fanout.event(&event(4));
    assert_eq!(ready(&mut watch).await, ["1", "2", "3", "4"]);
}

#[tokio::test]
async fn a_reader_that_fell_behind_reads_the_log_once() {
    let fanout = Fanout::default();
    let reads = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&reads);
    let mut watch = fanout
        .watch(Seq(0), move |after| {
            Ok(match count.fetch_add(1, Ordering::Relaxed) {
                0 => Vec::new(),
                _ => (after.0 + 1..=9000).map(event).collect(),
            })
        })
        .expect("a reader");
    (1..=9000).for_each(|seq| fanout.event(&event(seq)));
    let wanted: Vec<String> = (1..=9000).map(|seq: u64| seq.to_string()).collect();
    assert_eq!(ready(&mut watch).await, wanted);
    fanout.event(&event(9001));
    assert_eq!(ready(&mut watch).await, ["9001"]);
    assert_eq!(reads.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn deltas_are_joined_only_when_too_many_wait() {
    let fanout = Fanout::default();
    let mut watch = fanout.watch(Seq(0), |_| Ok(Vec::new())).expect("a reader");
    fanout.delta(text("a"));
    fanout.delta(text("b"));
    assert_eq!(ready(&mut watch).await, ["a", "b"]);
    (0..5000).for_each(|_| fanout.delta(text("x")));
    fanout.delta(Delta::Output { call: CallId::from("c1"), text: "cannot be joined".to_owned() });
    fanout.delta(text("y"));
    let got = ready(&mut watch).await;
    let last = format!("{}y", "x".repeat(905));
    assert_eq!((got.len(), got.first().map(String::as_str), got.last()), (4096, Some("x"), Some(&last)));
}

#[tokio::test]
async fn a_joined_delta_does_not_change_what_another_reader_holds() {
    let fanout = Fanout::default();
    let mut slow = fanout.watch(Seq(0), |_| Ok(Vec::new())).expect("a reader");
    let mut quick = fanout.watch(Seq(0), |_| Ok(Vec::new())).expect("a reader");
    for _ in 0..4096 {
        fanout.delta(text("x"));
        assert_eq!(ready(&mut quick).await, ["x"]);
    }
    fanout.delta(text("y"));
    assert_eq!(ready(&mut quick).await, ["y"]);
    assert_eq!(ready(&mut slow).await.last().map(String::as_str), Some("xy"));
}

#[tokio::test]
async fn a_log_that_cannot_be_read_is_told() {
    let fanout = Fanout::default();
    let broken = |_: Seq| Err(StoreError::Index("no".to_owned()));
    assert!(matches!(fanout.watch(Seq(0), broken), Err(StoreError::Index(_))));
    let first = AtomicUsize::new(0);
    let mut watch = fanout
        .watch(Seq(0), move |_| match first.fetch_add(1, Ordering::Relaxed) {
            0 => Ok(Vec::new()),
            _ => Err(StoreError::Index("no".to_owned())),
        })
        .expect("a reader");
    (1..=5000).for_each(|seq| fanout.event(&event(seq)));
    assert_eq!(ready(&mut watch).await.first().map(String::as_str), Some("the index failed: no"));
}

#[tokio::test]
async fn closing_ends_every_reader_after_what_it_has_to_get() {
    let fanout = Fanout::default();
    let mut one = fanout.watch(Seq(0), |_| Ok(vec![event(1)])).expect("a reader");
    let mut other = fanout.clone().watch(Seq(0), |_| Ok(Vec::new())).expect("a reader");
    fanout.event(&event(2));
    fanout.close();
    assert_eq!(ready(&mut one).await, ["1", "2", "end"]);
    assert_eq!(ready(&mut other).await, ["2", "end"]);
}

/// An event that ends a reply, or a call.
fn ending(seq: u64, fact: event::Fact) -> Arc<Event> {
    Arc::new(Event { fact, ..(*event(seq)).clone() })
}

#[tokio::test]
async fn who_comes_in_the_middle_hears_what_was_told_of_it() {
    let fanout = Fanout::default();
    let output = |text: &str| Delta::Output { call: CallId::from("c1"), text: text.to_owned() };
    for delta in [text("Once "), text("upon "), output("1\n"), text("a time"), output("2\n")] {
        fanout.delta(delta);
    }
    let mut middle = fanout.watch(Seq(0), |_| Ok(vec![event(1)])).unwrap();
    fanout.delta(text(" there"));
    assert_eq!(ready(&mut middle).await, ["1", "Once upon ", "1\n", "a time", "2\n", " there"]);

    let cut = event::Fact::ReplyCut { step: 1, text: String::new(), reason: String::new() };
    fanout.event(&ending(2, cut));
    let mut after = fanout.watch(Seq(2), |_| Ok(Vec::new())).unwrap();
    assert_eq!(ready(&mut after).await, ["1\n", "2\n"], "the command still runs");

    let finished =
        event::Fact::ToolFinished { call: CallId::from("c1"), outcome: event::Outcome::Ok, output: Vec::new(), ms: 0 };
    fanout.event(&ending(3, finished));
    let mut end = fanout.watch(Seq(3), |_| Ok(Vec::new())).unwrap();
    assert_eq!(ready(&mut end).await, Vec::<String>::new());
}

#[tokio::test]
async fn what_ends_while_the_log_is_read_is_not_told_again() {
    let fanout = Fanout::default();
    fanout.delta(text("half a sen"));
    let inner = fanout.clone();
    let mut watch = fanout
        .watch(Seq(0), move |_| {
            let cut = event::Fact::ReplyCut { step: 1, text: "half a sen".to_owned(), reason: String::new() };
            inner.event(&ending(1, cut));
            Ok(Vec::new())
        })
        .unwrap();
    assert_eq!(ready(&mut watch).await, ["1"]);
}
