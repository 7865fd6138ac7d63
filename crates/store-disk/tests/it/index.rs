//! Recents and search: the same whether the index was kept, caught up, rebuilt or thrown away.

use std::collections::HashSet;
use std::path::PathBuf;

use event::{Actor, Fact, Mark, TaskId, Timestamp};
use store::conformance::{created, id, replied, said};
use store::{Query, Shelf, Store, StoreError, Summary};
use store_disk::DiskStore;

use crate::world::{World, begin, copy, folder, log_file, search};

const WORDS: [&str; 12] = [
    "invoice",
    "Größe",
    "größer",
    "garden",
    "party",
    "summer-2026",
    "naïve",
    "売上",
    "Straße",
    "q1/q2",
    "tab\tbed",
    "O'Neil",
];

/// A number that looks random and is the same every time.
fn scatter(number: u64) -> u64 {
    let mixed = (number + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 17
}

fn word(number: u64) -> &'static str {
    WORDS[(scatter(number) % WORDS.len() as u64) as usize]
}

/// Tasks with a few scattered words each; some are appended to again after others were made.
fn generate(store: &DiskStore, tasks: u64) {
    for number in 0..tasks {
        let mut log = store.create(id(number), "many", Timestamp(0)).expect("a task");
        let at = Timestamp(1000 + (scatter(number) % 500) as i64);
        log.append(at, vec![created(&format!("Task {number} {}", word(number)))]).expect("an event");
        log.append(at, vec![said(word(number * 3 + 1)), replied(word(number * 3 + 2))]).expect("events");
        if number % 3 == 2 {
            let mut log = store.open(id(number / 2)).expect("an open task").log;
            log.append(Timestamp(5000 + number as i64), vec![said(word(number * 7))]).expect("an event");
        }
    }
}

/// Everything the index can be asked in these tests.
fn answers(store: &DiskStore) -> Vec<Vec<Summary>> {
    let mut texts = vec![None, Some("task 1".to_owned()), Some("nothing".to_owned())];
    for one in WORDS {
        texts.push(Some(one.to_owned()));
        texts.extend(WORDS.map(|other| Some(format!("{one} {other}"))));
    }
    let ask = |text| store.recents(&Query { text, limit: 10_000, ..Query::default() }).expect("recents");
    texts.into_iter().map(ask).collect()
}

fn delete_index(world: &World) {
    for name in ["index.db", "index.db-wal", "index.db-shm"] {
        match std::fs::remove_file(world.home().join(name)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => panic!("{error}"),
            Ok(()) | Err(_) => {}
        }
    }
}

#[test]
fn a_rebuilt_index_equals_a_kept_one() {
    let world = World::new();
    let store = world.store();
    assert_eq!(answers(&store).iter().map(Vec::len).sum::<usize>(), 0);
    generate(&store, 300);
    let kept = answers(&store);
    assert_eq!(kept[0].len(), 300);
    assert!(kept.iter().filter(|found| !found.is_empty()).count() > 100);
    assert_eq!(store.rebuild_index().expect("an index"), []);
    assert_eq!(answers(&store), kept);
    // What the next process finds, with the index and without it.
    drop(store);
    assert_eq!(answers(&world.store()), kept);
    delete_index(&world);
    assert_eq!(answers(&world.store()), kept);
}

