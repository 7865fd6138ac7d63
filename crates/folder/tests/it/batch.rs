//! Undo of many paths at once: cut off at every single point, over more paths than are carried out together, and the
//! ways a command can lose data.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use event::{CallId, ChangeKind};
use folder::{Conflict, Journal, Mark, Selection, Undone, apply, plan, sweep};

use crate::disk::{again_as_nobody, is_root, room};
use crate::errand::{Errand, Node, Tree, chmod, tree};
use crate::world::World;

fn in_memory() -> World {
    let memory = Path::new("/dev/shm");
    room().map_or_else(
        || if memory.is_dir() { World::beneath(memory) } else { World::new() },
        |room| World::beneath(&room),
    )
}

fn undo(world: &World, selection: &Selection) -> Undone {
    let (guard, journal) = (world.guard(), world.journal());
    apply(&guard, &journal, &plan(&guard, &journal, selection).unwrap(), 9).unwrap()
}

/// What the user has: files, a tree, links.
fn user(world: &World) -> Tree {
    let root = world.path("Reports");
    std::fs::create_dir_all(root.join("tree/deep")).unwrap();
    for name in ["a", "b", "c", "tree/one", "tree/deep/two", "file"] {
        std::fs::write(root.join(name), format!("user's {name}")).unwrap();
    }
    std::os::unix::fs::symlink("a", root.join("link")).unwrap();
    chmod(&root.join("tree/deep"), 0o750).unwrap();
    chmod(&root.join("c"), 0o640).unwrap();
    tree(&root)
}

/// One command that does everything: changes, deletes, makes, replaces each kind by each other.
fn command(world: &World) {
    let (journal, root) = (world.journal(), world.path("Reports"));
    let mut errand = Errand::begin(&journal, &root, "call-1", 1);
    errand.write("a", b"task's a").unwrap();
    errand.chmod("c", 0o600).unwrap();
    errand.remove("tree").unwrap();
    errand.link("tree", "elsewhere").unwrap();
    errand.remove("link").unwrap();
    errand.make_directory("link").unwrap();
    errand.write("link/in", b"made").unwrap();
    errand.remove("file").unwrap();
    errand.make_directory("file").unwrap();
    errand.write("new", b"made").unwrap();
    errand.rename("b", "moved").unwrap();
    errand.end();
}

fn cut_at(world: &World, point: usize) -> bool {
    let seen = AtomicUsize::new(0);
    let counted = move |_| seen.fetch_add(1, Ordering::Relaxed) != point;
    let (guard, journal) = (world.guard(), Journal::open(world.path("journal")).unwrap().with_hook(counted));
    let undone = apply(&guard, &journal, &plan(&guard, &journal, &Selection::Task).unwrap(), 9).unwrap();
    !undone.failed.is_empty()
}

#[test]
fn cut_off_at_any_point_it_is_completed_by_the_next_undo() {
    for swept in [true, false] {
        let mut point = 0;
        loop {
            let world = in_memory();
            let user = user(&world);
            command(&world);
            let task = tree(&world.path("Reports"));
            let was_cut = cut_at(&world, point);
            for (path, node) in tree(&world.path("Reports")) {
                // The time of a directory is set last.
                let alike = |known: Option<&Node>| match (known, &node) {
                    (Some(Node::Directory(one, _)), Node::Directory(other, _)) => one == other,
                    (known, node) => known == Some(node),
                };
                let whole = alike(user.get(&path)) || alike(task.get(&path));
                let ours = path.file_name().unwrap().to_str().unwrap().starts_with(".deskhand-");
                // A directory is open while it is being filled.
                let filling = matches!(node, Node::Directory(0o700, _));
                assert!(whole || ours || filling, "point {point}: {} is {node:?}", path.display());
            }
            if swept {
                sweep(&world.guard(), &world.journal()).unwrap();
                let left =
                    tree(&world.path("Reports")).into_keys().filter(|path| path.to_str().unwrap().contains(".desk"));
                assert_eq!(left.collect::<Vec<_>>(), Vec::<std::path::PathBuf>::new(), "point {point}");
            }
            assert_eq!(undo(&world, &Selection::Task).failed, [], "point {point}");
            sweep(&world.guard(), &world.journal()).unwrap();
            let mut now = tree(&world.path("Reports"));
            now.retain(|path, _| swept || !path.to_str().unwrap().contains(".deskhand-"));
            assert_eq!(now, user, "point {point}");
            if !was_cut {
                break;
            }
            point += 1;
        }
        assert!(point > 20, "only {point} points were met");
    }
}

