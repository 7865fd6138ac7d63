//! Removing tasks and bringing them back: what lies where, and what an interrupted removal leaves.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use event::Timestamp;
use store::conformance::{id, said};
use store::{Query, Store, StoreError};

use crate::world::{World, begin, copy, folder, read_all, search, tree};

fn trash(world: &World) -> PathBuf {
    world.home().join("trash")
}

fn names(directory: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(directory).expect("a directory");
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("a plain name")).collect();
    names.sort();
    names
}

/// Sets when a folder was removed, in milliseconds.
fn removed_at(folder: &Path, at: u64) {
    let file = std::fs::File::open(folder).expect("the folder");
    file.set_modified(UNIX_EPOCH + Duration::from_millis(at)).expect("a time");
}

#[test]
fn a_removed_task_comes_back_byte_for_byte() {
    let world = World::new();
    let store = world.store();
    let mut log = begin(&store, id(1), &["Full House", "hello"]);
    let root = folder(&store, id(1));
    log.put_blob(b"picture").expect("a blob");
    log.keep_draft("half a reply").expect("a draft");
    drop(log);
    std::fs::create_dir_all(root.join("outputs/deep")).expect("a directory");
    std::fs::write(root.join("outputs/deep/größe.bin"), [0, 255]).expect("a file");
    std::os::unix::fs::symlink("/etc/passwd", root.join("outputs/link")).expect("a link");
    let before = tree(&root);

    store.remove(id(1)).expect("a removal");
    let name = root.file_name().expect("a name");
    assert_eq!(names(&trash(&world)), [name.to_string_lossy()]);
    assert_eq!(names(&world.tasks()), [""; 0]);
    assert_eq!(tree(&trash(&world).join(name)), before);
    let mode = std::fs::metadata(trash(&world)).expect("the trash").permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
    // Whoever looks at the home anew finds it the same way.
    let other = world.store();
    assert_eq!((search(&other, "hello"), other.tasks().expect("tasks")), (vec![], vec![]));

    other.restore(id(1)).expect("a return");
    assert_eq!(tree(&root), before);
    assert_eq!(names(&trash(&world)), [""; 0]);
    assert_eq!((search(&store, "hello"), search(&other, "hello")), (vec![id(1)], vec![id(1)]));
    assert_eq!(store.open(id(1)).expect("an open task").draft, "half a reply");
}

#[test]
fn the_trash_may_hold_one_task_twice_and_gives_back_the_last() {
    let world = World::new();
    let store = world.store();
    drop(begin(&store, id(1), &["Letters"]));
    let root = folder(&store, id(1));
    let name = root.file_name().expect("a name").to_str().expect("plain").to_owned();
    copy(&root, &world.beside("copy"));
    store.remove(id(1)).expect("a removal");
    removed_at(&trash(&world).join(&name), 1_000);
    // Put there by hand, as from a backup, and gone on with.
    copy(&world.beside("copy"), &root);
    store.open(id(1)).expect("a task").log.append(Timestamp(5), vec![said("second life")]).expect("an event");
    store.remove(id(1)).expect("a removal");
    assert_eq!(names(&trash(&world)), [name.clone(), format!("2.{name}")]);
    store.restore(id(1)).expect("a return");
    assert_eq!(read_all(&store, id(1)).len(), 2);
    assert_eq!(names(&world.tasks()), [name]);
    let refused = store.restore(id(1)).err();
    assert!(matches!(refused, Some(StoreError::Exists(task)) if task == id(1)), "{refused:?}");
    store.remove(id(1)).expect("a removal");
    assert_eq!(store.empty_trash(Timestamp(2_000)).expect("an emptied trash"), 1);
    store.restore(id(1)).expect("a return");
    assert_eq!(read_all(&store, id(1)).len(), 2);
}

