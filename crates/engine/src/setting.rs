//! Wishes that set something about a task and start nothing: its title, marks, instructions, effort and pinned files.
//! Each is checked here, and one that changes nothing writes nothing. Pure.

use event::{Actor, Fact, Mark};
use view::View;

use crate::input::{CommandRefused, Decision};
use crate::state::State;

/// Characters of the instructions of a task, at most.
pub const MAX_INSTRUCTIONS: usize = 20_000;
/// Characters of a title, at most.
const MAX_TITLE: usize = 200;
/// Characters of a project's name, at most.
const MAX_PROJECT: usize = 100;
/// Characters of an effort, at most; providers use one short word.
const MAX_EFFORT: usize = 40;
/// Files that may be pinned at once.
pub const MAX_PINNED: usize = 50;
/// Bytes of a pinned path, at most: what Linux allows.
const MAX_PATH: usize = 4096;

type Followed = Result<Decision, CommandRefused>;

/// Writes the fact only where it changes something.
fn set(changes: bool, fact: Fact) -> Decision {
    let facts = if changes { vec![(Actor::User, fact)] } else { Vec::new() };
    Decision { facts, acts: Vec::new() }
}

fn at_most(what: &'static str, limit: usize, text: &str) -> Result<(), CommandRefused> {
    if text.chars().count() > limit { Err(CommandRefused::TooLong { what, limit }) } else { Ok(()) }
}

/// A title is one line: blanks and line breaks within it become single blanks.
pub(crate) fn rename(view: &View, title: &str) -> Followed {
    let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
    if title.is_empty() {
        return Err(CommandRefused::NoTitle);
    }
    at_most("the title", MAX_TITLE, &title)?;
    Ok(set(view.title != title, Fact::Titled { title }))
}

pub(crate) fn mark(view: &View, mark: Mark) -> Followed {
    let mark = match mark {
        Mark::Project { name } => {
            let name = name.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
            at_most("the project's name", MAX_PROJECT, name.as_deref().unwrap_or_default())?;
            Mark::Project { name }
        }
        Mark::Pinned | Mark::Unpinned | Mark::Archived | Mark::Unarchived | Mark::Seen | Mark::Unseen => mark,
    };
    let changes = match &mark {
        Mark::Pinned => !view.pinned,
        Mark::Unpinned => view.pinned,
        Mark::Archived => !view.archived,
        Mark::Unarchived => view.archived,
        Mark::Seen => view.unread,
        Mark::Unseen => !view.unread,
        Mark::Project { name } => view.project != *name,
    };
    Ok(set(changes, Fact::Marked(mark)))
}

/// Says whether a text may be the instructions of a task.
///
/// # Errors
/// Where it is longer than [`MAX_INSTRUCTIONS`].
pub fn check_instructions(text: &str) -> Result<(), CommandRefused> {
    at_most("the instructions", MAX_INSTRUCTIONS, text)
}

pub(crate) fn instructions(view: &View, text: &str) -> Followed {
    let text = text.trim().to_owned();
    check_instructions(&text)?;
    Ok(set(view.instructions != text, Fact::InstructionsSet { text }))
}

/// The effort as it is stored: none where nothing is chosen.
///
/// # Errors
/// Where it is not one short word.
pub fn check_effort(effort: Option<String>) -> Result<Option<String>, CommandRefused> {
    let effort = effort.map(|effort| effort.trim().to_owned()).filter(|effort| !effort.is_empty());
    let Some(word) = &effort else { return Ok(None) };
    at_most("the effort", MAX_EFFORT, word)?;
    if word.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_')) {
        Ok(effort)
    } else {
        Err(CommandRefused::NoEffort(effort.unwrap_or_default()))
    }
}

pub(crate) fn effort(view: &View, effort: Option<String>) -> Followed {
    let effort = check_effort(effort)?;
    Ok(set(view.effort != effort, Fact::EffortSet { effort }))
}

/// A file below one of the task's places, by the one name the model knows it by. Whether it exists is not asked: it may
/// come and go.
pub(crate) fn pin_file(state: &State, path: String) -> Followed {
    let desk = state.preview_desk();
    let below_a_place = || match path.strip_prefix("/work/") {
        Some(inside) => inside.contains('/'),
        None => path.starts_with("/outputs/") || path.starts_with("/uploads/"),
    };
    let plain = path.len() <= MAX_PATH && desk.absolute(&path) == path && !path.chars().any(char::is_control);
    if !plain || !below_a_place() || desk.host_path(&path).is_none() {
        return Err(CommandRefused::NoPlace(path));
    }
    let pinned = &state.view.pinned_files;
    if pinned.len() >= MAX_PINNED && !pinned.contains(&path) {
        return Err(CommandRefused::TooManyPinned);
    }
    Ok(set(!pinned.contains(&path), Fact::FilePinned { path }))
}

pub(crate) fn unpin_file(view: &View, path: String) -> Decision {
    set(view.pinned_files.contains(&path), Fact::FileUnpinned { path })
}
