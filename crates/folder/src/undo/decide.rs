//! The pure decision for one path: from its entries and what is there now to one step.

use super::{Action, Conflict, Seen, Step};
use crate::{Entry, Look, Mark, State};

/// A change whose result is known.
struct Link<'e> {
    entry: &'e Entry,
    after: Mark,
    selected: bool,
}

/// Where the way back from the state now leads.
struct Back<'e> {
    /// The state reached.
    reached: &'e State,
    /// The change the way starts from.
    start: &'e Entry,
    /// Mode and time as that change left them, as far as it is known.
    left: Option<Look>,
    /// The first later change of the task's that is not selected.
    later: Option<&'e Entry>,
}

/// Decides what happens to one path. `chain` holds all its entries, oldest first; at least one is selected.
pub(super) fn step(path: &str, chain: &[&Entry], selected: &[bool], current: Seen) -> Option<Step> {
    let links = links(chain, selected, &current);
    let first = links.iter().position(|link| link.selected)?;
    let last = links.iter().rposition(|link| link.selected)?;
    let goal = &links.get(first)?.entry.intent.before;
    if current.is(goal) {
        return None;
    }
    let (action, partial) = match way_back(&links, first, last, current.mark) {
        Ok(back) if current.mark == goal.mark() => (adjust(&back, goal, &current)?, false),
        Ok(back) => (action(back.reached, &current), back.reached.mark() != goal.mark()),
        // The content is what it was: nobody has lost anything.
        Err(_) if current.mark == goal.mark() => return None,
        Err(conflict) => (Action::Leave(conflict), false),
    };
    Some(Step { path: path.to_owned(), entry: links.get(last)?.entry.number, current: Some(current), action, partial })
}

/// Gives every change its result. One that was cut off before it was made is dropped.
fn links<'e>(chain: &[&'e Entry], selected: &[bool], current: &Seen) -> Vec<Link<'e>> {
    let mut links = Vec::new();
    for (index, (entry, selected)) in chain.iter().zip(selected).enumerate() {
        let before = &entry.intent.before;
        let next = chain.get(index + 1).map(|next| &next.intent.before);
        let after = match (entry.after, next) {
            (Some(after), _) => after,
            // Cut off by a crash. What came next found it as it was: nothing had happened.
            (None, Some(next)) if next == before => continue,
            (None, Some(next)) => next.mark(),
            (None, None) if current.is(before) => continue,
            (None, None) => entry.intent.intends.unwrap_or(current.mark),
        };
        links.push(Link { entry, after, selected: *selected });
    }
    links
}

/// Walks back from the state now to before the first selected change, or to where an edit of the user's lies between.
fn way_back<'e>(links: &[Link<'e>], first: usize, last: usize, current: Mark) -> Result<Back<'e>, Conflict> {
    let since = if current == Mark::Absent { Conflict::DeletedSince } else { Conflict::ChangedSince };
    let ends_here = |index: usize| links.get(index).is_some_and(|link| link.after == current);
    let newest = links.len().saturating_sub(1);
    let later = links.iter().skip(last + 1).map(|link| link.entry).find(|entry| entry.intent.author.undo.is_none());
    let start = match later {
        None if ends_here(newest) => newest,
        Some(_) | None if ends_here(last) => last,
        Some(later) if ends_here(newest) => {
            return Err(conflict_with(later, links.get(last).map(|link| link.entry)));
        }
        Some(_) | None => return Err(since),
    };
    let mut reached: Option<&State> = None;
    for link in links.iter().take(start + 1).skip(first).rev() {
        let state = reached.map_or(current, State::mark);
        if link.after != state {
            break;
        }
        reached = Some(&link.entry.intent.before);
    }
    let (Some(reached), Some(link)) = (reached, links.get(start)) else { return Err(since) };
    let found = || links.get(start + 1).map(|next| &next.entry.intent.before).filter(|next| next.mark() == link.after);
    let left = link.entry.look.or_else(|| found()?.look());
    Ok(Back { reached, start: link.entry, left, later })
}

fn conflict_with(later: &Entry, own: Option<&Entry>) -> Conflict {
    let turn = later.intent.author.turn;
    let same_turn = own.is_some_and(|own| own.intent.author.turn == turn);
    if same_turn { Conflict::LaterCall } else { Conflict::LaterTurn(turn) }
}

/// The step for a path whose content is as it was: mode and time come back, unless the user set them since.
fn adjust(back: &Back<'_>, goal: &State, current: &Seen) -> Option<Action> {
    if back.reached.mark() != goal.mark() || current.is(back.reached) {
        return None;
    }
    let look = back.reached.look()?;
    if current.looks_like(back.left) {
        // The time of a directory changes with every name in it: `times` looks after it.
        let mtime_ns = look.mtime_ns.filter(|_| current.mark != Mark::Directory);
        return Some(Action::Adjust { mode: look.mode, mtime_ns });
    }
    // After an Undo it is the user's again.
    let undone = back.start.intent.author.undo.is_some();
    let conflict = back.later.map_or(Conflict::ChangedSince, |later| conflict_with(later, Some(back.start)));
    (!undone).then_some(Action::Leave(conflict))
}

fn action(target: &State, current: &Seen) -> Action {
    match (target, current.mark) {
        (State::File { digest, mode, mtime_ns, bytes }, _) => {
            Action::Restore { digest: *digest, mode: *mode, mtime_ns: *mtime_ns, bytes: *bytes }
        }
        (State::Link { target }, _) => Action::RestoreLink { target: target.clone() },
        (State::Absent, Mark::File(_) | Mark::Link(_)) => Action::RemoveFile,
        (State::Absent, Mark::Directory) => Action::RemoveDirectory,
        (State::Directory { mode, mtime_ns }, Mark::Absent | Mark::File(_) | Mark::Link(_)) => {
            Action::MakeDirectory { mode: *mode, mtime_ns: *mtime_ns }
        }
        // The same on both sides, which a way back that is partial can lead to.
        (State::Directory { mode, .. }, Mark::Directory) => Action::Adjust { mode: *mode, mtime_ns: None },
        (State::Absent, Mark::Absent) => Action::Leave(Conflict::ChangedSince),
    }
}

#[cfg(test)]
#[path = "decide_tests.rs"]
mod decide_tests;
