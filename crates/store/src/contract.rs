//! The traits of storage.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use event::{Actor, Delta, Digest, Event, Fact, Seq, TaskId, Timestamp};
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use serde::{Deserialize, Serialize};
use view::{TaskState, View};

use crate::StoreError;

/// A fact about to be written, with its author.
pub type Draft = (Actor, Fact);

/// What a reader of a task receives.
#[derive(Debug, Clone)]
pub enum Signal {
    /// A stored event. Every reader gets every event once, in order.
    Event(Arc<Event>),
    /// Something unfinished. A slow reader gets several joined into one.
    Delta(Arc<Delta>),
}

impl Signal {
    /// The stored event, if it is one.
    pub fn event(&self) -> Option<&Arc<Event>> {
        match self {
            Self::Event(event) => Some(event),
            Self::Delta(_) => None,
        }
    }
}

/// A task's events from a sequence on, then live; ends when the store closes.
pub type Watch = BoxStream<'static, Result<Signal, StoreError>>;

/// Where all tasks live.
///
/// Appending and reading are plain function calls that touch the page cache; only [`TaskLog::sync`] waits for a disk.
pub trait Store: Send + Sync {
    /// Makes an empty task folder named after `slug` and takes its lease.
    fn create(&self, task: TaskId, slug: &str, at: Timestamp) -> Result<Box<dyn TaskLog>, StoreError>;

    /// Takes a task's lease, cuts a torn last line, and reads the whole log.
    fn open(&self, task: TaskId) -> Result<Opened, StoreError>;

    /// Reads stored events after a sequence. Needs no lease; a torn last line is left out.
    fn read(&self, task: TaskId, after: Seq) -> Result<Vec<Arc<Event>>, StoreError>;

    /// Stored events after a sequence, then live ones, whichever process writes them.
    fn watch(&self, task: TaskId, after: Seq) -> Result<Watch, StoreError>;

    /// Where the task's own files are.
    fn places(&self, task: TaskId) -> Result<Places, StoreError>;

    /// Every task there is, in no order.
    fn tasks(&self) -> Result<Vec<TaskId>, StoreError>;

    /// Recents, newest change first, from the index.
    fn recents(&self, query: &Query) -> Result<Vec<Summary>, StoreError>;

    /// What changes among all tasks from now on, as this process learns of it; ends when the store closes. Changes
    /// close together are told once, with their last state, and a summary that stayed the same is not told. A task that
    /// another process writes is told of when this one next looks.
    fn headlines(&self) -> Result<Headlines, StoreError>;

    /// Puts a task's folder into the trash, where [`Store::restore`] finds it; its lease must be free. Ends every
    /// [`Watch`] of it.
    fn remove(&self, task: TaskId) -> Result<(), StoreError>;

    /// Takes a removed task's folder out of the trash again, with every byte; where several of one id lie there, the one
    /// that was put there last.
    fn restore(&self, task: TaskId) -> Result<(), StoreError>;

    /// Deletes for good what was put into the trash before a moment. Gives how many tasks.
    fn empty_trash(&self, before: Timestamp) -> Result<u64, StoreError>;

    /// Checks a task's log line by line. Empty means intact.
    fn check(&self, task: TaskId) -> Result<Vec<Damage>, StoreError>;

    /// Rebuilds the index from the task folders. Gives what could not be read.
    fn rebuild_index(&self) -> Result<Vec<Damage>, StoreError>;

    /// Writes a task, files included, into one archive file.
    fn export(&self, task: TaskId, file: &Path) -> Result<(), StoreError>;

    /// Adds a task from an archive file.
    fn import(&self, file: &Path) -> Result<TaskId, StoreError>;
}

/// A task just opened.
pub struct Opened {
    /// The right to write.
    pub log: Box<dyn TaskLog>,
    /// Everything stored so far.
    pub events: Vec<Arc<Event>>,
    /// Text of a reply that was being streamed when the last process ended; empty if none.
    pub draft: String,
    /// Bytes of a torn last line that were cut away; 0 normally.
    pub cut: u64,
}

/// The one writer of a task. Dropping it gives the lease back.
pub trait TaskLog: Send {
    /// The task.
    fn task(&self) -> TaskId;

