//! The times of directories: which comes back is decided purely from the journal; carrying out notes what every
//! directory shows before and after, so that this too can be undone. A time the user's own change has set stays.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use event::{Access, CallId};

use super::work::Work;
use super::{Action, Plan, Selection, Step, selects_author};
use crate::beneath;
use crate::journal::{Timed, Told};
use crate::{Entry, FileKind, FolderError, Guard, Mark, Moment};

/// A way back: where a directory shows this, it shall show that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Way {
    /// What it shows now; none where a crash left that open: then it is whatever it shows.
    now: Option<Moment>,
    /// Its time then.
    back: i64,
}

/// The ways back of each directory that a selection is about.
pub(super) type Ways = BTreeMap<String, Vec<Way>>;

/// The times a plan is to bring back, and what the directories showed before.
#[derive(Default)]
pub(super) struct Noted {
    before: Vec<(String, Moment)>,
    goals: BTreeMap<String, i64>,
}

impl Noted {
    /// The time a directory shall have; none where it is not known or stays.
    pub(super) fn goal(&self, path: &str) -> Option<i64> {
        self.goals.get(path).copied()
    }

    /// Every directory that shall have a certain time.
    pub(super) fn goals(&self) -> impl Iterator<Item = &str> {
        self.goals.keys().map(String::as_str)
    }
}

/// Decides for every directory.
pub(super) fn ways(told: &Told, selection: &Selection, last_undo: Option<u64>) -> Ways {
    let whole = Whole::new(&told.entries, selection);
    let mut ways = Ways::new();
    for (path, chain) in &told.times {
        let selected: Vec<bool> = chain
            .iter()
            .map(|timed| selects_author(selection, &timed.author, path, last_undo) || whole.holds(path, timed))
            .collect();
        let found = ways_of(chain, &selected);
        if !found.is_empty() {
            ways.insert(path.clone(), found);
        }
    }
    ways
}

/// The ways back of one directory, from its changes, oldest first.
fn ways_of(chain: &[Timed], selected: &[bool]) -> Vec<Way> {
    let links = links(chain, selected);
    let Some(first) = links.iter().position(|(_, _, selected)| *selected) else { return Vec::new() };
    let Some(last) = links.iter().rposition(|(_, _, selected)| *selected) else { return Vec::new() };
    let newest = links.len() - 1;
    let is_last_word = links.iter().skip(last + 1).all(|(timed, _, _)| timed.author.undo.is_some());
    let mut ways: Vec<Way> = Vec::new();
    for start in if is_last_word { vec![newest, last] } else { vec![last] } {
        let now = links.get(start).and_then(|(_, after, _)| *after);
        let mut reached = now;
        for (timed, after, _) in links.iter().take(start + 1).skip(first).rev() {
            if after.is_some() && *after != reached {
                break;
            }
            reached = Some(timed.before);
        }
        if let Some(Moment::At(back)) = reached.filter(|_| ways.iter().all(|way| way.now != now)) {
            ways.push(Way { now, back });
        }
    }
    ways
}

/// Gives every change its result: where a crash left that open, it is what the next one found.
fn links<'t>(chain: &'t [Timed], selected: &[bool]) -> Vec<(&'t Timed, Option<Moment>, bool)> {
    let next = chain.iter().skip(1).map(|timed| Some(timed.before)).chain([None]);
    let links = chain.iter().zip(selected).zip(next);
    links.map(|((timed, selected), next)| (timed, timed.after.or(next), *selected)).collect()
}

/// For a selection by path: whose changes of a directory's names lie all within it.
struct Whole(HashMap<(String, u32, Option<CallId>), bool>);

impl Whole {
    fn new(entries: &[Entry], selection: &Selection) -> Self {
        let mut whole = HashMap::new();
        if let Selection::Path(_) = selection {
            for entry in entries.iter().filter(|entry| entry.intent.author.undo.is_none()) {
                let author = &entry.intent.author;
                let Some((directory, _)) = entry.intent.path.rsplit_once('/') else { continue };
                let within = selects_author(selection, author, &entry.intent.path, None);
                *whole.entry((directory.to_owned(), author.turn, author.call.clone())).or_insert(true) &= within;
            }
        }
        Self(whole)
    }

