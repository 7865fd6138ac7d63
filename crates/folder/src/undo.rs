//! Undo: from the journal back to the files. First a plan, which only looks; then its steps.
//!
//! Lives here: what a selection means, the pure decision for one path, and carrying out many at a time. What Undo
//! changes is itself in the journal and can be undone.

mod adjust;
mod apply;
mod batch;
mod decide;
mod links;
mod open;
mod seen;
mod survey;
mod times;
mod trees;
mod work;

use std::collections::BTreeMap;

use event::{CallId, Digest};

pub use apply::{Failure, Undone, apply};
pub use seen::Seen;

use crate::journal::Told;
use crate::{Author, Entry, Given, Guard, Identity, Journal, JournalError, Mark, State};

/// What is to be undone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    /// Everything the task did.
    Task,
    /// What one turn did.
    Turn(u32),
    /// What a turn and all later ones did.
    Since(u32),
    /// What one call did, such as one command.
    Call(CallId),
    /// Everything done to a file, or to a directory and what is in it.
    Path(String),
    /// The last Undo that changed something; one that only set times of directories counts where there is no other.
    LastUndo,
}

/// What Undo would do, newest change first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// One step for each path. A path that is already as it was has none.
    pub steps: Vec<Step>,
    /// Times of directories that come back with it; nobody need be shown them.
    times: times::Ways,
    /// Which file it was that a path stood for, where that file had other names, and may have them still.
    links: BTreeMap<String, Vec<Identity>>,
}

/// What Undo would do with one path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The path as the model knows it.
    pub path: String,
    /// Number of the newest journal entry this goes back over.
    pub entry: u64,
    /// What is there now, where that could be seen.
    pub current: Option<Seen>,
    /// What would be done.
    pub action: Action,
    /// Whether an edit of the user's lies between the task's changes: then it goes back only to that edit.
    pub partial: bool,
}

/// What would be done with one path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// An old content comes back.
    Restore {
        /// The content.
        digest: Digest,
        /// Permission bits.
        mode: u32,
        /// Time of its last change: nanoseconds since 1970-01-01 00:00 UTC.
        mtime_ns: i64,
        /// Size.
        bytes: u64,
    },
    /// A file that was not there goes.
    RemoveFile,
    /// A directory that was not there goes, if it is empty by then.
    RemoveDirectory,
    /// A directory comes back.
    MakeDirectory {
        /// Permission bits.
        mode: u32,
        /// Time of the last change of its names, where it is known.
        mtime_ns: Option<i64>,
    },
    /// A symbolic link comes back.
    RestoreLink {
        /// What it points to, as [`crate::text_of`] gives it.
        target: String,
    },
    /// The content stays; permission bits and time come back.
    Adjust {
        /// Permission bits.
        mode: u32,
        /// Time of the last change, where it is known.
        mtime_ns: Option<i64>,
    },
    /// Nothing is done.
    Leave(Conflict),
}

/// Why a path is left alone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Conflict {
    /// It is not as the task left it.
    #[error("changed since by you")]
    ChangedSince,
    /// It was deleted after the task.
    #[error("deleted since by you")]
    DeletedSince,
    /// A later turn changed it again.
    #[error("changed again in turn {0}; undo that turn first")]
    LaterTurn(u32),
    /// A later command of the same turn changed it again.
    #[error("changed again by a later command; undo that command first")]
    LaterCall,
    /// Its old content is not kept any more.
    #[error("the old content was given up {}", match .0 { Given::Quota => "to stay within the quota", Given::User => "when you emptied the journal" })]
    GivenUp(Given),
    /// It cannot be seen or changed.
    #[error("{reason}")]
    Refused {
        /// Why.
        reason: String,
        /// The one next step.
        hint: String,
    },
}

