//! Removed tasks: whole folders beside `tasks/`, put there and taken back by one rename each.
//!
//! A folder keeps its name; a second one of the same name gets a number before it. Its change time says when it was
//! removed. What is being deleted for good is hidden first, so that half a task can never be restored.

use std::fs::{File, TryLockError};
use std::io::{self, ErrorKind};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use event::{TaskId, Timestamp};
use store::StoreError;

use crate::disk::{failed, make_directory, private, sync_directory};
use crate::layout::{self, LEASE, LOG};
use crate::lease;

/// Folders of one name that the trash may hold.
const MOST_ALIKE: u32 = 10_000;
/// The beginning of a name that is being deleted for good.
const HIDDEN: &str = ".gone-";

/// The trash of one home.
pub(crate) struct Trash {
    path: PathBuf,
}

/// A folder in the trash.
struct Removed {
    name: String,
    task: TaskId,
    at: Timestamp,
}

impl Trash {
    /// The trash at `path`, which is made when something is put into it.
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// Puts the folder `root` of a task into the trash. Nobody can be writing it then, and nobody can begin while it
    /// moves.
    pub(crate) fn take_in(&self, task: TaskId, root: &Path) -> Result<(), StoreError> {
        let _lease = lock_out(task, root)?;
        make_directory(&self.path).map_err(failed("make", &self.path))?;
        std::fs::set_permissions(&self.path, std::fs::Permissions::from_mode(0o700))
            .map_err(failed("protect", &self.path))?;
        File::open(root).and_then(|folder| folder.set_modified(SystemTime::now())).map_err(failed("change", root))?;
        let name = root.file_name().unwrap_or_default().to_string_lossy();
        for number in 1..MOST_ALIKE {
            let name = if number == 1 { name.to_string() } else { format!("{number}.{name}") };
            match std::fs::rename(root, self.path.join(name)) {
                Err(error) if is_taken(&error) => {}
                moved => {
                    moved.map_err(failed("move", root))?;
                    return self.sync(root);
                }
            }
        }
        Err(failed("move", root)(ErrorKind::AlreadyExists.into()))
    }

    /// Takes a task out again, to where all tasks are. Gives its folder's name.
    pub(crate) fn give_back(&self, task: TaskId, tasks: &Path) -> Result<String, StoreError> {
        let found = self.list().map_err(failed("list", &self.path))?.into_iter().filter(|removed| removed.task == task);
        let newest = found.max_by(|one, other| (one.at, &one.name).cmp(&(other.at, &other.name)));
        let Removed { name, .. } = newest.ok_or(StoreError::NoTask(task))?;
        let (from, name) = (self.path.join(&name), plain(&name).to_owned());
        let root = tasks.join(&name);
        std::fs::rename(&from, &root).map_err(|error| match error.kind() {
            _ if is_taken(&error) => StoreError::Exists(task),
            ErrorKind::NotFound => StoreError::NoTask(task),
            _ => failed("move", &from)(error),
        })?;
        self.sync(&root)?;
        Ok(name)
    }

    /// Deletes for good what was removed before a moment, and what an earlier try left half deleted. Gives how many
    /// tasks; one that cannot be deleted holds up none of the others.
    pub(crate) fn empty(&self, before: Timestamp) -> Result<u64, StoreError> {
        let mut deleted = 0;
        let mut trouble = None;
        for removed in self.list().map_err(failed("list", &self.path))?.iter().filter(|removed| removed.at < before) {
            let path = self.path.join(&removed.name);
            match std::fs::rename(&path, self.path.join(format!("{HIDDEN}{}", removed.name))) {
                Ok(()) => deleted += 1,
                Err(error) => trouble = Some(failed("remove", &path)(error)),
            }
        }
        for path in self.hidden().map_err(failed("list", &self.path))? {
            if let Err(error) = std::fs::remove_dir_all(&path) {
                trouble = Some(failed("remove", &path)(error));
            }
        }
        trouble.map_or(Ok(deleted), Err)
    }

    fn sync(&self, root: &Path) -> Result<(), StoreError> {
        let tasks = root.parent().unwrap_or(Path::new("/"));
        for directory in [&self.path, tasks] {
            sync_directory(directory).map_err(failed("flush", directory))?;
        }
        Ok(())
    }

    fn list(&self) -> io::Result<Vec<Removed>> {
        let mut removed = Vec::new();
        for (name, metadata) in self.folders()? {
            if let Some(task) = layout::task_of(&name).filter(|_| !name.starts_with('.')) {
                let since = metadata.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
                let at = Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX));
                removed.push(Removed { name, task, at });
            }
        }
        Ok(removed)
    }

    fn hidden(&self) -> io::Result<Vec<PathBuf>> {
        let hidden = self.folders()?.into_iter().filter(|(name, _)| name.starts_with(HIDDEN));
        Ok(hidden.map(|(name, _)| self.path.join(name)).collect())
    }

    /// The directories in the trash, links not followed.
    fn folders(&self) -> io::Result<Vec<(String, std::fs::Metadata)>> {
        let entries = match std::fs::read_dir(&self.path) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut folders = Vec::new();
        for entry in entries {
            let entry = entry?;
            let metadata = entry.metadata()?;
            if metadata.is_dir() {
                folders.extend(entry.file_name().into_string().ok().map(|name| (name, metadata)));
            }
        }
        Ok(folders)
    }
}

/// Takes a task's lease without signing it, so that no process can begin to write; a folder without a log has nothing
/// to write to.
fn lock_out(task: TaskId, root: &Path) -> Result<Option<File>, StoreError> {
    let log = root.join(LOG);
    let file = match private().read(true).append(true).open(&log) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed("open", &log)(error)),
    };
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Err(StoreError::Leased { task, holder: lease::holder(&root.join(LEASE)) }),
        Err(TryLockError::Error(error)) => Err(failed("lock", &log)(error)),
    }
}

fn is_taken(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::AlreadyExists | ErrorKind::DirectoryNotEmpty | ErrorKind::NotADirectory)
}

/// A folder's name without the number that the trash put before it.
fn plain(name: &str) -> &str {
    match name.split_once('.') {
        Some((number, rest)) if !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) => rest,
        _ => name,
    }
}
