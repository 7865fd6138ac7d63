//! The decision as a table: a chain of entries in short form, the state now, the step that follows.

use event::Digest;

use super::{Step, step};
use crate::{Action, Author, Entry, Intent, Look, Mark, Seen, State};

/// `-` is absent, `/` a directory, `@` a link, any other letter a file with that letter as its content.
fn mark(letter: char) -> Mark {
    match letter {
        '-' => Mark::Absent,
        '/' => Mark::Directory,
        '@' => Mark::Link(Digest::of(b"target")),
        letter => Mark::File(Digest::of(letter.to_string().as_bytes())),
    }
}

fn state(letter: char) -> State {
    match mark(letter) {
        Mark::Absent => State::Absent,
        Mark::Directory => State::Directory { mode: 0o755, mtime_ns: None },
        Mark::File(digest) => State::File { digest, mode: 0o644, mtime_ns: 0, bytes: 1 },
        Mark::Link(_) => State::Link { target: "target".into() },
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
        look: None,
        identity: None,
    }
}

fn decide(chain: &str, selects: &str, current: char) -> String {
    let entries: Vec<_> = chain.split(' ').enumerate().map(|(number, short)| entry(number, short)).collect();
    let selected: Vec<bool> = selects.chars().map(|letter| letter == 'x').collect();
    let seen = Seen { mark: mark(current), look: state(current).look(), sealed: false };
    short(step("/outputs/a", &entries.iter().collect::<Vec<_>>(), &selected, seen))
}

fn short(step: Option<Step>) -> String {
    let Some(step) = step else {
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
        Action::RestoreLink { .. } => "restore link".to_owned(),
        Action::Adjust { mode, mtime_ns } => format!("adjust {mode:o} {mtime_ns:?}"),
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
        // links, and one kind in place of another
        ("1a@@", "x", '@', "restore a"),
        ("1@aa", "x", 'a', "restore link"),
        ("1-@@", "x", '@', "remove"),
        ("1@--", "x", '-', "restore link"),
        ("1/@@", "x", '@', "make directory"),
        ("1/aa", "x", 'a', "make directory"),
        ("1a//", "x", '/', "restore a"),
        ("1@//", "x", '/', "restore link"),
        ("1a@@", "x", 'b', "changed since by you"),
        // several
        ("1abb 1bcc", "x-", 'c', "changed again by a later command; undo that command first"),
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

#[test]
fn mode_and_time_count_too() {
    let was = |mode, mtime_ns| State::File { digest: Digest::of(b"a"), mode, mtime_ns, bytes: 1 };
    let look = |mode, mtime_ns| Some(Look { mode, mtime_ns: Some(mtime_ns) });
    let seen = |mode, mtime_ns| Seen { mark: mark('a'), look: look(mode, mtime_ns), sealed: false };
    let change = |turn: &str, mode, mtime_ns, left| {
        let mut entry = entry(0, &format!("{turn}a?a"));
        (entry.intent.before, entry.look) = (was(mode, mtime_ns), left);
        entry
    };
    // The task changed mode and time; whether it is known what it left.
    for left in [look(0o600, 2), None] {
        let chain = [change("1", 0o644, 1, left)];
        let decide = |now| short(step("/outputs/a", &[&chain[0]], &[true], now));
        assert_eq!(decide(seen(0o600, 2)), "adjust 644 Some(1)");
        assert_eq!(decide(seen(0o644, 1)), "nothing");
        let edited = if left.is_some() { "changed since by you" } else { "adjust 644 Some(1)" };
        assert_eq!(decide(seen(0o640, 2)), edited);
    }
    // A later turn changed the mode again.
    let chain = [change("1", 0o644, 1, look(0o600, 2)), change("2", 0o600, 2, look(0o400, 2))];
    let decide = |selected: &[bool], now| short(step("/outputs/a", &[&chain[0], &chain[1]], selected, now));
    assert_eq!(decide(&[true, false], seen(0o400, 2)), "changed again in turn 2; undo that turn first");
    assert_eq!(decide(&[false, true], seen(0o400, 2)), "adjust 600 Some(2)");
    assert_eq!(decide(&[true, true], seen(0o400, 2)), "adjust 644 Some(1)");
    // After an Undo the file is the user's again, who may change its mode.
    let chain = [change("1", 0o644, 1, look(0o600, 2)), change("u1", 0o600, 2, look(0o644, 1))];
    let decide = |selected: &[bool], now| short(step("/outputs/a", &[&chain[0], &chain[1]], selected, now));
    assert_eq!(decide(&[true, false], seen(0o644, 1)), "nothing");
    assert_eq!(decide(&[true, false], seen(0o640, 1)), "nothing");
    assert_eq!(decide(&[false, true], seen(0o644, 1)), "adjust 600 Some(2)");
}
