//! Recents and search: a database beside the folders that may be deleted at any time.
//!
//! Lives here: the inbox between the writers and the one thread that owns the database. What that thread does is
//! `indexer`'s, SQL is `database`'s. Separate because no append may wait for SQLite, or fail with it.

mod database;
mod indexer;
mod words;
#[cfg(test)]
mod words_tests;

use std::collections::{HashMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use event::{Event, TaskId};
use store::{Announcer, Damage, Headlines, Query, StoreError, Summary};

use crate::disk::lock;
use indexer::Indexer;

/// Events that may wait in the inbox. When it is full a task's events are dropped and read from its log instead.
const HELD: usize = 4096;
/// How long news nobody asks for rest at least, so that many appends become one transaction.
const REST: Duration = Duration::from_millis(200);
/// They rest so many times longer than taking in the last ones took: the index takes a tenth of one processor at most.
const SHARE: u32 = 10;
/// How long news rest at most.
const LONGEST_REST: Duration = Duration::from_secs(10);

/// News of one task since the indexer last looked.
#[derive(Default)]
struct News {
    root: Option<Arc<Path>>,
    /// Its new events in order, unless there were too many.
    events: Vec<Arc<Event>>,
    dropped: bool,
    /// Bytes of its log behind the last of them.
    length: u64,
    /// Its writer is gone.
    closed: bool,
}

type Answer<T> = SyncSender<Result<T, StoreError>>;

enum Ask {
    Recents(Query, Answer<Vec<Summary>>),
    Rebuild(Answer<Vec<Damage>>),
}

#[derive(Default)]
struct Inbox {
    mail: Mutex<Mail>,
    wake: Condvar,
    announcer: Announcer,
}

#[derive(Default)]
struct Mail {
    news: HashMap<TaskId, News>,
    held: usize,
    asks: VecDeque<Ask>,
    folders_changed: bool,
    removed: Vec<TaskId>,
    closing: bool,
    idle: bool,
    thread: Option<JoinHandle<()>>,
}

/// Everything that waited in the inbox.
struct Batch {
    news: HashMap<TaskId, News>,
    asks: VecDeque<Ask>,
    folders_changed: bool,
    removed: Vec<TaskId>,
    last: bool,
}

/// The index as the rest of the store sees it.
pub(crate) struct Index {
    home: PathBuf,
    inbox: Arc<Inbox>,
}

impl Index {
    /// The index of the store under `home`. Nothing is opened, and no thread runs, before the first news or question.
    pub(crate) fn new(home: &Path) -> Self {
        Self { home: home.to_owned(), inbox: Arc::default() }
    }

    /// Events were appended; the log is `length` bytes long now.
    pub(crate) fn appended(&self, task: TaskId, root: &Arc<Path>, events: &[Arc<Event>], length: u64) {
        let mut mail = lock(&self.inbox.mail);
        let full = mail.held + events.len() > HELD;
        let news = mail.news.entry(task).or_default();
        news.root.get_or_insert_with(|| Arc::clone(root));
        news.length = length;
        news.closed = false;
        if full || news.dropped {
            let freed = std::mem::take(&mut news.events).len();
            news.dropped = true;
            mail.held -= freed;
        } else {
            news.events.extend(events.iter().cloned());
            mail.held += events.len();
        }
        // Without a thread the news are lost to this process; the next one reads the log.
        let _logs_are_not_affected = self.start(&mut mail);
        if mail.idle {
            self.inbox.wake.notify_one();
        }
    }

    /// The writer of a task is gone: what is kept to follow it can be forgotten.
    pub(crate) fn closed(&self, task: TaskId) {
        let mut mail = lock(&self.inbox.mail);
        if mail.thread.is_some() {
            mail.news.entry(task).or_default().closed = true;
            if mail.idle {
                self.inbox.wake.notify_one();
            }
        }
    }

    /// A task folder came from elsewhere.
    pub(crate) fn folders_changed(&self) {
        lock(&self.inbox.mail).folders_changed = true;
        self.inbox.wake.notify_one();
    }

    /// A task's folder is gone, and so is its writer.
    pub(crate) fn removed(&self, task: TaskId) {
        let mut mail = lock(&self.inbox.mail);
        mail.removed.push(task);
        mail.folders_changed = true;
        drop(mail);
        self.inbox.wake.notify_one();
    }

    /// What changes from now on. As long as somebody listens the index looks at what changed by itself.
    pub(crate) fn headlines(&self) -> Result<Headlines, StoreError> {
        let mut mail = lock(&self.inbox.mail);
        self.start(&mut mail).map_err(|error| StoreError::Index(format!("no thread for it: {error}")))?;
        Ok(self.inbox.announcer.listen())
    }

    /// Ends everybody's headlines.
    pub(crate) fn close_headlines(&self) {
        self.inbox.announcer.close();
    }

    /// Recents, with everything appended before this call.
    pub(crate) fn recents(&self, query: &Query) -> Result<Vec<Summary>, StoreError> {
        self.ask(|answer| Ask::Recents(query.clone(), answer))
    }

    /// Makes the index anew. Gives what could not be read.
    pub(crate) fn rebuild(&self) -> Result<Vec<Damage>, StoreError> {
        self.ask(Ask::Rebuild)
    }

    fn ask<T>(&self, ask: impl FnOnce(Answer<T>) -> Ask) -> Result<T, StoreError> {
        let (answer, answered) = sync_channel(1);
        {
            let mut mail = lock(&self.inbox.mail);
            self.start(&mut mail).map_err(|error| StoreError::Index(format!("no thread for it: {error}")))?;
            mail.asks.push_back(ask(answer));
        }
        self.inbox.wake.notify_one();
        answered.recv().unwrap_or_else(|_| Err(StoreError::Index("its thread ended".to_owned())))
    }

    fn start(&self, mail: &mut Mail) -> std::io::Result<()> {
        if mail.thread.as_ref().is_none_or(JoinHandle::is_finished) {
            let inbox = Arc::clone(&self.inbox);
            let home = self.home.clone();
            let builder = std::thread::Builder::new().name("index".to_owned());
            mail.thread = Some(builder.spawn(move || serve(&inbox, Indexer::new(&home)))?);
        }
        Ok(())
    }
}

impl Drop for Index {
    fn drop(&mut self) {
        let thread = {
            let mut mail = lock(&self.inbox.mail);
            mail.closing = true;
            mail.thread.take()
        };
        self.inbox.wake.notify_one();
        if let Some(thread) = thread {
            // A thread that panicked has nothing left to write; the index catches up next time.
            let _index_catches_up = thread.join();
        }
    }
}

fn serve(inbox: &Inbox, mut indexer: Indexer) {
    let mut rest = REST;
    loop {
        let batch = inbox.take(rest);
        let begun = Instant::now();
        indexer.take_news(batch.news, batch.folders_changed);
        indexer.take_removed(batch.removed);
        if batch.folders_changed && inbox.announcer.is_heard() {
            indexer.look();
        }
        inbox.announcer.tell(indexer.take_told());
        rest = (begun.elapsed() * SHARE).clamp(REST, LONGEST_REST);
        for ask in batch.asks {
            // Whoever asked and went away needs no answer.
            let _gone = match ask {
                Ask::Recents(query, answer) => answer.send(indexer.recents(&query)).is_ok(),
                Ask::Rebuild(answer) => answer.send(indexer.rebuild()).is_ok(),
            };
        }
        inbox.announcer.tell(indexer.take_told());
        if batch.last {
            return;
        }
    }
}

impl Inbox {
    fn take(&self, rest: Duration) -> Batch {
        let mut mail = lock(&self.mail);
        mail.idle = true;
        while mail.news.is_empty() && mail.asks.is_empty() && !mail.closing && !self.has_to_look(&mail) {
            mail = self.wake.wait(mail).unwrap_or_else(PoisonError::into_inner);
        }
        mail.idle = false;
        let until = Instant::now() + rest;
        while mail.asks.is_empty() && !mail.closing {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            mail = self.wake.wait_timeout(mail, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        mail.held = 0;
        Batch {
            news: std::mem::take(&mut mail.news),
            asks: std::mem::take(&mut mail.asks),
            folders_changed: std::mem::take(&mut mail.folders_changed),
            removed: std::mem::take(&mut mail.removed),
            last: mail.closing,
        }
    }

    /// Whether folders came or went that somebody wants to hear of. For everybody else it is enough to look when asked.
    fn has_to_look(&self, mail: &Mail) -> bool {
        mail.folders_changed && self.announcer.is_heard()
    }
}
