//! Carrying out a plan, one path after the other. A path that fails does not hold up the others.

use event::Change;

use super::{Action, Plan, Step};
use crate::{Author, Content, Expect, FolderError, Guard, Journal, JournalError, Mark, Replacement, Writer};

/// What Undo did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Undone {
    /// The files that were changed, for the fact that records it.
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
    let before = journal.list()?.iter().filter_map(|entry| entry.intent.author.undo).max();
    let author = Author { call: None, turn, undo: Some(before.unwrap_or(0) + 1) };
    let writer = Writer::new(guard, journal, author);
    let mut undone = Undone::default();
    for step in &plan.steps {
        match carry_out(&writer, step) {
            Ok(change) => undone.changes.extend(change),
            Err(error) => undone.failed.push(Failure {
                path: step.path.clone(),
                reason: error.to_string(),
                hint: error.hint().to_owned(),
            }),
        }
    }
    Ok(undone)
}

fn carry_out(writer: &Writer<'_>, step: &Step) -> Result<Option<Change>, FolderError> {
    let expect = match step.current {
        Some(Mark::File(digest)) => Expect::Content(digest),
        Some(Mark::Absent | Mark::Directory) | None => Expect::Absent,
    };
    match step.action {
        Action::Restore { digest, mode, mtime_ns, .. } => {
            let content = Content::Kept(digest);
            writer.put(&step.path, &Replacement { content, expect, mode: Some(mode), mtime_ns: Some(mtime_ns) })
        }
        Action::RemoveFile => writer.remove(&step.path, expect),
        Action::RemoveDirectory => writer.remove_directory(&step.path).map(|()| None),
        Action::MakeDirectory { mode } => writer.make_directory(&step.path, Some(mode)).map(|()| None),
        Action::Leave(_) => Ok(None),
    }
}
