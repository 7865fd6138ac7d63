//! A history of many messages is few parts, and its parts are its bytes.

use crate::history::History;

#[test]
fn parts_are_few_and_together_exactly_what_was_appended() {
    let mut history = History::default();
    let mut expected = Vec::new();
    for number in 0..6000_u32 {
        let message = format!("message {number} ").repeat(8);
        history.append(|out| out.extend_from_slice(message.as_bytes()));
        expected.extend_from_slice(message.as_bytes());
    }
    assert_eq!(history.len(), expected.len());
    expected.extend_from_slice(b"tail");
    let parts = history.with_tail(b"tail");
    assert_eq!(parts.concat(), expected);
    assert_eq!(parts.len(), expected.len() / (64 * 1024) + 1);
}

#[test]
fn asking_shares_what_is_frozen() {
    let mut history = History::default();
    history.append(|out| out.resize(1 << 20, b'x'));
    let (first, second) = (history.with_tail(b""), history.with_tail(b""));
    assert_eq!(first[0].as_ptr(), second[0].as_ptr());
}
