//! Logs that were cut, altered or overwritten: what is repaired, what is refused, and which line is blamed.

use event::{Seq, Timestamp};
use store::conformance::{created, id, replied, said};
use store::{Store, StoreError};
use store_disk::DiskStore;

use crate::world::{World, begin, log_file, read_all};

/// A log of five lines, its bytes, and where each line ends.
fn five_lines(store: &DiskStore) -> (Vec<u8>, Vec<usize>) {
    let mut log = store.create(id(1), "torn", Timestamp(0)).expect("a task");
    log.append(Timestamp(1), vec![created("Torn")]).expect("an event");
    log.append(Timestamp(2), vec![said("größe"), replied("yes")]).expect("events");
    log.append(Timestamp(3), vec![said("and"), replied("so on")]).expect("events");
    drop(log);
    let bytes = std::fs::read(log_file(store, id(1))).expect("the log");
    let ends: Vec<usize> = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1).collect();
    assert_eq!(ends.len(), 5);
    (bytes, ends)
}

#[test]
fn every_cut_of_the_last_two_lines_opens() {
    let world = World::new();
    let store = world.store();
    let (bytes, ends) = five_lines(&store);
    let path = log_file(&store, id(1));
    let events = read_all(&store, id(1));
    for length in ends[2]..=bytes.len() {
        std::fs::write(&path, &bytes[..length]).expect("a cut log");
        let whole = ends.iter().filter(|end| **end <= length).count();
        let torn = length - ends[whole - 1];
        let lines: Vec<u64> = store.check(id(1)).expect("a check").iter().map(|damage| damage.line).collect();
        assert_eq!(lines, if torn == 0 { vec![] } else { vec![whole as u64 + 1] }, "cut at {length}");
        assert_eq!(read_all(&store, id(1)), events[..whole], "cut at {length}");
        let opened = store.open(id(1)).expect("an open task");
        assert_eq!((opened.events.as_slice(), opened.cut), (&events[..whole], torn as u64), "cut at {length}");
        assert_eq!(std::fs::read(&path).expect("the log"), bytes[..ends[whole - 1]], "cut at {length}");
        let mut log = opened.log;
        log.append(Timestamp(9), vec![said("goes on")]).expect("an event");
        drop(log);
        assert_eq!(store.check(id(1)).expect("a check"), []);
        assert_eq!(read_all(&store, id(1)).len(), whole + 1);
    }
}

#[test]
fn every_altered_byte_is_blamed_on_its_line() {
    let world = World::new();
    let store = world.store();
    let (bytes, ends) = five_lines(&store);
    let path = log_file(&store, id(1));
    for at in 0..ends[3] {
        let line = ends.iter().filter(|end| **end <= at).count() as u64 + 1;
        for flip in [0x01, 0x20, 0x80] {
            let mut altered = bytes.clone();
            altered[at] ^= flip;
            std::fs::write(&path, &altered).expect("an altered log");
            let lines: Vec<u64> = store.check(id(1)).expect("a check").iter().map(|damage| damage.line).collect();
            // Without its line break a line swallows the next one, which is then missing.
            let wanted = if bytes[at] == b'\n' && line < 4 { vec![line, line + 1] } else { vec![line] };
            assert_eq!(lines, wanted, "byte {at} of line {line} xor {flip}");
            match (store.open(id(1)).map(|opened| opened.cut), line) {
                (Err(StoreError::Damaged { task, line: found, .. }), _) => assert_eq!((task, found), (id(1), line)),
                // The last two lines in one are the last line, and no JSON: torn.
                (Ok(cut), 4) if bytes[at] == b'\n' => assert_eq!(cut as usize, bytes.len() - ends[2]),
                (other, _) => panic!("byte {at} of line {line} xor {flip}: {other:?}"),
            }
        }
    }
}

#[test]
fn a_last_line_is_cut_only_if_it_was_torn() {
    let world = World::new();
    let store = world.store();
    let (bytes, ends) = five_lines(&store);
    let path = log_file(&store, id(1));
    let last = std::str::from_utf8(&bytes[ends[3]..]).expect("text");
    let table: [(Vec<u8>, Result<u64, u64>); 11] = [
        (b"".to_vec(), Ok(0)),
        (b"\n".to_vec(), Ok(1)),
        (b"{".to_vec(), Ok(1)),
        (b"half a line\n".to_vec(), Ok(12)),
        (vec![0; 4096], Ok(4096)),
        ([vec![0; 10], b"\n".to_vec()].concat(), Ok(11)),
        (b"\xff\xfe\n".to_vec(), Ok(3)),
        // Whole JSON may come from a newer release: nobody cuts that.
        (b"{\"seq\":6,\"fact\":{\"type\":\"dreamt\"}}\n".to_vec(), Err(6)),
        (b"{}\n".to_vec(), Err(6)),
        // The same line twice is no torn line either.
        (last.as_bytes().to_vec(), Err(6)),
        (b"half a line\n{}\n".to_vec(), Err(6)),
    ];
    for (tail, wanted) in table {
        std::fs::write(&path, [bytes.as_slice(), &tail].concat()).expect("a log");
        let shown = String::from_utf8_lossy(&tail).into_owned();
        match (store.open(id(1)).map(|opened| (opened.cut, opened.events.len())), wanted) {
            (Ok(got), Ok(cut)) => assert_eq!(got, (cut, 5), "{shown:?}"),
            (Err(StoreError::Damaged { line, .. }), Err(wanted)) => assert_eq!(line, wanted, "{shown:?}"),
            (got, wanted) => panic!("{shown:?}: {got:?} instead of {wanted:?}"),
        }
        assert_eq!(store.check(id(1)).expect("a check").is_empty(), wanted.is_ok(), "{shown:?}");
    }
}

#[test]
fn damage_is_told_by_everybody_who_meets_it() {
    let world = World::new();
    let store = world.store();
    let (bytes, ends) = five_lines(&store);
    let path = log_file(&store, id(1));
    let mut altered = bytes.clone();
    altered[ends[1]] = b'?';
    std::fs::write(&path, &altered).expect("an altered log");
    let told = store.read(id(1), Seq(0)).expect_err("damage").to_string();
    let start = format!("the log of task `{}` is damaged at line 3: the line is not an event: ", id(1));
    assert!(told.starts_with(&start), "{told}");
    assert!(matches!(store.watch(id(1), Seq(0)).err(), Some(StoreError::Damaged { line: 3, .. })));
    assert!(matches!(store.open(id(1)).err(), Some(StoreError::Damaged { line: 3, .. })));
    // Nothing was cut, and the lease is free again.
    assert_eq!(std::fs::read(&path).expect("the log"), altered);
    std::fs::write(&path, &bytes).expect("the log put right");
    assert_eq!(store.open(id(1)).expect("an open task").events.len(), 5);
}

#[test]
fn a_log_of_another_task_is_damage() {
    let world = World::new();
    let store = world.store();
    drop(begin(&store, id(1), &["One", "a"]));
    drop(begin(&store, id(2), &["Two", "b"]));
    std::fs::copy(log_file(&store, id(1)), log_file(&store, id(2))).expect("a copy");
    let damages = store.check(id(2)).expect("a check");
    let got: Vec<(u64, &str)> = damages.iter().map(|damage| (damage.line, damage.what.as_str())).collect();
    let what = format!("the event belongs to task `{}`", id(1));
    assert_eq!(got, [(1, what.as_str()), (2, what.as_str())]);
    assert!(matches!(store.open(id(2)).err(), Some(StoreError::Damaged { line: 1, .. })));
}
