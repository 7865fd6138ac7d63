//! Which folder belongs to which task. Reads only names: what is in a folder is the log's business.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use event::TaskId;
use store::StoreError;

use crate::disk::{failed, lock};
use crate::layout;

/// The folders under `tasks/`, as their names say.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    /// The name of each task's folder; where two claim the same task, the first by name.
    pub(crate) folders: HashMap<TaskId, String>,
    /// Folders that belong to no task, or to one that has a folder already.
    pub(crate) strangers: Vec<PathBuf>,
}

/// Reads the names under `tasks/`. Files and hidden folders are passed over.
pub(crate) fn list(tasks: &Path) -> io::Result<Listing> {
    let entries = match std::fs::read_dir(tasks) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Listing::default()),
        Err(error) => return Err(error),
    };
    let mut listing = Listing::default();
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        if name.as_encoded_bytes().starts_with(b".") || !entry.file_type()?.is_dir() {
            continue;
        }
        match name.into_string() {
            Ok(name) => listing.add(tasks, name),
            Err(name) => listing.strangers.push(tasks.join(name)),
        }
    }
    Ok(listing)
}

impl Listing {
    fn add(&mut self, tasks: &Path, name: String) {
        let Some(task) = layout::task_of(&name) else {
            self.strangers.push(tasks.join(name));
            return;
        };
        match self.folders.entry(task) {
            Entry::Vacant(vacant) => {
                vacant.insert(name);
            }
            Entry::Occupied(mut first) => {
                let (kept, other) =
                    if name < *first.get() { (name.clone(), first.get().clone()) } else { (first.get().clone(), name) };
                first.insert(kept);
                self.strangers.push(tasks.join(other));
            }
        }
    }
}

/// Whether a folder's name says that it belongs to a task; quicker than a listing.
pub(crate) fn is_taken(tasks: &Path, task: TaskId) -> io::Result<bool> {
    for entry in std::fs::read_dir(tasks)? {
        let name = entry?.file_name();
        if name.as_encoded_bytes().ends_with(task.as_str().as_bytes())
            && name.to_str().and_then(layout::task_of).is_some()
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The folders known so far; read again when a task is not among them.
pub(crate) struct Catalogue {
    tasks: PathBuf,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    folders: HashMap<TaskId, String>,
    /// Whether every folder was looked at once.
    looked: bool,
}

impl Catalogue {
    /// A catalogue of the folders under `tasks`; reads nothing yet.
    pub(crate) fn new(tasks: PathBuf) -> Self {
        Self { tasks, known: Mutex::default() }
    }

    /// The directory of all tasks.
    pub(crate) fn tasks(&self) -> &Path {
        &self.tasks
    }

    /// A task's folder.
    pub(crate) fn find(&self, task: TaskId) -> Result<Arc<Path>, StoreError> {
        let known = lock(&self.known).folders.get(&task).map(|name| self.tasks.join(name));
        if let Some(path) = known.filter(|path| path.is_dir()) {
            return Ok(path.into());
        }
        self.read(|folders| folders.get(&task).map(|name| self.tasks.join(name).into()))?
            .ok_or(StoreError::NoTask(task))
    }

    /// Whether a task of this id exists. Folders that another program adds after the first look are not seen: ids are
    /// random, and reading ten thousand names for each new task is not worth it.
    pub(crate) fn holds(&self, task: TaskId) -> Result<bool, StoreError> {
        let mut known = lock(&self.known);
        if known.folders.contains_key(&task) {
            return Ok(true);
        }
        if known.looked {
            return Ok(false);
        }
        let taken = is_taken(&self.tasks, task).map_err(failed("list", &self.tasks))?;
        known.looked = true;
        Ok(taken)
    }

    /// Remembers a new folder.
    pub(crate) fn insert(&self, task: TaskId, name: String) {
        lock(&self.known).folders.insert(task, name);
    }

    /// Forgets a folder that is gone.
    pub(crate) fn forget(&self, task: TaskId) {
        lock(&self.known).folders.remove(&task);
    }

    /// Every task there is now.
    pub(crate) fn all(&self) -> Result<Vec<TaskId>, StoreError> {
        self.read(|folders| folders.keys().copied().collect())
    }

    /// Looks at the folders again.
    pub(crate) fn read<T>(&self, answer: impl FnOnce(&HashMap<TaskId, String>) -> T) -> Result<T, StoreError> {
        let mut known = lock(&self.known);
        known.folders = list(&self.tasks).map_err(failed("list", &self.tasks))?.folders;
        known.looked = true;
        Ok(answer(&known.folders))
    }
}
