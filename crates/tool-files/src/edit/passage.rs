//! Finding a passage and replacing it, or saying why it cannot be found. Pure.

use crate::text::cut;

/// Bytes of a line shown in a hint.
const LINE: usize = 200;

/// What is to be replaced.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted<'w> {
    /// The passage.
    pub(crate) old: &'w str,
    /// What comes in its place.
    pub(crate) new: &'w str,
    /// Whether every occurrence is meant.
    pub(crate) all: bool,
}

/// A text with the passage replaced.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Replaced {
    /// The whole new text.
    pub(super) text: String,
    /// How many places were changed.
    pub(super) places: usize,
    /// Where the first one starts, in both texts.
    pub(super) start: usize,
    /// How long the old passage was there.
    pub(super) old_length: usize,
    /// How long the new one is.
    pub(super) new_length: usize,
}

/// Replaces the passage; gives words for the model where that cannot be done. In a file whose lines all end in CR LF,
/// the line breaks of the passage are taken to mean those.
pub(super) fn replace(text: &str, wanted: &Wanted<'_>) -> Result<Replaced, String> {
    let (mut old, mut new) = (wanted.old.to_owned(), wanted.new.to_owned());
    if has_crlf_only(text) {
        (old, new) = (with_crlf(&old), with_crlf(&new));
    }
    let Some(start) = text.find(&old) else {
        return Err(not_found(text, &old));
    };
    let places = text.matches(&old).count();
    if places > 1 && !wanted.all {
        return Err(ambiguous(text, &old, places));
    }
    let (old_length, new_length) = (old.len(), new.len());
    Ok(Replaced { text: text.replace(&old, &new), places, start, old_length, new_length })
}

/// Number of the line that holds a byte, from 1.
pub(super) fn line_number(text: &str, at: usize) -> usize {
    text.get(..at).unwrap_or(text).matches('\n').count() + 1
}

fn has_crlf_only(text: &str) -> bool {
    let breaks = text.matches('\n').count();
    breaks > 0 && text.matches("\r\n").count() == breaks
}

fn with_crlf(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\n', "\r\n")
}

fn ambiguous(text: &str, old: &str, places: usize) -> String {
    let lines: Vec<_> = text.match_indices(old).take(5).map(|(at, _)| line_number(text, at).to_string()).collect();
    let more = if places > 5 { ", …" } else { "" };
    format!(
        "`old_string` occurs {places} times (lines {}{more}). Add lines around it so that it occurs once, or set \
         replace_all.",
        lines.join(", ")
    )
}

fn not_found(text: &str, old: &str) -> String {
    let hint = numbered(old)
        .or_else(|| spaced(text, old))
        .or_else(|| cased(text, old))
        .or_else(|| begun(text, old))
        .unwrap_or_else(|| "Read the file again and copy the passage exactly.".to_owned());
    format!("`old_string` does not occur in the file. {hint}")
}

/// The passage was copied with the line numbers that Read shows.
fn numbered(old: &str) -> Option<String> {
    let numbered = |line: &str| {
        line.trim_start()
            .split_once('\t')
            .is_some_and(|(number, _)| !number.is_empty() && number.parse::<u64>().is_ok())
    };
    old.lines()
        .all(numbered)
        .then(|| "It holds the line numbers that Read shows; they are not part of the file.".to_owned())
}

/// The same lines are there, with other white space.
fn spaced(text: &str, old: &str) -> Option<String> {
    let squeezed = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    let wanted: Vec<_> = old.lines().map(squeezed).collect();
    let lines: Vec<_> = text.lines().collect();
    let found: Vec<_> = lines.iter().map(|line| squeezed(line)).collect();
    if wanted.iter().all(String::is_empty) {
        return None;
    }
    let at = found.windows(wanted.len()).position(|window| window == wanted).or_else(|| {
        // A passage within one line.
        (wanted.len() == 1).then(|| found.iter().position(|line| line.contains(&wanted[0]))).flatten()
    })?;
    let line = lines.get(at..)?.iter().zip(old.lines()).enumerate().find(|(_, (line, old))| *line != old);
    let (offset, line) = line.map_or((0, lines.get(at)?), |(offset, (line, _))| (offset, line));
    Some(format!(
        "Line {} is the same but for white space; the file has `{}`.",
        at + offset + 1,
        cut(&line.replace('\t', "\\t"), LINE)
    ))
}

/// The same text is there, in other letter case.
fn cased(text: &str, old: &str) -> Option<String> {
    let at = text.to_lowercase().find(&old.to_lowercase())?;
    // Lower case may have another length; the line is near enough for a hint.
    let number = line_number(text, at.min(text.len()));
    let line = text.lines().nth(number - 1)?;
    Some(format!("Line {number} is the same but for upper and lower case; the file has `{}`.", cut(line, LINE)))
}

/// The first line is there, but a later one differs.
fn begun(text: &str, old: &str) -> Option<String> {
    let wanted: Vec<_> = old.lines().collect();
    let first = wanted.first().filter(|line| !line.trim().is_empty())?;
    let lines: Vec<_> = text.lines().collect();
    let agreed =
        |start: usize| lines.iter().skip(start).zip(&wanted).take_while(|(line, wanted)| line == wanted).count();
    let starts = lines.iter().enumerate().filter(|(_, line)| line == &first).map(|(start, _)| start);
    let (start, agreed) = starts.map(|start| (start, agreed(start))).max_by_key(|(_, agreed)| *agreed)?;
    let number = start + agreed + 1;
    Some(match lines.get(start + agreed) {
        Some(line) => {
            format!("It agrees from line {} on, but line {number} of the file is `{}`.", start + 1, cut(line, LINE))
        }
        None => format!("It agrees from line {} on, but the file ends after line {}.", start + 1, lines.len()),
    })
}

#[cfg(test)]
#[path = "passage_tests.rs"]
mod passage_tests;
