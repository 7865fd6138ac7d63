//! Group commit: many waiters, few flushes, at most four at a time.
//!
//! Lives here: the threads that wait for the disk, and what each log still has to put on it. Nothing here runs while
//! nobody waits. Separate because `append` must never wait for a disk.

use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use futures_util::future::BoxFuture;
use store::StoreError;
use tokio::sync::oneshot;

use crate::disk::{failed, lock, sync_directory};

/// Threads that wait for the disk at the same time.
const THREADS: usize = 4;
/// Their stacks; they call one system function deep.
const STACK: usize = 128 * 1024;

/// Something that has to be on the disk before the log is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Before {
    /// A file's content.
    File(PathBuf),
    /// A directory's entries.
    Directory(PathBuf),
}

/// A failed flush. Kept, because the system tells it once and then takes the lost pages for clean: asking again would
/// report a success that never was.
#[derive(Debug, Clone)]
struct Failure {
    path: PathBuf,
    code: Option<i32>,
    kind: io::ErrorKind,
    text: String,
}

impl Failure {
    fn new(path: &Path, error: &io::Error) -> Self {
        Self { path: path.to_owned(), code: error.raw_os_error(), kind: error.kind(), text: error.to_string() }
    }

    fn error(&self) -> StoreError {
        let source = match self.code {
            Some(code) => io::Error::from_raw_os_error(code),
            None => io::Error::new(self.kind, self.text.clone()),
        };
        failed("flush", &self.path)(source)
    }
}

type Waiter = oneshot::Sender<Result<(), Failure>>;

/// What one log has to put on the disk.
pub(crate) struct LogFlush {
    file: Arc<File>,
    path: PathBuf,
    state: Mutex<FlushState>,
}

#[derive(Default)]
struct FlushState {
    phase: Phase,
    /// Whether something was written that no flush has begun to cover.
    fresh: bool,
    waiters: Vec<Waiter>,
    before: Vec<Before>,
    failed: Option<Failure>,
}

#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Phase {
    #[default]
    Idle,
    Queued,
    Running,
}

impl LogFlush {
    /// The flush of a log. What earlier processes wrote counts as not flushed.
    pub(crate) fn new(file: Arc<File>, path: PathBuf, before: Vec<Before>) -> Self {
        Self { file, path, state: Mutex::new(FlushState { fresh: true, before, ..FlushState::default() }) }
    }

    /// Something was appended.
    pub(crate) fn written(&self) {
        lock(&self.state).fresh = true;
    }

    /// Something else has to be on the disk first.
    pub(crate) fn add(&self, before: impl IntoIterator<Item = Before>) {
        let mut state = lock(&self.state);
        state.fresh = true;
        for part in before {
            if !state.before.contains(&part) {
                state.before.push(part);
            }
        }
    }

    /// One flush, for everybody who waited when it began. True where others came meanwhile.
    fn run(&self) -> bool {
        let (waiters, before) = {
            let mut state = lock(&self.state);
            state.phase = Phase::Running;
            state.fresh = false;
            (std::mem::take(&mut state.waiters), std::mem::take(&mut state.before))
        };
        let result = self.flush(&before);
        let mut state = lock(&self.state);
        state.phase = Phase::Idle;
        let mut answered = waiters;
        if let Err(failure) = &result {
            state.failed = Some(failure.clone());
            answered.append(&mut state.waiters);
        }
        let again = !state.waiters.is_empty();
        if again {
            state.phase = Phase::Queued;
        }
        drop(state);
        for waiter in answered {
            // A waiter that is gone needs no answer.
            let _gone = waiter.send(result.clone());
        }
        again
    }

    fn flush(&self, before: &[Before]) -> Result<(), Failure> {
        for part in before {
            let (path, result) = match part {
                Before::File(path) => (path, File::open(path).and_then(|file| file.sync_data())),
                Before::Directory(path) => (path, sync_directory(path)),
            };
            result.map_err(|error| Failure::new(path, &error))?;
        }
        self.file.sync_data().map_err(|error| Failure::new(&self.path, &error))
    }
}

/// The threads that flush, started when first needed. They end after the last flush once this is dropped.
#[derive(Default)]
pub(crate) struct Flusher {
    line: Arc<Line>,
}

/// The logs that stand in line. Bounded by the number of open logs: each stands in it at most once.
#[derive(Default)]
struct Line {
    state: Mutex<LineState>,
    wake: Condvar,
}

#[derive(Default)]
struct LineState {
    logs: VecDeque<Arc<LogFlush>>,
    threads: usize,
    idle: usize,
    closing: bool,
}

impl Flusher {
    /// Waits until everything written to `log` before this call is on the disk.
    pub(crate) fn sync(&self, log: &Arc<LogFlush>) -> BoxFuture<'static, Result<(), StoreError>> {
        match self.enter(log) {
            Err(error) => Box::pin(std::future::ready(Err(error))),
            Ok(None) => Box::pin(std::future::ready(Ok(()))),
            Ok(Some(answer)) => {
                let path = log.path.clone();
                Box::pin(async move {
                    match answer.await {
                        Ok(result) => result.map_err(|failure| failure.error()),
                        Err(_) => Err(failed("flush", &path)(io::Error::other("the flushing thread ended"))),
                    }
                })
            }
        }
    }

    fn enter(&self, log: &Arc<LogFlush>) -> Result<Option<oneshot::Receiver<Result<(), Failure>>>, StoreError> {
        let mut state = lock(&log.state);
        if let Some(failure) = &state.failed {
            return Err(failure.error());
        }
        if !state.fresh && state.phase == Phase::Idle {
            return Ok(None);
        }
        let (waiter, answer) = oneshot::channel();
        state.waiters.push(waiter);
        let enter = state.phase == Phase::Idle;
        if enter {
            state.phase = Phase::Queued;
        }
        drop(state);
        if enter {
            self.push(log).map_err(failed("flush", &log.path))?;
        }
        Ok(Some(answer))
    }

    fn push(&self, log: &Arc<LogFlush>) -> io::Result<()> {
        let mut state = lock(&self.line.state);
        if state.idle <= state.logs.len() && state.threads < THREADS {
            let line = Arc::clone(&self.line);
            let started =
                std::thread::Builder::new().name("flush".to_owned()).stack_size(STACK).spawn(move || line.serve());
            match started {
                Ok(_ends_by_itself) => state.threads += 1,
                Err(error) if state.threads == 0 => {
                    lock(&log.state).phase = Phase::Idle;
                    return Err(error);
                }
                Err(_) => {}
            }
        }
        state.logs.push_back(Arc::clone(log));
        self.line.wake.notify_one();
        Ok(())
    }
}

impl Drop for Flusher {
    fn drop(&mut self) {
        lock(&self.line.state).closing = true;
        self.line.wake.notify_all();
    }
}

impl Line {
    fn serve(&self) {
        while let Some(log) = self.next() {
            if log.run() {
                lock(&self.state).logs.push_back(log);
                self.wake.notify_one();
            }
        }
    }

    fn next(&self) -> Option<Arc<LogFlush>> {
        let mut state = lock(&self.state);
        loop {
            if let Some(log) = state.logs.pop_front() {
                return Some(log);
            }
            if state.closing {
                return None;
            }
            state.idle += 1;
            state = self.wake.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.idle -= 1;
        }
    }
}
