//! Directories: those in the way go, innermost first; those that are missing come back, outermost first; and at the very
//! end, innermost first, they get their modes and times, because every name put into one changes its time.

use std::collections::BTreeMap;
use std::io;

use super::Action;
use super::seen::DIRECTORY_MODE;
use super::times::{self, Noted};
use super::work::{Disks, Near, Work};
use crate::beneath;
use crate::writer::spot::{Parents, Spot};
use crate::{Ending, FileKind, FolderError, Intent, Look, Mark, Stage, State};

/// How many directories are kept open at most.
const OPEN: usize = 256;
/// Mode of a directory while it is being filled.
const FILLING: u32 = 0o700;

/// A directory that was made and waits for its mode.
pub(super) struct Made {
    index: usize,
    number: u64,
}

/// Removes the directories that are to go or to make room. One that holds something else stays.
pub(super) fn remove(work: &mut Work<'_>) {
    let mut chosen = work.choose(|step| {
        step.current.is_some_and(|seen| seen.mark == Mark::Directory)
            && matches!(step.action, Action::RemoveDirectory | Action::Restore { .. } | Action::RestoreLink { .. })
    });
    chosen.reverse();
    let intent = |work: &Work<'_>, index: usize| work.intent(index, was(work, index), Mark::Absent, None);
    let Some(numbered) = begin(work, &chosen, &intent) else { return };
    let (mut near, mut disks, mut endings) = (Near::default(), Disks::default(), Vec::new());
    for (index, number) in numbered {
        if near.len() >= OPEN {
            near = Near::default();
        }
        let removed = work.spot(index, Parents::Keep, &mut near).and_then(|spot| {
            let explain = |error| work.guard.explain("remove", &spot.located, error);
            beneath::remove_directory(&spot.parent, &spot.leaf()).map_err(explain)?;
            disks.add(&spot.parent).map_err(explain)
        });
        match removed {
            Ok(()) => endings.push((number, Ending { after: Mark::Absent, look: None, identity: None })),
            Err(error) => {
                work.forget(number);
                work.fail(index, &error);
            }
        }
    }
    end(work, &disks, &endings);
}

/// Makes the directories that are to come back.
pub(super) fn make(work: &mut Work<'_>) -> Vec<Made> {
    let chosen = work.choose(|step| matches!(step.action, Action::MakeDirectory { .. }));
    let intent = |work: &Work<'_>, index: usize| work.intent(index, State::Absent, Mark::Directory, None);
    let Some(numbered) = begin(work, &chosen, &intent) else { return Vec::new() };
    let mut made = Vec::new();
    for (index, number) in numbered {
        let done = work.spot(index, Parents::Make, &mut Near::default()).and_then(|spot| make_one(work, &spot));
        match done {
            Ok(true) => made.push(Made { index, number }),
            // Somebody else made it meanwhile.
            Ok(false) => work.forget(number),
            Err(error) => {
                work.forget(number);
                work.fail(index, &error);
            }
        }
    }
    made
}

/// Gives directories their modes and times.
pub(super) fn finish(work: &mut Work<'_>, made: Vec<Made>, noted: &Noted) {
    if work.is_stopped() {
        return;
    }
    let adjusted = work.choose(|step| {
        step.current.is_some_and(|seen| seen.mark == Mark::Directory) && matches!(step.action, Action::Adjust { .. })
    });
    let intent = |work: &Work<'_>, index: usize| work.intent(index, was(work, index), Mark::Directory, None);
    let numbered = begin(work, &adjusted, &intent).unwrap_or_default();
    let all = made.into_iter().map(|made| (made.index, made.number)).chain(numbered);
    let mut all: BTreeMap<String, Option<(usize, u64)>> =
        all.map(|(index, number)| (path(work, index).to_owned(), Some((index, number)))).collect();
    for path in noted.goals() {
        all.entry(path.to_owned()).or_default();
    }
    let (mut disks, mut endings) = (Disks::default(), Vec::new());
    for (path, step) in all.into_iter().rev() {
        let Some((index, number)) = step else {
            // A time that cannot be set, such as that of a directory somebody removed, is no reason to stop.
            let _set = noted.goal(&path).map(|goal| times::set(work.guard, &path, goal));
            continue;
        };
        match set(work, index, noted.goal(&path), &mut disks) {
            Ok(look) => {
                endings.push((number, Ending { after: Mark::Directory, look: Some(look), identity: None }));
            }
            Err(error) => {
                let was_made = matches!(work.step(index).map(|step| &step.action), Some(Action::MakeDirectory { .. }));
                if !was_made {
                    work.forget(number);
                }
                work.fail(index, &error);
            }
        }
    }
    end(work, &disks, &endings);
}

