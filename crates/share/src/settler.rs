//! A thread that brings the journal onto the disk soon after it was written to, so that single changes need not wait.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, SyncSender};
use std::thread::JoinHandle;
use std::time::Duration;

use folder::{Journal, JournalError};

/// How long lines may wait.
const DELAY: Duration = Duration::from_millis(700);

/// The thread's owner: it ends, after a last time, when this is dropped.
pub(crate) struct Settler {
    journal: Arc<Journal>,
    waiting: Arc<AtomicBool>,
    wake: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Settler {
    pub(crate) fn start(journal: Arc<Journal>) -> std::io::Result<Self> {
        // One place is enough: whoever finds it taken knows that the thread will run.
        let (wake, woken) = mpsc::sync_channel(1);
        let waiting = Arc::new(AtomicBool::new(false));
        let (own, told) = (Arc::clone(&journal), Arc::clone(&waiting));
        let thread = std::thread::Builder::new().name("journal".to_owned()).spawn(move || {
            while woken.recv().is_ok() {
                let over = woken.recv_timeout(DELAY) == Err(RecvTimeoutError::Disconnected);
                told.store(false, Ordering::SeqCst);
                // What cannot be settled now is said by the next call that has to wait for it.
                let _settled = own.settle().is_ok();
                if over {
                    return;
                }
            }
        })?;
        Ok(Self { journal, waiting, wake: Some(wake), thread: Some(thread) })
    }

    /// Something was written that is to be on the disk soon.
    pub(crate) fn soon(&self) {
        if !self.waiting.swap(true, Ordering::SeqCst)
            && let Some(wake) = &self.wake
        {
            let _woken = wake.try_send(()).is_ok();
        }
    }

    /// Waits until all is on the disk.
    pub(crate) fn now(&self) -> Result<(), JournalError> {
        self.journal.settle()
    }
}

impl Drop for Settler {
    fn drop(&mut self) {
        drop(self.wake.take());
        if let Some(thread) = self.thread.take() {
            let _ended = thread.join().is_ok();
        }
    }
}