/// Says what undoing a selection would do. Changes nothing.
pub fn plan(guard: &Guard, journal: &Journal, selection: &Selection) -> Result<Plan, JournalError> {
    let told = journal.told()?;
    let last_undo = told.last_undo();
    let mut paths: BTreeMap<&str, Vec<&Entry>> = BTreeMap::new();
    for entry in &told.entries {
        paths.entry(&entry.intent.path).or_default().push(entry);
    }
    paths.retain(|_, chain| chain.iter().any(|entry| selects(selection, entry, last_undo)));
    let mut survey = survey::Survey::new(guard, paths.keys().copied());
    let (mut steps, mut links) = (Vec::new(), BTreeMap::new());
    for (path, chain) in &paths {
        let step = match survey.see(path, chain) {
            Ok(current) => {
                let selected: Vec<bool> = chain.iter().map(|entry| selects(selection, entry, last_undo)).collect();
                decide::step(path, chain, &selected, current)
            }
            Err(error) => Some(Step {
                path: (*path).to_owned(),
                entry: chain.last().map_or(0, |entry| entry.number),
                current: None,
                action: Action::Leave(Conflict::Refused { reason: error.to_string(), hint: error.hint().to_owned() }),
                partial: false,
            }),
        };
        let Some(mut step) = step else { continue };
        if let Action::Restore { digest, .. } = step.action
            && let Some(why) = told.given.get(&digest)
            && !journal.has_object(digest)
        {
            (step.action, step.partial) = (Action::Leave(Conflict::GivenUp(*why)), false);
        }
        let has = |digest| journal.has_object(digest);
        links.extend(link(&mut step, chain, &told, &has).map(|files| (step.path.clone(), files)));
        survey.planned(&step);
        steps.push(step);
    }
    steps.sort_by_key(|step| std::cmp::Reverse(step.entry));
    Ok(Plan { steps, times: times::ways(&told, selection, last_undo), links })
}

/// Which files with other names a path stood for, the content coming back. What was given a copy of its own by a change
/// of its mode or time comes back as a whole.
fn link(step: &mut Step, chain: &[&Entry], told: &Told, has: &dyn Fn(Digest) -> bool) -> Option<Vec<Identity>> {
    if told.linked.is_empty() {
        return None;
    }
    let wanted = match (&step.action, step.current?.mark) {
        (Action::Restore { digest, mode, mtime_ns, .. }, _) => (*digest, *mode, *mtime_ns),
        (Action::Adjust { mode, mtime_ns: Some(mtime_ns) }, Mark::File(digest)) if has(digest) => {
            (digest, *mode, *mtime_ns)
        }
        _ => return None,
    };
    let mut files = Vec::new();
    for entry in chain {
        let (Some(identity), State::File { digest, mode, mtime_ns, bytes }) =
            (told.linked.get(&entry.number), &entry.intent.before)
        else {
            continue;
        };
        if (*digest, *mode, *mtime_ns) == wanted {
            step.action = Action::Restore { digest: *digest, mode: *mode, mtime_ns: *mtime_ns, bytes: *bytes };
            files.push(*identity);
            files.extend(told.renewed.get(identity).into_iter().flatten());
        }
    }
    (!files.is_empty()).then_some(files)
}

fn selects(selection: &Selection, entry: &Entry, last_undo: Option<u64>) -> bool {
    selects_author(selection, &entry.intent.author, &entry.intent.path, last_undo)
}

/// Whether what an author did to a path is to be undone.
fn selects_author(selection: &Selection, author: &Author, known: &str, last_undo: Option<u64>) -> bool {
    match selection {
        Selection::LastUndo => author.undo.is_some() && author.undo == last_undo,
        Selection::Task => author.undo.is_none(),
        Selection::Turn(turn) => author.undo.is_none() && author.turn == *turn,
        Selection::Since(turn) => author.undo.is_none() && author.turn >= *turn,
        Selection::Call(call) => author.undo.is_none() && author.call.as_ref() == Some(call),
        Selection::Path(path) => {
            let path = path.trim_end_matches('/');
            author.undo.is_none()
                && known.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        }
    }
}
