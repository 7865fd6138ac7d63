//! Write and Edit: what is refused, what is recorded, what stays as it was.

use event::{Change, ChangeKind, Digest};
use folder::{Guard, Journal, Root, Selection};
use serde_json::json;

use crate::world::{World, changes};

fn change(path: &str, before: Option<&str>, after: &str, entry: u64) -> Change {
    Change {
        path: path.into(),
        kind: if before.is_some() { ChangeKind::Changed } else { ChangeKind::Made },
        before: before.map(|text| Digest::of(text.as_bytes())),
        after: Some(Digest::of(after.as_bytes())),
        entry: Some(entry),
    }
}

#[tokio::test]
async fn a_new_file_is_made_and_may_be_replaced_by_whoever_made_it() {
    let world = World::new();
    let made = world.run("Write", json!({"path": "new/a.md", "content": "one\ntwo\n"})).await;
    assert_eq!(changes(&made), [change("/work/Reports/new/a.md", None, "one\ntwo\n", 2)]);
    assert_eq!(crate::world::text(&made), "made `/work/Reports/new/a.md`: 2 lines, 8 bytes");
    let again = world.run("Write", json!({"path": "new/a.md", "content": "three"})).await;
    assert_eq!(changes(&again), [change("/work/Reports/new/a.md", Some("one\ntwo\n"), "three", 3)]);
    let same = world.run("Write", json!({"path": "new/a.md", "content": "three"})).await;
    assert_eq!(changes(&same), []);
    assert!(crate::world::text(&same).contains("exactly this content already"));
    let edited = world.run("Edit", json!({"path": "new/a.md", "old_string": "ee", "new_string": "EE"})).await;
    assert_eq!(changes(&edited), [change("/work/Reports/new/a.md", Some("three"), "thrEE", 4)]);
    assert_eq!(world.content("Reports/new/a.md"), "thrEE");
}

#[tokio::test]
async fn a_file_must_have_been_read_and_not_have_changed() {
    let world = World::new();
    world.write("Reports/a", "user");
    let write = json!({"path": "a", "content": "task"});
    let edit = json!({"path": "a", "old_string": "user", "new_string": "task"});
    assert_eq!(
        world.failed("Write", write.clone()).await,
        "`/work/Reports/a` exists and was not read in this task. Read it first; then it can be replaced."
    );
    assert_eq!(world.failed("Edit", edit.clone()).await, "`/work/Reports/a` was not read in this task. Read it first.");
    world.read("a").await;
    world.write("Reports/a", "user, later");
    let changed =
        "`/work/Reports/a` was changed by somebody else since it was read. Read it again, then repeat the change.";
    assert_eq!(world.failed("Write", write.clone()).await, changed);
    assert_eq!(world.failed("Edit", edit.clone()).await, changed);
    world.read("a").await;
    assert_eq!(changes(&world.run("Edit", edit).await).len(), 1);
    assert_eq!(world.content("Reports/a"), "task, later");
    // The tool that wrote it knows it; after the task's pause it has to be read again.
    world.tools.find("Edit").unwrap().leave(world.desk.task).await;
    assert!(world.failed("Write", write.clone()).await.contains("was not read in this task"));
    world.read("a").await;
    std::fs::remove_file(world.path("Reports/a")).unwrap();
    assert_eq!(changes(&world.run("Write", write).await).len(), 1, "a file deleted since may be made anew");
}

#[tokio::test]
async fn reading_in_one_task_is_not_reading_in_another() {
    let world = World::new();
    world.write("Reports/a", "user");
    world.read("a").await;
    let mut desk = (*world.desk).clone();
    desk.task = event::TaskId::from_random([8; 8]);
    let other = World { desk: std::sync::Arc::new(desk), ..world };
    assert!(other.failed("Write", json!({"path": "a", "content": "x"})).await.contains("not read in this task"));
}