    fn holds(&self, path: &str, timed: &Timed) -> bool {
        let author = &timed.author;
        author.undo.is_none()
            && self.0.get(&(path.to_owned(), author.turn, author.call.clone())).copied().unwrap_or(false)
    }
}

/// Looks at every directory whose time comes back or will change, and writes down what it shows. Before anything else,
/// apart from giving rights. `shared` are the steps that give a path a file of its own.
pub(super) fn note(work: &mut Work<'_>, plan: &Plan, shared: &[usize]) -> Noted {
    let mut noted = Noted::default();
    let mut paths: BTreeSet<&str> = plan.times.keys().map(String::as_str).collect();
    paths.extend(plan.steps.iter().flat_map(changes_names));
    paths.extend(shared.iter().filter_map(|index| above(plan.steps.get(*index)?)));
    let acts = plan.steps.iter().any(|step| !matches!(step.action, Action::Leave(_)));
    if !acts && !plan.steps.is_empty() {
        // Everything is left as it is, times too.
        return noted;
    }
    for path in paths {
        let Some(moment) = work.guard.moment(path) else { continue };
        let mut ways = plan.times.get(path).into_iter().flatten();
        let way = ways.find(|way| way.now.is_none_or(|now| now == moment)).map(|way| way.back);
        if acts || way.is_some_and(|back| moment != Moment::At(back)) {
            noted.before.push((path.to_owned(), moment));
        }
        noted.goals.extend(way.map(|back| (path.to_owned(), back)));
    }
    if let Err(error) = work.journal.note_times(work.author(), &noted.before) {
        // Nothing was changed yet, and what cannot be written down is not done.
        work.fail_all(0..plan.steps.len(), error);
        return Noted::default();
    }
    noted
}

/// Gives up the times of directories in which something had to be left as it is.
pub(super) fn settle(work: &Work<'_>, noted: &mut Noted) {
    let is_left = |(index, step): &(usize, &Step)| work.has_failed(*index) || matches!(step.action, Action::Leave(_));
    let left = work.steps.iter().enumerate().filter(is_left);
    let above: HashSet<&str> = left.filter_map(|(_, step)| Some(step.path.rsplit_once('/')?.0)).collect();
    noted.goals.retain(|path, _| !above.contains(path.as_str()));
}

/// Sets the time of a directory that has no step of its own.
pub(super) fn set(guard: &Guard, path: &str, mtime_ns: i64) -> Result<(), FolderError> {
    let located = guard.locate(path)?;
    let explain = |error| guard.explain("change", &located, error);
    if guard.root(&located).is_some_and(|root| root.access == Access::ReadOnly) {
        return Ok(());
    }
    let place = beneath::open_place(guard.handle(&located)?, &located.relative()).map_err(explain)?;
    if beneath::look(&place).map_err(explain)?.kind == FileKind::Directory {
        beneath::set_place_mtime(&place, mtime_ns).map_err(explain)?;
    }
    Ok(())
}

/// Writes down what the directories show in the end.
pub(super) fn leave(work: &Work<'_>, noted: Noted) {
    let look = |(path, _): (String, Moment)| work.guard.moment(&path).map(|moment| (path, moment));
    let left: Vec<_> = noted.before.into_iter().filter_map(look).collect();
    // Missing lines are understood later: what was noted before is there.
    let _told = work.journal.leave_times(&left).is_ok();
}

/// The directories whose time a step changes: the one a name comes into or goes from, and itself where it is one.
/// A file that has other names is looked at by the caller.
fn changes_names(step: &Step) -> impl Iterator<Item = &str> {
    let was_directory = step.current.is_some_and(|seen| seen.mark == Mark::Directory);
    let (names, own) = match step.action {
        Action::Restore { .. } | Action::RestoreLink { .. } | Action::RemoveFile => (true, was_directory),
        Action::MakeDirectory { .. } | Action::RemoveDirectory => (true, true),
        Action::Adjust { .. } | Action::Leave(_) => (false, false),
    };
    above(step).filter(|_| names).into_iter().chain(own.then_some(step.path.as_str()))
}

/// The directory that holds a step's path.
fn above(step: &Step) -> Option<&str> {
    step.path.rsplit_once('/').map(|(above, _)| above)
}

#[cfg(test)]
#[path = "times_tests.rs"]
mod times_tests;
