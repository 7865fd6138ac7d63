//! Reading process lines whose names try to confuse.

use super::{Head, Line, Owner, Table, alive};

#[test]
fn the_line_of_a_process_is_read_past_any_name() {
    let table = [
        ("12 (cat) S 3 12 7 0 -1 4194560", Some(Line { parent: 3, session: 7 })),
        ("12 (a b) c) R 4 12 8 0 -1", Some(Line { parent: 4, session: 8 })),
        ("12 () Z 99 1 2) D 5 12 9 0", Some(Line { parent: 5, session: 9 })),
        ("12 (cat) Z 3 12 7 0", None),
        ("12 (cat) X 3 12 7 0", None),
        ("12 (cat) S 3 12", None),
        ("12 (cat", None),
        ("", None),
    ];
    for (stat, expected) in table {
        assert_eq!(alive(stat), expected, "{stat}");
    }
}

#[test]
fn a_process_belongs_by_session_then_by_ancestry_and_else_to_nobody() {
    // Numbers above any process id, so that no mark is found for them.
    const BASE: i32 = 1 << 30;
    let line = |parent: i32, session: i32| Line { parent: BASE + parent, session: BASE + session };
    let parents = [
        (1, line(0, 1)),    // main of the first command
        (2, line(0, 2)),    // main of the second command
        (10, line(1, 1)),   // child of the first
        (11, line(10, 11)), // its grandchild, in a session of its own
        (12, line(0, 1)),   // orphan still in the first's session
        (20, line(2, 20)),  // child of the second, own session
        (30, line(0, 30)),  // orphan in a session of its own
    ];
    let table = Table { parents: parents.map(|(pid, line)| (BASE + pid, line)).into_iter().collect() };
    let head = |stream, main: i32| Head { stream, main: rustix::process::Pid::from_raw(BASE + main).unwrap() };
    let owners = [1, 2, 10, 11, 12, 20, 30, 99].map(|pid| table.owner(BASE + pid, head(1, 1), &[head(2, 2)]));
    use Owner::{Nobody, Other, This};
    assert_eq!(owners, [This, Other, This, This, This, Other, Nobody, Nobody]);
}