#[test]
fn search_finds_what_is_there_and_nothing_else() {
    let world = World::new();
    let store = world.store();
    generate(&store, 120);
    let texts = |task: TaskId| -> String {
        let lines = std::fs::read_to_string(log_file(&store, task)).expect("the log");
        let view = lines.lines().map(|line| event::Event::from_line(line).expect("an event"));
        view.map(|event| match event.fact {
            event::Fact::TaskCreated { title, .. } => title,
            event::Fact::Said { text, .. } => text,
            event::Fact::Replied { reply, .. } => reply.text(),
            other => panic!("{other:?}"),
        } + "\n")
        .collect()
    };
    let tasks: Vec<(TaskId, String)> = (0..120).map(|number| (id(number), texts(id(number)))).collect();
    for (query, meant) in [
        ("invoice", &["invoice"] as &[&str]),
        ("garden party", &["garden", "party"]),
        ("grosse", &[]),
        ("GRÖSSE", &[]),
        ("größe", &["Größe", "größer"]),
        ("summer-2026", &["summer-2026"]),
        ("naive", &["naïve"]),
        ("売", &["売上"]),
        ("上", &["売上"]),
        ("nai\u{308}ve", &["naïve"]),
        ("aⒷc", &[]),
        ("🎉", &[]),
        ("q1/q2", &["q1/q2"]),
        ("bed", &["tab\tbed"]),
        ("o'neil", &["O'Neil"]),
        ("neil", &["O'Neil"]),
        ("arden", &[]),
        ("\"", &[]),
        ("*", &[]),
        ("invoice NOT garden", &[]),
        ("words:invoice", &[]),
    ] {
        let every = query.split_whitespace().count() > 1;
        let wanted: HashSet<TaskId> = tasks
            .iter()
            .filter(|(_, text)| {
                let has = |word: &&str| text.contains(*word);
                if every { !meant.is_empty() && meant.iter().all(has) } else { meant.iter().any(has) }
            })
            .map(|(task, _)| *task)
            .collect();
        assert_eq!(search(&store, query).into_iter().collect::<HashSet<_>>(), wanted, "{query}");
        assert_eq!(wanted.is_empty(), meant.is_empty(), "{query}");
    }
}

#[test]
fn words_of_a_long_task_are_all_found() {
    let world = World::new();
    let store = world.store();
    let mut log = begin(&store, id(1), &["Long"]);
    for number in 0..400 {
        let text = format!("marker{number:03} {}", "padding ".repeat(number % 90));
        log.append(Timestamp(2), vec![said(&text)]).expect("an event");
        if number % 50 == 0 {
            assert_eq!(search(&store, &format!("marker{number:03}")), [id(1)]);
        }
    }
    // With the index as it was kept, and with one read from the log.
    for _ in 0..2 {
        let store = world.store();
        for number in 0..400 {
            assert_eq!(search(&store, &format!("long marker{number:03} padd")), [id(1)], "marker{number:03}");
        }
        assert_eq!(search(&store, "marker400"), []);
        delete_index(&world);
    }
}

#[test]
fn a_title_that_changed_is_no_longer_found() {
    let world = World::new();
    let store = world.store();
    let mut log = begin(&store, id(1), &["Before"]);
    assert_eq!(search(&store, "before"), [id(1)]);
    let titled = event::Fact::Titled { title: "After".to_owned() };
    log.append(Timestamp(2), vec![(event::Actor::User, titled)]).expect("an event");
    assert_eq!((search(&store, "before"), search(&store, "after")), (vec![], vec![id(1)]));
    drop((log, store));
    delete_index(&world);
    let store = world.store();
    assert_eq!((search(&store, "before"), search(&store, "after")), (vec![], vec![id(1)]));
}

#[test]
fn folders_that_come_and_go_by_hand_are_noticed() {
    let world = World::new();
    let other = World::new();
    drop(begin(&other.store(), id(2), &["Copied", "from elsewhere"]));
    let store = world.store();
    drop(begin(&store, id(1), &["One", "at home"]));
    assert_eq!(search(&store, "elsewhere"), []);
    let copied = world.tasks().join(format!("by-hand-{}", id(2)));
    copy(&folder(&other.store(), id(2)), &copied);
    assert_eq!(search(&store, "elsewhere"), [id(2)]);
    std::fs::rename(&copied, world.tasks().join(format!("renamed-{}", id(2)))).expect("a moved folder");
    assert_eq!(search(&store, "elsewhere"), [id(2)]);
    std::fs::remove_dir_all(folder(&store, id(1))).expect("no folder");
    assert_eq!(search(&store, "home"), []);
    assert_eq!(search(&store, ""), [id(2)]);
    drop(store);
    // A log that grew while nobody kept the index.
    let line = {
        let there = other.store();
        there.open(id(2)).expect("a task").log.append(Timestamp(9), vec![said("later")]).expect("an event");
        std::fs::read(log_file(&there, id(2))).expect("the log")
    };
    let store = world.store();
    std::fs::write(log_file(&store, id(2)), line).expect("the log");
    assert_eq!(search(&store, "later"), [id(2)]);
}