#[test]
fn only_what_is_old_and_a_task_is_deleted() {
    let world = World::new();
    let store = world.store();
    for (number, words) in (1..).zip(["One", "Two", "Three"]) {
        drop(begin(&store, id(number), &[words]));
        let name = folder(&store, id(number));
        store.remove(id(number)).expect("a removal");
        removed_at(&trash(&world).join(name.file_name().expect("a name")), number * 1_000);
    }
    let keep = world.beside("keep");
    std::fs::create_dir(&keep).expect("a directory");
    std::fs::write(keep.join("a"), "a").expect("a file");
    std::os::unix::fs::symlink(&keep, trash(&world).join(format!("2020-01-01-x-{}", id(9)))).expect("a link");
    std::fs::create_dir(trash(&world).join("mine")).expect("a directory");
    // Begun and not finished by a process that ended in between.
    std::fs::create_dir_all(trash(&world).join(".gone-2020-01-01-x-0000000000/outputs")).expect("directories");

    assert_eq!(store.empty_trash(Timestamp(2_000)).expect("an emptied trash"), 1);
    let left = names(&trash(&world));
    assert_eq!(left.len(), 4, "{left:?}");
    assert!(!left.iter().any(|name| name.starts_with(".gone-")), "{left:?}");
    assert!(matches!(store.restore(id(1)), Err(StoreError::NoTask(_))));
    assert!(matches!(store.restore(id(9)), Err(StoreError::NoTask(_))));
    assert_eq!(tree(&keep).len(), 1);
    store.restore(id(2)).expect("a return");
    assert_eq!(store.empty_trash(Timestamp(i64::MAX)).expect("an emptied trash"), 1);
    assert_eq!(names(&trash(&world)).len(), 2);
}

#[test]
fn a_task_that_cannot_be_deleted_holds_up_no_other() {
    let world = World::new();
    let store = world.store();
    for number in 1..=2 {
        drop(begin(&store, id(number), &["Words"]));
        store.remove(id(number)).expect("a removal");
    }
    let first = trash(&world).join(names(&trash(&world)).first().expect("a name"));
    // Its next name is taken by a file, so it can be neither hidden nor deleted.
    let hidden = trash(&world).join(format!(".gone-{}", first.file_name().expect("a name").to_string_lossy()));
    std::fs::write(&hidden, "in the way").expect("a file");
    let refused = store.empty_trash(Timestamp(i64::MAX)).expect_err("an error").to_string();
    assert!(refused.starts_with(&format!("cannot remove `{}`", first.display())), "{refused}");
    assert_eq!(names(&trash(&world)).len(), 2);
    std::fs::remove_file(hidden).expect("out of the way");
    assert_eq!(store.empty_trash(Timestamp(i64::MAX)).expect("an emptied trash"), 1);
    assert_eq!(names(&trash(&world)), [""; 0]);
}

#[test]
fn a_removal_that_was_cut_off_is_whole_or_did_not_happen() {
    let world = World::new();
    let store = world.store();
    drop(begin(&store, id(1), &["Taxes", "summer"]));
    let root = folder(&store, id(1));
    assert_eq!(search(&store, "summer"), [id(1)]);
    drop(store);
    // As after the end of the process between the rename and everything that follows it.
    std::fs::create_dir(trash(&world)).expect("a directory");
    std::fs::rename(&root, trash(&world).join(root.file_name().expect("a name"))).expect("a move");
    let store = world.store();
    assert_eq!(search(&store, "summer"), []);
    assert_eq!(store.recents(&Query::default()).expect("recents"), []);
    assert!(matches!(store.open(id(1)), Err(StoreError::NoTask(_))));
    store.restore(id(1)).expect("a return");
    assert_eq!(search(&store, "summer"), [id(1)]);
}

#[test]
fn a_broken_folder_can_be_removed_too() {
    let world = World::new();
    let store = world.store();
    drop(begin(&store, id(1), &["Taxes"]));
    let root = folder(&store, id(1));
    std::fs::remove_file(root.join("events.jsonl")).expect("no log");
    store.remove(id(1)).expect("a removal");
    assert_eq!(store.tasks().expect("tasks"), []);
    assert_eq!(names(&trash(&world)).len(), 1);
}
