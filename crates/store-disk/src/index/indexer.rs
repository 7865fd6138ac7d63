//! The one who keeps the index: folds news, finds what changed while nobody looked, answers questions.
//! Never trusts the database: what it holds is compared with the folders, and a corrupt one is made anew.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use event::{Event, TaskId};
use store::{Damage, News as Told, Query, StoreError, Summary};

use super::News;
use super::database::{self, Database, Entry, Known, Trouble, Unless};
use super::words::Folded;
use crate::catalogue;
use crate::disk;
use crate::layout::{self, INDEX, LOG, TASKS};
use crate::log_check;
use crate::log_file::{self, Cursor};

/// Tasks written in one transaction.
const AT_ONCE: usize = 128;
/// A directory changed less than this long ago may change again without its time changing.
const SETTLED: Duration = Duration::from_secs(2);

pub(super) struct Indexer {
    tasks: PathBuf,
    path: PathBuf,
    database: Option<Database>,
    /// Tasks with a writer in this process.
    folded: HashMap<TaskId, Kept>,
    looked: Looked,
    /// The folders when they were last looked at; the database agrees with them.
    listed: HashMap<TaskId, String>,
    /// What changed and was not told yet.
    told: Vec<Told>,
}

/// A task that the database knows wrongly or not at all, and the event its row stands at.
struct Stale {
    task: TaskId,
    folder: String,
    head: Option<u64>,
}

/// The folders the database knew, and what is stale.
type Compared = (HashMap<TaskId, String>, Vec<Stale>);

struct Kept {
    folder: String,
    folded: Folded,
    /// The event its row was written at; none before the first time, when the row is replaced whatever it says.
    written: Option<u64>,
    /// The event before the first news of it.
    before: u64,
    /// What was told of it last; none before its first news.
    told: Option<Summary>,
}

impl Kept {
    fn new(folder: &str, folded: Folded, before: u64) -> Self {
        Self { folder: folder.to_owned(), folded, written: None, before, told: None }
    }

    fn entry(&mut self) -> Entry<'_> {
        let whole = self.written.is_none();
        let unless = self.written.map_or(Unless::Never, |head| Unless::MovedFrom(Some(head)));
        self.written = Some(self.folded.view.head.0);
        let told = self.told.as_ref().map_or(database::Told::RowAt(self.before), database::Told::Summary);
        Entry { folder: &self.folder, folded: &mut self.folded, whole, unless, told }
    }
}

/// How well the folders are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Looked {
    /// Not at all: every log's length has to be compared.
    Never,
    /// Every log was compared; folders may have come or gone.
    Before,
    /// As the directory was when it was last changed at this time.
    At(SystemTime),
}

impl Indexer {
    /// An indexer of the store under `home`; opens nothing.
    pub(super) fn new(home: &Path) -> Self {
        Self {
            tasks: home.join(TASKS),
            path: home.join(INDEX),
            database: None,
            folded: HashMap::new(),
            looked: Looked::Never,
            listed: HashMap::new(),
            told: Vec::new(),
        }
    }

    /// Takes in what the writers of this process did. What fails is found again by comparing the logs.
    pub(super) fn take_news(&mut self, news: HashMap<TaskId, News>, folders_changed: bool) {
        if folders_changed && self.looked != Looked::Never {
            self.looked = Looked::Before;
        }
        let mut news: Vec<(TaskId, News)> = news.into_iter().collect();
        // In groups, because what is read from logs is held until it is written.
        while !news.is_empty() {
            let group = news.split_off(news.len().saturating_sub(AT_ONCE));
            let closed: Vec<TaskId> = group.iter().filter(|(_, news)| news.closed).map(|(task, _)| *task).collect();
            let changed = group.into_iter().filter_map(|(task, news)| self.fold(task, news).then_some(task)).collect();
            if self.write_news(&changed).is_err() {
                self.folded.clear();
                self.looked = Looked::Never;
            }
            for task in closed {
                self.folded.remove(&task);
            }
        }
    }