#[test]
fn everything_comes_back_and_goes_again() {
    let world = in_memory();
    let user = user(&world);
    command(&world);
    let task = tree(&world.path("Reports"));
    let undone = undo(&world, &Selection::Call(CallId::from("call-1")));
    assert_eq!(undone.failed, []);
    let mut changes: Vec<_> = undone.changes.iter().map(|change| (change.path.as_str(), change.kind)).collect();
    changes.sort_by_key(|(path, _)| path.to_owned());
    assert_eq!(
        changes,
        [
            ("/work/Reports/a", ChangeKind::Changed),
            ("/work/Reports/b", ChangeKind::Made),
            ("/work/Reports/c", ChangeKind::Changed),
            ("/work/Reports/file", ChangeKind::Made),
            ("/work/Reports/link", ChangeKind::Made),
            ("/work/Reports/link/in", ChangeKind::Deleted),
            ("/work/Reports/moved", ChangeKind::Deleted),
            ("/work/Reports/new", ChangeKind::Deleted),
            ("/work/Reports/tree", ChangeKind::Deleted),
            ("/work/Reports/tree/deep/two", ChangeKind::Made),
            ("/work/Reports/tree/one", ChangeKind::Made),
        ]
    );
    assert_eq!(tree(&world.path("Reports")), user);
    assert_eq!(undo(&world, &Selection::LastUndo).failed, []);
    assert_eq!(tree(&world.path("Reports")), task);
}

#[test]
fn one_command_of_a_turn() {
    let world = in_memory();
    let root = world.path("Reports");
    std::fs::write(root.join("a"), "user").unwrap();
    let journal = world.journal();
    for (call, name, content) in [("one", "a", "first"), ("two", "b", "second"), ("three", "a", "third")] {
        let mut errand = Errand::begin(&journal, &root, call, 1);
        errand.write(name, content.as_bytes()).unwrap();
        errand.end();
    }
    let call = |call: &str| Selection::Call(CallId::from(call));
    let planned = plan(&world.guard(), &journal, &call("one")).unwrap();
    assert_eq!(planned.steps[0].action, folder::Action::Leave(Conflict::LaterCall));
    assert_eq!(undo(&world, &call("one")), Undone::default());
    assert_eq!(undo(&world, &call("two")).changes.len(), 1);
    assert!(!root.join("b").exists());
    assert_eq!(undo(&world, &call("three")).failed, []);
    assert_eq!(world.read("Reports/a"), "first");
    assert_eq!(undo(&world, &call("one")).failed, []);
    assert_eq!(world.read("Reports/a"), "user");
    assert_eq!(undo(&world, &call("none")), Undone::default());
}

