//! Cases of the suite: what readers get, early and late, quick and slow.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use event::{Delta, Event, Seq, Timestamp};
use futures_util::StreamExt;
use futures_util::future::join_all;

use super::{Checked, created, id, numbers, replied, said};
use crate::{Signal, Store, StoreError, TaskLog, Watch};

/// How long a reader may wait for what was written already; only a broken store waits so long.
const PATIENCE: Duration = Duration::from_secs(30);

async fn next(watch: &mut Watch) -> Result<Signal, Box<dyn Error>> {
    let signal = tokio::time::timeout(PATIENCE, watch.next()).await?;
    Ok(signal.ok_or("the watch ended")??)
}

/// The next events, with no delta between them.
async fn next_events(watch: &mut Watch, count: usize) -> Result<Vec<Arc<Event>>, Box<dyn Error>> {
    let mut events = Vec::with_capacity(count);
    while events.len() < count {
        match next(watch).await? {
            Signal::Event(event) => events.push(event),
            Signal::Delta(delta) => return Err(format!("a delta among the events: {delta:?}").into()),
        }
    }
    Ok(events)
}

async fn next_delta(watch: &mut Watch) -> Result<Delta, Box<dyn Error>> {
    match next(watch).await? {
        Signal::Delta(delta) => Ok((*delta).clone()),
        Signal::Event(event) => Err(format!("an event among the deltas: {event:?}").into()),
    }
}

/// Whether nothing is ready to be read now.
async fn is_quiet(watch: &mut Watch) -> bool {
    futures_util::future::poll_immediate(watch.next()).await.is_none()
}

/// Stored events first, then live events and deltas in the order they were told.
pub async fn a_reader_gets_what_is_stored_and_then_what_comes(store: &dyn Store) -> Checked {
    let mut log = store.create(id(1), "first", Timestamp(10))?;
    let mut early = store.watch(id(1), Seq(0))?;
    assert!(is_quiet(&mut early).await);
    let delta = |text: &str| Delta::Text { step: 1, text: text.to_owned() };
    log.append(Timestamp(20), vec![created("First"), said("go")])?;
    log.tell(delta("whoever comes later hears this too"));
    let mut late = store.watch(id(1), Seq(0))?;
    log.append(Timestamp(30), vec![said("more")])?;
    log.tell(delta("both hear this"));
    log.append(Timestamp(40), vec![replied("done")])?;
    assert_eq!(numbers(&next_events(&mut early, 2).await?), [1, 2]);
    assert_eq!(numbers(&next_events(&mut late, 2).await?), [1, 2]);
    for reader in [&mut early, &mut late] {
        assert_eq!(next_delta(reader).await?, delta("whoever comes later hears this too"));
        assert_eq!(numbers(&next_events(reader, 1).await?), [3]);
        assert_eq!(next_delta(reader).await?, delta("both hear this"));
        assert_eq!(numbers(&next_events(reader, 1).await?), [4]);
        assert!(is_quiet(reader).await);
    }
    Ok(())
}

/// A screen that comes back asks for what it has not seen.
pub async fn a_reader_can_start_in_the_middle(store: &dyn Store) -> Checked {
    let mut log = store.create(id(1), "first", Timestamp(10))?;
    log.append(Timestamp(20), vec![created("First"), said("one"), said("two")])?;
    let mut middle = store.watch(id(1), Seq(2))?;
    let mut end = store.watch(id(1), Seq(3))?;
    log.append(Timestamp(30), vec![said("three")])?;
    assert_eq!(numbers(&next_events(&mut middle, 2).await?), [3, 4]);
    assert_eq!(numbers(&next_events(&mut end, 1).await?), [4]);
    Ok(())
}