    /// Takes in that the folders of some tasks are gone.
    pub(super) fn take_removed(&mut self, mut tasks: Vec<TaskId>) {
        // One may be back already.
        tasks.retain(|task| !self.has_folder(*task));
        if tasks.is_empty() {
            return;
        }
        for task in &tasks {
            self.folded.remove(task);
            self.listed.remove(task);
        }
        if self.open().and_then(|database| database.remove(&tasks)).is_err() {
            self.looked = Looked::Never;
        }
        self.told.extend(tasks.into_iter().map(Told::Gone));
    }

    /// Looks at the folders without being asked anything. What fails is found again by the next question.
    pub(super) fn look(&mut self) {
        let _found_again = self.attempt(Self::catch_up);
    }

    /// What changed since the last time, in order.
    pub(super) fn take_told(&mut self) -> Vec<Told> {
        std::mem::take(&mut self.told)
    }

    /// Recents, newest change first.
    pub(super) fn recents(&mut self, query: &Query) -> Result<Vec<Summary>, StoreError> {
        self.attempt(|indexer| {
            indexer.catch_up()?;
            indexer.open()?.recents(query)
        })
    }

    /// Makes the index anew. Gives what could not be read.
    pub(super) fn rebuild(&mut self) -> Result<Vec<Damage>, StoreError> {
        let rebuilt = self.attempt(|indexer| {
            indexer.looked = Looked::Never;
            indexer.folded.clear();
            match indexer.open() {
                Err(Trouble::Newer(_)) => indexer.discard()?,
                opened => opened?.empty()?,
            }
            indexer.catch_up()?;
            indexer.damages()
        });
        // Every row is new now, and nothing may have changed.
        self.told = vec![Told::Missed];
        rebuilt
    }

    /// Tries once more with an empty database where the first try found it corrupt.
    fn attempt<T>(&mut self, mut act: impl FnMut(&mut Self) -> Result<T, Trouble>) -> Result<T, StoreError> {
        let result = match act(self) {
            Err(trouble) if trouble.is_corrupt() => self.discard().and_then(|()| act(self)),
            other => other,
        };
        result.map_err(|trouble| {
            self.looked = Looked::Never;
            StoreError::Index(trouble.to_string())
        })
    }

    fn open(&mut self) -> Result<&mut Database, Trouble> {
        let database = match self.database.take() {
            Some(database) => database,
            None => match Database::open(&self.path) {
                Err(trouble) if trouble.is_corrupt() => {
                    self.discard()?;
                    Database::open(&self.path)?
                }
                opened => opened?,
            },
        };
        Ok(self.database.insert(database))
    }

    fn discard(&mut self) -> Result<(), Trouble> {
        self.database = None;
        self.folded.clear();
        self.looked = Looked::Never;
        Database::delete(&self.path)
    }

    /// Folds a task's news. False where there is nothing to write.
    fn fold(&mut self, task: TaskId, news: News) -> bool {
        let Some(root) = news.root else { return false };
        let Some(folder) = root.file_name().and_then(|name| name.to_str()) else { return false };
        let before = news.events.first().map_or(0, |event| event.seq.0.saturating_sub(1));
        let mut kept = match self.folded.remove(&task) {
            Some(kept) => kept,
            None => Kept::new(folder, Folded::empty(task), before),
        };
        let events = if news.dropped { self.read_on(task, folder, kept.folded.length) } else { news.events };
        // Events are missing after a failure, or where another process wrote between.
        if kept.folded.continues_with(&events) {
            for event in &events {
                kept.folded.apply(event);
            }
            kept.folded.length = kept.folded.length.max(news.length);
        } else {
            let Some(folded) = self.load(task, folder) else { return false };
            kept = Kept { told: kept.told, ..Kept::new(folder, folded, kept.before) };
        }
        self.folded.insert(task, kept);
        true
    }

