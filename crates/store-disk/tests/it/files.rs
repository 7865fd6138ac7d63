//! The folder of a task as a person finds it: names, permissions, sidecars, and what happens when it is moved.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use event::{Actor, Digest, Fact, Timestamp};
use store::conformance::{id, said};
use store::{Store, StoreError};

use crate::world::{World, begin, copy, folder, log_file, read_all, tree};

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).expect("metadata").permissions().mode() & 0o777
}

#[test]
fn a_task_is_a_folder_anybody_can_read() {
    let world = World::new();
    let store = world.store();
    let mut log = store.create(id(1), "Sort my Invoices", Timestamp(1_798_761_599_999)).expect("a task");
    let root = folder(&store, id(1));
    assert_eq!(root, world.tasks().join(format!("2026-12-31-sort-my-invoices-{}", id(1))));
    let events = log.append(Timestamp(5), vec![said("hello")]).expect("an event");
    let digest = log.put_blob(b"picture").expect("a blob");
    log.keep_draft("Once upon").expect("a draft");
    let notes = Fact::NoteSet { text: "# Notes\n- ä\n".to_owned() };
    let notes = log.append(Timestamp(6), vec![(Actor::Model, notes)]).expect("an event");
    let lines: String = [&events[0], &notes[0]].map(|event| event.to_line().expect("a line") + "\n").concat();
    let text = |text: &str| Some(text.as_bytes().to_vec());
    let wanted = [
        ("blobs".to_owned(), None),
        (format!("blobs/{digest}"), text("picture")),
        ("draft.txt".to_owned(), text("Once upon")),
        ("events.jsonl".to_owned(), text(&lines)),
        ("journal".to_owned(), None),
        ("lease".to_owned(), text(&std::process::id().to_string())),
        ("outputs".to_owned(), None),
        ("scratchpad.md".to_owned(), text("# Notes\n- ä\n")),
        ("uploads".to_owned(), None),
    ];
    assert_eq!(tree(&root), wanted.map(|(name, content)| (name.into(), content)).into());
    for (name, content) in tree(&world.home()) {
        let wanted = if content.is_none() { 0o700 } else { 0o600 };
        assert_eq!(mode(&world.home().join(&name)), wanted, "{}", name.display());
    }
    log.drop_draft().expect("no draft");
    drop(log);
    assert!(!root.join("lease").exists() && !root.join("draft.txt").exists());
    store.recents(&store::Query::default()).expect("recents");
    for name in ["index.db", "index.db-wal", "index.db-shm"] {
        assert_eq!(mode(&world.home().join(name)), 0o600, "{name}");
    }
}

#[test]
fn opening_a_store_makes_only_its_directories() {
    let world = World::new();
    drop(world.store());
    assert_eq!(tree(&world.home()), [("tasks".into(), None)].into());
    let file = world.beside("file");
    std::fs::write(&file, "").expect("a file");
    let error = store_disk::DiskStore::open(&file).err();
    assert!(
        matches!(&error, Some(StoreError::Disk { action: "make", path, .. }) if *path == file.join("tasks")),
        "{error:?}"
    );
}

#[test]
fn the_newest_notes_are_shown_and_never_read_back() {
    let world = World::new();
    let store = world.store();
    let mut log = begin(&store, id(1), &["One"]);
    let note = |text: &str| (Actor::Model, Fact::NoteSet { text: text.to_owned() });
    log.append(Timestamp(2), vec![note("first"), note("second"), said("x")]).expect("events");
    let path = folder(&store, id(1)).join("scratchpad.md");
    assert_eq!(std::fs::read_to_string(&path).expect("notes"), "second");
    drop(log);
    std::fs::write(&path, "by hand").expect("notes");
    let opened = store.open(id(1)).expect("an open task");
    let notes: Vec<&Fact> = opened.events.iter().map(|event| &event.fact).collect();
    assert_eq!(notes[1..3], [&note("first").1, &note("second").1]);
    // A copy for people that cannot be written stops nothing.
    std::fs::remove_file(&path).expect("no notes");
    std::fs::create_dir(&path).expect("something in the way");
    let mut log = opened.log;
    assert_eq!(log.append(Timestamp(3), vec![note("third")]).expect("an event").len(), 1);
    let hidden = |name: &std::path::PathBuf| name.to_string_lossy().starts_with('.');
    assert_eq!(tree(&folder(&store, id(1))).into_keys().filter(hidden).count(), 0);
}