#[test]
fn rights_that_were_taken_are_given_back() {
    if is_root() && room().is_none() {
        again_as_nobody("batch::rights_that_were_taken_are_given_back");
    }
    let world = in_memory();
    let (root, user) = (world.path("Reports"), user(&world));
    let journal = world.journal();
    let mut errand = Errand::begin(&journal, &root, "call-1", 1);
    errand.write("a", b"changed, then closed").unwrap();
    errand.chmod("a", 0).unwrap();
    errand.chmod("b", 0).unwrap();
    errand.write("tree/one", b"changed, then hidden").unwrap();
    errand.make_directory("tree/deep/made").unwrap();
    errand.chmod("tree/deep/made", 0).unwrap();
    errand.chmod("tree/deep", 0o500).unwrap();
    errand.chmod("tree", 0).unwrap();
    errand.end();
    let task = tree(&root);
    let seen = plan(&world.guard(), &journal, &Selection::Task).unwrap();
    assert_eq!(tree(&root), task, "a plan changes nothing");
    assert_eq!(apply(&world.guard(), &journal, &seen, 2).unwrap().failed, []);
    assert_eq!(tree(&root), user);
    assert_eq!(undo(&world, &Selection::LastUndo).failed, []);
    assert_eq!(tree(&root), task);
    assert_eq!(undo(&world, &Selection::Task).failed, []);
    assert_eq!(tree(&root), user);
}

#[test]
fn what_the_user_wrote_into_a_closed_file_stays_closed() {
    if is_root() {
        return again_as_nobody("batch::what_the_user_wrote_into_a_closed_file_stays_closed");
    }
    let world = in_memory();
    let root = world.path("Reports");
    std::fs::write(root.join("a"), "user").unwrap();
    let journal = world.journal();
    let mut errand = Errand::begin(&journal, &root, "call-1", 1);
    errand.write("a", b"task").unwrap();
    errand.chmod("a", 0).unwrap();
    errand.end();
    chmod(&root.join("a"), 0o600).unwrap();
    std::fs::write(root.join("a"), "later").unwrap();
    chmod(&root.join("a"), 0).unwrap();
    let undone = undo(&world, &Selection::Task);
    assert_eq!(undone.failed[0].reason, "`/work/Reports/a` was changed by somebody else in the meantime");
    let Some(Node::File(0, _, content)) = tree(&root).remove(&root.join("a")) else { panic!("it was opened") };
    assert_eq!(content, b"later");
}

#[test]
fn the_times_of_directories_come_back() {
    let world = in_memory();
    let root = world.path("Reports");
    user(&world);
    let time = |name: &str| std::fs::metadata(root.join(name)).unwrap().modified().unwrap();
    let old = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
    for name in ["tree/deep", "tree", ""] {
        std::fs::File::open(root.join(name)).unwrap().set_modified(old).unwrap();
    }
    let journal = world.journal();
    let mut errand = Errand::begin(&journal, &root, "call-1", 1);
    errand.remove("tree").unwrap();
    errand.write("a", b"in place").unwrap();
    errand.end();
    // Deleting is not to be seen in the directory that held the tree: nobody wrote down its time.
    std::fs::File::open(&root).unwrap().set_modified(old).unwrap();
    assert_eq!(undo(&world, &Selection::Path("/work/Reports/a".into())).failed, []);
    assert_eq!(time(""), old, "a file that is exchanged leaves no trace");
    assert_eq!(undo(&world, &Selection::Task).failed, []);
    assert_eq!((time("tree/deep"), time("tree")), (old, old));
}

#[test]
fn more_paths_than_are_carried_out_together() {
    let world = in_memory();
    let root = world.path("Reports");
    for directory in 0..300 {
        std::fs::create_dir(root.join(format!("d{directory}"))).unwrap();
        for file in 0..15 {
            std::fs::write(root.join(format!("d{directory}/{file}")), format!("user's {file} in {directory}")).unwrap();
        }
    }
    let user = tree(&root);
    let journal = world.journal();
    let mut errand = Errand::begin(&journal, &root, "call-1", 1);
    for directory in 0..300 {
        if directory % 2 == 0 {
            errand.remove(&format!("d{directory}")).unwrap();
        } else {
            for file in 0..15 {
                errand.write(&format!("d{directory}/{file}"), b"task").unwrap();
            }
        }
    }
    assert_eq!(errand.end(), 300 * 15 + 150);
    let task = tree(&root);
    assert_eq!(undo(&world, &Selection::Task).failed, []);
    assert_eq!(tree(&root), user);
    assert_eq!(undo(&world, &Selection::LastUndo).failed, []);
    assert_eq!(tree(&root), task);
}