    fn write_news(&mut self, changed: &HashSet<TaskId>) -> Result<(), Trouble> {
        if changed.is_empty() {
            return Ok(());
        }
        let mut kept = std::mem::take(&mut self.folded);
        let entries: Vec<Entry<'_>> =
            kept.iter_mut().filter(|(task, _)| changed.contains(task)).map(|(_, kept)| kept.entry()).collect();
        let written = self.open().and_then(|database| database.write(entries));
        self.folded = kept;
        let written = written?;
        self.tell(written.changed);
        // Another process took an older state from the log while this one wrote it: the writer's word counts.
        let mut again: Vec<(TaskId, Kept)> = Vec::new();
        for task in written.moved {
            let Some(kept) = self.folded.remove(&task) else { continue };
            if let Some(folded) = self.load(task, &kept.folder) {
                again.push((task, Kept { told: kept.told, ..Kept::new(&kept.folder, folded, kept.before) }));
            }
        }
        if !again.is_empty() {
            let written = self.open()?.write(again.iter_mut().map(|(_, kept)| kept.entry()))?;
            self.folded.extend(again);
            self.tell(written.changed);
        }
        Ok(())
    }

    /// Remembers what has to be told, and that it was.
    fn tell(&mut self, changed: Vec<Summary>) {
        for summary in changed {
            if let Some(kept) = self.folded.get_mut(&summary.id) {
                kept.told = Some(summary.clone());
            }
            self.told.push(Told::Task(Box::new(summary)));
        }
    }

    fn has_folder(&self, task: TaskId) -> bool {
        catalogue::is_taken(&self.tasks, task).unwrap_or(false)
    }

    /// Makes the database agree with the folders: everything the first time, later only what came or went.
    fn catch_up(&mut self) -> Result<(), Trouble> {
        if !self.path.exists() {
            self.database = None;
            self.folded.clear();
            self.looked = Looked::Never;
        }
        self.open()?;
        let changed = std::fs::metadata(&self.tasks).and_then(|metadata| metadata.modified());
        let changed = changed.map_err(|source| self.system("read", source))?;
        if self.looked == Looked::At(changed) {
            return Ok(());
        }
        let folders = catalogue::list(&self.tasks).map_err(|source| self.system("list", source))?.folders;
        let (before, stale) = match self.looked {
            Looked::Never => self.compare_all(&folders)?,
            Looked::Before | Looked::At(_) => self.compare_new(&folders)?,
        };
        for (task, folder) in &folders {
            if before.get(task).is_some_and(|known| known != folder) {
                self.open()?.rename(*task, folder)?;
            }
        }
        let gone: Vec<TaskId> = before.into_keys().filter(|task| !folders.contains_key(task)).collect();
        if !gone.is_empty() {
            self.open()?.remove(&gone)?;
            self.told.extend(gone.into_iter().map(Told::Gone));
        }
        for group in stale.chunks(AT_ONCE) {
            self.reread(group)?;
        }
        self.listed = folders;
        let settled = SystemTime::now().duration_since(changed).is_ok_and(|since| since > SETTLED);
        self.looked = if settled { Looked::At(changed) } else { Looked::Before };
        Ok(())
    }

    /// Compares every log with the database. Gives the folders it knew, and the tasks it knows wrongly or not at all.
    fn compare_all(&mut self, folders: &HashMap<TaskId, String>) -> Result<Compared, Trouble> {
        let known = self.open()?.known()?;
        let stale = folders.iter().filter(|(task, _)| !self.folded.contains_key(task));
        let stale = stale.filter_map(|(task, folder)| self.stale(*task, folder, known.get(task))).collect();
        Ok((known.into_iter().map(|(task, known)| (task, known.folder)).collect(), stale))
    }

