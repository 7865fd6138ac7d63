//! Windows over lines.

use tool::OUTPUT_CAP;

use super::{LINE_CAP, Shown, Window};
use crate::text::Encoding;

fn shown(bytes: &[u8], first: u64, limit: u64) -> Shown {
    let mut whole = Window::new(first, limit);
    whole.feed(bytes);
    let whole = whole.finish();
    for size in [1, 3, 7] {
        let mut pieces = Window::new(first, limit);
        bytes.chunks(size).for_each(|piece| pieces.feed(piece));
        assert_eq!(pieces.finish(), whole, "in pieces of {size}");
    }
    whole
}

/// Bytes, first line, limit; text shown, lines shown, lines in all.
type Row = (&'static [u8], u64, u64, &'static str, u64, u64);

#[test]
fn lines_are_numbered_as_they_stand_in_the_file() {
    let table: [Row; 11] = [
        (b"", 1, 9, "", 0, 0),
        (b"a", 1, 9, "1\ta\n", 1, 1),
        (b"a\n", 1, 9, "1\ta\n", 1, 1),
        (b"a\nb", 1, 9, "1\ta\n2\tb\n", 2, 2),
        (b"a\r\nb\r\n", 1, 9, "1\ta\n2\tb\n", 2, 2),
        (b"\n\n", 1, 9, "1\t\n2\t\n", 2, 2),
        (b"a\nb\nc\n", 2, 1, "2\tb\n", 1, 3),
        (b"a\nb\nc\n", 3, 9, "3\tc\n", 1, 3),
        (b"a\nb\nc\n", 4, 9, "", 0, 3),
        (b"\xef\xbb\xbfa\n", 1, 9, "1\ta\n", 1, 1),
        (b"a\tb\rc\n", 1, 9, "1\ta\tb\rc\n", 1, 1),
    ];
    for (bytes, first, limit, text, count, total) in table {
        let expected = Shown { text: text.to_owned(), count, total, encoding: Encoding::Utf8 };
        assert_eq!(shown(bytes, first, limit), expected, "{bytes:?} {first} {limit}");
    }
}

#[test]
fn what_is_not_utf8_is_latin1() {
    let expected = Shown { text: "1\tcafé\n2\tÃ©\n".into(), count: 2, total: 2, encoding: Encoding::Latin1 };
    assert_eq!(shown(b"caf\xe9\n\xc3\xa9", 1, 9), expected);
}

#[test]
fn long_lines_are_cut_between_letters() {
    for (line, bytes) in
        [("x".repeat(5_000), 5_000), ("é".repeat(3_000), 6_000), ("a".to_owned() + &"€".repeat(2_000), 6_001)]
    {
        let shown = shown(line.as_bytes(), 1, 9);
        assert!(shown.text.len() < LINE_CAP + 60, "{}", shown.text.len());
        assert_eq!(shown.encoding, Encoding::Utf8);
        let left_out: usize = shown.text.split(" [… ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
        assert!((bytes - LINE_CAP..=bytes - LINE_CAP + 3).contains(&left_out), "{left_out}");
    }
}

#[test]
fn a_line_of_just_the_cap_is_whole() {
    let line = "x".repeat(LINE_CAP);
    assert_eq!(shown(line.as_bytes(), 1, 9).text, format!("1\t{line}\n"));
    assert_eq!(shown(format!("{line}\r\n").as_bytes(), 1, 9).text, format!("1\t{line}\n"));
}

#[test]
fn the_whole_fits_the_cap() {
    for line in ["x", "a line of usual length, more or less", &"long ".repeat(600)] {
        let shown = shown(format!("{line}\n").repeat(9_000).as_bytes(), 1, 9_000);
        assert!(shown.text.len() <= OUTPUT_CAP - 200, "{}", shown.text.len());
        assert!(shown.text.len() > OUTPUT_CAP / 2, "{}", shown.text.len());
        assert_eq!((shown.total, shown.text.lines().count() as u64), (9_000, shown.count));
    }
}
