//! Tests of counting lines and telling tests from the product.

use super::super::tree::small;
use super::{Role, Source, check, role};

fn source(text: &str) -> Source {
    small::of_source("crates/engine/src/a.rs", text).sources.remove(0)
}

#[test]
fn lines_of_code_hold_a_token() {
    let text = "\
//! Documentation.
#![allow(x)]

/// More documentation
/// on two lines.
fn one() {
    // a comment
    let text = \"two
lines\";

    /* and a block
       comment */
    vec![
        1, // one
    ];
}
";
    assert_eq!(source(text).production_lines(), 8);
    assert_eq!(source(text).test_lines(), 0);
}

#[test]
fn tests_are_told_apart() {
    let text = "\
//! D.
fn product() {}
#[cfg(test)]
mod tests {
    #[test]
    fn a() {}
}
#[cfg(not(test))]
fn also_product() {}
struct S;
impl S {
    fn product(&self) {}
    #[cfg(all(test, unix))]
    fn seen_in_tests(&self) {}
}
";
    let source = source(text);
    assert_eq!((source.production_lines(), source.test_lines()), (7, 7));
    assert!(source.is_test(6) && !source.is_test(9));
}

#[test]
fn roles_come_from_names() {
    let table = [
        ("engine", "crates/engine/src/step.rs", Role::Production),
        ("engine", "crates/engine/src/step_tests.rs", Role::Tests),
        ("engine", "crates/engine/tests/it/main.rs", Role::Tests),
        ("store", "crates/store/src/conformance.rs", Role::Tests),
        ("store", "crates/store/src/conformance/log.rs", Role::Tests),
        ("testkit", "crates/testkit/src/fake.rs", Role::Tests),
        ("xtask", "xtask/src/test.rs", Role::Production),
    ];
    for (package, path, expected) in table {
        assert_eq!(role(package, path), expected, "{path}");
    }
}

#[test]
fn documentation_with_code_is_found() {
    let doc = |fence: &str| source(&format!("//! D.\n/// {fence}\n/// x\n/// ```\nfn a() {{}}\n")).has_doctest();
    assert!(doc("```"));
    assert!(doc("```rust,no_run"));
    assert!(!doc("```text"));
    assert!(!doc("```json"));
    assert!(!source("//! D.\n// ```\n// x\n// ```\n").has_doctest());
}

#[test]
fn a_file_that_cannot_be_parsed_is_a_violation() {
    let tree = small::of_source("crates/engine/src/a.rs", "//! D.\nfn broken( {\n");
    let found = check(&tree);
    assert_eq!(found.len(), 1);
    assert!(found[0].what.starts_with("cannot be parsed: "), "{found:?}");
    assert_eq!(check(&small::of_source("crates/engine/src/a.rs", "//! D.\nfn fine() {}\n")), []);
}
