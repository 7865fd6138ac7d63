//! How facts are worded for the model. Everything Deskhand says in the user's place stands in square brackets, so
//! that the model can tell it from the user's own words.

use event::{Access, Attachment, Change, Folder, Mode, Stop, Timestamp};
use view::{Lines, visible};

/// The block before the first message: what the task can see.
pub(crate) fn environment(at: Timestamp, folders: &[Folder], start: &str) -> String {
    let places = match folders {
        [] => "No folder is granted; work in /outputs, which is also where relative paths start.".to_owned(),
        [_, ..] => {
            let list: Vec<String> = folders.iter().map(described).collect();
            format!("Granted folders: {}. Relative paths start at {start}.", list.join(", "))
        }
    };
    format!("[Today is {} (UTC). {places}]", date(at))
}

fn described(folder: &Folder) -> String {
    let right = match folder.access {
        Access::ReadOnly => "read-only",
        Access::ReadWrite => "read and write",
    };
    format!("/work/{} ({right})", plain(&folder.name))
}

/// A name as it may stand inside square brackets: it cannot close them or hide anything.
fn plain(name: &str) -> String {
    visible(name, Lines::Escape).replace('[', "(").replace(']', ")")
}

/// The user's words and what they handed over.
pub(crate) fn said(text: &str, attachments: &[Attachment]) -> String {
    if attachments.is_empty() {
        return text.to_owned();
    }
    let files: Vec<String> =
        attachments.iter().map(|file| format!("/uploads/{} ({} bytes)", plain(&file.name), file.bytes)).collect();
    format!("{text}\n\n[Attached: {}]", files.join(", "))
}

/// The summary a conversation goes on from.
pub(crate) fn summary(summary: &str) -> String {
    format!(
        "[The conversation so far was shortened to make room. This is your own summary of it; files and plan are as \
         you left them.]\n\n{summary}\n\n[Go on with the job.]"
    )
}

/// The instruction that asks for a summary.
pub(crate) fn summary_request() -> String {
    "[The conversation has grown too long and will be replaced by your summary. Write that summary now, without \
     calling tools: what the user wants, in their words where wording matters; answers and permissions they gave; \
     what was done, with paths; what was found, with the figures you will need again; what did not work; the state \
     of the plan; the next step.]"
        .to_owned()
}

pub(crate) fn go_on(stop: &Stop) -> String {
    match stop {
        Stop::OutputLimit => "[Your reply reached its length limit. Go on exactly where it ended.]".to_owned(),
        Stop::Finished | Stop::Tools | Stop::ProviderPause | Stop::Refused | Stop::ContextFull | Stop::Other(_) => {
            "[Go on.]".to_owned()
        }
    }
}

/// Characters of the instructions that are told, at most.
const TOLD_INSTRUCTIONS: usize = crate::MAX_INSTRUCTIONS;
/// Pinned files that are told of, at most.
const TOLD_PINNED: usize = crate::MAX_PINNED;
/// Characters of a pinned path that are told, at most.
const TOLD_PATH: usize = 400;

/// A text of the user's of many lines, inside square brackets that it cannot close, cut where it is too long.
fn quoted(text: &str, most: usize) -> String {
    let shown = visible(text, Lines::Keep).replace('[', "(").replace(']', ")");
    match shown.char_indices().nth(most) {
        Some((end, _)) => format!("{}… (cut here)", shown.get(..end).unwrap_or_default()),
        None => shown,
    }
}

/// The instructions that hold from here on; none where they were taken back. `before` says whether there were any.
pub(crate) fn instructions_set(text: &str, before: bool) -> String {
    if text.trim().is_empty() {
        return "[The user took the instructions for this task back.]".to_owned();
    }
    let change = if before { "The user changed the instructions for this task. They are now" } else { INSTRUCTIONS };
    format!("[{change}:\n{}]", quoted(text, TOLD_INSTRUCTIONS))
}

const INSTRUCTIONS: &str = "The user's instructions, which hold for this whole task";

/// The instructions, told again.
pub(crate) fn instructions(text: &str) -> String {
    instructions_set(text, false)
}

pub(crate) fn file_pinned(path: &str) -> String {
    format!("[The user pinned {}: it matters for this task.]", pinned_path(path))
}

pub(crate) fn file_unpinned(path: &str) -> String {
    format!("[The user unpinned {}.]", pinned_path(path))
}

/// All pinned files, told again.
pub(crate) fn files_pinned(paths: &[String]) -> String {
    let list: Vec<String> = paths.iter().take(TOLD_PINNED).map(|path| pinned_path(path)).collect();
    format!("[Pinned by the user, because they matter for this task: {}.]", list.join(", "))
}

fn pinned_path(path: &str) -> String {
    quoted(&plain(path), TOLD_PATH)
}

pub(crate) fn folder_added(folder: &Folder) -> String {
    format!("[The user granted {}.]", described(folder))
}

pub(crate) fn folder_removed(name: &str) -> String {
    format!("[The user took /work/{} back; it can no longer be used.]", plain(name))
}

pub(crate) fn mode_set(mode: Mode) -> String {
    let text = match mode {
        Mode::Ask => "asks before changes and commands",
        Mode::Auto => "asks only for what cannot be undone or leaves the machine",
        Mode::Skip => "asks only for deletion",
    };
    format!("[The user changed the mode: Deskhand now {text}.]")
}

/// An Undo; `left_out` more changes than these were made by it.
pub(crate) fn undone(changes: &[Change], left_out: u64) -> String {
    let paths: Vec<String> = changes.iter().take(20).map(|change| plain(&change.path)).collect();
    let more = changes.len().saturating_sub(paths.len()) as u64 + left_out;
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    format!("[The user undid changes to {}{more}. Read a file again before you change it.]", paths.join(", "))
}

/// The calendar date in UTC, by the days-to-civil method (Howard Hinnant, "chrono-compatible low-level date
/// algorithms").
fn date(at: Timestamp) -> String {
    let days = at.0.div_euclid(86_400_000) + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use event::Timestamp;

    use super::date;

    #[test]
    fn dates_match_the_calendar() {
        let table = [
            (0, "1970-01-01"),
            (-1, "1969-12-31"),
            (951_782_400_000, "2000-02-29"),
            (1_709_164_800_000, "2024-02-29"),
            (1_795_305_600_000, "2026-11-22"),
            (4_102_444_799_999, "2099-12-31"),
        ];
        for (at, expected) in table {
            assert_eq!(date(Timestamp(at)), expected);
        }
    }
}
