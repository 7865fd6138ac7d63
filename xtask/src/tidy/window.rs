//! The few rules of the house that hold for the window's sources too; the rest is the UI linter's.

use super::Violation;
use super::tree::Tree;

/// Lines of a file, whatever stands on them.
const FILE_LIMIT: usize = 800;

/// Finds files that are too long, and files that do not say what lives in them.
pub(super) fn check(tree: &Tree) -> Vec<Violation> {
    let mut found = Vec::new();
    for page in &tree.window {
        let lines = page.text.lines().count();
        if lines > FILE_LIMIT {
            let what = format!("{lines} lines; a file has at most {FILE_LIMIT}: split it by concept");
            found.push(Violation::new(&page.path, 1, what));
        }
        if !page.text.starts_with("//") && !page.text.starts_with("/*") {
            found.push(Violation::new(&page.path, 1, "must open with a comment: what lives here"));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::tree::{Page, Tree};
    use super::{Violation, check};

    fn of(text: String) -> Vec<Violation> {
        let page = Page { path: "web/src/a.ts".to_owned(), text };
        check(&Tree { packages: vec![], sources: vec![], decisions: vec![], window: vec![page] })
    }

    #[test]
    fn a_file_opens_with_a_comment_and_has_at_most_800_lines() {
        assert_eq!(of("// The clock.\n".repeat(800)), []);
        assert_eq!(of("/** The clock. */\n".to_owned()), []);
        let long = "801 lines; a file has at most 800: split it by concept";
        assert_eq!(of("// The clock.\n".repeat(801)), [Violation::new("web/src/a.ts", 1, long)]);
        let bare = "must open with a comment: what lives here";
        assert_eq!(of("export {}\n".to_owned()), [Violation::new("web/src/a.ts", 1, bare)]);
    }
}
