//! What is remembered of each task while it is live: the content of each file the model has seen, and the open
//! journal. Lost when the task pauses; then a file has to be read again before it is changed.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use event::{Digest, TaskId};
use folder::{Journal, JournalError};
use tool::Desk;

/// The memory of all live tasks.
#[derive(Default)]
pub(crate) struct Memory {
    tasks: Mutex<HashMap<TaskId, Remembered>>,
}

#[derive(Default)]
struct Remembered {
    seen: HashMap<String, Digest>,
    journal: Option<Arc<Journal>>,
}

impl Memory {
    /// The content of a file that the model saw last.
    pub(crate) fn seen(&self, task: TaskId, path: &str) -> Option<Digest> {
        self.lock().get(&task)?.seen.get(path).copied()
    }

    /// The model has seen this content, or made it.
    pub(crate) fn saw(&self, task: TaskId, path: &str, digest: Digest) {
        self.lock().entry(task).or_default().seen.insert(path.to_owned(), digest);
    }

    /// The task's journal, opened at its first change.
    pub(crate) fn journal(&self, desk: &Desk) -> Result<Arc<Journal>, JournalError> {
        if let Some(journal) = self.lock().get(&desk.task).and_then(|remembered| remembered.journal.clone()) {
            return Ok(journal);
        }
        // Two at once would both open it; that is safe, and one of them is kept.
        let journal = Arc::new(Journal::open(&desk.journal)?);
        self.lock().entry(desk.task).or_default().journal = Some(Arc::clone(&journal));
        Ok(journal)
    }

    /// Forgets a task.
    pub(crate) fn leave(&self, task: TaskId) {
        self.lock().remove(&task);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<TaskId, Remembered>> {
        // Every change is one call, so a panic elsewhere leaves consistent data.
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
