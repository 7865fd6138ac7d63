//! What is told of all tasks, beyond what every store tells: archives, folders moved by hand, rebuilding, many at once.

use std::time::Duration;

use event::{Actor, Fact, Mark, TaskId, Timestamp};
use futures_util::StreamExt;
use store::conformance::{created, id, said};
use store::{Headlines, News, Query, Store};

use crate::world::{World, begin};

/// How long to wait for news; only a broken index needs so long.
const PATIENCE: Duration = Duration::from_secs(30);

async fn next(headlines: &mut Headlines) -> Option<News> {
    tokio::time::timeout(PATIENCE, headlines.next()).await.expect("no news came")
}

fn about(news: Option<News>) -> TaskId {
    match news {
        Some(News::Task(summary)) => summary.id,
        other => panic!("not about a task: {other:?}"),
    }
}

#[tokio::test]
async fn an_import_is_told_though_nobody_asks() {
    let world = World::new();
    let store = world.store();
    drop(begin(&store, id(1), &["Taxes"]));
    let file = world.beside("one.tar");
    store.export(id(1), &file).expect("an archive");
    let other = World::new();
    let store = other.store();
    drop(begin(&store, id(2), &["Garden"]));
    store.recents(&Query::default()).expect("recents");
    let mut headlines = store.headlines().expect("headlines");
    store.import(&file).expect("a task");
    assert_eq!(about(next(&mut headlines).await), id(1));
    store.remove(id(2)).expect("a removal");
    assert_eq!(next(&mut headlines).await, Some(News::Gone(id(2))));
    store.restore(id(2)).expect("a return");
    assert_eq!(about(next(&mut headlines).await), id(2));
}

#[tokio::test]
async fn a_task_that_no_list_has_shown_is_told_when_it_goes() {
    let world = World::new();
    let store = world.store();
    drop(begin(&store, id(1), &["Taxes"]));
    let mut headlines = store.headlines().expect("headlines");
    store.remove(id(1)).expect("a removal");
    loop {
        match next(&mut headlines).await {
            Some(News::Gone(task)) => {
                assert_eq!(task, id(1));
                break;
            }
            Some(News::Task(summary)) => assert_eq!(summary.id, id(1)),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(store.recents(&Query::default()).expect("recents"), []);
}

#[tokio::test]
async fn appends_close_together_are_told_once() {
    let world = World::new();
    let store = world.store();
    let mut log = begin(&store, id(1), &["Taxes"]);
    store.recents(&Query::default()).expect("recents");
    let mut headlines = store.headlines().expect("headlines");
    for number in 0..200 {
        log.append(Timestamp(100 + number), vec![said("more")]).expect("an event");
    }
    log.append(Timestamp(400), vec![(Actor::User, Fact::Marked(Mark::Pinned))]).expect("an event");
    let mut told = 0;
    loop {
        told += 1;
        match next(&mut headlines).await {
            Some(News::Task(summary)) if summary.pinned => break,
            Some(News::Task(_)) => {}
            other => panic!("{other:?}"),
        }
    }
    assert!(told < 50, "{told} headlines for 201 appends");
}

#[tokio::test]
async fn a_rebuilt_index_says_list_again() {
    let world = World::new();
    let store = world.store();
    for number in 1..=3 {
        drop(begin(&store, id(number), &["Taxes"]));
    }
    store.recents(&Query::default()).expect("recents");
    let mut headlines = store.headlines().expect("headlines");
    store.rebuild_index().expect("a rebuilt index");
    assert_eq!(next(&mut headlines).await, Some(News::Missed));
    let mut log = store.create(id(4), "four", Timestamp(0)).expect("a task");
    log.append(Timestamp(9), vec![created("Four")]).expect("an event");
    assert_eq!(about(next(&mut headlines).await), id(4));
}

#[tokio::test]
async fn headlines_end_with_the_store_and_not_with_its_writers() {
    let world = World::new();
    let store = world.store();
    let mut log = begin(&store, id(1), &["Taxes"]);
    store.recents(&Query::default()).expect("recents");
    let mut headlines = store.headlines().expect("headlines");
    drop(store);
    log.append(Timestamp(9), vec![said("still here")]).expect("an event");
    assert_eq!(next(&mut headlines).await, None);
}

#[tokio::test]
async fn what_another_store_wrote_is_told_when_this_one_looks() {
    let world = World::new();
    let (store, other) = (world.store(), world.store());
    drop(begin(&store, id(1), &["Taxes"]));
    store.recents(&Query::default()).expect("recents");
    let mut headlines = store.headlines().expect("headlines");
    drop(begin(&other, id(2), &["Garden"]));
    store.recents(&Query::default()).expect("recents");
    assert_eq!(about(next(&mut headlines).await), id(2));
}
