//! The changed place as the model sees it: a few lines before and after, numbered.

use super::passage::{Replaced, line_number};
use crate::text::{append, cut};

/// Lines shown around the change.
const AROUND: usize = 2;
/// Lines shown of the old and of the new passage.
const INSIDE: usize = 12;
/// Bytes shown of a line.
const LINE: usize = 300;

/// The first changed place: ` ` before unchanged lines, `-` before old ones, `+` before new ones.
pub(super) fn of(old_text: &str, replaced: &Replaced) -> String {
    let start = replaced.start;
    let first = line_number(old_text, start);
    let old_last = line_number(old_text, start + replaced.old_length);
    let new_last = line_number(&replaced.text, start + replaced.new_length);
    let mut shown = String::new();
    let before = first.saturating_sub(AROUND).max(1);
    lines(&mut shown, ' ', &replaced.text, (before, first.saturating_sub(1)));
    lines(&mut shown, '-', old_text, (first, old_last));
    lines(&mut shown, '+', &replaced.text, (first, new_last));
    lines(&mut shown, ' ', &replaced.text, (new_last + 1, new_last + AROUND));
    shown
}

fn lines(shown: &mut String, mark: char, text: &str, (first, last): (usize, usize)) {
    let wanted = (last + 1).saturating_sub(first);
    for (number, line) in text.lines().enumerate().skip(first - 1).take(wanted.min(INSIDE)) {
        append(shown, format_args!("{mark}{}\t{}\n", number + 1, cut(line, LINE)));
    }
    if wanted > INSIDE {
        append(shown, format_args!("{mark}[… {} lines more]\n", wanted - INSIDE));
    }
}

#[cfg(test)]
#[path = "snippet_tests.rs"]
mod snippet_tests;
