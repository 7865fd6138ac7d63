//! Watching a task that another process writes. Two stores on one home are two processes to each other: they have no
//! memory in common. The clock of these tests stands still while something happens and jumps when nothing does.

use std::time::Duration;

use event::{Delta, Seq, Timestamp};
use futures_util::StreamExt;
use store::conformance::{id, said};
use store::{Signal, Store, StoreError, Watch};

use crate::world::{World, begin, folder, log_file};

/// The number of the next event, or why there is none.
async fn next(watch: &mut Watch) -> Result<u64, String> {
    match tokio::time::timeout(Duration::from_secs(30), watch.next()).await {
        Ok(Some(Ok(Signal::Event(event)))) => Ok(event.seq.0),
        Ok(Some(Ok(Signal::Delta(delta)))) => Err(format!("{delta:?}")),
        Ok(Some(Err(error))) => Err(error.to_string()),
        Ok(None) => Err("end".to_owned()),
        Err(_) => Err("nothing came".to_owned()),
    }
}

#[tokio::test(start_paused = true)]
async fn a_writer_elsewhere_is_followed() {
    let world = World::new();
    let (here, there) = (world.store(), world.store());
    let mut log = begin(&there, id(1), &["One"]);
    let mut watch = here.watch(id(1), Seq(0)).expect("a watch");
    assert_eq!(next(&mut watch).await, Ok(1));
    for number in (2..20).step_by(2) {
        log.append(Timestamp(2), vec![said("a"), said("b")]).expect("events");
        assert_eq!(next(&mut watch).await, Ok(number));
        assert_eq!(next(&mut watch).await, Ok(number + 1));
    }
}

#[tokio::test(start_paused = true)]
async fn writers_may_change_sides() {
    let world = World::new();
    let (here, there) = (world.store(), world.store());
    drop(begin(&there, id(1), &["One"]));
    let mut watch = here.watch(id(1), Seq(0)).expect("a watch");
    let mut late = here.watch(id(1), Seq(0)).expect("a watch");
    let mut number = 1;
    assert_eq!(next(&mut watch).await, Ok(number));
    for round in 0..12 {
        let store = if round % 3 == 0 { &here } else { &there };
        let mut log = store.open(id(1)).expect("an open task").log;
        log.append(Timestamp(2), vec![said("a"), said("b")]).expect("events");
        if round % 2 == 0 {
            drop(log);
        }
        for _ in 0..2 {
            number += 1;
            assert_eq!(next(&mut watch).await, Ok(number));
        }
    }
    // Written there after the last look, and then a writer comes here: the gap is filled from the log.
    for store in [&there, &here] {
        store.open(id(1)).expect("an open task").log.append(Timestamp(3), vec![said("c")]).expect("an event");
    }
    for wanted in 1..=number + 2 {
        assert_eq!(next(&mut late).await, Ok(wanted));
    }
    assert_eq!(next(&mut watch).await, Ok(number + 1));
    assert_eq!(next(&mut watch).await, Ok(number + 2));
}

#[tokio::test(start_paused = true)]
async fn a_writer_here_that_says_nothing_yet_hides_nothing() {
    let world = World::new();
    let (here, there) = (world.store(), world.store());
    drop(begin(&there, id(1), &["One"]));
    let mut watch = here.watch(id(1), Seq(1)).expect("a watch");
    there.open(id(1)).expect("an open task").log.append(Timestamp(2), vec![said("a")]).expect("an event");
    let silent = here.open(id(1)).expect("an open task").log;
    assert_eq!(next(&mut watch).await, Ok(2));
    silent.tell(Delta::Text { step: 1, text: "x".to_owned() });
    assert_eq!(next(&mut watch).await, Err("Text { step: 1, text: \"x\" }".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn a_line_still_being_written_is_waited_for() {
    let world = World::new();
    let (here, there) = (world.store(), world.store());
    let mut log = begin(&there, id(1), &["One"]);
    let path = log_file(&there, id(1));
    let first = std::fs::read(&path).expect("the log");
    let mut watch = here.watch(id(1), Seq(0)).expect("a watch");
    assert_eq!(next(&mut watch).await, Ok(1));
    log.append(Timestamp(2), vec![said("a")]).expect("an event");
    let both = std::fs::read(&path).expect("the log");
    for length in [first.len() + 1, both.len() - 1] {
        std::fs::write(&path, &both[..length]).expect("a partial log");
        let looked = tokio::time::timeout(Duration::from_millis(250), watch.next()).await;
        assert!(looked.is_err(), "{length} of {} bytes", both.len());
    }
    std::fs::write(&path, &both).expect("a whole log");
    assert_eq!(next(&mut watch).await, Ok(2));
}

#[tokio::test(start_paused = true)]
async fn a_batch_taken_back_elsewhere_is_read_again() {
    let world = World::new();
    let (here, there) = (world.store(), world.store());
    let mut log = begin(&there, id(1), &["One"]);
    let path = log_file(&there, id(1));
    let mut watch = here.watch(id(1), Seq(0)).expect("a watch");
    assert_eq!(next(&mut watch).await, Ok(1));
    let before = std::fs::read(&path).expect("the log");
    std::fs::write(&path, [before.as_slice(), b"{\"seq\":2"].concat()).expect("a torn line");
    let looked = tokio::time::timeout(Duration::from_millis(250), watch.next()).await;
    assert!(looked.is_err());
    std::fs::write(&path, &before).expect("the torn line cut");
    log.append(Timestamp(2), vec![said("a")]).expect("an event");
    assert_eq!(next(&mut watch).await, Ok(2));
}

#[tokio::test(start_paused = true)]
async fn a_task_that_goes_away_ends_the_watch_with_a_reason() {
    let world = World::new();
    let (here, there) = (world.store(), world.store());
    drop(begin(&there, id(1), &["One"]));
    let mut watch = here.watch(id(1), Seq(0)).expect("a watch");
    assert_eq!(next(&mut watch).await, Ok(1));
    std::fs::remove_dir_all(folder(&there, id(1))).expect("no folder");
    assert_eq!(next(&mut watch).await, Err(StoreError::NoTask(id(1)).to_string()));
    assert_eq!(next(&mut watch).await, Err("end".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn a_store_that_closes_ends_its_watches() {
    let world = World::new();
    let store = world.store();
    let mut log = begin(&store, id(1), &["One"]);
    let mut watch = store.watch(id(1), Seq(0)).expect("a watch");
    log.append(Timestamp(2), vec![said("a")]).expect("an event");
    drop(store);
    for wanted in [Ok(1), Ok(2), Err("end".to_owned())] {
        assert_eq!(next(&mut watch).await, wanted);
    }
    // The writer outlives the store.
    assert_eq!(log.append(Timestamp(3), vec![said("b")]).expect("an event").len(), 1);
    log.sync().await.expect("a flush");
}
