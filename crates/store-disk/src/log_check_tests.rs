//! Which line is blamed for what, and that checking and opening agree about every log.

use event::{Chain, Event, TaskId, Timestamp};
use proptest::prelude::*;
use store::conformance::{id, said};

use crate::log_check::damages;
use crate::log_file::{Cursor, scan};

fn task() -> TaskId {
    id(1)
}

/// Lines of an intact log, without line breaks.
fn lines(count: usize) -> Vec<String> {
    let mut chain = Chain::default();
    let mut lines = Vec::new();
    for number in 0..count {
        let (actor, fact) = said(&format!("number {number}"));
        let event = Event { seq: chain.head.next(), at: Timestamp(1), task: task(), actor, prev: chain.digest, fact };
        let line = event.to_line().expect("a line");
        chain.advance(&line);
        lines.push(line);
    }
    lines
}

fn blamed(lines: &[String]) -> Vec<u64> {
    let text: String = lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect();
    damages(text.as_bytes(), task()).into_iter().map(|(line, _)| line).collect()
}

#[test]
fn lines_that_were_moved_added_or_removed() {
    let good = lines(6);
    let change = |change: &dyn Fn(&mut Vec<String>)| {
        let mut lines = good.clone();
        change(&mut lines);
        blamed(&lines)
    };
    let reword = |line: &mut String| *line = line.replace("number", "nombre");
    let relink =
        |line: &mut String| *line = line.replace("\"prev\":\"", "\"prev\":\"0").replacen("0\",\"fact", "\",\"fact", 1);
    let renumber = |line: &mut String| *line = line.replace("\"seq\":3", "\"seq\":8");
    assert_eq!(blamed(&good), [0; 0]);
    assert_eq!(blamed(&[]), [0; 0]);
    assert_eq!(change(&|lines| reword(&mut lines[0])), [1]);
    assert_eq!(change(&|lines| reword(&mut lines[2])), [3]);
    assert_eq!(change(&|lines| lines[2] = "{}".to_owned()), [3]);
    assert_eq!(change(&|lines| renumber(&mut lines[2])), [3]);
    assert_eq!(change(&|lines| lines[3] = lines[3].replace(task().as_str(), id(2).as_str())), [4]);
    // Two altered lines apart, and side by side.
    assert_eq!(change(&|lines| [0, 3].iter().for_each(|at| reword(&mut lines[*at]))), [1, 4]);
    assert_eq!(change(&|lines| [2, 4].iter().for_each(|at| lines[*at] = "?".to_owned())), [3, 5]);
    // A line that is gone: the numbers jump where it was, told once.
    assert_eq!(change(&|lines| drop(lines.remove(0))), [1]);
    assert_eq!(change(&|lines| drop(lines.remove(2))), [3]);
    assert_eq!(change(&|lines| drop(lines.drain(1..4))), [2]);
    assert_eq!(change(&|lines| lines.insert(3, lines[2].clone())), [4]);
    assert!(!change(&|lines| lines.swap(2, 3)).is_empty());
    // Only the link altered: this line, not the one before.
    let mut relinked = good.clone();
    let digest = event::Digest::of(good[1].as_bytes()).to_string();
    relinked[2] = relinked[2].replace(&digest, &"0".repeat(32));
    assert_eq!(blamed(&relinked), [3]);
    let mut first = good.clone();
    relink(&mut first[0]);
    assert_eq!(blamed(&first).first(), Some(&1));
}

#[test]
fn a_torn_end_is_told_as_such() {
    let mut text = lines(2).join("\n");
    assert_eq!(
        damages(text.as_bytes(), task()),
        [(
            2,
            format!("the last line is torn: {} bytes without an end, cut when the task is opened", lines(2)[1].len())
        )]
    );
    text.push_str("\n?\n");
    assert_eq!(
        damages(text.as_bytes(), task()),
        [(3, "the last line is torn; it is cut when the task is opened".to_owned())]
    );
}

proptest! {
    #[test]
    fn checking_and_opening_agree(
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..3_u8), 0..4),
        cut in any::<prop::sample::Index>(),
        keep in any::<bool>(),
    ) {
        let mut bytes = (lines(5).join("\n") + "\n").into_bytes();
        for (at, byte, kind) in edits {
            let at = at.index(bytes.len());
            match kind {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                _ => drop(bytes.remove(at)),
            }
        }
        if !keep {
            bytes.truncate(cut.index(bytes.len() + 1));
        }
        let scan = scan(&bytes, task(), Cursor::default());
        let found = damages(&bytes, task());
        prop_assert_eq!(scan.rest > 0, !found.is_empty());
        prop_assert_eq!(scan.end.offset + scan.rest, bytes.len() as u64);
        prop_assert_eq!(scan.events.len() as u64, scan.end.chain.head.0);
        if scan.damaged {
            // The line to blame is the one that does not follow, or the one before it.
            let line = found[0].0;
            prop_assert!(line == scan.end.chain.head.0 + 1 || line == scan.end.chain.head.0, "{:?}", found);
        }
    }
}
