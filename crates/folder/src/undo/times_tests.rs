//! The decision about a directory's time as a table: its changes in short form, what is selected, the ways back.

use super::{Way, ways_of};
use crate::journal::Timed;
use crate::{Author, Moment};

/// `-` is no directory, `?` unknown, a digit a time.
fn moment(letter: char) -> Option<Moment> {
    match letter {
        '?' => None,
        '-' => Some(Moment::Gone),
        digit => Some(Moment::At(i64::from(digit.to_digit(10).unwrap()))),
    }
}

/// A change in short: before and after; `u` in front marks an Undo.
fn timed(short: &str) -> Timed {
    let (undo, short) = short.strip_prefix('u').map_or((None, short), |rest| (Some(1), rest));
    let letters: Vec<char> = short.chars().collect();
    let author = Author { call: None, turn: 1, undo };
    Timed { author, before: moment(letters[0]).unwrap(), after: moment(letters[1]) }
}

#[test]
fn each_history_has_its_ways_back() {
    let table = [
        ("12", "x", "2>1"),
        ("12", "-", ""),
        ("1?", "x", "?>1"),
        ("1-", "x", "->1"),
        ("-2", "x", ""),
        // several
        ("12 23", "xx", "3>1"),
        ("12 23", "x-", "2>1"),
        ("12 23", "-x", "3>2"),
        ("1? 23", "xx", "3>1"),
        // the directory went and came again
        ("1- -2", "xx", "2>1"),
        // the user changed names in between
        ("12 45", "xx", "5>4"),
        // after an Undo, and after its redo
        ("12 u21", "x-", "1>1 2>1"),
        ("12 u21", "-x", "1>2"),
        ("12 23 u32", "x--", "2>1"),
        ("12 u21 u12", "x--", "2>1"),
        ("12 u2?", "x-", "?>1 2>1"),
        ("12 u24", "x-", "4>1 2>1"),
    ];
    for (chain, selects, expected) in table {
        let chain_of: Vec<_> = chain.split(' ').map(timed).collect();
        let selected: Vec<bool> = selects.chars().map(|letter| letter == 'x').collect();
        let letter = |moment: Option<Moment>| match moment {
            None => "?".to_owned(),
            Some(Moment::Gone) => "-".to_owned(),
            Some(Moment::At(time)) => time.to_string(),
        };
        let short = |way: &Way| format!("{}>{}", letter(way.now), way.back);
        let ways: Vec<_> = ways_of(&chain_of, &selected).iter().map(short).collect();
        assert_eq!(ways.join(" "), expected, "{chain} {selects}");
    }
}
