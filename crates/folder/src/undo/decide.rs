//! The pure decision for one path: from its entries and its state now to one step.

use super::{Action, Conflict, Step};
use crate::{Entry, Mark, State};

/// A change whose result is known.
struct Link<'e> {
    entry: &'e Entry,
    after: Mark,
    selected: bool,
}

/// Decides what happens to one path. `chain` holds all its entries, oldest first; at least one is selected.
pub(super) fn step(path: &str, chain: &[&Entry], selected: &[bool], current: Mark) -> Option<Step> {
    let links = links(chain, selected, current);
    let first = links.iter().position(|link| link.selected)?;
    let last = links.iter().rposition(|link| link.selected)?;
    let goal = links.get(first)?.entry.intent.before;
    if goal.mark() == current {
        return None;
    }
    let leave = |conflict| (Action::Leave(conflict), false);
    let (action, partial) = match way_back(&links, first, last, current) {
        Ok((target, partial)) => (action(target, current), partial),
        Err(conflict) => leave(conflict),
    };
    Some(Step { path: path.to_owned(), entry: links.get(last)?.entry.number, current: Some(current), action, partial })
}

/// Gives every change its result. One that was cut off before it was made is dropped.
fn links<'e>(chain: &[&'e Entry], selected: &[bool], current: Mark) -> Vec<Link<'e>> {
    let mut links = Vec::new();
    for (index, (entry, selected)) in chain.iter().zip(selected).enumerate() {
        let before = entry.intent.before.mark();
        let next = chain.get(index + 1).map(|next| next.intent.before.mark());
        let after = match (entry.after, next) {
            (Some(after), _) => after,
            // Cut off by a crash. What came next found it as it was: nothing had happened.
            (None, Some(next)) if next == before => continue,
            (None, Some(next)) => next,
            (None, None) if current == before => continue,
            (None, None) => entry.intent.intends.unwrap_or(current),
        };
        links.push(Link { entry, after, selected: *selected });
    }
    links
}

/// Walks back from the state now to before the first selected change; gives the state reached and whether an edit of
/// the user's stopped it early.
fn way_back(links: &[Link<'_>], first: usize, last: usize, current: Mark) -> Result<(State, bool), Conflict> {
    let since = if current == Mark::Absent { Conflict::DeletedSince } else { Conflict::ChangedSince };
    let start = if links.get(last).is_some_and(|link| link.after == current) {
        last
    } else {
        let newest = links.len().saturating_sub(1);
        if links.get(newest).is_none_or(|link| link.after != current) {
            return Err(since);
        }
        let later = links.iter().skip(last + 1).find(|link| link.entry.intent.author.undo.is_none());
        if let Some(later) = later {
            return Err(Conflict::LaterTurn(later.entry.intent.author.turn));
        }
        newest
    };
    let mut reached = None;
    for link in links.iter().take(start + 1).skip(first).rev() {
        let state = reached.map_or(current, |state: State| state.mark());
        if link.after != state {
            break;
        }
        reached = Some(link.entry.intent.before);
    }
    let goal = links.get(first).map(|link| link.entry.intent.before.mark());
    let Some(reached) = reached else { return Err(since) };
    Ok((reached, Some(reached.mark()) != goal))
}

fn action(target: State, current: Mark) -> Action {
    match (target, current) {
        (State::File { digest, mode, mtime_ns, bytes }, Mark::Absent | Mark::File(_)) => {
            Action::Restore { digest, mode, mtime_ns, bytes }
        }
        (State::Absent, Mark::File(_)) => Action::RemoveFile,
        (State::Absent, Mark::Directory) => Action::RemoveDirectory,
        (State::Directory { mode }, Mark::Absent) => Action::MakeDirectory { mode },
        (State::File { .. } | State::Directory { .. }, Mark::Directory)
        | (State::Directory { .. }, Mark::File(_))
        | (State::Absent, Mark::Absent) => Action::Leave(Conflict::ChangedSince),
    }
}

#[cfg(test)]
#[path = "decide_tests.rs"]
mod decide_tests;
