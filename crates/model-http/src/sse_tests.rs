//! The splitter alone: the rules of event streams, and pieces of every size.

use crate::sse::{LONGEST_LINE, SseSplitter, TooLong};

/// Feeds pieces, ends the stream, gives every event's data.
fn split<'p>(pieces: impl IntoIterator<Item = &'p [u8]>) -> Vec<String> {
    let mut splitter = SseSplitter::default();
    let mut found = Vec::new();
    for piece in pieces {
        splitter.feed(piece, |data| note(&mut found, data)).unwrap();
    }
    splitter.finish(|data| note(&mut found, data)).unwrap();
    found
}

fn note(found: &mut Vec<String>, data: &[u8]) -> bool {
    found.push(String::from_utf8(data.to_vec()).unwrap());
    true
}

const CASES: [(&str, &[&str]); 14] = [
    ("data: a\n\n", &["a"]),
    ("data:a\n\ndata:  b\n\n", &["a", " b"]),
    ("data: a\r\n\r\ndata: b\r\rdata: c\n\r\n", &["a", "b", "c"]),
    ("data: a\ndata: b\n\n", &["a\nb"]),
    ("data: a\ndata\ndata:\n\n", &["a\n\n"]),
    ("data\n\n", &[""]),
    ("event: x\nid: 1\nretry: 2\ndatabase: no\n: comment\ndata: a\n\n", &["a"]),
    ("event: x\n\n\n\n", &[]),
    ("\u{feff}data: a\n\n", &["a"]),
    ("data: \u{feff}a\n\n\u{feff}data: lost\n\n", &["\u{feff}a"]),
    ("data: unfinished\n", &["unfinished"]),
    ("data: unfinished", &["unfinished"]),
    ("data: ä€😀\n\n", &["ä€😀"]),
    ("", &[]),
];

#[test]
fn streams_are_split_by_the_rules() {
    for (stream, expected) in CASES {
        assert_eq!(split([stream.as_bytes()]), expected, "{stream:?}");
    }
}

#[test]
fn where_the_pieces_end_makes_no_difference() {
    for (stream, expected) in CASES {
        let bytes = stream.as_bytes();
        for first in 0..=bytes.len() {
            for second in first..=bytes.len() {
                let pieces = [&bytes[..first], &bytes[first..second], &bytes[second..]];
                assert_eq!(split(pieces), expected, "{stream:?} cut at {first} and {second}");
            }
        }
        assert_eq!(split(bytes.chunks(1)), expected, "{stream:?} byte by byte");
    }
}

#[test]
fn reading_stops_when_it_is_told_to() {
    let mut splitter = SseSplitter::default();
    let mut seen = 0;
    let stop = |_: &[u8]| {
        seen += 1;
        false
    };
    splitter.feed(b"data: a\n\ndata: b\n\n", stop).unwrap();
    assert_eq!(seen, 1);
}

#[test]
fn a_line_may_have_eight_megabytes_and_not_one_byte_more() {
    let line = |length: usize| {
        let mut line = b"data:".to_vec();
        line.resize(length, b'x');
        line
    };
    for (length, expected) in [(LONGEST_LINE, Ok(())), (LONGEST_LINE + 1, Err(TooLong))] {
        let mut whole = line(length);
        whole.extend_from_slice(b"\n\n");
        assert_eq!(SseSplitter::default().feed(&whole, |_| true), expected);
        let mut splitter = SseSplitter::default();
        let fed = line(length).chunks(1 << 20).try_for_each(|piece| splitter.feed(piece, |_| true));
        assert_eq!(fed, expected);
    }
}
