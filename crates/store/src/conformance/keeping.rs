//! Cases of the suite: shelves, removing and restoring, and what is told of all tasks.

use std::error::Error;
use std::time::Duration;

use event::{Actor, Ending, Fact, Mark, Seq, TaskId, Timestamp};
use futures_util::StreamExt;
use view::TaskState;

use super::{Checked, created, id, said};
use crate::{Headlines, News, Query, Shelf, Store, StoreError, Summary, TaskLog};

/// How long a listener may wait for news; only a broken store waits so long.
const PATIENCE: Duration = Duration::from_secs(30);

fn marked(mark: Mark) -> (Actor, Fact) {
    (Actor::User, Fact::Marked(mark))
}

fn task(store: &dyn Store, number: u64, title: &str) -> Result<Box<dyn TaskLog>, StoreError> {
    let mut log = store.create(id(number), title, Timestamp(10))?;
    log.append(Timestamp(20 + number as i64), vec![created(title)])?;
    Ok(log)
}

fn on(store: &dyn Store, shelf: Shelf) -> Result<Vec<TaskId>, StoreError> {
    let found = store.recents(&Query { shelf, ..Query::default() })?;
    Ok(found.into_iter().map(|summary| summary.id).collect())
}

/// Marks decide which shelves a task stands on; they move nothing in the order.
pub fn a_shelf_holds_what_was_put_there(store: &dyn Store) -> Checked {
    let mut logs = Vec::new();
    for (number, title) in (1..).zip(["one garden", "two garden", "three", "four garden"]) {
        logs.push(task(store, number, title)?);
    }
    let marks = [(1, Mark::Pinned), (2, Mark::Archived), (3, Mark::Pinned), (3, Mark::Archived)];
    for (number, mark) in marks {
        logs.get_mut(number - 1).ok_or("no log")?.append(Timestamp(900), vec![marked(mark)])?;
    }
    assert_eq!(on(store, Shelf::All)?, [id(4), id(3), id(2), id(1)]);
    assert_eq!(on(store, Shelf::Current)?, [id(4), id(1)]);
    assert_eq!(on(store, Shelf::Pinned)?, [id(1)]);
    assert_eq!(on(store, Shelf::Archived)?, [id(3), id(2)]);
    let query = |shelf, limit, offset| Query { text: Some("garden".to_owned()), shelf, limit, offset };
    let found = |query| -> Result<Vec<TaskId>, StoreError> {
        Ok(store.recents(&query)?.into_iter().map(|summary| summary.id).collect())
    };
    assert_eq!(found(query(Shelf::Current, 9, 0))?, [id(4), id(1)]);
    assert_eq!(found(query(Shelf::Current, 1, 1))?, [id(1)]);
    assert_eq!(found(query(Shelf::Archived, 9, 0))?, [id(2)]);
    let last = logs.get_mut(2).ok_or("no log")?;
    last.append(Timestamp(901), vec![marked(Mark::Unarchived)])?;
    assert_eq!(on(store, Shelf::Pinned)?, [id(3), id(1)]);
    last.append(Timestamp(902), vec![marked(Mark::Unpinned), marked(Mark::Unseen)])?;
    assert_eq!(on(store, Shelf::Pinned)?, [id(1)]);
    let all = store.recents(&Query::default())?;
    let three = all.iter().find(|summary| summary.id == id(3)).ok_or("no summary")?;
    assert_eq!((three.pinned, three.archived, three.unread, three.changed_at), (false, false, true, Timestamp(23)));
    Ok(())
}

/// A removed task is nowhere until it is restored, and then it is as it was.
pub fn a_removed_task_is_gone_until_it_is_restored(store: &dyn Store) -> Checked {
    let mut log = task(store, 1, "First")?;
    let other = task(store, 2, "Second")?;
    let refused = store.remove(id(1)).err();
    assert!(matches!(refused, Some(StoreError::Leased { task, .. }) if task == id(1)), "{refused:?}");
    let places = store.places(id(1))?;
    std::fs::create_dir_all(places.outputs.join("deep"))?;
    std::fs::write(places.outputs.join("deep/a.bin"), [0, 159, 146, 150])?;
    log.append(Timestamp(30), vec![said("keep this"), marked(Mark::Pinned)])?;
    let events = store.read(id(1), Seq(0))?;
    drop(log);
    let listed = store.recents(&Query::default())?;
    assert_eq!(listed.len(), 2);

    store.remove(id(1))?;
    assert_eq!(store.tasks()?, [id(2)]);
    assert_eq!(on(store, Shelf::All)?, [id(2)]);
    let search = Query { text: Some("keep".to_owned()), ..Query::default() };
    assert_eq!(store.recents(&search)?, []);
    let errors = [
        store.open(id(1)).err(),
        store.read(id(1), Seq(0)).err(),
        store.watch(id(1), Seq(0)).err(),
        store.places(id(1)).err(),
        store.remove(id(1)).err(),
    ];
    for error in errors {
        assert!(matches!(error, Some(StoreError::NoTask(task)) if task == id(1)), "{error:?}");
    }
    assert!(!places.root.exists());
    let refused = store.restore(id(2)).err();
    assert!(matches!(refused, Some(StoreError::Exists(task)) if task == id(2)), "{refused:?}");

    store.restore(id(1))?;
    assert_eq!(store.read(id(1), Seq(0))?, events);
    assert_eq!(store.places(id(1))?, places);
    assert_eq!(std::fs::read(places.outputs.join("deep/a.bin"))?, [0, 159, 146, 150]);
    assert_eq!(store.recents(&Query::default())?, listed);
    assert_eq!(store.recents(&search)?.len(), 1);
    store.open(id(1))?.log.append(Timestamp(40), vec![said("and more")])?;
    assert_eq!(store.read(id(1), Seq(3))?.len(), 1);
    drop(other);
    Ok(())
}

