//! What is easily forgotten when everything comes back: times of directories, names that share a file, directories that
//! nobody can write to, and what was open when Deskhand ended.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::time::{Duration, SystemTime};

use event::CallId;
use folder::{Action, Conflict, Expect, Journal, Selection, Stage, Undone, Writer, apply, plan, sweep};

use crate::disk::{again_as_nobody, is_root, room};
use crate::errand::{Errand, Node, chmod, tree};
use crate::world::{World, author};

fn world() -> World {
    room().map_or_else(World::new, |room| World::beneath(&room))
}

fn undo(world: &World, selection: &Selection) -> Undone {
    let (guard, journal) = (world.guard(), world.journal());
    apply(&guard, &journal, &plan(&guard, &journal, selection).unwrap(), 9).unwrap()
}

fn call(name: &str) -> Selection {
    Selection::Call(CallId::from(name))
}

fn time(path: &Path) -> u64 {
    let since = fs::metadata(path).unwrap().modified().unwrap().duration_since(SystemTime::UNIX_EPOCH);
    since.unwrap().as_secs()
}

fn set_time(path: &Path, seconds: u64) {
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
    fs::File::open(path).unwrap().set_modified(time).unwrap();
}

/// A tree `d/e` with a file in each, and one beside; all directories have old times.
fn old_tree(world: &World) {
    let root = world.path("Reports");
    fs::create_dir_all(root.join("d/e")).unwrap();
    for name in ["a", "d/a", "d/e/a"] {
        fs::write(root.join(name), name).unwrap();
    }
    for (name, seconds) in [("d/e", 3000), ("d", 2000), ("", 1000)] {
        set_time(&root.join(name), seconds);
    }
}

fn times(world: &World) -> [u64; 3] {
    ["", "d", "d/e"].map(|name| time(&world.path("Reports").join(name)))
}

#[test]
fn times_of_directories_come_back_and_go_again_for_the_tools_of_the_file_trade() {
    let world = world();
    old_tree(&world);
    let before = tree(&world.path("Reports"));
    let (guard, journal) = (world.guard(), world.journal());
    world.put(1, "/work/Reports/d/a", "task");
    world.put(1, "/work/Reports/d/new/deep/file", "task");
    Writer::new(&guard, &journal, author(2)).remove("/work/Reports/d/e/a", Expect::Anything).unwrap();
    Writer::new(&guard, &journal, author(2)).remove_directory("/work/Reports/d/e").unwrap();
    let task = tree(&world.path("Reports"));
    assert!(time(&world.path("Reports/d")) > 10_000);
    let planned = plan(&guard, &journal, &Selection::Task).unwrap();
    let paths: Vec<_> = planned.steps.iter().map(|step| step.path.trim_start_matches("/work/Reports/")).collect();
    assert_eq!(paths, ["d/e", "d/e/a", "d/new/deep/file", "d/new/deep", "d/new", "d/a"], "a time is no change to show");
    assert_eq!(undo(&world, &Selection::Task).failed, []);
    assert_eq!(times(&world), [1000, 2000, 3000]);
    assert_eq!(tree(&world.path("Reports")), before);
    assert_eq!(undo(&world, &Selection::Task), Undone::default());
    assert_eq!(undo(&world, &Selection::LastUndo).failed, []);
    assert_eq!(tree(&world.path("Reports")), task);
    assert_eq!(undo(&world, &Selection::Task).failed, []);
    assert_eq!(tree(&world.path("Reports")), before);
}

#[test]
fn times_of_directories_come_back_by_turn_call_and_path() {
    let world = world();
    old_tree(&world);
    let (root, journal) = (world.path("Reports"), world.journal());
    for (name, turn, file) in [("one", 1, "d/one"), ("two", 2, "d/e/two"), ("three", 2, "three")] {
        let mut errand = Errand::begin(&journal, &root, name, turn);
        errand.write(file, b"task").unwrap();
        errand.end();
    }
    assert_eq!(undo(&world, &call("two")).failed, []);
    assert_eq!(times(&world)[2], 3000);
    assert!(times(&world)[1] > 10_000);
    assert_eq!(undo(&world, &Selection::Path("/work/Reports/three".into())).failed, []);
    assert_eq!(times(&world)[0], 1000);
    assert_eq!(undo(&world, &Selection::Turn(1)).failed, []);
    assert_eq!(times(&world), [1000, 2000, 3000]);
}

