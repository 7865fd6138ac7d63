//! Names: what a task's folder and the things in it are called.

use std::path::{Path, PathBuf};

use event::{TaskId, Timestamp};
use store::Places;

/// The log.
pub(crate) const LOG: &str = "events.jsonl";
/// Who holds the lease; for people and error messages only.
pub(crate) const LEASE: &str = "lease";
/// Text of a reply under way.
pub(crate) const DRAFT: &str = "draft.txt";
/// The model's notes, for people; never read back.
pub(crate) const SCRATCHPAD: &str = "scratchpad.md";
/// The directory of all tasks.
pub(crate) const TASKS: &str = "tasks";
/// The directory of removed tasks.
pub(crate) const TRASH: &str = "trash";
/// The index.
pub(crate) const INDEX: &str = "index.db";

/// Characters of a slug that are kept; with four bytes each the folder's name stays below 255 bytes.
const SLUG_LENGTH: usize = 48;

/// The directories of the task whose folder is `root`.
pub(crate) fn places(root: &Path) -> Places {
    Places {
        root: root.to_owned(),
        outputs: root.join("outputs"),
        uploads: root.join("uploads"),
        blobs: root.join("blobs"),
        journal: root.join("journal"),
    }
}

/// The directories inside a task's folder.
pub(crate) fn inner(places: &Places) -> [&PathBuf; 4] {
    [&places.outputs, &places.uploads, &places.blobs, &places.journal]
}

/// `<YYYY-MM-DD>-<slug>-<id>`, the date in UTC.
pub(crate) fn folder_name(at: Timestamp, slug: &str, task: TaskId) -> String {
    format!("{}-{}-{task}", date(at), plain(slug))
}

/// The task a folder belongs to, by the last part of its name.
pub(crate) fn task_of(folder: &str) -> Option<TaskId> {
    let (_, id) = folder.rsplit_once('-')?;
    TaskId::parse(id).ok().filter(|task| task.as_str() == id)
}

/// The name to give an imported folder: the archive's own date and slug, made plain.
pub(crate) fn imported_name(folder: &str, task: TaskId, at: Timestamp) -> String {
    let rest = folder.strip_suffix(task.as_str()).unwrap_or(folder).trim_end_matches('-');
    let (first, slug) = rest.split_at_checked(10).unwrap_or(("", rest));
    if is_date(first) { format!("{first}-{}-{task}", plain(slug)) } else { folder_name(at, rest, task) }
}

/// Letters and digits in lower case, everything else one `-`.
fn plain(slug: &str) -> String {
    let mut plain = String::new();
    for letter in slug.chars().flat_map(char::to_lowercase).take(SLUG_LENGTH) {
        if letter.is_alphanumeric() {
            plain.push(letter);
        } else if !plain.is_empty() && !plain.ends_with('-') {
            plain.push('-');
        }
    }
    let plain = plain.trim_end_matches('-');
    if plain.is_empty() { "task".to_owned() } else { plain.to_owned() }
}

fn is_date(text: &str) -> bool {
    text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        })
}

/// The proleptic Gregorian date in UTC; years are counted from March so that the leap day comes last.
fn date(at: Timestamp) -> String {
    const DAY: i64 = 86_400_000;
    /// Days of 400 years.
    const ERA: i64 = 146_097;
    /// Days from 0000-03-01 to 1970-01-01.
    const EPOCH: i64 = 719_468;
    let days = at.0.div_euclid(DAY) + EPOCH;
    let (era, day) = (days.div_euclid(ERA), days.rem_euclid(ERA));
    let year = (day - day / 1_460 + day / 36_524 - day / (ERA - 1)) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}
