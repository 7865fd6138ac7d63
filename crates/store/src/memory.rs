//! A store in memory: the fake for tests of everything above the contract.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use event::{Chain, Delta, Digest, Event, Seq, TaskId, Timestamp};
use futures_util::future::BoxFuture;
use view::View;

use crate::{
    Announcer, Damage, Draft, Fanout, Headlines, News, Opened, Places, Query, Store, StoreError, Summary, TaskLog,
    Watch,
};

/// A store that forgets everything when dropped. Its places lie under one directory the caller owns.
#[derive(Clone)]
pub struct MemoryStore {
    root: PathBuf,
    tasks: Arc<Mutex<HashMap<TaskId, Arc<Mutex<Kept>>>>>,
    trash: Arc<Mutex<HashMap<TaskId, Removed>>>,
    announcer: Arc<Announcer>,
}

struct Removed {
    kept: Arc<Mutex<Kept>>,
    at: Timestamp,
}

#[derive(Default)]
struct Kept {
    events: Vec<Arc<Event>>,
    chain: Chain,
    draft: String,
    blobs: HashMap<Digest, Vec<u8>>,
    leased: bool,
    fanout: Fanout,
    view: Option<View>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl MemoryStore {
    /// A store whose tasks have their places under `root`, which is made on demand.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into(), tasks: Arc::default(), trash: Arc::default(), announcer: Arc::default() }
    }

    fn kept(&self, task: TaskId) -> Result<Arc<Mutex<Kept>>, StoreError> {
        lock(&self.tasks).get(&task).cloned().ok_or(StoreError::NoTask(task))
    }

    fn trashed(&self, task: TaskId) -> PathBuf {
        self.root.join("trash").join(task.as_str())
    }

    fn move_files(&self, from: &Path, to: &Path) -> Result<(), StoreError> {
        let failed = |source| StoreError::Disk { action: "move", path: from.to_owned(), source };
        std::fs::create_dir_all(self.root.join("trash")).map_err(failed)?;
        std::fs::rename(from, to).map_err(failed)
    }

    fn places_of(&self, task: TaskId) -> Places {
        let root = self.root.join(task.as_str());
        Places {
            outputs: root.join("outputs"),
            uploads: root.join("uploads"),
            blobs: root.join("blobs"),
            journal: root.join("journal"),
            root,
        }
    }
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

fn after(kept: &Kept, after: Seq) -> Vec<Arc<Event>> {
    kept.events.iter().filter(|event| event.seq > after).cloned().collect()
}

impl Store for MemoryStore {
    fn create(&self, task: TaskId, _slug: &str, _at: Timestamp) -> Result<Box<dyn TaskLog>, StoreError> {
        let places = self.places_of(task);
        for directory in [&places.outputs, &places.uploads, &places.blobs, &places.journal] {
            std::fs::create_dir_all(directory).map_err(|source| StoreError::Disk {
                action: "make",
                path: directory.clone(),
                source,
            })?;
        }
        let kept = Arc::new(Mutex::new(Kept { leased: true, ..Kept::default() }));
        let mut tasks = lock(&self.tasks);
        if tasks.contains_key(&task) {
            return Err(StoreError::Exists(task));
        }
        tasks.insert(task, Arc::clone(&kept));
        Ok(Box::new(MemoryLog { task, kept, places, announcer: Arc::clone(&self.announcer) }))
    }

    fn open(&self, task: TaskId) -> Result<Opened, StoreError> {
        let shared = self.kept(task)?;
        let mut kept = lock(&shared);
        if kept.leased {
            return Err(StoreError::Leased { task, holder: Some(std::process::id()) });
        }
        kept.leased = true;
        let events = kept.events.clone();
        let draft = kept.draft.clone();
        drop(kept);
        let announcer = Arc::clone(&self.announcer);
        let log = Box::new(MemoryLog { task, kept: shared, places: self.places_of(task), announcer });
        Ok(Opened { log, events, draft, cut: 0 })
    }

    fn read(&self, task: TaskId, seq: Seq) -> Result<Vec<Arc<Event>>, StoreError> {
        Ok(after(&lock(&*self.kept(task)?), seq))
    }

    fn watch(&self, task: TaskId, seq: Seq) -> Result<Watch, StoreError> {
        let kept = self.kept(task)?;
        let fanout = lock(&kept).fanout.clone();
        fanout.watch(seq, move |seq| Ok(after(&lock(&kept), seq)))
    }

    fn places(&self, task: TaskId) -> Result<Places, StoreError> {
        self.kept(task)?;
        Ok(self.places_of(task))
    }

    fn tasks(&self) -> Result<Vec<TaskId>, StoreError> {
        Ok(lock(&self.tasks).keys().copied().collect())
    }

    fn recents(&self, query: &Query) -> Result<Vec<Summary>, StoreError> {
        let mut found: Vec<Summary> = Vec::new();
        for kept in lock(&self.tasks).values() {
            let kept = lock(kept);
            let Some(summary) = kept.view.as_ref().map(Summary::from) else { continue };
            let wanted = query.text.as_ref().is_none_or(|words| {
                let text: String = kept.events.iter().filter_map(|event| event.to_line().ok()).collect();
                let text = text.to_lowercase();
                words.to_lowercase().split_whitespace().all(|word| text.contains(word))
            });
            if wanted && query.shelf.holds(&summary) {
                found.push(summary);
            }
        }
        found.sort_by_key(|summary| std::cmp::Reverse((summary.changed_at, summary.id)));
        Ok(found.into_iter().skip(query.offset).take(query.limit).collect())
    }

