//! Reasoning in tags, cut in every possible place.

use crate::think::{Piece, ThinkSorter};

/// Sorts the pieces; gives all reasoning and all text.
fn sort(pieces: &[&str]) -> (String, String) {
    let mut sorter = ThinkSorter::new();
    let mut out = Vec::new();
    for piece in pieces {
        sorter.push(piece, &mut out);
    }
    sorter.finish(&mut out);
    let (mut thinking, mut text) = (String::new(), String::new());
    for piece in out {
        match piece {
            Piece::Text(more) => text.push_str(&more),
            Piece::Thinking(more) => thinking.push_str(&more),
        }
    }
    (thinking, text)
}

#[test]
fn the_sorting_is_the_same_wherever_the_content_is_cut() {
    let cases = [
        ("<think>a b</think>\n\nc d", "a b", "c d"),
        ("  \n<think>a</think>c", "a", "c"),
        ("<think></think>c", "", "c"),
        ("<think>a </thin k> </think>c </think> d", "a </thin k> ", "c </think> d"),
        ("<think>never ends </thi", "never ends </thi", ""),
        ("<thin air", "", "<thin air"),
        ("<thi", "", "<thi"),
        ("c <think>a</think>", "", "c <think>a</think>"),
        ("  c", "", "  c"),
        ("<think>ä€</think>😀", "ä€", "😀"),
        ("", "", ""),
    ];
    for (content, thinking, text) in cases {
        let expected = (thinking.to_owned(), text.to_owned());
        let places: Vec<usize> = (0..=content.len()).filter(|place| content.is_char_boundary(*place)).collect();
        for first in &places {
            for second in places.iter().filter(|second| *second >= first) {
                let pieces = [&content[..*first], &content[*first..*second], &content[*second..]];
                assert_eq!(sort(&pieces), expected, "{content:?} cut at {first} and {second}");
            }
        }
    }
}
