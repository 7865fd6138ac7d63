//! The decision as a table: a chain of entries in short form, the state now, the step that follows.

use event::Digest;

use super::step;
use crate::{Action, Author, Entry, Intent, Mark, State};

/// `-` is absent, `/` a directory, any other letter a file with that letter as its content.
fn mark(letter: char) -> Mark {
    match letter {
        '-' => Mark::Absent,
        '/' => Mark::Directory,
        letter => Mark::File(Digest::of(letter.to_string().as_bytes())),
    }
}

fn state(letter: char) -> State {
    match mark(letter) {
        Mark::Absent => State::Absent,
        Mark::Directory => State::Directory { mode: 0o755 },
        Mark::File(digest) => State::File { digest, mode: 0o644, mtime_ns: 0, bytes: 1 },
    }
}

/// An entry in short: turn, `>` before, intended (`?` unknown), after (`?` cut off); `u` in front marks an Undo.
fn entry(number: usize, short: &str) -> Entry {
    let (undo, short) = short.strip_prefix('u').map_or((None, short), |rest| (Some(1), rest));
    let letters: Vec<char> = short.chars().collect();
    let known = |letter: char| (letter != '?').then(|| mark(letter));
    Entry {
        number: number as u64 + 1,
        intent: Intent {
            author: Author { call: None, turn: letters[0].to_digit(10).unwrap(), undo },
            path: "/outputs/a".into(),
            before: state(letters[1]),
            intends: known(letters[2]),
            temporary: None,
        },
        after: known(letters[3]),
    }
}

fn decide(chain: &str, selects: &str, current: char) -> String {
    let entries: Vec<_> = chain.split(' ').enumerate().map(|(number, short)| entry(number, short)).collect();
    let selected: Vec<bool> = selects.chars().map(|letter| letter == 'x').collect();
    let Some(step) = step("/outputs/a", &entries.iter().collect::<Vec<_>>(), &selected, mark(current)) else {
        return "nothing".to_owned();
    };
    let action = match step.action {
        Action::Restore { digest, .. } => {
            let letter = "abcdefgh".chars().find(|letter| mark(*letter) == Mark::File(digest)).unwrap();
            format!("restore {letter}")
        }
        Action::RemoveFile => "remove".to_owned(),
        Action::RemoveDirectory => "remove directory".to_owned(),
        Action::MakeDirectory { .. } => "make directory".to_owned(),
        Action::Leave(conflict) => conflict.to_string(),
    };
    if step.partial { format!("{action}, partial") } else { action }
}

#[test]
fn each_history_has_its_step() {
    let table = [
        // one change
        ("1abb", "x", 'b', "restore a"),
        ("1abb", "x", 'a', "nothing"),
        ("1abb", "x", 'c', "changed since by you"),
        ("1abb", "x", '-', "deleted since by you"),
        ("1abb", "x", '/', "changed since by you"),
        ("1-bb", "x", 'b', "remove"),
        ("1-bb", "x", '-', "nothing"),
        ("1-bb", "x", 'c', "changed since by you"),
        ("1a--", "x", '-', "restore a"),
        ("1a--", "x", 'a', "nothing"),
        ("1a--", "x", 'c', "changed since by you"),
        ("1-//", "x", '/', "remove directory"),
        ("1-//", "x", '-', "nothing"),
        ("1/--", "x", '-', "make directory"),
        ("1/--", "x", 'c', "changed since by you"),
        // several
        ("1abb 2bcc", "xx", 'c', "restore a"),
        ("1abb 2bcc", "-x", 'c', "restore b"),
        ("1abb 2bcc", "x-", 'c', "changed again in turn 2; undo that turn first"),
        ("1abb 2bcc", "x-", 'b', "restore a"),
        ("1abb 2bcc", "x-", 'd', "changed since by you"),
        ("1abb 2baa", "x-", 'a', "nothing"),
        ("1abb 2cdd", "xx", 'd', "restore c, partial"),
        ("1abb 1cdd 1eff", "xxx", 'f', "restore e, partial"),
        ("1abb 2bcc 3cdd", "-x-", 'd', "changed again in turn 3; undo that turn first"),
        // after an Undo
        ("1abb u1baa", "x-", 'a', "nothing"),
        ("1abb u1baa u1abb", "x--", 'b', "restore a"),
        ("1abb u1baa 2acc", "x-x", 'c', "restore a"),
        ("1abb u1baa 2acc", "x--", 'c', "changed again in turn 2; undo that turn first"),
        ("1abb 2bcc u2cbb", "xx-", 'b', "restore a"),
        ("1abb u1baa", "-x", 'a', "restore b"),
        // cut off by a crash
        ("1ab?", "x", 'a', "nothing"),
        ("1ab?", "x", 'b', "restore a"),
        ("1ab?", "x", 'c', "changed since by you"),
        ("1a??", "x", 'a', "nothing"),
        ("1a??", "x", 'c', "restore a"),
        ("1a??", "x", '-', "restore a"),
        ("1ab? 2acc", "xx", 'c', "restore a"),
        ("1ab? 2bcc", "xx", 'c', "restore a"),
        ("1a?? 2ecc", "xx", 'c', "restore a"),
        ("1ab? 2acc", "x-", 'c', "nothing"),
    ];
    for (chain, selects, current, expected) in table {
        assert_eq!(decide(chain, selects, current), expected, "{chain} {selects} now {current}");
    }
}
