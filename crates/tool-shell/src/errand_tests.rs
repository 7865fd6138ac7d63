//! Two stretches of one command read as one.

use event::{Change, ChangeKind, Digest};

use super::joined;

fn change(path: &str, kind: ChangeKind, before: Option<&str>, after: Option<&str>) -> Change {
    let digest = |text: Option<&str>| text.map(|text| Digest::of(text.as_bytes()));
    Change { path: path.to_owned(), kind, before: digest(before), after: digest(after), entry: None }
}

#[test]
fn changes_before_and_after_a_stop_are_one_a_path() {
    use ChangeKind::{Changed, Deleted, Made};
    let before = vec![
        change("/work/a/b", Changed, Some("1"), Some("2")),
        change("/work/a/c", Made, None, Some("1")),
        change("/work/a/d", Made, None, Some("1")),
        change("/work/a/e", Deleted, Some("1"), None),
    ];
    let after = vec![
        change("/work/a/a", Made, None, Some("x")),
        change("/work/a/b", Changed, Some("2"), Some("3")),
        change("/work/a/c", Changed, Some("1"), Some("2")),
        change("/work/a/d", Deleted, Some("1"), None),
        change("/work/a/e", Made, None, Some("2")),
    ];
    let expected = [
        change("/work/a/a", Made, None, Some("x")),
        change("/work/a/b", Changed, Some("1"), Some("3")),
        change("/work/a/c", Made, None, Some("2")),
        change("/work/a/e", Changed, Some("1"), Some("2")),
    ];
    assert_eq!(joined(before.clone(), after), expected);
    // What was said of it already may be said again.
    assert_eq!(joined(before.clone(), before.clone()), before);
}
