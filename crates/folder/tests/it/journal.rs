//! The journal's file: several writers, torn lines, lost objects.

use std::io::Write;
use std::sync::Arc;

use event::Digest;
use folder::{Author, Intent, Journal, Mark, State};

use crate::world::{World, author, variant};

fn intent(path: &str) -> Intent {
    Intent { author: author(1), path: path.into(), before: State::Absent, intends: None, temporary: None }
}

#[test]
fn the_stored_form() {
    let world = World::new();
    std::fs::write(world.path("Reports/a"), "old").unwrap();
    let (journal, digest) = (world.journal(), Digest::of(b"old"));
    let file = State::File { digest, mode: 0o644, mtime_ns: 1_500_000_000, bytes: 3 };
    let full = Intent {
        author: Author { call: None, turn: 2, undo: Some(1) },
        path: "/work/Reports/a".into(),
        before: file,
        intends: Some(Mark::Absent),
        temporary: Some(".deskhand-1.tmp".into()),
    };
    journal.begin(&intent("/outputs/b")).unwrap();
    journal.begin(&full).unwrap();
    journal.finish(1, Mark::File(digest)).unwrap();
    journal.void(2).unwrap();
    let text = world.read("journal/entries.jsonl");
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(
        lines,
        [
            r#"{"began":{"number":1,"call":"call-1","turn":1,"path":"/outputs/b","before":{"is":"absent"}}}"#
                .to_owned(),
            format!(
                r#"{{"began":{{"number":2,"turn":2,"undo":1,"path":"/work/Reports/a","before":{{"is":"file","digest":"{digest}","mode":420,"mtime_ns":1500000000,"bytes":3}},"intends":"absent","temporary":".deskhand-1.tmp"}}}}"#
            ),
            format!(r#"{{"done":{{"number":1,"after":{{"file":"{digest}"}}}}}}"#),
            r#"{"void":{"number":2}}"#.to_owned(),
        ]
    );
    let entries = journal.list().unwrap();
    assert_eq!(entries.len(), 1);
    assert_eq!((entries[0].number, entries[0].after), (1, Some(Mark::File(digest))));
}

#[test]
fn a_torn_last_line_says_nothing_and_is_cut_by_the_next_writer() {
    let world = World::new();
    world.journal().begin(&intent("/outputs/a")).unwrap();
    let path = world.path("journal/entries.jsonl");
    let whole = std::fs::read(&path).unwrap();
    for cut in 1..whole.len() {
        let mut torn = whole.clone();
        torn.extend_from_slice(&whole[..cut]);
        std::fs::write(&path, &torn).unwrap();
        let journal = world.journal();
        assert_eq!(journal.list().unwrap().len(), 1, "cut at {cut}");
        assert_eq!(journal.begin(&intent("/outputs/b")).unwrap(), 2, "cut at {cut}");
        assert_eq!(journal.list().unwrap().len(), 2, "cut at {cut}");
        assert!(std::fs::read(&path).unwrap().starts_with(&whole));
    }
}

#[test]
fn a_damaged_line_in_the_middle_costs_only_itself() {
    let world = World::new();
    let journal = world.journal();
    journal.begin(&intent("/outputs/a")).unwrap();
    std::fs::OpenOptions::new()
        .append(true)
        .open(world.path("journal/entries.jsonl"))
        .unwrap()
        .write_all(b"\xff not json\n")
        .unwrap();
    assert_eq!(journal.begin(&intent("/outputs/b")).unwrap(), 2);
    let paths: Vec<_> = journal.list().unwrap().into_iter().map(|entry| entry.intent.path).collect();
    assert_eq!(paths, ["/outputs/a", "/outputs/b"]);
}

#[test]
fn writers_with_handles_of_their_own_never_share_a_number() {
    let world = Arc::new(World::new());
    let shared = Arc::new(world.journal());
    let threads: Vec<_> = (0..4)
        .map(|thread| {
            let own = if thread % 2 == 0 { Arc::clone(&shared) } else { Arc::new(world.journal()) };
            std::thread::spawn(move || (0..25).map(|_| own.begin(&intent("/outputs/a")).unwrap()).collect::<Vec<_>>())
        })
        .collect();
    let mut numbers: Vec<_> = threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=100).collect::<Vec<_>>());
    assert_eq!(shared.list().unwrap().len(), 100);
}

#[test]
fn an_altered_or_missing_object_is_lost_not_given_back() {
    let world = World::new();
    std::fs::write(world.path("Reports/a"), "old").unwrap();
    let journal = world.journal();
    let (digest, bytes) = journal.keep(&mut std::fs::File::open(world.path("Reports/a")).unwrap()).unwrap();
    assert_eq!((digest, bytes), (Digest::of(b"old"), 3));
    assert!(journal.object(digest).is_ok());
    std::fs::write(world.path(&format!("journal/objects/{digest}")), "bad").unwrap();
    assert_eq!(variant(&journal.object(digest).unwrap_err()), "Lost");
    std::fs::remove_file(world.path(&format!("journal/objects/{digest}"))).unwrap();
    assert_eq!(variant(&journal.object(digest).unwrap_err()), "Lost");
}

#[test]
fn opening_twice_makes_nothing_twice() {
    let world = World::new();
    drop(world.journal());
    drop(Journal::open(world.path("journal")).unwrap());
    assert_eq!(world.names("journal"), ["entries.jsonl", "objects"]);
}