fn path<'w>(work: &'w Work<'_>, index: usize) -> &'w str {
    work.step(index).map_or("", |step| step.path.as_str())
}

/// What a directory was before.
fn was(work: &Work<'_>, index: usize) -> State {
    let look = work.look(index);
    State::Directory { mode: look.map_or(FILLING, |look| look.mode), mtime_ns: look.and_then(|look| look.mtime_ns) }
}

/// Writes the intents down, on the disk; gives each step its number.
fn begin(
    work: &mut Work<'_>,
    chosen: &[usize],
    intent: &dyn Fn(&Work<'_>, usize) -> Intent,
) -> Option<Vec<(usize, u64)>> {
    if chosen.is_empty() {
        return None;
    }
    let intents: Vec<_> = chosen.iter().map(|index| intent(work, *index)).collect();
    let begun = work.journal.begin_all(&intents).and_then(|first| {
        work.journal.settle()?;
        work.journal.pass(Stage::Recorded).map(|()| first)
    });
    match begun {
        Ok(first) => Some(chosen.iter().copied().zip(first..).collect()),
        Err(error) => {
            work.fail_all(chosen.iter().copied(), error);
            None
        }
    }
}

/// Waits for the disks and writes down how it ended. Where that fails the entries say what was intended.
fn end(work: &Work<'_>, disks: &Disks, endings: &[(u64, Ending)]) {
    let _told = disks.sync().is_ok() && work.journal.finish_all(endings).is_ok();
}

/// Makes one directory; false where there is one already.
fn make_one(work: &Work<'_>, spot: &Spot) -> Result<bool, FolderError> {
    let explain = |error| work.guard.explain("make", &spot.located, error);
    match beneath::make_directory(&spot.parent, &spot.leaf(), FILLING) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let meta = beneath::look_at(&spot.parent, &spot.leaf()).map_err(explain)?;
            if meta.kind == FileKind::Directory { Ok(false) } else { Err(explain(error)) }
        }
        Err(error) => Err(explain(error)),
    }
}

fn set(work: &Work<'_>, index: usize, goal: Option<i64>, disks: &mut Disks) -> Result<Look, FolderError> {
    let (mode, mtime_ns) = match work.step(index).map(|step| &step.action) {
        Some(Action::MakeDirectory { mode, mtime_ns } | Action::Adjust { mode, mtime_ns }) => (*mode, *mtime_ns),
        Some(
            Action::Restore { .. }
            | Action::RestoreLink { .. }
            | Action::RemoveFile
            | Action::RemoveDirectory
            | Action::Leave(_),
        )
        | None => return Err(FolderError::Changed { path: path(work, index).to_owned() }),
    };
    let located = work.guard.locate(path(work, index))?;
    let explain = |error| work.guard.explain("change", &located, error);
    let place = beneath::open_place(work.guard.handle(&located)?, &located.relative()).map_err(explain)?;
    let meta = beneath::look(&place).map_err(explain)?;
    if meta.kind != FileKind::Directory {
        return Err(FolderError::NotADirectory { path: located.path.clone() });
    }
    // What waits for the disk has to be opened while that is still allowed.
    if let Ok(open) = beneath::open_directory(work.guard.handle(&located)?, &located.relative()) {
        disks.add(&open).map_err(explain)?;
    }
    let mode = (meta.mode & !DIRECTORY_MODE) | (mode & DIRECTORY_MODE);
    if mode != meta.mode {
        beneath::set_mode(&place, mode).map_err(explain)?;
    }
    if let Some(mtime_ns) = goal.or(mtime_ns) {
        beneath::set_place_mtime(&place, mtime_ns).map_err(explain)?;
    }
    let meta = beneath::look(&place).map_err(explain)?;
    Ok(Look { mode: meta.mode, mtime_ns: Some(meta.mtime_ns) })
}