#[test]
fn two_processes_keep_one_index() {
    let world = World::new();
    let (one, other) = (world.store(), world.store());
    let mut log = begin(&one, id(1), &["Shared", "first"]);
    assert_eq!(search(&one, "first"), [id(1)]);
    assert_eq!(search(&other, "first"), [id(1)]);
    let filler = "filler ".repeat(1000);
    for number in 0..10 {
        log.append(Timestamp(2), vec![said(&format!("mark{number}")), said(&filler)]).expect("events");
        // The other rebuilds from what the log says now, under the writer's feet.
        if number % 3 == 0 {
            assert_eq!(other.rebuild_index().expect("an index"), []);
        }
        assert_eq!(search(&one, &format!("mark{number}")), [id(1)]);
    }
    for number in 0..10 {
        assert_eq!(search(&one, &format!("shared mark{number}")), [id(1)], "mark{number}");
        assert_eq!(search(&other, &format!("shared mark{number}")), [id(1)], "mark{number}");
    }
}

#[test]
fn a_corrupt_index_is_made_anew() {
    let world = World::new();
    let store = world.store();
    generate(&store, 60);
    let kept = answers(&store);
    drop(store);
    let path: PathBuf = world.home().join("index.db");
    let intact = std::fs::read(&path).expect("the index");
    let alter = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = intact.clone();
        change(&mut bytes);
        bytes
    };
    let table = [
        ("text", b"this is no database, whatever it is".to_vec()),
        ("empty", Vec::new()),
        ("header", alter(&|bytes| bytes[..100].fill(7))),
        ("half", alter(&|bytes| bytes.truncate(bytes.len() / 2 / 4096 * 4096))),
        ("schema", alter(&|bytes| bytes[100..4096].fill(0xff))),
        ("pages", alter(&|bytes| bytes[4096..].fill(0xff))),
    ];
    for (what, bytes) in table {
        delete_index(&world);
        std::fs::write(&path, bytes).expect("an altered index");
        assert_eq!(answers(&world.store()), kept, "{what}");
    }
}

#[test]
fn an_index_of_a_newer_release_is_left_alone_until_it_is_rebuilt() {
    let world = World::new();
    drop(begin(&world.store(), id(1), &["One"]));
    assert_eq!(search(&world.store(), "one"), [id(1)]);
    // Bytes 60 to 63 of the header: the version.
    let path = world.home().join("index.db");
    let mut bytes = std::fs::read(&path).expect("the index");
    bytes[60..64].copy_from_slice(&99_u32.to_be_bytes());
    std::fs::write(&path, &bytes).expect("the index");
    let store = world.store();
    let told = store.recents(&Query::default()).expect_err("a newer index");
    assert_eq!(told.to_string(), "the index failed: it was made by a newer release (version 99)");
    assert_eq!(store.rebuild_index().expect("an index"), []);
    assert_eq!(search(&store, "one"), [id(1)]);
}

#[test]
fn an_index_in_the_way_stops_no_task() {
    let world = World::new();
    let store = world.store();
    std::fs::create_dir(world.home().join("index.db")).expect("something in the way");
    let mut log = begin(&store, id(1), &["One"]);
    assert!(matches!(store.recents(&Query::default()), Err(StoreError::Index(_))));
    assert_eq!(log.append(Timestamp(2), vec![said("still")]).expect("an event").len(), 1);
    std::fs::remove_dir(world.home().join("index.db")).expect("out of the way");
    assert_eq!(search(&store, "still"), [id(1)]);
    log.append(Timestamp(3), vec![said("more")]).expect("an event");
    assert_eq!(search(&store, "more still"), [id(1)]);
    delete_index(&world);
    assert_eq!(search(&store, "more still"), [id(1)]);
    log.append(Timestamp(4), vec![said("again")]).expect("an event");
    assert_eq!(search(&store, "again more"), [id(1)]);
}

