//! Carrying out a plan, in phases over all its paths. A path that fails does not hold up the others.
//!
//! First rights are given where they are missing; then goes what has to make room, files before directories; then
//! directories come back, then files, then modes and times, those of directories last and innermost first: every name
//! put into one changes its time. Each phase writes all its intents down with one wait for the disk, and is atomic for
//! each file, with one exception: where nothing can be put into the directory, a file is written over in place. A crash
//! in the middle leaves it half old, half new; what it held is in the journal, and the next Undo goes on from there.

use event::Change;

use super::batch::{self, Goal};
use super::links::Links;
use super::work::Work;
use super::{Action, Plan, adjust, open, times, trees};
use crate::{Author, Guard, Journal, JournalError, Mark};

/// What Undo did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Undone {
    /// The files and links that were changed, for the fact that records it.
    pub changes: Vec<Change>,
    /// The paths that could not be changed.
    pub failed: Vec<Failure>,
}

/// A path that Undo could not change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The path as the model knows it.
    pub path: String,
    /// Why.
    pub reason: String,
    /// The one next step.
    pub hint: String,
}

/// Carries out a plan. Every path is compared with the plan once more in the act, so a later edit is never lost.
/// `turn` is the task's turn at this time.
pub fn apply(guard: &Guard, journal: &Journal, plan: &Plan, turn: u32) -> Result<Undone, JournalError> {
    let author = Author { call: None, turn, undo: Some(journal.told()?.next_undo()) };
    let mut work = Work::new(guard, journal, author, plan);
    open::open(&mut work);
    let mut shared = adjust::with_other_names(&work);
    let mut noted = times::note(&mut work, plan, &shared);
    let in_the_way = work.choose(|step| {
        let is_file = step.current.is_some_and(|seen| matches!(seen.mark, Mark::File(_) | Mark::Link(_)));
        is_file && matches!(step.action, Action::RemoveFile | Action::MakeDirectory { .. })
    });
    batch::exchange(&mut work, &in_the_way, &|_| Some(Goal::Nothing));
    trees::remove(&mut work);
    let made = trees::make(&mut work);
    work.links = Links::find(guard, plan);
    let mut back = work.choose(|step| matches!(step.action, Action::Restore { .. } | Action::RestoreLink { .. }));
    shared.retain(|index| adjust::still_has_other_names(&work, *index));
    work.apart.extend(&shared);
    back.extend(shared);
    batch::exchange(&mut work, &back, &Goal::of);
    adjust::files(&mut work);
    times::settle(&work, &mut noted);
    trees::finish(&mut work, made, &noted);
    open::close(&work);
    if !work.is_stopped() {
        times::leave(&work, noted);
        // What is not on the disk yet is only that all went well, which the next Undo finds out again.
        let _told = journal.settle().is_ok();
    }
    Ok(work.into_undone())
}
