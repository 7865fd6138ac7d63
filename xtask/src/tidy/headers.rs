//! Every source file opens by saying what lives in it.

use super::Violation;
use super::source::Role;
use super::tree::Tree;

/// Words below which an opening says nothing. The name of a file of tests says enough.
const WORDS: usize = 2;

/// Finds files that do not open with documentation, or with none worth reading.
pub(super) fn check(tree: &Tree) -> Vec<Violation> {
    let mut found = Vec::new();
    for source in &tree.sources {
        let opening: Vec<&str> = source.page.text.lines().map_while(|line| line.strip_prefix("//!")).collect();
        let words = opening.iter().flat_map(|line| line.split_whitespace()).count();
        let what = match (opening.len(), words) {
            (0, _) => "must open with `//!`: what lives here, what does not, why it is separate",
            (_, words) if words < WORDS && source.role == Role::Production => {
                "its opening `//!` says too little: what lives here, what does not, why it is separate"
            }
            _ => continue,
        };
        found.push(Violation::new(&source.page.path, 1, what));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::tree::small;
    use super::check;

    fn complaint(text: &str) -> Option<String> {
        check(&small::of_source("crates/engine/src/a.rs", text)).into_iter().next().map(|violation| violation.what)
    }

    #[test]
    fn a_file_opens_with_what_lives_in_it() {
        assert_eq!(complaint("//! The table of permissions.\n"), None);
        assert_eq!(
            complaint("\n//! The table of permissions.\n").unwrap(),
            "must open with `//!`: what lives here, what does not, why it is separate"
        );
        assert_eq!(
            complaint("//! x\nfn a() {}\n").unwrap(),
            "its opening `//!` says too little: what lives here, what does not, why it is separate"
        );
    }
}
