//! Cases of the suite: what the one writer of a task can rely on.

use event::{Actor, Chain, ChainError, Digest, Seq, Timestamp};
use futures_util::future::join_all;

use super::{Checked, created, id, numbers, replied, said};
use crate::{Store, StoreError};

/// Facts come back as events of the right task, time and author, numbered from 1, each linked to the one before.
pub fn events_are_numbered_chained_and_read_back(store: &dyn Store) -> Checked {
    let mut log = store.create(id(1), "first", Timestamp(10))?;
    assert_eq!((log.task(), log.head()), (id(1), Seq(0)));
    assert_eq!(store.read(id(1), Seq(0))?, Vec::new());
    let mut events = log.append(Timestamp(20), vec![created("First"), said("hello\n\"you\" \u{2028}\0")])?;
    assert_eq!(log.head(), Seq(2));
    events.extend(log.append(Timestamp(30), vec![replied("hi")])?);
    let mut chain = Chain::default();
    for event in &events {
        chain.check(event, &event.to_line()?)?;
    }
    let got: Vec<_> = events.iter().map(|event| (event.seq.0, event.at.0, event.task, event.actor)).collect();
    let wanted = [(1, 20, id(1), Actor::User), (2, 20, id(1), Actor::User), (3, 30, id(1), Actor::Model)];
    assert_eq!(got, wanted);
    assert_eq!(store.read(id(1), Seq(0))?, events);
    assert_eq!(numbers(&store.read(id(1), Seq(2))?), [3]);
    assert_eq!(numbers(&store.read(id(1), Seq(3))?), [0; 0]);
    assert_eq!(numbers(&store.read(id(1), Seq(99))?), [0; 0]);
    drop(log);
    let opened = store.open(id(1))?;
    assert_eq!((opened.events, opened.draft.as_str(), opened.cut, opened.log.head()), (events, "", 0, Seq(3)));
    Ok(())
}

/// No facts, no events.
pub fn an_empty_append_writes_nothing(store: &dyn Store) -> Checked {
    let mut log = store.create(id(1), "first", Timestamp(10))?;
    assert_eq!(log.append(Timestamp(20), Vec::new())?, Vec::new());
    assert_eq!(numbers(&log.append(Timestamp(20), vec![created("First")])?), [1]);
    assert_eq!(numbers(&store.read(id(1), Seq(0))?), [1]);
    Ok(())
}

/// An id can be taken once, open or not; every task is listed.
pub fn a_task_exists_once(store: &dyn Store) -> Checked {
    assert_eq!(store.tasks()?, Vec::new());
    let log = store.create(id(1), "first", Timestamp(10))?;
    assert!(matches!(store.create(id(1), "other", Timestamp(99)), Err(StoreError::Exists(task)) if task == id(1)));
    drop(log);
    assert!(matches!(store.create(id(1), "first", Timestamp(10)), Err(StoreError::Exists(task)) if task == id(1)));
    drop(store.create(id(2), "first", Timestamp(10))?);
    let mut tasks = store.tasks()?;
    tasks.sort();
    let mut wanted = vec![id(1), id(2)];
    wanted.sort();
    assert_eq!(tasks, wanted);
    Ok(())
}

/// Nothing is made on the way to an error.
pub fn an_unknown_task_is_an_error_everywhere(store: &dyn Store) -> Checked {
    let file = std::env::temp_dir().join("never-written.tar");
    let errors = [
        store.open(id(7)).err(),
        store.read(id(7), Seq(0)).err(),
        store.watch(id(7), Seq(0)).err(),
        store.places(id(7)).err(),
        store.check(id(7)).err(),
        store.export(id(7), &file).err(),
        store.remove(id(7)).err(),
        store.restore(id(7)).err(),
    ];
    for error in errors {
        assert!(matches!(error, Some(StoreError::NoTask(task)) if task == id(7)), "{error:?}");
    }
    assert_eq!(store.tasks()?, Vec::new());
    Ok(())
}

/// The lease is taken by `create` and `open` and given back by dropping; readers need none.
pub fn a_task_has_one_writer(store: &dyn Store) -> Checked {
    let mut log = store.create(id(1), "first", Timestamp(10))?;
    log.append(Timestamp(20), vec![created("First")])?;
    for _ in 0..2 {
        let refused = store.open(id(1)).err();
        let us = Some(std::process::id());
        assert!(
            matches!(refused, Some(StoreError::Leased { task, holder }) if task == id(1) && holder == us),
            "{refused:?}"
        );
        assert_eq!(numbers(&store.read(id(1), Seq(0))?), [1]);
        drop(log);
        log = store.open(id(1))?.log;
    }
    assert_eq!(numbers(&log.append(Timestamp(30), vec![said("again")])?), [2]);
    Ok(())
}

