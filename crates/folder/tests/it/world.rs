//! A temporary world: two granted folders, the task's own places, and a directory outside that must never change.

use std::collections::BTreeMap;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use event::{Access, CallId, Folder};
use folder::{Author, Expect, FolderError, Guard, Journal, Replacement, Root, Writer};

pub(crate) const CANARY: &[u8] = b"canary: must be neither read nor written";

pub(crate) struct World {
    directory: tempfile::TempDir,
}

/// Everything about a tree that must survive: path to mode, modification time and content.
pub(crate) type Snapshot = BTreeMap<PathBuf, (u32, i64, i64, Vec<u8>)>;

impl World {
    pub(crate) fn new() -> Self {
        Self::beneath(&std::env::temp_dir())
    }

    pub(crate) fn beneath(place: &Path) -> Self {
        let world = Self { directory: tempfile::tempdir_in(place.canonicalize().unwrap()).unwrap() };
        for name in ["Reports", "Taxes", "outputs", "uploads", "journal", "outside", "xReports"] {
            std::fs::create_dir(world.path(name)).unwrap();
        }
        std::fs::write(world.path("outside/canary"), CANARY).unwrap();
        std::fs::write(world.path("xReports/canary"), CANARY).unwrap();
        world
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub(crate) fn guard(&self) -> Guard {
        let folder = |name: &str, access| {
            Root::folder(&Folder { name: name.into(), path: self.path(name).to_str().unwrap().into(), access })
        };
        Guard::new([
            folder("Reports", Access::ReadWrite),
            folder("Taxes", Access::ReadOnly),
            Root::outputs(self.path("outputs")),
            Root::uploads(self.path("uploads")),
        ])
    }

    pub(crate) fn journal(&self) -> Journal {
        Journal::open(self.path("journal")).unwrap()
    }

    /// Writes as the task does in a turn.
    pub(crate) fn put(&self, turn: u32, path: &str, content: &str) -> Option<event::Change> {
        self.try_put(turn, path, content).unwrap()
    }

    pub(crate) fn try_put(&self, turn: u32, path: &str, content: &str) -> Result<Option<event::Change>, FolderError> {
        let (guard, journal) = (self.guard(), self.journal());
        let writer = Writer::new(&guard, &journal, author(turn));
        writer.put(path, &Replacement::bytes(content.as_bytes(), Expect::Anything))
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    pub(crate) fn snapshot(&self, name: &str) -> Snapshot {
        let mut found = Snapshot::new();
        collect(&self.path(name), &mut found);
        found
    }

    /// Names in a directory, sorted.
    pub(crate) fn names(&self, name: &str) -> Vec<String> {
        let mut names: Vec<_> = std::fs::read_dir(self.path(name))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }
}

pub(crate) fn author(turn: u32) -> Author {
    Author { call: Some(CallId::from("call-1")), turn, undo: None }
}

fn collect(path: &Path, found: &mut Snapshot) {
    let meta = std::fs::symlink_metadata(path).unwrap();
    if meta.is_dir() {
        // A directory's own times change when a name in it does and comes back; its names are what counts.
        found.insert(path.to_owned(), (meta.permissions().mode(), 0, 0, Vec::new()));
        for entry in std::fs::read_dir(path).unwrap() {
            collect(&entry.unwrap().path(), found);
        }
    } else {
        let content = if meta.is_file() { std::fs::read(path).unwrap() } else { Vec::new() };
        found.insert(path.to_owned(), (meta.permissions().mode(), meta.mtime(), meta.mtime_nsec(), content));
    }
}

/// The name of an error's variant.
pub(crate) fn variant(error: &impl std::fmt::Debug) -> String {
    format!("{error:?}").split([' ', '(', '{']).next().unwrap_or_default().to_owned()
}