#[test]
fn names_that_are_no_text_and_paths_that_are_very_long() {
    use std::os::unix::ffi::OsStrExt;
    let world = in_memory();
    let root = world.path("Reports");
    let deep: std::path::PathBuf = std::iter::repeat_n("n".repeat(200), 19).collect();
    let strange = std::ffi::OsStr::from_bytes(b"caf\xe9 \xff\n\x01\xf0\x9f");
    let names: Vec<std::path::PathBuf> = vec![
        strange.into(),
        Path::new(strange).join(std::ffi::OsStr::from_bytes(&[0xfe; 200])),
        "\u{EF80} private".into(),
        deep.join("x"),
    ];
    std::fs::create_dir(root.join(strange)).unwrap();
    std::fs::create_dir_all(root.join(&deep)).unwrap();
    for name in &names[1..] {
        std::fs::write(root.join(name), "user").unwrap();
    }
    let user = tree(&root);
    let journal = world.journal();
    let mut errand = Errand::begin(&journal, &root, "call-1", 1);
    for name in &names[2..] {
        errand.touch(&root.join(name)).unwrap();
        std::fs::write(root.join(name), "task").unwrap();
    }
    errand.touch(&root.join(strange)).unwrap();
    std::fs::remove_dir_all(root.join(strange)).unwrap();
    assert_eq!(errand.end(), 4);
    let task = tree(&root);
    assert_eq!(undo(&world, &Selection::Task).failed, []);
    assert_eq!(tree(&root), user);
    assert_eq!(undo(&world, &Selection::LastUndo).failed, []);
    assert_eq!(tree(&root), task);
}

#[test]
fn what_the_task_made_is_its_own_until_somebody_else_touches_it() {
    let world = in_memory();
    let root = world.path("Reports");
    let known = |name: &str| format!("/work/Reports/{name}");
    std::fs::write(root.join("user"), "user").unwrap();
    let made = || world.journal().made().unwrap().into_keys().collect::<Vec<_>>();
    // Host tools.
    world.put(1, &known("d/new"), "made");
    world.put(1, &known("user"), "task");
    assert_eq!(made(), [known("d"), known("d/new")]);
    world.put(2, &known("d/new"), "made again");
    let identity = folder::identity_of(&std::fs::File::open(root.join("d/new")).unwrap()).unwrap();
    assert_eq!(world.journal().made().unwrap()[&known("d/new")], identity, "a new file with the old name");
    assert!(identity.born_ns.is_some());
    // A command.
    let journal = world.journal();
    let mut errand = Errand::begin(&journal, &root, "call-1", 2);
    errand.write("own", b"made").unwrap();
    errand.write("gone", b"made").unwrap();
    errand.end();
    let mut errand = Errand::begin(&journal, &root, "call-2", 2);
    errand.write("own", b"changed in place").unwrap();
    errand.remove("gone").unwrap();
    errand.end();
    assert_eq!(made(), [known("d"), known("d/new"), known("own")]);
    // The user's edit between two changes makes it the user's.
    std::fs::write(root.join("own"), "the user's now").unwrap();
    world.put(3, &known("own"), "task");
    assert_eq!(made(), [known("d"), known("d/new")]);
    // What Undo brought back may be the user's.
    assert_eq!(undo(&world, &Selection::Task).failed, []);
    assert_eq!(made(), Vec::<String>::new());
    assert_eq!(undo(&world, &Selection::LastUndo).failed, []);
    assert_eq!(made(), Vec::<String>::new());
    assert_eq!(world.guard().mark(&known("d/new")).unwrap(), Mark::File(event::Digest::of(b"made again")));
}