    /// The same for folders that were not there the last time.
    fn compare_new(&mut self, folders: &HashMap<TaskId, String>) -> Result<Compared, Trouble> {
        let before = std::mem::take(&mut self.listed);
        let mut stale = Vec::new();
        for (task, folder) in folders {
            if !before.contains_key(task) && !self.folded.contains_key(task) {
                let known = self.open()?.known_of(*task)?;
                stale.extend(self.stale(*task, folder, known.as_ref()));
            }
        }
        Ok((before, stale))
    }

    fn stale(&self, task: TaskId, folder: &str, known: Option<&Known>) -> Option<Stale> {
        let length = std::fs::metadata(self.tasks.join(folder).join(LOG)).ok()?.len();
        let differs = known.map_or(length > 0, |known| known.length != length);
        differs.then(|| Stale { task, folder: folder.to_owned(), head: known.map(|known| known.head) })
    }

    /// Reads the logs of some tasks and writes what they say.
    fn reread(&mut self, tasks: &[Stale]) -> Result<(), Trouble> {
        let load = |stale: &Stale| Some((stale.folder.clone(), self.load(stale.task, &stale.folder)?, stale.head));
        let mut read: Vec<(String, Folded, Option<u64>)> = tasks.iter().filter_map(load).collect();
        let entries = read.iter_mut().map(|(folder, folded, head)| Entry {
            folder,
            folded,
            whole: true,
            unless: Unless::MovedFrom(*head),
            told: database::Told::Row,
        });
        // A task whose row moved meanwhile has a writer that keeps it.
        let written = self.open()?.write(entries)?;
        self.tell(written.changed);
        Ok(())
    }

    /// Folds a task's log as far as it is intact; none where it cannot be read or nothing is in it.
    fn load(&self, task: TaskId, folder: &str) -> Option<Folded> {
        let file = File::open(self.tasks.join(folder).join(LOG)).ok()?;
        let bytes = disk::read_from(&file, 0).ok()?;
        let scan = log_file::scan(&bytes, task, Cursor::default());
        (!scan.events.is_empty()).then(|| Folded::of(task, &scan.events, bytes.len() as u64))
    }

    /// Events behind `offset` in a log that this process writes.
    fn read_on(&self, task: TaskId, folder: &str, offset: u64) -> Vec<Arc<Event>> {
        let read = File::open(self.tasks.join(folder).join(LOG)).and_then(|file| disk::read_from(&file, offset));
        read.map(|bytes| log_file::decode_all(&bytes, task)).unwrap_or_default()
    }

    /// Everything under `tasks/` that cannot be read as it should be.
    fn damages(&self) -> Result<Vec<Damage>, Trouble> {
        let listing = catalogue::list(&self.tasks).map_err(|source| self.system("list", source))?;
        let mut damages = Vec::new();
        for (task, folder) in listing.folders {
            let path = self.tasks.join(folder).join(LOG);
            match std::fs::read(&path) {
                Ok(bytes) => {
                    let found = log_check::damages(&bytes, task).into_iter();
                    damages.extend(found.map(|(line, what)| Damage {
                        task: Some(task),
                        path: path.clone(),
                        line,
                        what,
                    }));
                }
                Err(error) => {
                    damages.push(Damage { task: Some(task), path, line: 0, what: format!("cannot read it: {error}") });
                }
            }
        }
        damages.extend(listing.strangers.into_iter().map(|path| {
            let task = path.file_name().and_then(|name| name.to_str()).and_then(layout::task_of);
            let what = match task {
                Some(task) => format!("task `{task}` has another folder already"),
                None => "the folder's name ends with no task id".to_owned(),
            };
            Damage { task, path, line: 0, what }
        }));
        damages.sort_by(|one, other| (&one.path, one.line).cmp(&(&other.path, other.line)));
        Ok(damages)
    }

    fn system(&self, action: &'static str, source: std::io::Error) -> Trouble {
        Trouble::System { action, path: self.tasks.clone(), source }
    }
}