#[tokio::test]
async fn edit_refuses_and_says_why() {
    let world = World::new();
    world.write("Reports/a", "one\n  two\none\nlast\n");
    world.write("Reports/bin", b"a\0b");
    world.write("Reports/latin", b"caf\xe9");
    world.write("Reports/odd", b"\xff\xfea\0b");
    for name in ["a", "bin", "latin", "odd"] {
        world.read(name).await;
    }
    let table = [
        (
            json!({"path": "a", "old_string": "one", "new_string": "1"}),
            "`old_string` occurs 2 times (lines 1, 3). Add lines around it so that it occurs once, or set replace_all.",
        ),
        (
            json!({"path": "a", "old_string": "\ttwo", "new_string": "2"}),
            "`old_string` does not occur in the file. Line 2 is the same but for white space; the file has `  two`.",
        ),
        (
            json!({"path": "a", "old_string": "4\tlast", "new_string": "2"}),
            "`old_string` does not occur in the file. It holds the line numbers that Read shows; they are not part of \
             the file.",
        ),
        (
            json!({"path": "bin", "old_string": "a", "new_string": "2"}),
            "`/work/Reports/bin` is not text; change it with a program in Bash",
        ),
        (
            json!({"path": "latin", "old_string": "caf", "new_string": "€"}),
            "`/work/Reports/latin` is written in Latin-1, which lacks a letter of `new_string`. Use Write to replace the \
             file as UTF-8.",
        ),
        (
            json!({"path": "odd", "old_string": "a", "new_string": "b"}),
            "`/work/Reports/odd` is damaged UTF-16; an edit would change more than the passage",
        ),
        (
            json!({"path": "none", "old_string": "a", "new_string": "b"}),
            "`/work/Reports/none` does not exist. `/work/Reports` holds nothing called `none`; Glob lists what is there.",
        ),
        (
            json!({"path": "/work/Reports", "old_string": "a", "new_string": "b"}),
            "`/work/Reports` is a directory. List it with Glob, or name a file in it.",
        ),
        (
            json!({"path": "/work/Taxes/x", "old_string": "a", "new_string": "b"}),
            "`/work/Taxes/x` does not exist. `/work/Taxes` holds nothing called `x`; Glob lists what is there.",
        ),
    ];
    for (input, expected) in table {
        assert_eq!(world.failed("Edit", input).await, expected);
    }
    assert_eq!(world.content("Reports/a"), "one\n  two\none\nlast\n");
}

#[tokio::test]
async fn encoding_and_line_endings_stay() {
    let world = World::new();
    let table: [(&[u8], &str, &str, &[u8]); 5] = [
        (b"\xef\xbb\xbfa\r\nb\r\n", "a\nb", "x\ny", b"\xef\xbb\xbfx\r\ny\r\n"),
        (b"\xff\xfeh\0i\0", "i", "o", b"\xff\xfeh\0o\0"),
        (b"caf\xe9 1", "é 1", "é 2", b"caf\xe9 2"),
        (b"a\r\nb\n", "b", "c", b"a\r\nc\n"),
        (b"no end", "end", "END", b"no END"),
    ];
    for (before, old, new, after) in table {
        world.write("Reports/a", before);
        world.read("a").await;
        world.ok("Edit", json!({"path": "a", "old_string": old, "new_string": new})).await;
        assert_eq!(std::fs::read(world.path("Reports/a")).unwrap(), after);
    }
}

#[tokio::test]
async fn the_changed_place_is_shown() {
    let world = World::new();
    world.write("Reports/a", "1\n2\n3\n4\n5\n");
    world.read("a").await;
    let shown = world.ok("Edit", json!({"path": "a", "old_string": "3", "new_string": "three"})).await;
    assert_eq!(shown, "changed `/work/Reports/a`:\n 1\t1\n 2\t2\n-3\t3\n+3\tthree\n 4\t4\n 5\t5\n");
    world.write("Reports/b", "x\nx\n");
    world.read("b").await;
    let all = json!({"path": "b", "old_string": "x", "new_string": "y", "replace_all": true});
    assert_eq!(world.ok("Edit", all).await, "changed `/work/Reports/b` in 2 places; the first:\n-1\tx\n+1\ty\n 2\ty\n");
}

#[tokio::test]
async fn read_only_places_are_refused_even_if_policy_were_not_there() {
    let world = World::new();
    for path in ["/work/Taxes/a", "/uploads/a"] {
        let words = world.failed("Write", json!({"path": path, "content": "x"})).await;
        assert!(words.contains("is read-only. Write to `/outputs` instead."), "{words}");
    }
}

#[tokio::test]
async fn what_the_tools_changed_comes_back() {
    let world = World::new();
    world.write("Reports/a", "user");
    world.read("a").await;
    world.ok("Edit", json!({"path": "a", "old_string": "user", "new_string": "task"})).await;
    world.ok("Write", json!({"path": "a", "content": "task again"})).await;
    world.ok("Write", json!({"path": "/outputs/d/new", "content": "x"})).await;
    let guard = Guard::new([Root::folder(&world.desk.folders[0]), Root::outputs(&world.desk.outputs)]);
    let journal = Journal::open(&world.desk.journal).unwrap();
    let calls: Vec<_> = journal
        .list()
        .unwrap()
        .into_iter()
        .map(|entry| (entry.number, entry.intent.author.call.map(|call| call.0), entry.intent.author.turn))
        .collect();
    let call = || Some("call-1".to_owned());
    assert_eq!(calls, [(1, call(), 3), (2, call(), 3), (3, call(), 3), (4, call(), 3)]);
    let plan = folder::plan(&guard, &journal, &Selection::Turn(3)).unwrap();
    assert_eq!(folder::apply(&guard, &journal, &plan, 4).unwrap().failed, []);
    assert_eq!(world.content("Reports/a"), "user");
    assert_eq!(std::fs::read_dir(world.path("outputs")).unwrap().count(), 0);
}