#[test]
fn of_two_files_made_by_a_command_one_is_undone() {
    let world = world();
    old_tree(&world);
    let (root, journal) = (world.path("Reports"), world.journal());
    let mut errand = Errand::begin(&journal, &root, "one", 1);
    errand.write("d/one", b"task").unwrap();
    errand.write("d/two", b"task").unwrap();
    errand.end();
    assert_eq!(undo(&world, &Selection::Path("/work/Reports/d/one".into())).failed, []);
    assert!(times(&world)[1] > 10_000, "the other one is there still");
    assert_eq!(undo(&world, &Selection::Path("/work/Reports/d".into())).failed, []);
    assert_eq!(times(&world), [1000, 2000, 3000]);
}

#[test]
fn what_came_and_went_leaves_only_a_time_that_comes_back() {
    let world = world();
    old_tree(&world);
    let (root, journal) = (world.path("Reports"), world.journal());
    let mut errand = Errand::begin(&journal, &root, "one", 1);
    errand.write("d/new", b"task").unwrap();
    errand.remove("d/new").unwrap();
    assert_eq!(errand.end(), 0);
    assert!(times(&world)[1] > 10_000);
    assert_eq!(plan(&world.guard(), &journal, &Selection::Task).unwrap().steps, []);
    assert_eq!(undo(&world, &Selection::Task), Undone::default());
    assert_eq!(times(&world), [1000, 2000, 3000]);
    assert_eq!(undo(&world, &Selection::LastUndo), Undone::default());
    assert!(times(&world)[1] > 10_000);
}

#[test]
fn an_undo_that_leaves_everything_does_not_take_the_place_of_one_that_did_something() {
    let world = world();
    old_tree(&world);
    let (root, journal) = (world.path("Reports"), world.journal());
    let mut errand = Errand::begin(&journal, &root, "one", 1);
    errand.write("d/new", b"task").unwrap();
    errand.remove("d/new").unwrap();
    errand.write("d/e/a", b"task").unwrap();
    errand.end();
    world.put(2, "/work/Reports/a", "task");
    assert_eq!(undo(&world, &Selection::Turn(2)).failed, []);
    assert_eq!(world.read("Reports/a"), "a");
    fs::write(root.join("d/e/a"), "later").unwrap();
    let left = times(&world);
    assert_eq!(undo(&world, &Selection::Turn(1)), Undone::default(), "a conflict");
    assert_eq!(times(&world), left);
    for content in ["task", "a", "task"] {
        assert_eq!(undo(&world, &Selection::LastUndo).changes.len(), 1);
        assert_eq!(world.read("Reports/a"), content);
    }
    assert_eq!((times(&world)[1], world.read("Reports/d/e/a")), (left[1], "later".into()));
}

#[test]
fn a_file_of_its_own_leaves_a_time_that_comes_back_after_a_crash() {
    let world = world();
    old_tree(&world);
    let (root, journal) = (world.path("Reports"), world.journal());
    chmod(&root.join("d/a"), 0o640).unwrap();
    let mut errand = Errand::begin(&journal, &root, "one", 1);
    errand.chmod("d/a", 0o600).unwrap();
    errand.end();
    // The user gives it another name, so its mode comes back by exchanging it.
    fs::hard_link(root.join("d/a"), root.join("other")).unwrap();
    let guard = world.guard();
    let cut = Journal::open(world.path("journal")).unwrap().with_hook(|stage| stage != Stage::Placed);
    assert_eq!(apply(&guard, &cut, &plan(&guard, &cut, &Selection::Task).unwrap(), 9).unwrap().failed.len(), 1);
    assert!(times(&world)[1] > 10_000, "its name was exchanged");
    sweep(&guard, &world.journal()).unwrap();
    for (selection, mode) in [(Selection::LastUndo, 0o600), (Selection::Task, 0o640)] {
        assert_eq!(undo(&world, &selection).failed, []);
        assert_eq!((chmod_of(&root.join("d/a")), times(&world)[1]), (mode, 2000));
        assert_eq!(chmod_of(&root.join("other")), 0o600);
    }
}

#[test]
fn a_directory_the_user_changed_since_keeps_its_time() {
    let world = world();
    old_tree(&world);
    let (root, journal) = (world.path("Reports"), world.journal());
    let mut errand = Errand::begin(&journal, &root, "one", 1);
    errand.write("d/new", b"task").unwrap();
    errand.write("d/e/new", b"task").unwrap();
    errand.chmod("d/e", 0o700).unwrap();
    errand.end();
    set_time(&root.join("d/e"), 5000);
    fs::write(root.join("d/the user's"), "later").unwrap();
    let planned = plan(&world.guard(), &journal, &Selection::Task).unwrap();
    assert!(planned.steps.iter().all(|step| !matches!(step.action, Action::Leave(_))), "{planned:?}");
    assert_eq!(undo(&world, &Selection::Task).failed, []);
    assert!(times(&world)[1] > 10_000);
    assert_ne!(times(&world)[2], 3000, "the user's own change counts");
    assert_eq!(chmod_of(&root.join("d/e")), 0o755);
}

