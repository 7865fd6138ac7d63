//! What the readers and the writer of one task have in common within this process.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, Weak};

use event::TaskId;
use store::Fanout;
use tokio::sync::watch;

use crate::disk::lock;

type Tasks = Arc<Mutex<HashMap<TaskId, Weak<Live>>>>;

/// The tasks that somebody in this process reads live or writes.
#[derive(Default)]
pub(crate) struct Lives {
    tasks: Tasks,
}

/// One such task. Forgotten when its last reader and its writer are gone.
pub(crate) struct Live {
    task: TaskId,
    tasks: Tasks,
    /// Its readers.
    pub(crate) fanout: Fanout,
    writers: watch::Sender<usize>,
}

impl Lives {
    /// The entry of a task.
    pub(crate) fn of(&self, task: TaskId) -> Arc<Live> {
        let mut tasks = lock(&self.tasks);
        if let Some(live) = tasks.get(&task).and_then(Weak::upgrade) {
            return live;
        }
        let live = Arc::new(Live {
            task,
            tasks: Arc::clone(&self.tasks),
            fanout: Fanout::default(),
            writers: watch::Sender::new(0),
        });
        tasks.insert(task, Arc::downgrade(&live));
        live
    }

    /// Ends the streams of one task's readers.
    pub(crate) fn end(&self, task: TaskId) {
        let live = lock(&self.tasks).get(&task).and_then(Weak::upgrade);
        if let Some(live) = live {
            live.fanout.close();
        }
    }

    /// Ends every reader's stream.
    pub(crate) fn close(&self) {
        let lives: Vec<Arc<Live>> = lock(&self.tasks).values().filter_map(Weak::upgrade).collect();
        for live in lives {
            live.fanout.close();
        }
    }
}

impl Live {
    /// A writer in this process begins.
    pub(crate) fn writer_begins(&self) {
        self.writers.send_modify(|writers| *writers += 1);
    }

    /// A writer in this process ended.
    pub(crate) fn writer_ended(&self) {
        self.writers.send_modify(|writers| *writers = writers.saturating_sub(1));
    }

    /// Hears when the number of writers in this process changes.
    pub(crate) fn writers(&self) -> watch::Receiver<usize> {
        self.writers.subscribe()
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        let mut tasks = lock(&self.tasks);
        if tasks.get(&self.task).is_some_and(|live| live.strong_count() == 0) {
            tasks.remove(&self.task);
        }
    }
}