/// What is emptied cannot be restored; what was put there later can.
pub fn the_trash_is_emptied_by_age(store: &dyn Store) -> Checked {
    for number in 1..=2 {
        drop(task(store, number, "short")?);
        store.remove(id(number))?;
    }
    let missing = store.restore(id(3)).err();
    assert!(matches!(missing, Some(StoreError::NoTask(task)) if task == id(3)), "{missing:?}");
    assert_eq!(store.empty_trash(Timestamp(0))?, 0);
    store.restore(id(1))?;
    assert_eq!(store.empty_trash(Timestamp(i64::MAX))?, 1);
    assert_eq!(store.empty_trash(Timestamp(i64::MAX))?, 0);
    let missing = store.restore(id(2)).err();
    assert!(matches!(missing, Some(StoreError::NoTask(task)) if task == id(2)), "{missing:?}");
    assert_eq!(store.tasks()?, [id(1)]);
    Ok(())
}

/// A watch ends when its task is removed, and a new one works when it is back.
pub async fn removing_a_task_ends_its_watches(store: &dyn Store) -> Checked {
    drop(task(store, 1, "First")?);
    let mut watch = store.watch(id(1), Seq(0))?;
    assert!(tokio::time::timeout(PATIENCE, watch.next()).await?.is_some());
    store.remove(id(1))?;
    let mut left = 0;
    while let Some(signal) = tokio::time::timeout(PATIENCE, watch.next()).await? {
        // It may end with the news that the task is gone.
        assert!(matches!(signal, Err(StoreError::NoTask(task)) if task == id(1)), "{signal:?}");
        left += 1;
    }
    assert!(left < 2);
    store.restore(id(1))?;
    let mut again = store.watch(id(1), Seq(0))?;
    assert!(tokio::time::timeout(PATIENCE, again.next()).await?.is_some());
    Ok(())
}

async fn next(headlines: &mut Headlines) -> Result<News, Box<dyn Error>> {
    Ok(tokio::time::timeout(PATIENCE, headlines.next()).await?.ok_or("the headlines ended")?)
}

/// The summary a task is told with once it fits; earlier ones may be told or not.
async fn told(headlines: &mut Headlines, fits: impl Fn(&Summary) -> bool) -> Result<Summary, Box<dyn Error>> {
    loop {
        match next(headlines).await? {
            News::Task(summary) if fits(&summary) => return Ok(*summary),
            News::Task(_) => {}
            other => return Err(format!("not about a summary: {other:?}").into()),
        }
    }
}

/// Everybody who listens hears of new tasks, of changed summaries, of removed and restored tasks.
pub async fn headlines_tell_what_changes(store: &dyn Store) -> Checked {
    let mut log = task(store, 1, "First")?;
    let first = store.recents(&Query::default())?;
    let mut one = store.headlines()?;
    let mut other = store.headlines()?;
    log.append(Timestamp(30), vec![(Actor::Engine, Fact::TurnStarted { turn: 1 })])?;
    for headlines in [&mut one, &mut other] {
        let summary = told(headlines, |summary| summary.state == TaskState::Working).await?;
        assert_eq!(vec![Summary { state: TaskState::New, changed_at: Timestamp(21), ..summary }], first);
    }
    log.append(Timestamp(40), vec![(Actor::Engine, Fact::TurnEnded { turn: 1, ending: Ending::Done })])?;
    let summary = told(&mut one, |summary| summary.unread).await?;
    assert_eq!(vec![summary], store.recents(&Query::default())?);
    let second = task(store, 2, "Second")?;
    told(&mut one, |summary| summary.id == id(2) && summary.title == "Second").await?;

    drop((log, second));
    let listed = store.recents(&Query::default())?;
    store.remove(id(1))?;
    assert_eq!(next(&mut one).await?, News::Gone(id(1)));
    store.restore(id(1))?;
    let summary = told(&mut one, |summary| summary.id == id(1)).await?;
    assert!(listed.contains(&summary), "{summary:?}");
    Ok(())
}

/// News that change no summary are not told.
pub async fn headlines_are_silent_about_what_no_list_shows(store: &dyn Store) -> Checked {
    let mut log = task(store, 1, "First")?;
    log.append(Timestamp(30), vec![marked(Mark::Pinned)])?;
    store.recents(&Query::default())?;
    let mut headlines = store.headlines()?;
    // The time does not move, and neither does anything else a list shows.
    log.append(Timestamp(21), vec![marked(Mark::Pinned)])?;
    log.append(Timestamp(21), vec![(Actor::Tool, Fact::NoteSet { text: "hidden".to_owned() })])?;
    store.recents(&Query::default())?;
    log.append(Timestamp(21), vec![marked(Mark::Unpinned)])?;
    let News::Task(summary) = next(&mut headlines).await? else { return Err("no summary".into()) };
    assert!(!summary.pinned, "{summary:?}");
    // The same once its writer has gone and another came.
    drop(log);
    let mut log = store.open(id(1))?.log;
    log.append(Timestamp(21), vec![marked(Mark::Seen)])?;
    store.recents(&Query::default())?;
    log.append(Timestamp(21), vec![marked(Mark::Archived)])?;
    let News::Task(summary) = next(&mut headlines).await? else { return Err("no summary".into()) };
    assert!(summary.archived, "{summary:?}");
    Ok(())
}
