//! Snippets.

use super::super::passage::{Wanted, replace};
use super::of;

fn snippet(text: &str, old: &str, new: &str) -> String {
    of(text, &replace(text, &Wanted { old, new, all: true }).unwrap())
}

#[test]
fn the_changed_place_with_its_neighbours() {
    let text = "1\n2\n3\n4\n5\n6\n7\n";
    assert_eq!(snippet(text, "4", "four"), " 2\t2\n 3\t3\n-4\t4\n+4\tfour\n 5\t5\n 6\t6\n");
    assert_eq!(snippet(text, "1", "a\nb"), "-1\t1\n+1\ta\n+2\tb\n 3\t2\n 4\t3\n");
    assert_eq!(snippet(text, "6\n7", "x"), " 4\t4\n 5\t5\n-6\t6\n-7\t7\n+6\tx\n");
    assert_eq!(snippet("all", "all", "x"), "-1\tall\n+1\tx\n");
}

#[test]
fn long_passages_are_cut() {
    let old = "line\n".repeat(100);
    let shown = snippet(&old, &old, &"x".repeat(5_000));
    assert!(shown.len() < 600, "{}", shown.len());
    assert!(shown.contains("-[… 89 lines more]"), "{shown}");
}
