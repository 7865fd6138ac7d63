//! Every damage of a log, each blamed on the line that was altered. Pure; opening a log stops at the first.

use event::{Digest, Event, Seq, TaskId};

use crate::log_file::{is_json, split_line};

/// What is known of one line.
struct Line {
    /// Number, link and task of the event on it, or why there is none.
    event: Result<(Seq, Digest, TaskId), String>,
    digest: Digest,
}

/// All damage of a log: line from 1, and what is wrong there, in the order of lines. Each line is named once.
pub(crate) fn damages(bytes: &[u8], task: TaskId) -> Vec<(u64, String)> {
    let mut lines = Vec::new();
    let mut rest = bytes;
    while let Some((line, behind)) = split_line(rest) {
        lines.push(read(line, behind.is_empty()));
        rest = behind;
    }
    let mut found = Vec::new();
    judge_lines(&lines, task, &mut found);
    judge_numbers(&lines, &mut found);
    judge_links(&lines, &mut found);
    if !rest.is_empty() {
        let what = format!("the last line is torn: {} bytes without an end, cut when the task is opened", rest.len());
        found.push((lines.len() as u64 + 1, what));
    }
    found.sort_by_key(|(line, _)| *line);
    found.dedup_by_key(|(line, _)| *line);
    found
}

fn read(line: &[u8], last: bool) -> Line {
    let event = match std::str::from_utf8(line) {
        Err(_) => Err("the line is not UTF-8".to_owned()),
        Ok(text) => match Event::from_line(text) {
            Ok(event) => Ok((event.seq, event.prev, event.task)),
            Err(error) if is_json(line) => Err(format!("the line is JSON but no event this release knows: {error}")),
            Err(_) if last => Err("the last line is torn; it is cut when the task is opened".to_owned()),
            Err(error) => Err(format!("the line is {error}")),
        },
    };
    Line { event, digest: Digest::of(line) }
}

/// Lines that hold no event, or one of another task.
fn judge_lines(lines: &[Line], task: TaskId, found: &mut Vec<(u64, String)>) {
    for (number, line) in (1..).zip(lines) {
        match &line.event {
            Err(what) => found.push((number, what.clone())),
            Ok((_, _, owner)) if *owner != task => found.push((number, format!("the event belongs to task `{owner}`"))),
            Ok(_) => {}
        }
    }
}

/// Numbers that do not follow. A wrong number between right ones was altered; where the following lines count on from
/// it, lines were added or removed, which is told once.
fn judge_numbers(lines: &[Line], found: &mut Vec<(u64, String)>) {
    let seq_at = |at: usize| lines.get(at).and_then(|line| line.event.as_ref().ok()).map(|(seq, ..)| *seq);
    let mut expected = Seq(1);
    for at in 0..lines.len() {
        let Some(seq) = seq_at(at) else {
            expected = expected.next();
            continue;
        };
        if seq != expected {
            found.push((at as u64 + 1, format!("event {seq} stands where event {expected} belongs")));
            if seq_at(at + 1) != Some(expected.next()) {
                expected = seq;
            }
        }
        expected = expected.next();
    }
}

/// Links that do not fit. An altered line breaks the link behind it; only where its own link was altered too it breaks
/// the one before. So of two broken links in a row the line between is to blame, of a single one the line before; and a
/// line in the wrong place is told already.
fn judge_links(lines: &[Line], found: &mut Vec<(u64, String)>) {
    let broken = |at: usize| -> bool {
        let Some(Line { event: Ok((_, prev, _)), .. }) = lines.get(at) else { return false };
        let before = at.checked_sub(1).and_then(|before| lines.get(before));
        match before {
            None => *prev != Digest::of(b""),
            // What is wrong with a line that holds no event is told already.
            Some(Line { event: Err(_), .. }) => false,
            Some(before) => *prev != before.digest,
        }
    };
    let misplaced: Vec<u64> = found.iter().map(|(line, _)| *line).collect();
    let mut at = 0;
    while at < lines.len() {
        if broken(at) && !misplaced.contains(&(at as u64 + 1)) {
            let own = at == 0 || broken(at + 1);
            let line = if own { at + 1 } else { at };
            found.push((line as u64, "the line was altered: the line after it does not fit".to_owned()));
            at += usize::from(own);
        }
        at += 1;
    }
}
