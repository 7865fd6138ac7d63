//! Which names come near.

use super::{distance, near};

#[test]
fn distances() {
    let table =
        [("", "", 0), ("a", "", 1), ("", "abc", 3), ("kitten", "sitting", 3), ("abc", "abc", 0), ("ab", "ba", 2)];
    for (one, other, expected) in table {
        assert_eq!(distance(one, other), expected, "{one} {other}");
    }
}

#[test]
fn near_names_best_first() {
    let names = ["report.md", "Report.MD", "reports.md", "budget.xlsx", "report.pdf", "notes"];
    let found = |wanted: &str| near(wanted, names.into_iter());
    assert_eq!(found("report.md"), ["Report.MD", "report.md", "reports.md"]);
    assert_eq!(found("reprt.md"), ["Report.MD", "report.md", "reports.md"]);
    assert_eq!(found("budget.csv"), ["budget.xlsx"]);
    assert_eq!(found("note"), ["notes"]);
    assert_eq!(found("something-else"), Vec::<&str>::new());
}