#[test]
fn a_damaged_task_is_listed_as_far_as_it_is_intact() {
    let world = World::new();
    let store = world.store();
    drop(begin(&store, id(1), &["One", "before", "after"]));
    drop(begin(&store, id(2), &["Two"]));
    let path = log_file(&store, id(1));
    let lines = std::fs::read_to_string(&path).expect("the log");
    let mut lines: Vec<&str> = lines.lines().collect();
    lines[1] = "?";
    std::fs::write(&path, lines.join("\n") + "\n").expect("a damaged log");
    std::fs::remove_file(log_file(&store, id(2))).expect("no log");
    std::fs::create_dir(world.tasks().join("stranger")).expect("a stranger");
    drop(store);
    delete_index(&world);
    let store = world.store();
    let mut told: Vec<_> = store
        .rebuild_index()
        .expect("an index")
        .into_iter()
        .map(|damage| (damage.task, damage.path, damage.line))
        .collect();
    told.sort();
    let mut wanted = vec![
        (Some(id(1)), path, 2),
        (Some(id(2)), log_file(&store, id(2)), 0),
        (None, world.tasks().join("stranger"), 0),
    ];
    wanted.sort();
    assert_eq!(told, wanted);
    assert_eq!((search(&store, "one"), search(&store, "after"), search(&store, "two")), (vec![id(1)], vec![], vec![]));
}

#[test]
fn more_news_than_the_inbox_holds_are_read_from_the_logs() {
    let world = World::new();
    let store = world.store();
    let mut logs: Vec<_> = (0..3).map(|number| begin(&store, id(number), &["Busy"])).collect();
    for number in 0..9000 {
        let log = &mut logs[number % 3];
        log.append(Timestamp(2), vec![said(&format!("news{number:04}"))]).expect("an event");
    }
    for number in (0..9000).step_by(451) {
        assert_eq!(search(&store, &format!("news{number:04}")), [id(number as u64 % 3)], "news{number}");
    }
}

#[test]
fn an_index_of_an_older_release_is_filled_again() {
    let world = World::new();
    let store = world.store();
    let mut log = begin(&store, id(1), &["Taxes", "summer"]);
    let marks = [Mark::Pinned, Mark::Unseen].map(|mark| (Actor::User, Fact::Marked(mark)));
    log.append(Timestamp(3), marks.to_vec()).expect("events");
    drop(log);
    let wanted = store.recents(&Query::default()).expect("recents");
    let length = std::fs::metadata(log_file(&store, id(1))).expect("the log").len();
    let folder = folder(&store, id(1));
    drop(store);
    delete_index(&world);
    let old = rusqlite::Connection::open(world.home().join("index.db")).expect("an index");
    old.execute_batch(include_str!("../../src/index/001_tasks.sql")).expect("its tables");
    // As far as the old release knew, this row was right.
    old.execute(
        "INSERT INTO tasks VALUES (1, ?1, ?2, 'Taxes', 'new', 1, 1, 0, 0, NULL, 4, ?3, 1)",
        (id(1).as_str(), folder.file_name().expect("a name").to_str(), length as i64),
    )
    .expect("a row");
    old.execute("INSERT INTO search (rowid, words) VALUES (1048577, 'winter')", ()).expect("its words");
    old.pragma_update(None, "user_version", 1).expect("a version");
    drop(old);
    let store = world.store();
    let found = store.recents(&Query { shelf: Shelf::Pinned, ..Query::default() }).expect("recents");
    assert_eq!(found, wanted);
    assert!(found.iter().all(|summary| summary.pinned && summary.unread), "{found:?}");
    assert_eq!((search(&store, "summer"), search(&store, "winter")), (vec![id(1)], vec![]));
}