/// A crash loses no streamed text; the reply that ends it does.
pub fn a_draft_is_kept_until_it_is_dropped(store: &dyn Store) -> Checked {
    let mut log = store.create(id(1), "first", Timestamp(10))?;
    log.drop_draft()?;
    log.keep_draft("Once ")?;
    log.keep_draft("upon a tïme\n")?;
    drop(log);
    let opened = store.open(id(1))?;
    assert_eq!(opened.draft, "Once upon a tïme\n");
    let mut log = opened.log;
    log.keep_draft("more")?;
    drop(log);
    let opened = store.open(id(1))?;
    assert_eq!(opened.draft, "Once upon a tïme\nmore");
    let mut log = opened.log;
    log.drop_draft()?;
    log.drop_draft()?;
    drop(log);
    assert_eq!(store.open(id(1))?.draft, "");
    let mut log = store.open(id(1))?.log;
    log.keep_draft("new")?;
    drop(log);
    assert_eq!(store.open(id(1))?.draft, "new");
    Ok(())
}

/// Blobs are found by content, by the next writer too; a digest that was never stored is an error.
pub fn a_blob_is_named_by_its_digest(store: &dyn Store) -> Checked {
    let log = store.create(id(1), "first", Timestamp(10))?;
    let picture: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    for bytes in [b"".as_slice(), b"a", &picture, b"a"] {
        assert_eq!(log.put_blob(bytes)?, Digest::of(bytes));
        assert_eq!(log.blob(Digest::of(bytes))?, bytes);
    }
    assert!(matches!(log.blob(Digest::of(b"never")), Err(StoreError::Disk { .. })));
    drop(log);
    assert_eq!(store.open(id(1))?.log.blob(Digest::of(&picture))?, picture);
    Ok(())
}

/// The directories of a task exist, lie in its root, and belong to it alone.
pub fn every_task_has_places_of_its_own(store: &dyn Store) -> Checked {
    let one = store.create(id(1), "same", Timestamp(10))?;
    let other = store.create(id(2), "same", Timestamp(10))?;
    let places = one.places();
    assert_eq!(places, store.places(id(1))?);
    let mut seen = std::collections::HashSet::new();
    for places in [places, other.places()] {
        assert!(places.root.is_absolute());
        for directory in [&places.outputs, &places.uploads, &places.blobs, &places.journal] {
            assert!(directory.is_dir() && directory.starts_with(&places.root), "{}", directory.display());
            assert!(seen.insert(directory.clone()), "{}", directory.display());
        }
        assert!(seen.insert(places.root));
    }
    Ok(())
}

/// What a store wrote itself is in order; and the chain these tests rely on would notice.
pub fn an_intact_log_has_no_damage(store: &dyn Store) -> Checked {
    let mut log = store.create(id(1), "first", Timestamp(10))?;
    assert_eq!(store.check(id(1))?, Vec::new());
    let events = log.append(Timestamp(20), vec![created("First"), said("a"), said("b")])?;
    assert_eq!(store.check(id(1))?, Vec::new());
    let [first, _, third] = events.as_slice() else { return Err("not three events".into()) };
    let mut chain = Chain::default();
    chain.check(first, &first.to_line()?)?;
    let skipped = ChainError::OutOfOrder { expected: Seq(2), found: Seq(3) };
    assert_eq!(chain.check(third, &third.to_line()?), Err(skipped));
    Ok(())
}

/// A sync can be asked for without waiting, by many tasks at once, with and without anything to write.
pub async fn a_sync_covers_what_was_appended_before(store: &dyn Store) -> Checked {
    let mut logs = Vec::new();
    for number in 0..20 {
        logs.push(store.create(id(number), "many", Timestamp(10))?);
    }
    let mut waiting = Vec::new();
    for round in 0..5 {
        for log in &mut logs {
            log.append(Timestamp(20 + round), vec![said("something")])?;
            waiting.push(log.sync());
            waiting.push(log.sync());
        }
    }
    let synced = join_all(waiting).await;
    assert_eq!(synced.into_iter().flatten().count(), 200);
    let log = logs.pop().ok_or("no log")?;
    log.sync().await?;
    let late = log.sync();
    drop(log);
    drop(logs);
    late.await?;
    Ok(())
}
