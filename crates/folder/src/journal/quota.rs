//! What old contents cost, over all tasks: the meter, the quota, and emptying, which is the user's act alone.
//!
//! Whatever is given up is first written down in the task's journal, so that Undo can say why it is not there.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use event::Digest;

use super::entry::{Given, Line};
use super::keep::YOUNG;
use super::ledger::{Ledger, Sync};
use super::{Journal, JournalError};
use crate::mask::is_temporary;

/// Old contents that were needed this recently are never given up.
const NEEDED: Duration = Duration::from_hours(1);
/// Digests in one line of the journal.
const IN_ONE_LINE: usize = 1000;

/// What the journal of one task costs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usage {
    /// The task's directory.
    pub task_dir: PathBuf,
    /// Size of all old contents, in bytes.
    pub bytes: u64,
    /// How many there are.
    pub objects: u64,
    /// When the oldest was kept; none where there is none.
    pub oldest: Option<SystemTime>,
}

/// What was given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Freed {
    /// How many old contents.
    pub objects: u64,
    /// Their size together, in bytes.
    pub bytes: u64,
}

/// An old content.
struct Object {
    name: String,
    bytes: u64,
    kept: SystemTime,
}

/// What the journal of each task beneath `tasks_dir` costs, in the order of their names. Tasks without old contents
/// are left out, and so is what cannot be read.
pub fn usage(tasks_dir: &Path) -> Vec<Usage> {
    let cost = |task_dir: PathBuf| {
        let objects = objects_in(&objects_of(&task_dir));
        let oldest = objects.iter().map(|object| object.kept).min();
        let bytes = objects.iter().map(|object| object.bytes).sum();
        Usage { task_dir, bytes, objects: objects.len() as u64, oldest }
    };
    tasks_in(tasks_dir).into_iter().map(cost).filter(|usage| usage.objects > 0).collect()
}

/// Gives up the oldest contents, over all tasks beneath `tasks_dir`, until the rest has at most `quota_bytes`. Kept are
/// those that were needed within the last hour before `now`, and those of tasks that `is_live` names: whoever holds a
/// task's lease. Gives what was freed; it may be too little.
pub fn expire(
    tasks_dir: &Path,
    quota_bytes: u64,
    now: SystemTime,
    is_live: &dyn Fn(&Path) -> bool,
) -> Result<Freed, JournalError> {
    let mut found: Vec<(PathBuf, Object)> = Vec::new();
    for task in tasks_in(tasks_dir) {
        found.extend(objects_in(&objects_of(&task)).into_iter().map(|object| (task.clone(), object)));
    }
    let mut total: u64 = found.iter().map(|(_, object)| object.bytes).sum();
    found.sort_by(|(_, one), (_, other)| (one.kept, &one.name).cmp(&(other.kept, &other.name)));
    let mut chosen: BTreeMap<PathBuf, Vec<Object>> = BTreeMap::new();
    for (task, object) in found {
        if total <= quota_bytes {
            break;
        }
        if is_old(&object, now) && !is_live(&task) {
            total = total.saturating_sub(object.bytes);
            chosen.entry(task).or_default().push(object);
        }
    }
    let mut freed = Freed::default();
    for (task, objects) in chosen {
        // Somebody may have begun to work on it meanwhile.
        if is_live(&task) {
            continue;
        }
        let mut ledger = Ledger::open(task.join("journal").join("entries.jsonl"))?;
        let still_old = |object: &Object| is_old(object, now);
        let more = give_up(&mut ledger, &objects_of(&task), objects, Given::Quota, &still_old)?;
        freed = Freed { objects: freed.objects + more.objects, bytes: freed.bytes + more.bytes };
    }
    Ok(freed)
}

impl Journal {
    /// Gives up all old contents: nothing that was done so far can be undone any more where it needs one. Only ever at
    /// the user's own wish.
    pub fn empty(&self) -> Result<Freed, JournalError> {
        let objects = self.directory.join("objects");
        let found = objects_in(&objects);
        give_up(&mut self.lock(), &objects, found, Given::User, &|_| true)
    }
}

fn is_old(object: &Object, now: SystemTime) -> bool {
    now.duration_since(object.kept).is_ok_and(|age| age >= NEEDED + YOUNG)
}

/// Writes down that these are given up, then removes them, while nobody can find that they are there.
fn give_up(
    ledger: &mut Ledger,
    directory: &Path,
    mut objects: Vec<Object>,
    why: Given,
    still: &dyn Fn(&Object) -> bool,
) -> Result<Freed, JournalError> {
    ledger.locked(|ledger| {
        objects.retain_mut(|object| {
            let Ok(meta) = fs::symlink_metadata(directory.join(&object.name)) else { return false };
            object.kept = meta.modified().unwrap_or(object.kept);
            still(object)
        });
        let digests: Vec<_> = objects.iter().filter_map(|object| Digest::parse(&object.name)).collect();
        let mut lines = |_: u64| {
            digests.chunks(IN_ONE_LINE).map(|some| Line::Gave { why, digests: some.to_vec() }).collect::<Vec<_>>()
        };
        if !digests.is_empty() {
            ledger.append_locked(&mut lines, Sync::Now)?;
        }
        let mut freed = Freed::default();
        for object in &objects {
            match fs::remove_file(directory.join(&object.name)) {
                Ok(()) => freed = Freed { objects: freed.objects + 1, bytes: freed.bytes + object.bytes },
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(freed)
    })
}

fn objects_of(task_dir: &Path) -> PathBuf {
    task_dir.join("journal").join("objects")
}

/// The tasks, by name.
fn tasks_in(tasks_dir: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(tasks_dir) else { return Vec::new() };
    let mut tasks: Vec<_> = entries.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    tasks.sort();
    tasks
}

/// The old contents in a directory, and the leftovers of some that were cut off while they were written.
fn objects_in(directory: &Path) -> Vec<Object> {
    let Ok(entries) = fs::read_dir(directory) else { return Vec::new() };
    let object = |entry: fs::DirEntry| {
        let (name, meta) = (entry.file_name().into_string().ok()?, entry.metadata().ok()?);
        let is_ours = meta.is_file() && (Digest::parse(&name).is_some() || is_temporary(&name));
        is_ours.then(|| Some(Object { name, bytes: meta.len(), kept: meta.modified().ok()? }))?
    };
    entries.flatten().filter_map(object).collect()
}