    fn headlines(&self) -> Result<Headlines, StoreError> {
        Ok(self.announcer.listen())
    }

    fn remove(&self, task: TaskId) -> Result<(), StoreError> {
        let kept = {
            let mut tasks = lock(&self.tasks);
            let kept = tasks.get(&task).cloned().ok_or(StoreError::NoTask(task))?;
            if lock(&kept).leased {
                return Err(StoreError::Leased { task, holder: Some(std::process::id()) });
            }
            tasks.remove(&task);
            kept
        };
        self.move_files(&self.places_of(task).root, &self.trashed(task))?;
        lock(&kept).fanout.close();
        lock(&self.trash).insert(task, Removed { kept, at: now() });
        self.announcer.tell(vec![News::Gone(task)]);
        Ok(())
    }

    fn restore(&self, task: TaskId) -> Result<(), StoreError> {
        if lock(&self.tasks).contains_key(&task) {
            return Err(StoreError::Exists(task));
        }
        let Removed { kept, .. } = lock(&self.trash).remove(&task).ok_or(StoreError::NoTask(task))?;
        self.move_files(&self.trashed(task), &self.places_of(task).root)?;
        let summary = lock(&kept).view.as_ref().map(Summary::from);
        lock(&self.tasks).insert(task, kept);
        self.announcer.tell(summary.map(Box::new).map(News::Task).into_iter().collect());
        Ok(())
    }

    fn empty_trash(&self, before: Timestamp) -> Result<u64, StoreError> {
        let mut trash = lock(&self.trash);
        let old: Vec<TaskId> = trash.iter().filter(|(_, removed)| removed.at < before).map(|(task, _)| *task).collect();
        for task in &old {
            let path = self.trashed(*task);
            std::fs::remove_dir_all(&path).map_err(|source| StoreError::Disk { action: "remove", path, source })?;
            trash.remove(task);
        }
        Ok(old.len() as u64)
    }

    fn check(&self, task: TaskId) -> Result<Vec<Damage>, StoreError> {
        self.kept(task).map(|_| Vec::new())
    }

    fn rebuild_index(&self) -> Result<Vec<Damage>, StoreError> {
        Ok(Vec::new())
    }

    fn export(&self, task: TaskId, file: &Path) -> Result<(), StoreError> {
        self.kept(task)?;
        Err(StoreError::NotAnExport { path: file.to_owned(), what: "a store in memory has no files".to_owned() })
    }

    fn import(&self, file: &Path) -> Result<TaskId, StoreError> {
        Err(StoreError::NotAnExport { path: file.to_owned(), what: "a store in memory has no files".to_owned() })
    }
}

struct MemoryLog {
    task: TaskId,
    kept: Arc<Mutex<Kept>>,
    places: Places,
    announcer: Arc<Announcer>,
}

impl TaskLog for MemoryLog {
    fn task(&self) -> TaskId {
        self.task
    }

    fn head(&self) -> Seq {
        lock(&self.kept).chain.head
    }

    fn append(&mut self, at: Timestamp, facts: Vec<Draft>) -> Result<Vec<Arc<Event>>, StoreError> {
        let mut kept = lock(&self.kept);
        let before = kept.view.as_ref().map(Summary::from);
        let mut written = Vec::with_capacity(facts.len());
        for (actor, fact) in facts {
            let event =
                Event { seq: kept.chain.head.next(), at, task: self.task, actor, prev: kept.chain.digest, fact };
            let line = event.to_line().map_err(|error| StoreError::Disk {
                action: "encode",
                path: self.places.root.clone(),
                source: error.into(),
            })?;
            kept.chain.advance(&line);
            let event = Arc::new(event);
            kept.view.get_or_insert_with(|| View::empty(self.task)).apply(&event);
            kept.events.push(Arc::clone(&event));
            kept.fanout.event(&event);
            written.push(event);
        }
        let summary = kept.view.as_ref().map(Summary::from);
        if summary != before {
            self.announcer.tell(summary.map(Box::new).map(News::Task).into_iter().collect());
        }
        Ok(written)
    }

    fn sync(&self) -> BoxFuture<'static, Result<(), StoreError>> {
        Box::pin(std::future::ready(Ok(())))
    }

    fn tell(&self, delta: Delta) {
        lock(&self.kept).fanout.delta(delta);
    }

    fn keep_draft(&mut self, text: &str) -> Result<(), StoreError> {
        lock(&self.kept).draft.push_str(text);
        Ok(())
    }

    fn drop_draft(&mut self) -> Result<(), StoreError> {
        lock(&self.kept).draft.clear();
        Ok(())
    }

    fn put_blob(&self, bytes: &[u8]) -> Result<Digest, StoreError> {
        let digest = Digest::of(bytes);
        lock(&self.kept).blobs.insert(digest, bytes.to_vec());
        Ok(digest)
    }

    fn blob(&self, digest: Digest) -> Result<Vec<u8>, StoreError> {
        lock(&self.kept).blobs.get(&digest).cloned().ok_or_else(|| StoreError::Disk {
            action: "read",
            path: self.places.blobs.join(digest.to_string()),
            source: std::io::ErrorKind::NotFound.into(),
        })
    }

    fn places(&self) -> Places {
        self.places.clone()
    }
}

impl Drop for MemoryLog {
    fn drop(&mut self) {
        lock(&self.kept).leased = false;
    }
}