#[test]
fn a_directory_that_keeps_a_name_of_the_task_keeps_its_time() {
    let world = world();
    old_tree(&world);
    let (root, journal) = (world.path("Reports"), world.journal());
    let mut errand = Errand::begin(&journal, &root, "one", 1);
    errand.write("d/new", b"task").unwrap();
    errand.end();
    fs::write(root.join("d/new"), "the user's now").unwrap();
    let planned = plan(&world.guard(), &journal, &Selection::Task).unwrap();
    assert_eq!(planned.steps[0].action, Action::Leave(Conflict::ChangedSince));
    assert_eq!(undo(&world, &Selection::Task), Undone::default());
    assert!(times(&world)[1] > 10_000);
}

fn chmod_of(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn inode(path: &Path) -> (u64, u64) {
    let meta = fs::metadata(path).unwrap();
    (meta.ino(), meta.nlink())
}

/// `a` and `d/b` are one file of the user's, and so are `c` and `d/c`.
fn linked() -> World {
    let world = world();
    let root = world.path("Reports");
    fs::create_dir(root.join("d")).unwrap();
    for (one, other) in [("a", "d/b"), ("c", "d/c")] {
        fs::write(root.join(one), format!("user's {one}")).unwrap();
        fs::hard_link(root.join(one), root.join(other)).unwrap();
        set_time(&root.join(one), 4000);
    }
    world
}

#[test]
fn a_name_that_went_or_was_replaced_stands_for_the_same_file_again() {
    if is_root() && room().is_none() {
        again_as_nobody("back::a_name_that_went_or_was_replaced_stands_for_the_same_file_again");
    }
    let world = linked();
    let root = world.path("Reports");
    let before = (tree(&root), inode(&root.join("a")), inode(&root.join("c")));
    let journal = world.journal();
    let mut errand = Errand::begin(&journal, &root, "one", 1);
    errand.remove("d/b").unwrap();
    errand.write("new", b"task").unwrap();
    errand.rename("new", "c").unwrap();
    errand.end();
    let task = tree(&root);
    let now = || (tree(&root), inode(&root.join("a")), inode(&root.join("c")));
    assert_eq!(undo(&world, &Selection::Task).failed, []);
    assert_eq!(now(), before);
    assert_eq!((inode(&root.join("d/b")), inode(&root.join("d/c"))), (before.1, before.2));
    assert_eq!(undo(&world, &Selection::LastUndo).failed, []);
    assert_eq!(tree(&root), task);
    assert_eq!(undo(&world, &Selection::Task).failed, []);
    assert_eq!(now(), before);
}

#[test]
fn tools_of_the_file_trade_and_copies_made_for_a_mode_bring_links_back_too() {
    let world = linked();
    let root = world.path("Reports");
    let before = (tree(&root), inode(&root.join("a")), inode(&root.join("c")));
    world.put(1, "/work/Reports/a", "task");
    let journal = world.journal();
    let mut errand = Errand::begin(&journal, &root, "one", 2);
    errand.chmod_copy("c", 0o600).unwrap();
    errand.end();
    assert_eq!(inode(&root.join("d/c")).1, 1);
    assert_eq!(undo(&world, &Selection::Task).failed, []);
    assert_eq!((tree(&root), inode(&root.join("a")), inode(&root.join("c"))), before);
}

#[test]
fn where_all_names_went_they_share_a_new_file() {
    let world = linked();
    let root = world.path("Reports");
    let before = tree(&root);
    let journal = world.journal();
    let mut errand = Errand::begin(&journal, &root, "one", 1);
    errand.remove("a").unwrap();
    errand.remove("d").unwrap();
    errand.end();
    assert_eq!(undo(&world, &Selection::Task).failed, []);
    assert_eq!(tree(&root), before);
    assert_eq!(inode(&root.join("a")), inode(&root.join("d/b")));
    assert_eq!(inode(&root.join("a")).1, 2);
}

#[test]
fn a_file_the_user_changed_since_is_not_given_the_name() {
    let world = linked();
    let root = world.path("Reports");
    let journal = world.journal();
    let mut errand = Errand::begin(&journal, &root, "one", 1);
    errand.remove("d/b").unwrap();
    errand.remove("d/c").unwrap();
    errand.end();
    fs::write(root.join("a"), "later").unwrap();
    fs::remove_file(root.join("c")).unwrap();
    fs::write(root.join("c"), "another file").unwrap();
    assert_eq!(undo(&world, &Selection::Task).failed, []);
    assert_eq!((world.read("Reports/a"), world.read("Reports/d/b")), ("later".into(), "user's a".into()));
    assert_eq!((world.read("Reports/c"), world.read("Reports/d/c")), ("another file".into(), "user's c".into()));
    assert_eq!(inode(&root.join("d/b")).1, 1);
    let names = fs::read_dir(root.join("d")).unwrap().count();
    assert_eq!(names, 2, "no temporary file is left");
}

#[test]
fn in_a_directory_nobody_can_write_to_a_file_comes_back_in_place() {
    if is_root() {
        return again_as_nobody("back::in_a_directory_nobody_can_write_to_a_file_comes_back_in_place");
    }
    let world = world();
    let root = world.path("Reports");
    fs::create_dir(root.join("d")).unwrap();
    for (name, mode) in [("d/a", 0o640), ("d/b", 0o444), ("d/long", 0o600)] {
        fs::write(root.join(name), format!("user's {name}").repeat(20_000)).unwrap();
        chmod(&root.join(name), mode).unwrap();
    }
    chmod(&root.join("d"), 0o555).unwrap();
    let before = tree(&root);
    let journal = world.journal();
    let mut errand = Errand::begin(&journal, &root, "one", 1);
    errand.write("d/a", b"task").unwrap();
    errand.chmod("d/b", 0o600).unwrap();
    errand.write("d/b", b"task").unwrap();
    errand.chmod("d/b", 0o400).unwrap();
    errand.write("d/long", "task's longer one".repeat(30_000).as_bytes()).unwrap();
    errand.end();
    let task = tree(&root);
    assert_eq!(undo(&world, &Selection::Task).failed, []);
    assert_eq!(tree(&root), before);
    assert_eq!(undo(&world, &Selection::LastUndo).failed, []);
    assert_eq!(tree(&root), task);
    assert_eq!(undo(&world, &Selection::Task).failed, []);
    assert_eq!(tree(&root), before);
    // An edit of the user's is not written over.
    fs::write(root.join("d/a"), "later").unwrap();
    assert_eq!(undo(&world, &Selection::LastUndo).changes.len(), 2);
    assert_eq!(world.read("Reports/d/a"), "later");
    chmod(&root.join("d"), 0o755).unwrap();
}

#[test]
fn what_the_user_changes_after_a_crash_is_not_the_commands() {
    if is_root() && room().is_none() {
        again_as_nobody("back::what_the_user_changes_after_a_crash_is_not_the_commands");
    }
    let world = world();
    old_tree(&world);
    let root = world.path("Reports");
    for name in ["kept", "closed", "same"] {
        fs::write(root.join(name), format!("user's {name}")).unwrap();
    }
    set_time(&root, 1000);
    let journal = world.journal();
    let mut errand = Errand::begin(&journal, &root, "one", 1);
    errand.write("a", b"task").unwrap();
    errand.write("kept", b"task").unwrap();
    errand.write("closed", b"task").unwrap();
    errand.chmod("closed", 0).unwrap();
    errand.write("d/new", b"task").unwrap();
    errand.touch(&root.join("same")).unwrap();
    // Deskhand ends here: nothing says what the command left.
    drop(errand);
    journal.settle().unwrap();
    assert_eq!(sweep(&world.guard(), &world.journal()).unwrap(), 0);
    assert!(world.journal().list().unwrap().iter().all(|entry| entry.after.is_some()));
    assert_eq!(chmod_of(&root.join("closed")), 0);
    fs::write(root.join("a"), "later").unwrap();
    fs::write(root.join("d/new"), "later").unwrap();
    fs::write(root.join("same"), "later").unwrap();
    set_time(&root.join("d"), 7000);
    chmod(&root.join("closed"), 0o600).unwrap();
    fs::write(root.join("closed"), "later").unwrap();
    let planned = plan(&world.guard(), &world.journal(), &Selection::Task).unwrap();
    let left: Vec<_> = planned.steps.iter().filter(|step| matches!(step.action, Action::Leave(_))).collect();
    assert_eq!(left.len(), 3, "{left:?}");
    assert_eq!(undo(&world, &Selection::Task).failed, []);
    for name in ["a", "d/new", "same", "closed"] {
        assert_eq!(fs::read_to_string(root.join(name)).unwrap(), "later");
    }
    assert_eq!(world.read("Reports/kept"), "user's kept");
    assert_eq!(time(&root.join("d")), 7000);
    let Some(Node::Directory(..)) = tree(&root).remove(&root.join("d/e")) else { panic!("it went") };
}
