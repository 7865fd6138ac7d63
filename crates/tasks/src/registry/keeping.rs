//! Keeping tasks: what changes among them, removing and restoring, exporting.

use event::{Command, CommandId, TaskId, Wish};
use store::{Headlines, StoreError};
use tokio::time::{Duration, Instant};

use super::{Live, Tasks, wait_for_end};
use crate::{TaskError, new_task};

/// How long a task that is removed may take to stop before it is cut off.
const STOP_TIME: Duration = Duration::from_secs(5);
/// How long to wait for a lease that is being given back before looking again.
const BREATH: Duration = Duration::from_millis(5);

impl Tasks {
    /// What changes among all tasks from now on.
    pub fn headlines(&self) -> Result<Headlines, TaskError> {
        Ok(self.parts.store.headlines()?)
    }

    /// Stops a task where it is live and puts its folder into the trash.
    ///
    /// The stop is written to its log like any other, so that a task that is restored does not go on by itself.
    pub async fn remove(&self, task: TaskId) -> Result<(), TaskError> {
        let until = Instant::now() + STOP_TIME;
        loop {
            let mut registry = self.live.lock().await;
            registry.check_open()?;
            if let Some(live) = registry.find(task) {
                drop(registry);
                self.stop_for_good(task, live, until).await;
                continue;
            }
            // Nobody can open it meanwhile: that takes the same lock.
            match self.parts.store.remove(task) {
                // A runner has ended and is about to give its lease back.
                Err(StoreError::Leased { holder, .. })
                    if holder == Some(std::process::id()) && Instant::now() < until =>
                {
                    drop(registry);
                    tokio::time::sleep(BREATH).await;
                }
                removed => return Ok(removed?),
            }
        }
    }

    /// Stops a live task and waits for its end; one that takes too long is cut off.
    async fn stop_for_good(&self, task: TaskId, live: Live, until: Instant) {
        let Live { handle, end, stop } = live;
        let ended = async {
            // A task between two turns refuses; its runner ends by itself.
            // Each try has an id of its own: a runner that has been told before would pass over it.
            let id = CommandId(format!("remove-{:016x}", self.parts.clock.chance().to_bits()));
            let _between_turns = handle.send(Command { id, wish: Wish::Stop }).await;
            wait_for_end(end.clone()).await
        };
        if tokio::time::timeout_at(until, ended).await.is_err() {
            stop.abort();
            wait_for_end(end.clone()).await;
        }
        let mut registry = self.live.lock().await;
        // Not the runner that another command may have started since.
        if registry.running.get(&task).is_some_and(|known| known.end.same_channel(&end)) {
            registry.running.remove(&task);
        }
    }

    /// Takes a removed task out of the trash. It stands where it stood and starts nothing.
    pub fn restore(&self, task: TaskId) -> Result<(), TaskError> {
        Ok(self.parts.store.restore(task)?)
    }

    /// The whole task as one archive, with a name for it. The file has no name on the disk and is gone once it is closed.
    pub fn export(&self, task: TaskId) -> Result<(String, std::fs::File), TaskError> {
        let name = format!("{}.deskhand.tar", new_task::slug_of(&self.view(task)?.title));
        let root = self.parts.store.places(task)?.root;
        // Beside the task, where there is room for a task; hidden, so that nobody takes it for one.
        let beside = root.parent().unwrap_or(&root);
        let failed = |source| StoreError::Disk { action: "make", path: beside.to_owned(), source };
        let place = tempfile::Builder::new().prefix(".export-").tempdir_in(beside).map_err(failed)?;
        let path = place.path().join("task");
        self.parts.store.export(task, &path)?;
        let file = std::fs::File::open(&path).map_err(failed)?;
        Ok((name, file))
    }
}
