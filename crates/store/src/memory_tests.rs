//! The store in memory passes the suite, and says plainly what it cannot do.

use crate::conformance::{created, id};
use crate::{MemoryStore, Store, StoreError};
use event::Timestamp;

fn fresh() -> (tempfile::TempDir, MemoryStore) {
    let root = tempfile::tempdir().expect("a directory");
    let store = MemoryStore::new(root.path());
    (root, store)
}

crate::conformance_tests!(fresh);

#[test]
fn clones_are_one_store() {
    let (_root, store) = fresh();
    let other = store.clone();
    let mut log = store.create(id(1), "one", Timestamp(1)).expect("a task");
    let events = log.append(Timestamp(2), vec![created("One")]).expect("an event");
    assert_eq!(other.read(id(1), event::Seq(0)).expect("the events"), events);
}

#[test]
fn there_are_no_archives_of_memory() {
    let (root, store) = fresh();
    store.create(id(1), "one", Timestamp(1)).expect("a task");
    let file = root.path().join("one.tar");
    let words = |result: Result<(), StoreError>| result.expect_err("no archive").to_string();
    let wanted = format!("`{}` is not a task export: a store in memory has no files", file.display());
    assert_eq!(words(store.export(id(1), &file)), wanted);
    assert_eq!(words(store.import(&file).map(|_| ())), wanted);
    assert!(!file.exists());
}
