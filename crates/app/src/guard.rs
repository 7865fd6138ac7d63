//! The folder guard behind the traits that engine and API know.

use std::path::{Path, PathBuf};

use event::{Change, UndoSelection};
use folder::{Action, GrantError, Guard, Journal, Root, Selection};
use tool::{Desk, FolderGate, Refusal, Undo, UndoKind, UndoStep};

/// Says which folders may be granted.
pub(crate) struct Gate {
    /// The user's home directory.
    pub(crate) user_home: PathBuf,
    /// Deskhand's own home.
    pub(crate) home: PathBuf,
}

impl FolderGate for Gate {
    fn check(&self, path: &str) -> Result<PathBuf, Refusal> {
        let path = match path.strip_prefix("~/") {
            Some(rest) => self.user_home.join(rest),
            None => PathBuf::from(path),
        };
        match folder::grantable(&path, &self.user_home, &self.home) {
            // The examples lie in Deskhand's own data, and their folders hold nothing else.
            Err(GrantError::OwnData(path)) if self.is_example(&path) => Ok(path),
            checked => checked.map_err(|error| Refusal { message: error.to_string(), hint: error.hint().to_owned() }),
        }
    }
}

impl Gate {
    /// Whether a path, which is canonical, is the folder of an example.
    fn is_example(&self, path: &Path) -> bool {
        let examples = examples_of(&self.home).canonicalize();
        path.is_dir() && examples.is_ok_and(|examples| path.parent() == Some(&examples))
    }
}

/// Where the folders of examples lie.
pub(crate) fn examples_of(home: &Path) -> PathBuf {
    home.join("examples")
}

/// A guard over a task's places.
pub(crate) fn guard_of(desk: &Desk) -> Guard {
    let own = [Root::outputs(&desk.outputs), Root::uploads(&desk.uploads)];
    Guard::new(desk.folders.iter().map(Root::folder).chain(own))
}

/// Undo through guard and journal.
pub(crate) struct JournalUndo;

impl JournalUndo {
    fn open(desk: &Desk) -> Result<(Guard, Journal), Refusal> {
        let journal = Journal::open(&desk.journal).map_err(|error| refusal(&error))?;
        Ok((guard_of(desk), journal))
    }
}

fn refusal(error: &folder::JournalError) -> Refusal {
    Refusal { message: error.to_string(), hint: "check the disk and the task's `journal` directory".to_owned() }
}

fn selection(desk: &Desk, selection: &UndoSelection) -> Selection {
    match selection {
        UndoSelection { redo: true, .. } => Selection::LastUndo,
        UndoSelection { call: Some(call), .. } => Selection::Call(call.clone()),
        UndoSelection { path: Some(path), .. } => Selection::Path(desk.absolute(path)),
        UndoSelection { turn: Some(turn), .. } => Selection::Turn(*turn),
        UndoSelection { .. } => Selection::Task,
    }
}

impl Undo for JournalUndo {
    fn plan(&self, desk: &Desk, wanted: &UndoSelection) -> Result<Vec<UndoStep>, Refusal> {
        let (guard, journal) = Self::open(desk)?;
        let plan = folder::plan(&guard, &journal, &selection(desk, wanted)).map_err(|error| refusal(&error))?;
        Ok(plan
            .steps
            .into_iter()
            .map(|step| {
                let (action, conflict) = words(&step.action);
                UndoStep { path: step.path, kind: kind_of(&step.action), action, conflict }
            })
            .collect())
    }

    fn apply(&self, desk: &Desk, wanted: &UndoSelection) -> Result<Vec<Change>, Refusal> {
        let (guard, journal) = Self::open(desk)?;
        let plan = folder::plan(&guard, &journal, &selection(desk, wanted)).map_err(|error| refusal(&error))?;
        let undone = folder::apply(&guard, &journal, &plan, desk.turn).map_err(|error| refusal(&error))?;
        match undone.failed.first() {
            Some(failure) if undone.changes.is_empty() => Err(Refusal {
                message: format!("cannot undo `{}`: {}", failure.path, failure.reason),
                hint: failure.hint.clone(),
            }),
            Some(_) | None => Ok(undone.changes),
        }
    }

    fn mend(&self, desk: &Desk) {
        // What cannot be opened now is mended the next time; nothing else depends on it.
        if let Ok((guard, journal)) = Self::open(desk) {
            let _later = folder::sweep(&guard, &journal);
        }
    }
}

fn kind_of(action: &Action) -> UndoKind {
    match action {
        Action::Restore { bytes, .. } => UndoKind::Restore { bytes: *bytes },
        Action::RestoreLink { target } => UndoKind::Restore { bytes: target.len() as u64 },
        Action::Adjust { .. } => UndoKind::Restore { bytes: 0 },
        Action::RemoveFile => UndoKind::Remove,
        Action::RemoveDirectory => UndoKind::RemoveFolder,
        Action::MakeDirectory { .. } => UndoKind::MakeFolder,
        Action::Leave(_) => UndoKind::Leave,
    }
}

fn words(action: &Action) -> (String, Option<String>) {
    match action {
        Action::Restore { bytes, .. } => (format!("put back the old content ({bytes} bytes)"), None),
        Action::RestoreLink { .. } => ("put back the link".to_owned(), None),
        Action::Adjust { .. } => ("put back permissions and time".to_owned(), None),
        Action::RemoveFile => ("remove the file the task made".to_owned(), None),
        Action::RemoveDirectory => ("remove the directory the task made, if it is empty".to_owned(), None),
        Action::MakeDirectory { .. } => ("put back the directory".to_owned(), None),
        Action::Leave(conflict) => ("leave it alone".to_owned(), Some(conflict.to_string())),
    }
}
