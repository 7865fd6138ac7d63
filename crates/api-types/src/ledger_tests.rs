//! The ledger read back: whole lines, torn ones, decisions written twice.

use super::{LedgerLine, LedgerVerdict};

const LINES: &str = r#"{"at":1,"host":"a.example","port":443,"verdict":"allowed","rule":"listed","bytes_up":5,"bytes_down":6,"call":"c1"}
{"at":2,"host":"b.example","port":80,"verdict":"refused","rule":"not listed","bytes_up":0,"bytes_down":0,"call":""}
{"at":3,"host":"c.example","port":80,"verdict":"pondered","rule":"a newer release","bytes_up":0,"bytes_down":0,"call":""}
{"at":4,"host":"d.exa"#;

#[test]
fn lines_that_can_be_read_are_given_and_others_passed_over() {
    let lines = LedgerLine::last_of(LINES, 10);
    let seen: Vec<(&str, LedgerVerdict, u64)> =
        lines.iter().map(|line| (line.host.as_str(), line.verdict, line.bytes_down)).collect();
    assert_eq!(seen, [("a.example", LedgerVerdict::Allowed, 6), ("b.example", LedgerVerdict::Refused, 0)]);
    assert_eq!(LedgerLine::last_of(LINES, 1), lines[1..]);
    let written = serde_json::to_string(&lines[0]).unwrap();
    assert_eq!(Some(written.as_str()), LINES.lines().next());
}

#[test]
fn a_decision_written_twice_is_one_line_where_it_was_decided() {
    let line = |at: u64, host: &str, bytes: u64, rest: &str| {
        format!(
            r#"{{"at":{at},"host":"{host}","port":443,"verdict":"allowed","rule":"listed","bytes_up":0,"bytes_down":{bytes},"call":""{rest}}}"#
        )
    };
    let all = [
        line(1, "long", 9, r#","id":"l""#),
        line(2, "a", 0, r#","id":"1","open":true"#),
        line(3, "b", 0, r#","id":"2","open":true"#),
        line(4, "old", 4, ""),
        line(3, "b", 6, r#","id":"2""#),
        line(5, "c", 0, r#","id":"3","open":true"#),
        line(2, "a", 5, r#","id":"1""#),
    ];
    let read = |text: &str, most: usize| -> Vec<(String, u64, bool)> {
        let lines = LedgerLine::last_of(text, most);
        lines.into_iter().map(|line| (line.host, line.bytes_down, line.open)).collect()
    };
    let one = |host: &str, bytes: u64, open: bool| (host.to_owned(), bytes, open);
    let whole =
        [one("long", 9, false), one("a", 5, false), one("b", 6, false), one("old", 4, false), one("c", 0, true)];
    assert_eq!(read(&all.join("\n"), 10), whole);
    for most in 0..5 {
        assert_eq!(read(&all.join("\n"), most), whole[5 - most..], "{most}");
    }
    // What a process leaves that is killed after any of its lines.
    assert_eq!(read(&all[..4].join("\n"), 10)[1..], [one("a", 0, true), one("b", 0, true), one("old", 4, false)]);
}
