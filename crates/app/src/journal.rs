//! The old contents that Undo needs: what they cost, keeping them within the quota, and giving a task's up.
//!
//! Lives here: which task a journal belongs to, and whether somebody works on it. Does not live here: what is given up
//! first (`folder`), when this is done (`deskhand`).

use std::collections::HashMap;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use api_types::{JournalFreed, JournalTask, JournalUsage};
use event::{TaskId, Timestamp};
use folder::{Freed, Journal, JournalError};
use store::{Query, StoreError};
use tasks::TaskError;
use tokio::runtime::Handle;
use view::TaskState;

use crate::App;

/// How often is looked whether the quota is kept.
const HOUR: Duration = Duration::from_hours(1);

impl App {
    /// What the journals of all tasks cost.
    ///
    /// # Errors
    /// Where the tasks cannot be listed.
    pub async fn journal_usage(&self) -> Result<JournalUsage, TaskError> {
        let (tasks_dir, store) = (self.tasks_dir(), Arc::clone(&self.store));
        let quota_bytes = self.config().journal.quota_bytes();
        blocking(move || {
            let found = folder::usage(&tasks_dir);
            let mut ids: HashMap<PathBuf, TaskId> = HashMap::new();
            for task in store.tasks()? {
                // One that is removed meanwhile has no place any more.
                if let Ok(places) = store.places(task) {
                    ids.insert(places.root, task);
                }
            }
            let every = Query { limit: usize::MAX, ..Query::default() };
            let mut titles: HashMap<TaskId, String> =
                store.recents(&every)?.into_iter().map(|summary| (summary.id, summary.title)).collect();
            let bytes = found.iter().map(|usage| usage.bytes).sum();
            let mut tasks: Vec<JournalTask> = found
                .into_iter()
                .filter_map(|usage| {
                    let task = *ids.get(&usage.task_dir)?;
                    let oldest = usage.oldest.map(timestamp);
                    Some(JournalTask { task, title: titles.remove(&task), bytes: usage.bytes, oldest })
                })
                .collect();
            tasks.sort_by(|one, other| other.bytes.cmp(&one.bytes).then(one.task.cmp(&other.task)));
            Ok(JournalUsage { bytes, quota_bytes, tasks })
        })
        .await
    }

    /// Gives up every old content of a task, at the user's own wish: what it did so far cannot be undone any more where
    /// that needs one.
    ///
    /// # Errors
    /// Where the task is at work or another process has it, or the disk says no.
    pub async fn empty_journal(&self, task: TaskId) -> Result<JournalFreed, TaskError> {
        let (store, tasks) = (Arc::clone(&self.store), Arc::clone(&self.tasks));
        blocking(move || {
            // At work also where its process ended in the middle: it goes on.
            if matches!(tasks.view(task)?.state, TaskState::New | TaskState::Working) {
                return Err(StoreError::Leased { task, holder: None }.into());
            }
            let journal = store.places(task)?.journal;
            // With its lease nobody begins to work on it, or to undo, meanwhile.
            let lease = store.open(task)?;
            let freed = Journal::open(&journal).and_then(|journal| journal.empty()).map_err(|error| failed(&error))?;
            // Opening it says that what a crash may have left on the way is on the disk once the lease is given back.
            Handle::current().block_on(lease.log.sync())?;
            Ok(JournalFreed { objects: freed.objects, bytes: freed.bytes })
        })
        .await
    }

    /// Gives up the oldest contents beyond the quota.
    ///
    /// # Errors
    /// Where a journal cannot be written.
    pub fn expire_journal(&self, now: SystemTime) -> Result<Freed, JournalError> {
        match self.config().journal.quota_bytes() {
            Some(quota) => folder::expire(&self.tasks_dir(), quota, now, &is_leased),
            None => Ok(Freed::default()),
        }
    }

    /// The same now and then once an hour of running, for as long as it is awaited. `told` is called with what came of
    /// each time.
    pub async fn keep_journal_small(self: Arc<Self>, mut told: impl FnMut(Result<Freed, JournalError>)) {
        let mut hours = tokio::time::interval(HOUR);
        loop {
            hours.tick().await;
            let app = Arc::clone(&self);
            // Told only of one that ended; another hour comes.
            if let Ok(freed) = tokio::task::spawn_blocking(move || app.expire_journal(SystemTime::now())).await {
                told(freed);
            }
        }
    }

    fn tasks_dir(&self) -> PathBuf {
        self.directories.home.join("tasks")
    }
}

/// Whether somebody works on the task in this folder: its log is locked. The note of whoever does so is looked for
/// first, so that the log of a quiet task is never locked here while somebody else begins.
fn is_leased(task_dir: &Path) -> bool {
    if !task_dir.join("lease").exists() {
        return false;
    }
    match File::open(task_dir.join("events.jsonl")) {
        Ok(log) => match log.try_lock_shared() {
            Ok(()) => false,
            // What cannot be known is not given up.
            Err(TryLockError::WouldBlock | TryLockError::Error(_)) => true,
        },
        Err(_) => true,
    }
}

/// The meter in words: `1.2 GB of 10 GB kept for Undo`.
pub fn journal_in_words(usage: &JournalUsage) -> String {
    match usage.quota_bytes {
        Some(quota) => format!("{} of {} kept for Undo", size_kept(usage.bytes), size_kept(quota)),
        None => format!("{} kept for Undo, without a limit", size_kept(usage.bytes)),
    }
}

/// A size in the units of the quota, which is set in MiB: 1,024 of one are one of the next.
pub fn size_kept(bytes: u64) -> String {
    if bytes < 1024 {
        return if bytes == 1 { "1 byte".to_owned() } else { format!("{bytes} bytes") };
    }
    let units = ["KB", "MB", "GB", "TB"];
    let mut value = bytes as f64 / 1024.0;
    let mut unit = 0;
    while value >= 999.95 && unit + 1 < units.len() {
        value /= 1024.0;
        unit += 1;
    }
    let shown = format!("{value:.1}");
    format!("{} {}", shown.strip_suffix(".0").unwrap_or(&shown), units.get(unit).copied().unwrap_or_default())
}

fn timestamp(time: SystemTime) -> Timestamp {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

fn failed(error: &JournalError) -> TaskError {
    TaskError::Undo(error.to_string())
}

/// Does what waits for the disk off the threads that serve.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, TaskError> + Send + 'static,
) -> Result<T, TaskError> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|_stopped| Err(TaskError::Undo("the work was cut off in the middle".to_owned())))
}
