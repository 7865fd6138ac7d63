//! The store itself: every operation of the contract, each handed to the part that does it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use event::{Seq, TaskId, Timestamp};
use store::{Damage, Headlines, Opened, Places, Query, Store, StoreError, Summary, TaskLog, Watch};

use crate::archive;
use crate::catalogue::Catalogue;
use crate::disk::{failed, make_directory, private, read_from};
use crate::flush::Flusher;
use crate::follow::follow;
use crate::index::Index;
use crate::layout::{self, LOG, TASKS, TRASH};
use crate::lease::Lease;
use crate::live::Lives;
use crate::log::{Around, DiskLog};
use crate::log_check;
use crate::log_file::LogReader;
use crate::trash::Trash;

/// The store under one home directory. Dropping it ends every [`Watch`]; writers keep working.
pub struct DiskStore {
    catalogue: Catalogue,
    trash: Trash,
    lives: Lives,
    around: Arc<Around>,
}

impl DiskStore {
    /// Opens the store under `home`, an absolute path; makes the directory where there is none.
    ///
    /// Quick: no task is looked at and the index stays closed until it is needed.
    ///
    /// # Errors
    /// Where the directories are missing and cannot be made.
    pub fn open(home: &Path) -> Result<Self, StoreError> {
        let tasks = home.join(TASKS);
        make_directory(&tasks).map_err(failed("make", &tasks))?;
        let around = Around { flusher: Flusher::default(), index: Index::new(home) };
        Ok(Self {
            catalogue: Catalogue::new(tasks),
            trash: Trash::new(home.join(TRASH)),
            lives: Lives::default(),
            around: Arc::new(around),
        })
    }

    /// Makes the folder under a hidden name and renames it, so that no half-made folder is ever seen.
    fn make(&self, task: TaskId, root: &Path) -> Result<(Arc<std::fs::File>, Lease), StoreError> {
        let unfinished = self.catalogue.tasks().join(format!(".new-{task}-{}", std::process::id()));
        let made = make_folder(task, &unfinished, root);
        if made.is_err() {
            // Hidden folders are passed over everywhere; one that stays costs only its space.
            let _left_behind = std::fs::remove_dir_all(&unfinished);
        }
        made
    }
}

fn make_folder(task: TaskId, unfinished: &Path, root: &Path) -> Result<(Arc<std::fs::File>, Lease), StoreError> {
    for directory in layout::inner(&layout::places(unfinished)) {
        make_directory(directory).map_err(failed("make", directory))?;
    }
    store::fail_point("store.create.directories");
    let log = unfinished.join(LOG);
    let file = private().read(true).append(true).create_new(true).open(&log).map_err(failed("make", &log))?;
    let file = Arc::new(file);
    let lease = Lease::take(task, Arc::clone(&file), root)?;
    std::fs::rename(unfinished, root).map_err(failed("make", root))?;
    store::fail_point("store.create.renamed");
    Ok((file, lease))
}

impl Store for DiskStore {
    fn create(&self, task: TaskId, slug: &str, at: Timestamp) -> Result<Box<dyn TaskLog>, StoreError> {
        if self.catalogue.holds(task)? {
            return Err(StoreError::Exists(task));
        }
        let name = layout::folder_name(at, slug, task);
        let root: Arc<Path> = self.catalogue.tasks().join(&name).into();
        let lease = self.make(task, &root)?;
        self.catalogue.insert(task, name);
        Ok(Box::new(DiskLog::made(task, root, lease, self.lives.of(task), Arc::clone(&self.around))?))
    }

    fn open(&self, task: TaskId) -> Result<Opened, StoreError> {
        let root = self.catalogue.find(task)?;
        DiskLog::open(task, root, self.lives.of(task), Arc::clone(&self.around))
    }

    fn read(&self, task: TaskId, after: Seq) -> Result<Vec<Arc<event::Event>>, StoreError> {
        LogReader::new(task, &self.catalogue.find(task)?).read(after)
    }

    fn watch(&self, task: TaskId, after: Seq) -> Result<Watch, StoreError> {
        let root = self.catalogue.find(task)?;
        let live = self.lives.of(task);
        let mut log = LogReader::new(task, &root);
        log.mark()?;
        let told = live.fanout.watch(after, move |after| LogReader::new(task, &root).read(after))?;
        Ok(follow(live, told, log, after))
    }

    fn places(&self, task: TaskId) -> Result<Places, StoreError> {
        Ok(layout::places(&self.catalogue.find(task)?))
    }

    fn tasks(&self) -> Result<Vec<TaskId>, StoreError> {
        self.catalogue.all()
    }

    fn recents(&self, query: &Query) -> Result<Vec<Summary>, StoreError> {
        self.around.index.recents(query)
    }

    fn headlines(&self) -> Result<Headlines, StoreError> {
        self.around.index.headlines()
    }

    fn remove(&self, task: TaskId) -> Result<(), StoreError> {
        self.trash.take_in(task, &self.catalogue.find(task)?)?;
        self.catalogue.forget(task);
        self.lives.end(task);
        self.around.index.removed(task);
        Ok(())
    }

    fn restore(&self, task: TaskId) -> Result<(), StoreError> {
        if self.catalogue.read(|folders| folders.contains_key(&task))? {
            return Err(StoreError::Exists(task));
        }
        self.catalogue.insert(task, self.trash.give_back(task, self.catalogue.tasks())?);
        self.around.index.folders_changed();
        Ok(())
    }

    fn empty_trash(&self, before: Timestamp) -> Result<u64, StoreError> {
        self.trash.empty(before)
    }

    fn check(&self, task: TaskId) -> Result<Vec<Damage>, StoreError> {
        let path = self.catalogue.find(task)?.join(LOG);
        let found = damages(task, &path)?;
        // A writer may have been in the middle of its last line: only what stays is damage.
        let found = if found.is_empty() { found } else { damages(task, &path)? };
        let damage = |(line, what)| Damage { task: Some(task), path: path.clone(), line, what };
        Ok(found.into_iter().map(damage).collect())
    }

    fn rebuild_index(&self) -> Result<Vec<Damage>, StoreError> {
        self.around.index.rebuild()
    }

    fn export(&self, task: TaskId, file: &Path) -> Result<(), StoreError> {
        archive::export(&self.catalogue.find(task)?, file)
    }

    fn import(&self, file: &Path) -> Result<TaskId, StoreError> {
        let unpacked = archive::unpack(file, self.catalogue.tasks())?;
        let task = unpacked.task();
        if self.catalogue.read(|folders| folders.contains_key(&task))? {
            return Err(StoreError::Exists(task));
        }
        self.catalogue.insert(task, unpacked.keep()?);
        self.around.index.folders_changed();
        Ok(task)
    }
}

fn damages(task: TaskId, path: &PathBuf) -> Result<Vec<(u64, String)>, StoreError> {
    let file = std::fs::File::open(path).map_err(failed("read", path))?;
    let bytes = read_from(&file, 0).map_err(failed("read", path))?;
    Ok(log_check::damages(&bytes, task))
}

impl Drop for DiskStore {
    fn drop(&mut self) {
        self.lives.close();
        self.around.index.close_headlines();
    }
}
