//! Reading Scripts.

use crate::script::{Expect, Script};

#[test]
fn a_script_reads_with_defaults() {
    let script = Script::parse("replies:\n  - text: Hello\n    calls:\n      - tool: Glob\n").unwrap();
    assert_eq!(script.pace_ms, 0);
    assert_eq!(script.replies.len(), 1);
    assert_eq!(script.replies[0].calls[0].tool, "Glob");
    assert_eq!(script.replies[0].calls[0].input, serde_json::Value::Null);
}

#[test]
fn malformed_scripts_say_what_is_wrong() {
    for (text, expected) in [
        ("replies: []", "no replies"),
        ("replies:\n  - txt: hello\n", "txt"),
        ("replies:\n  - calls: [{input: {}}]\n", "tool"),
        ("replies: [\n", ""),
        ("replies:\n  - calls: [{id: a, tool: T}, {id: a, tool: T}]\n", "used twice"),
        ("", ""),
    ] {
        let error = Script::parse(text).unwrap_err();
        assert!(error.contains(expected), "{text:?}: {error}");
    }
}

#[test]
fn expectations_name_what_is_missing_or_unwanted() {
    let expect = Expect { contains: vec!["a".into(), "b".into()], lacks: vec!["z".into()] };
    assert_eq!(expect.mismatch("ab"), None);
    assert_eq!(expect.mismatch("a"), Some("expected `b` in what it was sent".into()));
    assert_eq!(expect.mismatch("abz"), Some("did not expect `z` in what it was sent".into()));
}
