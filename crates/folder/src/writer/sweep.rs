//! After a crash: removes our own leftover temporary files and completes the entries of the journal.

use std::path::Path;

use crate::beneath::{self, Handle};
use crate::place::Located;
use crate::{Ending, Entry, FileKind, FolderError, Guard, Journal, JournalError, Mark, OpenFile, Seen, text_of};
use event::Digest;

/// The right to read a file.
const READABLE: u32 = 0o400;

/// Clears up after changes that were cut off. Gives how many temporary files were removed.
///
/// To be called by whoever has just taken the task's lease, while nothing of the task is running: a change under way
/// looks like one that was cut off. A file is removed only where its content is in the journal or the old file
/// still stands under its own name.
///
/// What stands at a path now counts from here on as what the change left: whatever the user does to it afterwards is a
/// conflict for Undo. What the user did between the crash and this call cannot be told apart from the change itself and
/// is undone with it (and comes back by redo), so this belongs as early after a crash as possible.
pub fn sweep(guard: &Guard, journal: &Journal) -> Result<usize, JournalError> {
    let mut removed = 0;
    let mut endings = Vec::new();
    let told = journal.told()?;
    for entry in told.entries.iter().filter(|entry| entry.after.is_none()) {
        // What cannot be seen, such as a folder taken away meanwhile, keeps its open entry.
        let Some(current) = see(guard, &entry.intent.path) else { continue };
        let before = &entry.intent.before;
        let unchanged = current.mark == before.mark();
        let made = entry.intent.intends == Some(current.mark) && !unchanged;
        if made || unchanged {
            removed += usize::from(remove_leftover(guard, entry, unchanged));
        }
        // Whoever did not say what was intended, such as a command, has left what is there now.
        if made || (entry.intent.intends.is_none_or(|intends| intends == current.mark) && !current.is(before)) {
            endings.push((entry.number, Ending { after: current.mark, look: current.look, identity: None }));
        } else if unchanged {
            journal.void(entry.number)?;
        }
    }
    journal.finish_all(&endings)?;
    let open = told.times.iter().filter(|(_, chain)| chain.last().is_some_and(|timed| timed.after.is_none()));
    let left: Vec<_> = open.filter_map(|(path, _)| Some((path.clone(), guard.moment(path)?))).collect();
    journal.leave_times(&left)?;
    Ok(removed)
}

/// What is at a path, also where the right to read it was taken: that is given for the moment of looking.
fn see(guard: &Guard, path: &str) -> Option<Seen> {
    let seen = guard.see(path).ok()?;
    let closed = seen.look.filter(|_| seen.sealed && seen.mark != Mark::Directory);
    let Some(look) = closed else { return Some(seen) };
    let located = guard.locate(path).ok()?;
    let place = beneath::open_place(guard.handle(&located).ok()?, &located.relative()).ok()?;
    beneath::set_mode(&place, look.mode | READABLE).ok()?;
    let opened = guard.see(path);
    beneath::set_mode(&place, look.mode).ok()?;
    opened.ok().filter(|opened| !opened.sealed).map(|opened| Seen { look: seen.look, ..opened })
}

fn remove_leftover(guard: &Guard, entry: &Entry, unchanged: bool) -> bool {
    let Some(temporary) = &entry.intent.temporary else { return false };
    let Ok((located, parent)) = open_parent(guard, &entry.intent.path) else { return false };
    let Some(mark) = mark_of(&parent, temporary, located) else { return false };
    // Either the old file still has its name, so this is the unfinished new one; or this is the old content, kept.
    (unchanged || mark == entry.intent.before.mark()) && beneath::unlink(&parent, temporary).is_ok()
}

/// What a temporary name stands for; none where it is neither a file nor a link.
fn mark_of(parent: &Handle, temporary: &str, located: Located) -> Option<Mark> {
    let place = beneath::open_place(parent, Path::new(temporary)).ok()?;
    match beneath::look(&place).ok()?.kind {
        FileKind::Link => Some(Mark::Link(Digest::of(text_of(&beneath::link_target(&place).ok()?).as_bytes()))),
        FileKind::File => {
            let file = beneath::open_any(parent, Path::new(temporary)).ok()?;
            let meta = beneath::look(&file).ok()?;
            Some(Mark::File(OpenFile { file, meta, path: located.path }.digest().ok()?))
        }
        FileKind::Directory | FileKind::Special => None,
    }
}

fn open_parent(guard: &Guard, path: &str) -> Result<(Located, Handle), FolderError> {
    let located = guard.locate(path)?;
    let parent = beneath::open_directory(guard.handle(&located)?, &located.above())
        .map_err(|error| guard.explain("list", &located, error))?;
    Ok((located, parent))
}
