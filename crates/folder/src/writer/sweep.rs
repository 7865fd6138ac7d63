//! After a crash: removes our own leftover temporary files and completes the entries of the journal.

use std::path::Path;

use crate::beneath::{self, Handle};
use crate::place::Located;
use crate::{Entry, FolderError, Guard, Journal, JournalError, Mark, OpenFile};

/// Clears up after changes that were cut off. Gives how many temporary files were removed.
///
/// To be called by whoever has just taken the task's lease, while nothing of the task is running: a change under way
/// looks like one that was cut off. A file is removed only where its content is in the journal or the old file
/// still stands under its own name.
pub fn sweep(guard: &Guard, journal: &Journal) -> Result<usize, JournalError> {
    let mut removed = 0;
    for entry in journal.list()?.iter().filter(|entry| entry.after.is_none()) {
        let Ok(current) = guard.mark(&entry.intent.path) else { continue };
        let before = entry.intent.before.mark();
        let made = entry.intent.intends == Some(current) && current != before;
        if made || current == before {
            removed += usize::from(remove_leftover(guard, entry, current == before));
        }
        if made {
            journal.finish(entry.number, current)?;
        } else if current == before {
            journal.void(entry.number)?;
        }
    }
    Ok(removed)
}

fn remove_leftover(guard: &Guard, entry: &Entry, unchanged: bool) -> bool {
    let Some(temporary) = &entry.intent.temporary else { return false };
    let Ok((located, parent)) = open_parent(guard, &entry.intent.path) else { return false };
    let Ok(file) = beneath::open_any(&parent, Path::new(temporary)) else { return false };
    let Ok(meta) = beneath::look(&file) else { return false };
    let mut leftover = OpenFile { file, meta, path: located.path };
    // Either the old file still has its name, so this is the unfinished new one; or this is the old content, kept.
    let disposable =
        unchanged || leftover.digest().is_ok_and(|digest| Mark::File(digest) == entry.intent.before.mark());
    disposable && beneath::unlink(&parent, temporary).is_ok()
}

fn open_parent(guard: &Guard, path: &str) -> Result<(Located, Handle), FolderError> {
    let located = guard.locate(path)?;
    let above = located.split().map_or_else(String::new, |(above, _)| above.join("/"));
    let above = if above.is_empty() { ".".to_owned() } else { above };
    let parent = beneath::open_directory(guard.handle(&located)?, Path::new(&above))
        .map_err(|error| guard.explain("list", &located, error))?;
    Ok((located, parent))
}