/// A watch begun without a writer, or kept while one writer goes and another comes, misses nothing.
pub async fn a_reader_outlives_the_writer(store: &dyn Store) -> Checked {
    let mut log = store.create(id(1), "first", Timestamp(10))?;
    log.append(Timestamp(20), vec![created("First")])?;
    drop(log);
    let mut reader = store.watch(id(1), Seq(0))?;
    assert_eq!(numbers(&next_events(&mut reader, 1).await?), [1]);
    for round in 0..5 {
        let mut log = store.open(id(1))?.log;
        log.append(Timestamp(30), vec![said("a"), said("b")])?;
        if round % 2 == 0 {
            drop(log);
            assert_eq!(numbers(&next_events(&mut reader, 2).await?), [2 + 2 * round, 3 + 2 * round]);
        } else {
            assert_eq!(numbers(&next_events(&mut reader, 2).await?), [2 + 2 * round, 3 + 2 * round]);
        }
    }
    Ok(())
}

/// Readers that come at any moment while a writer writes as fast as it can.
pub async fn many_readers_get_everything_once_in_order(store: &dyn Store) -> Checked {
    const EVENTS: u64 = 2_000;
    let mut log = store.create(id(1), "first", Timestamp(10))?;
    log.append(Timestamp(20), vec![created("First")])?;
    let writing = std::thread::spawn(move || -> Result<Box<dyn TaskLog>, StoreError> {
        for number in 2..=EVENTS {
            log.append(Timestamp(30), vec![said(&number.to_string())])?;
        }
        Ok(log)
    });
    let mut readers = Vec::new();
    for number in 0..20 {
        readers.push((number * 7, store.watch(id(1), Seq(number * 7))?));
        tokio::task::yield_now().await;
    }
    let read =
        join_all(readers.iter_mut().map(|(after, reader)| next_events(reader, (EVENTS - *after) as usize))).await;
    let stored = store.read(id(1), Seq(0))?;
    for (events, after) in read.into_iter().zip((0..).step_by(7)) {
        assert_eq!(events?, stored.get(after..).unwrap_or_default());
    }
    assert_eq!(numbers(&stored), (1..=EVENTS).collect::<Vec<_>>());
    let log = writing.join().map_err(|_| "the writer panicked")??;
    assert_eq!(log.head(), Seq(EVENTS));
    Ok(())
}

/// A reader that looks away while more events come than may wait for it reads the rest from the log.
pub async fn a_slow_reader_falls_behind_and_catches_up(store: &dyn Store) -> Checked {
    const EVENTS: u64 = 10_000;
    let mut log = store.create(id(1), "first", Timestamp(10))?;
    let mut slow = store.watch(id(1), Seq(0))?;
    log.append(Timestamp(20), vec![created("First")])?;
    assert_eq!(numbers(&next_events(&mut slow, 1).await?), [1]);
    for number in 2..=EVENTS {
        log.append(Timestamp(30), vec![said(&number.to_string())])?;
    }
    assert_eq!(numbers(&next_events(&mut slow, EVENTS as usize - 1).await?), (2..=EVENTS).collect::<Vec<_>>());
    log.append(Timestamp(40), vec![said("live again")])?;
    assert_eq!(numbers(&next_events(&mut slow, 1).await?), [EVENTS + 1]);
    assert!(is_quiet(&mut slow).await);
    Ok(())
}

/// Deltas nobody fetches are joined; the event that ends them is still heard, and every event before.
pub async fn a_slow_reader_of_deltas_holds_nobody_up(store: &dyn Store) -> Checked {
    const DELTAS: usize = 10_000;
    let mut log = store.create(id(1), "first", Timestamp(10))?;
    let mut slow = store.watch(id(1), Seq(0))?;
    log.append(Timestamp(20), vec![created("First")])?;
    for _ in 0..DELTAS {
        log.tell(Delta::Text { step: 1, text: "x".to_owned() });
    }
    assert_eq!(numbers(&next_events(&mut slow, 1).await?), [1]);
    let mut heard = 0;
    let mut signals = 0;
    while heard < DELTAS {
        match next_delta(&mut slow).await? {
            Delta::Text { step: 1, text } => heard += text.len(),
            other => return Err(format!("another delta: {other:?}").into()),
        }
        signals += 1;
    }
    assert_eq!(heard, DELTAS);
    assert!(signals < DELTAS, "{signals} signals waited");
    log.append(Timestamp(30), vec![replied("x")])?;
    assert_eq!(numbers(&next_events(&mut slow, 1).await?), [2]);
    Ok(())
}
