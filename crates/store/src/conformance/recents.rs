//! Cases of the suite: Recents and search.

use event::{Actor, Ending, Fact, FileCard, PauseReason, PlanItem, PlanState, TaskId, Timestamp};
use view::TaskState;

use super::{Checked, created, id, replied, said};
use crate::{Query, Store, StoreError, Summary};

fn titles(summaries: &[Summary]) -> Vec<&str> {
    summaries.iter().map(|summary| summary.title.as_str()).collect()
}

/// Ordered by the newest change, in pages.
pub fn recents_come_newest_first(store: &dyn Store) -> Checked {
    assert_eq!(store.recents(&Query::default())?, Vec::new());
    let mut logs = Vec::new();
    for (number, title) in (0..).zip(["a", "b", "c", "d"]) {
        let mut log = store.create(id(number), title, Timestamp(number as i64))?;
        log.append(Timestamp(100 + number as i64), vec![created(title)])?;
        logs.push(log);
    }
    assert_eq!(titles(&store.recents(&Query::default())?), ["d", "c", "b", "a"]);
    logs.get_mut(1).ok_or("no log")?.append(Timestamp(900), vec![said("again")])?;
    assert_eq!(titles(&store.recents(&Query::default())?), ["b", "d", "c", "a"]);
    drop(logs);
    let page = |limit, offset| Query { limit, offset, ..Query::default() };
    assert_eq!(titles(&store.recents(&page(2, 0))?), ["b", "d"]);
    assert_eq!(titles(&store.recents(&page(2, 2))?), ["c", "a"]);
    assert_eq!(titles(&store.recents(&page(2, 3))?), ["a"]);
    assert_eq!(titles(&store.recents(&page(2, 4))?), [""; 0]);
    assert_eq!(titles(&store.recents(&page(0, 0))?), [""; 0]);
    assert_eq!(titles(&store.recents(&page(usize::MAX, 1))?), ["d", "c", "a"]);
    Ok(())
}

/// A summary says what the fold of the task's events says.
pub fn recents_show_where_a_task_stands(store: &dyn Store) -> Checked {
    let (task, mut log) = (id(1), store.create(id(1), "first", Timestamp(10))?);
    let (author, fact) = created("First");
    let Fact::TaskCreated { title, mode, model, folders, limits, tier, made_by, .. } = fact else {
        return Err("not a first event".into());
    };
    let project = Some("Taxes".to_owned());
    let made = Fact::TaskCreated { title, mode, model, folders, limits, project: project.clone(), tier, made_by };
    log.append(Timestamp(20), vec![(author, made)])?;
    let item = |text: &str, state| PlanItem { text: text.to_owned(), state };
    let items = vec![item("a", PlanState::Done), item("b", PlanState::Active), item("c", PlanState::Pending)];
    let (message, hint) = (String::new(), String::new());
    let steps: [(Fact, &str, TaskState, (u32, u32)); 6] = [
        (Fact::TurnStarted { turn: 1 }, "First", TaskState::Working, (0, 0)),
        (Fact::PlanSet { items }, "First", TaskState::Working, (1, 3)),
        (Fact::Paused { reason: PauseReason::User, message, hint }, "First", TaskState::Paused, (1, 3)),
        (Fact::Resumed { command: None }, "First", TaskState::Working, (1, 3)),
        (Fact::Titled { title: "Second".to_owned() }, "Second", TaskState::Working, (1, 3)),
        (Fact::TurnEnded { turn: 1, ending: Ending::Done }, "Second", TaskState::Done, (1, 3)),
    ];
    let mut wanted = Summary {
        id: task,
        title: "First".to_owned(),
        state: TaskState::New,
        made_at: Timestamp(20),
        changed_at: Timestamp(20),
        done: 0,
        total: 0,
        project,
        pinned: false,
        archived: false,
        unread: false,
    };
    assert_eq!(store.recents(&Query::default())?, [wanted.clone()]);
    for (at, (fact, title, state, (done, total))) in (30..).zip(steps) {
        log.append(Timestamp(at), vec![(Actor::Engine, fact)])?;
        let unread = state == TaskState::Done;
        wanted = Summary { unread, title: title.to_owned(), state, changed_at: Timestamp(at), done, total, ..wanted };
        assert_eq!(store.recents(&Query::default())?, [wanted.clone()]);
    }
    Ok(())
}

/// Words of the title, of what was said and replied, and of file names; in any case, by their beginnings.
pub fn search_wants_every_word(store: &dyn Store) -> Checked {
    let mut taxes = store.create(id(1), "taxes", Timestamp(10))?;
    let mut garden = store.create(id(2), "garden", Timestamp(10))?;
    taxes.append(
        Timestamp(20),
        vec![created("Sort the Invoices"), said("of last Summer, please"), replied("Sorted.")],
    )?;
    let card = FileCard {
        path: "/outputs/overview-2026.csv".to_owned(),
        title: "Umsätze".to_owned(),
        bytes: 3,
        media: "text/csv".to_owned(),
    };
    taxes.append(Timestamp(30), vec![(Actor::Tool, Fact::Presented { files: vec![card] })])?;
    garden.append(Timestamp(40), vec![created("Plan the garden"), said("for the summer \"party\"")])?;
    let found = |text: &str| -> Result<Vec<TaskId>, StoreError> {
        let query = Query { text: Some(text.to_owned()), ..Query::default() };
        Ok(store.recents(&query)?.into_iter().map(|summary| summary.id).collect())
    };
    let table: [(&str, &[TaskId]); 14] = [
        ("summer", &[id(2), id(1)]),
        ("SUMMER", &[id(2), id(1)]),
        ("summ", &[id(2), id(1)]),
        ("summer invoices", &[id(1)]),
        ("  invoices   summer ", &[id(1)]),
        ("summer invoices garden", &[]),
        ("overview-2026.csv", &[id(1)]),
        ("overview", &[id(1)]),
        ("umsätze", &[id(1)]),
        ("party", &[id(2)]),
        ("garden OR invoices", &[]),
        ("winter", &[]),
        ("", &[id(2), id(1)]),
        (" \n ", &[id(2), id(1)]),
    ];
    for (text, wanted) in table {
        assert_eq!(found(text)?, wanted, "{text}");
    }
    let page = Query { text: Some("summer".to_owned()), limit: 1, offset: 1, ..Query::default() };
    assert_eq!(titles(&store.recents(&page)?), ["Sort the Invoices"]);
    drop(garden);
    store.open(id(2))?.log.append(Timestamp(50), vec![said("and for the winter")])?;
    assert_eq!(found("winter party")?, [id(2)]);
    Ok(())
}