    /// The last event's place.
    fn head(&self) -> Seq;

    /// Appends facts as events, all or none, and hands them to every reader. The bytes are with the system when this
    /// returns: they survive the end of the process. They survive the end of power after [`TaskLog::sync`].
    fn append(&mut self, at: Timestamp, facts: Vec<Draft>) -> Result<Vec<Arc<Event>>, StoreError>;

    /// Waits until everything appended so far is on the disk. Waiters of many tasks share one flush.
    fn sync(&self) -> BoxFuture<'static, Result<(), StoreError>>;

    /// Tells every reader of something unfinished.
    fn tell(&self, delta: Delta);

    /// Keeps more text of a reply under way, so that a crash loses little of it.
    fn keep_draft(&mut self, text: &str) -> Result<(), StoreError>;

    /// Forgets the kept text; the reply is stored now.
    fn drop_draft(&mut self) -> Result<(), StoreError>;

    /// Stores bytes under their digest, once.
    fn put_blob(&self, bytes: &[u8]) -> Result<Digest, StoreError>;

    /// Reads stored bytes.
    fn blob(&self, digest: Digest) -> Result<Vec<u8>, StoreError>;

    /// Where the task's own files are.
    fn places(&self) -> Places;
}

/// The directories of one task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// The task folder itself.
    pub root: PathBuf,
    /// Produced files.
    pub outputs: PathBuf,
    /// Files the user handed over.
    pub uploads: PathBuf,
    /// Pictures and other content named by digest.
    pub blobs: PathBuf,
    /// Old content of everything changed.
    pub journal: PathBuf,
}

/// What Recents shows of a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// The task.
    pub id: TaskId,
    /// Its title.
    pub title: String,
    /// Where it stands.
    pub state: TaskState,
    /// When it was made.
    pub made_at: Timestamp,
    /// When its last event was written.
    pub changed_at: Timestamp,
    /// Plan items done.
    pub done: u32,
    /// Plan items in all.
    pub total: u32,
    /// Its project.
    pub project: Option<String>,
    /// Whether it is kept on top of Recents.
    pub pinned: bool,
    /// Whether it is out of Recents.
    pub archived: bool,
    /// Whether something happened that the user has not looked at.
    pub unread: bool,
}

impl From<&View> for Summary {
    fn from(view: &View) -> Self {
        Self {
            id: view.task,
            title: view.title.clone(),
            state: view.state,
            made_at: view.made_at,
            changed_at: view.changed_at,
            done: view.progress.done,
            total: view.progress.total,
            project: view.project.clone(),
            pinned: view.pinned,
            archived: view.archived,
            unread: view.unread,
        }
    }
}

/// Which tasks to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shelf {
    /// Every task.
    #[default]
    All,
    /// Those that are not archived.
    Current,
    /// Those kept on top that are not archived.
    Pinned,
    /// Those that are archived.
    Archived,
}

impl Shelf {
    /// Whether a task stands on it.
    pub fn holds(self, summary: &Summary) -> bool {
        match self {
            Self::All => true,
            Self::Current => !summary.archived,
            Self::Pinned => summary.pinned && !summary.archived,
            Self::Archived => summary.archived,
        }
    }
}

/// What changed among the tasks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// A task is new, or its summary changed.
    Task(Box<Summary>),
    /// A task is gone.
    Gone(TaskId),
    /// The reader was too slow and missed some: list the tasks again.
    Missed,
}

/// What changes among all tasks from now on, as the index learns of it.
pub type Headlines = BoxStream<'static, News>;

/// What to list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// Words that title, conversation or file names must contain; none lists everything.
    pub text: Option<String>,
    /// Which tasks.
    pub shelf: Shelf,
    /// At most this many.
    pub limit: usize,
    /// Skip this many first.
    pub offset: usize,
}

impl Default for Query {
    fn default() -> Self {
        Self { text: None, shelf: Shelf::All, limit: 100, offset: 0 }
    }
}

/// A damaged place in a log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Damage {
    /// The task, where its folder's name still tells.
    pub task: Option<TaskId>,
    /// The file.
    pub path: PathBuf,
    /// Line from 1; 0 for the file as a whole.
    pub line: u64,
    /// What is wrong.
    pub what: String,
}