#[test]
fn a_moved_folder_is_found_and_a_copied_home_works() {
    let world = World::new();
    let store = world.store();
    drop(begin(&store, id(1), &["One", "hello"]));
    let events = read_all(&store, id(1));
    let moved = world.tasks().join(format!("renamed by hand-{}", id(1)));
    std::fs::rename(folder(&store, id(1)), &moved).expect("a moved folder");
    assert_eq!(read_all(&store, id(1)), events);
    assert_eq!(folder(&store, id(1)), moved);
    let other = World::new();
    copy(&moved, &other.tasks().join("anything-").join("..").join(format!("copied-{}", id(1))));
    let there = other.store();
    // A copy made without its empty directories gets them back.
    std::fs::remove_dir(folder(&there, id(1)).join("journal")).expect("no journal");
    let opened = there.open(id(1)).expect("an open task");
    assert_eq!(opened.events, events);
    assert!(opened.log.places().journal.is_dir());
    std::fs::rename(&moved, world.beside("away")).expect("a folder gone");
    assert!(matches!(store.read(id(1), event::Seq(0)), Err(StoreError::NoTask(_))));
    assert_eq!(store.tasks().expect("tasks"), []);
}

#[test]
fn of_two_folders_of_one_task_the_first_by_name_counts() {
    let world = World::new();
    let store = world.store();
    drop(begin(&store, id(1), &["One", "hello"]));
    let second = world.tasks().join(format!("zzz-{}", id(1)));
    copy(&folder(&store, id(1)), &second);
    let store = world.store();
    assert_eq!(store.tasks().expect("tasks"), [id(1)]);
    assert_ne!(folder(&store, id(1)), second);
    let damage = store.rebuild_index().expect("an index");
    let told: Vec<_> = damage.iter().map(|damage| (damage.task, damage.path.as_path(), damage.line)).collect();
    assert_eq!(told, [(Some(id(1)), second.as_path(), 0)]);
}

#[test]
fn what_is_no_task_folder_is_passed_over() {
    let world = World::new();
    let store = world.store();
    drop(begin(&store, id(1), &["One"]));
    let tasks = world.tasks();
    for name in [".new-leftover", "notes", "no-task"] {
        std::fs::create_dir(tasks.join(name)).expect("a directory");
    }
    std::fs::write(tasks.join(format!("a-file-{}", id(2))), "").expect("a file");
    std::os::unix::fs::symlink(folder(&store, id(1)), tasks.join(format!("link-{}", id(3)))).expect("a link");
    assert_eq!(world.store().tasks().expect("tasks"), [id(1)]);
}

#[test]
fn a_draft_torn_within_a_letter_is_read_up_to_it() {
    let world = World::new();
    let store = world.store();
    drop(begin(&store, id(1), &["One"]));
    std::fs::write(folder(&store, id(1)).join("draft.txt"), b"gr\xc3\xb6\xc3").expect("a draft");
    assert_eq!(store.open(id(1)).expect("an open task").draft, "grö");
}

#[test]
fn an_altered_blob_is_not_given_out_and_is_put_right() {
    let world = World::new();
    let store = world.store();
    let log = begin(&store, id(1), &["One"]);
    let digest = log.put_blob(b"picture").expect("a blob");
    let path = log.places().blobs.join(digest.to_string());
    std::fs::write(&path, b"pixture").expect("an altered blob");
    let told = log.blob(digest).expect_err("an altered blob").to_string();
    assert_eq!(told, format!("cannot read `{}`: the content is not what its name says", path.display()));
    assert_eq!(log.put_blob(b"picture").expect("a blob"), Digest::of(b"picture"));
    assert_eq!(log.blob(digest).expect("the blob"), b"picture");
}

#[test]
fn a_log_without_an_event_is_a_task_to_be_begun() {
    let world = World::new();
    let store = world.store();
    drop(store.create(id(1), "one", Timestamp(1)).expect("a task"));
    let mut opened = world.store().open(id(1)).expect("an open task");
    assert_eq!(opened.events, []);
    assert_eq!(store.recents(&store::Query::default()).expect("recents"), []);
    opened.log.append(Timestamp(2), vec![store::conformance::created("One")]).expect("an event");
    assert_eq!(std::fs::read(log_file(&store, id(1))).expect("the log").last(), Some(&b'\n'));
}
