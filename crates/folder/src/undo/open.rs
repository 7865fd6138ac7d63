//! Giving rights where they are missing: a file that nobody may read, a directory that nobody may enter. What could not
//! be seen while planning is compared now.

use super::work::Work;
use super::{Action, Seen};
use crate::beneath;
use crate::{FileKind, FolderError, Look, Mark};

/// Rights to read and write a file.
const FILE: u32 = 0o600;
/// Rights to list, enter and change a directory.
const DIRECTORY: u32 = 0o700;

/// Opens all that the plan has to change, from the top down.
pub(super) fn open(work: &mut Work<'_>) {
    let closed = work
        .choose(|step| !matches!(step.action, Action::Leave(_)) && step.current.is_some_and(|seen| is_closed(&seen)));
    for index in closed {
        let (Some(step), false) = (work.step(index), work.has_failed(index)) else { continue };
        let Some(planned) = step.current else { continue };
        if let Err(error) = open_one(work, index, &step.path, &planned) {
            work.fail(index, &error);
        }
    }
}

/// Takes back the rights of what then was not changed after all, innermost first.
pub(super) fn close(work: &Work<'_>) {
    for index in work.opened.iter().rev() {
        if work.is_stopped() || !work.has_failed(*index) {
            continue;
        }
        let (Some(step), Some(look)) = (work.step(*index), work.looks.get(index)) else { continue };
        // Failing twice adds nothing to what is said about this path already.
        let _closed = set_mode(work, &step.path, look.mode).is_ok();
    }
}

fn is_closed(seen: &Seen) -> bool {
    seen.sealed || (seen.mark == Mark::Directory && seen.look.is_some_and(|look| look.mode & DIRECTORY != DIRECTORY))
}

fn open_one(work: &mut Work<'_>, index: usize, path: &str, planned: &Seen) -> Result<(), FolderError> {
    let mut now = work.guard.see(path)?;
    if let Some(look) = now.look {
        work.looks.insert(index, look);
        if is_closed(&now) {
            let rights = if now.mark == Mark::Directory { DIRECTORY } else { FILE };
            set_mode(work, path, look.mode | rights)?;
            work.opened.push(index);
            now = work.guard.see(path)?;
        }
    }
    if now.mark == planned.mark { Ok(()) } else { Err(FolderError::Changed { path: path.to_owned() }) }
}

fn set_mode(work: &Work<'_>, path: &str, mode: u32) -> Result<Look, FolderError> {
    let located = work.guard.locate(path)?;
    let explain = |error| work.guard.explain("change", &located, error);
    let place = beneath::open_place(work.guard.handle(&located)?, &located.relative()).map_err(explain)?;
    let meta = beneath::look(&place).map_err(explain)?;
    match meta.kind {
        FileKind::File | FileKind::Directory => {}
        FileKind::Link | FileKind::Special => return Err(FolderError::Changed { path: path.to_owned() }),
    }
    beneath::set_mode(&place, mode).map_err(explain)?;
    Ok(Look { mode: meta.mode, mtime_ns: Some(meta.mtime_ns) })
}
