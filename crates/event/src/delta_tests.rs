//! Deltas that continue each other, and their form on a stream.

use crate::{CallId, Delta};

fn text(step: u32, text: &str) -> Delta {
    Delta::Text { step, text: text.to_owned() }
}

fn thinking(step: u32, text: &str) -> Delta {
    Delta::Thinking { step, text: text.to_owned() }
}

fn output(call: &str, text: &str) -> Delta {
    Delta::Output { call: CallId::from(call), text: text.to_owned() }
}

fn begun(tool: &str) -> Delta {
    Delta::CallBegun { step: 1, tool: tool.to_owned() }
}

#[test]
fn only_what_continues_is_joined() {
    let table = [
        (text(1, "a"), text(1, "b"), Ok(text(1, "ab"))),
        (text(1, "a"), text(2, "b"), Err(text(2, "b"))),
        (text(1, "a"), thinking(1, "b"), Err(thinking(1, "b"))),
        (thinking(1, "a"), thinking(1, "b"), Ok(thinking(1, "ab"))),
        (thinking(1, "a"), thinking(2, "b"), Err(thinking(2, "b"))),
        (output("c", "a"), output("c", "b"), Ok(output("c", "ab"))),
        (output("c", "a"), output("d", "b"), Err(output("d", "b"))),
        (begun("Read"), begun("Read"), Err(begun("Read"))),
        (begun("Read"), text(1, "b"), Err(text(1, "b"))),
    ];
    for (first, next, wanted) in table {
        let mut joined = first.clone();
        let result = joined.join(next).map(|()| joined.clone());
        assert_eq!(result, wanted);
        if result.is_err() {
            assert_eq!(joined, first);
        }
    }
}

#[test]
fn a_delta_is_marked_ephemeral() {
    assert_eq!(
        text(3, "a\nb").to_line().expect("a line"),
        r#"{"ephemeral":{"type":"text","data":{"step":3,"text":"a\nb"}}}"#
    );
}
