//! A temporary home, and short words for what the tests do with it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use event::{Event, Seq, TaskId, Timestamp};
use store::conformance::{created, said};
use store::{Query, Store, TaskLog};
use store_disk::DiskStore;

/// A home directory that goes away with the test.
pub(crate) struct World {
    home: tempfile::TempDir,
}

impl World {
    pub(crate) fn new() -> Self {
        Self { home: tempfile::tempdir().expect("a directory") }
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.home.path().join("home")
    }

    pub(crate) fn tasks(&self) -> PathBuf {
        self.home().join("tasks")
    }

    /// A place outside the home.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// One more process's view of the home, as far as one process can have two.
    pub(crate) fn store(&self) -> DiskStore {
        DiskStore::open(&self.home()).expect("a store")
    }
}

/// A new task with a title and things said.
pub(crate) fn begin(store: &DiskStore, task: TaskId, words: &[&str]) -> Box<dyn TaskLog> {
    let mut log = store.create(task, words[0], Timestamp(0)).expect("a task");
    let facts = std::iter::once(created(words[0])).chain(words[1..].iter().map(|words| said(words)));
    log.append(Timestamp(1), facts.collect()).expect("events");
    log
}

pub(crate) fn folder(store: &DiskStore, task: TaskId) -> PathBuf {
    store.places(task).expect("the places").root
}

pub(crate) fn log_file(store: &DiskStore, task: TaskId) -> PathBuf {
    folder(store, task).join("events.jsonl")
}

pub(crate) fn read_all(store: &DiskStore, task: TaskId) -> Vec<Arc<Event>> {
    store.read(task, Seq(0)).expect("the events")
}

pub(crate) fn search(store: &DiskStore, text: &str) -> Vec<TaskId> {
    let query = Query { text: Some(text.to_owned()), limit: 1000, ..Query::default() };
    store.recents(&query).expect("recents").into_iter().map(|summary| summary.id).collect()
}

/// Every file below a directory with its content, and every directory, by name.
pub(crate) fn tree(root: &Path) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
    let mut found = BTreeMap::new();
    let mut left = vec![root.to_owned()];
    while let Some(directory) = left.pop() {
        for entry in std::fs::read_dir(&directory).expect("a directory") {
            let path = entry.expect("an entry").path();
            let name = path.strip_prefix(root).expect("below").to_owned();
            if path.is_dir() {
                found.insert(name, None);
                left.push(path);
            } else {
                found.insert(name, Some(std::fs::read(&path).expect("a file")));
            }
        }
    }
    found
}

/// Copies a directory as a person would.
pub(crate) fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a directory");
    for (name, content) in tree(from) {
        match content {
            None => std::fs::create_dir_all(to.join(name)).expect("a directory"),
            Some(content) => {
                let path = to.join(name);
                std::fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
                std::fs::write(path, content).expect("a file");
            }
        }
    }
}
