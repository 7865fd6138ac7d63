//! `unsafe` only where the operating system leaves no other way, and never without the reason why it is sound.

use super::Violation;
use super::source::{Source, word};
use super::tree::Tree;

/// Finds `unsafe` in the wrong crate or without its line.
pub(super) fn check(tree: &Tree) -> Vec<Violation> {
    let mut found = Vec::new();
    for source in &tree.sources {
        for line in lines_with_unsafe(source) {
            let what = if !may_be_unsafe(&source.package) {
                "`unsafe` is allowed only in sandbox-*, guest, host and the tests of share"
            } else if !is_explained(source, line) {
                "`unsafe` needs a line before it that begins with `// SAFETY:` and says why it is sound"
            } else {
                continue;
            };
            found.push(Violation::new(&source.page.path, line, what));
        }
    }
    found
}

fn may_be_unsafe(package: &str) -> bool {
    package.starts_with("sandbox-") || matches!(package, "guest" | "host" | "share")
}

fn lines_with_unsafe(source: &Source) -> Vec<usize> {
    let mut lines = Vec::new();
    source.each_sequence(|sequence| {
        let words = sequence.iter().filter_map(word).filter(|word| *word == "unsafe");
        lines.extend(words.map(|word| word.span().start().line));
    });
    lines.sort_unstable();
    lines.dedup();
    lines
}

/// Looks upwards over comments, attributes and the beginning of the same statement.
fn is_explained(source: &Source, line: usize) -> bool {
    for above in (1..line).rev() {
        let text = source.line(above).trim();
        if text.starts_with("//") {
            if text.contains("SAFETY:") || text.contains("# Safety") {
                return true;
            }
        } else if !(text.starts_with("#[") || text.ends_with(['=', '('])) {
            return false;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::super::tree::small;
    use super::check;

    fn complaints(package: &str, text: &str) -> Vec<(usize, String)> {
        let tree = small::of_package_source(package, "crates/x/src/a.rs", text);
        check(&tree).into_iter().map(|violation| (violation.line, violation.what)).collect()
    }

    #[test]
    fn unsafe_has_its_rooms() {
        let text = "//! D.\nfn a() {\n    // SAFETY: nothing else holds it.\n    unsafe { b() }\n}\n";
        assert_eq!(complaints("sandbox-bwrap", text), []);
        assert_eq!(complaints("guest", text), []);
        for package in ["engine", "sandbox", "tool-shell"] {
            let expected = (4, "`unsafe` is allowed only in sandbox-*, guest, host and the tests of share".to_owned());
            assert_eq!(complaints(package, text), [expected], "{package}");
        }
    }

    #[test]
    fn unsafe_says_why_it_is_sound() {
        let needs = "`unsafe` needs a line before it that begins with `// SAFETY:` and says why it is sound";
        let bare = "//! D.\nfn a() {\n    // quick\n    unsafe { b() }\n}\n";
        assert_eq!(complaints("host", bare), [(4, needs.to_owned())]);
        let far = "//! D.\nfn a() {\n    // SAFETY: of c.\n    c();\n    vec![unsafe { b() }];\n}\n";
        assert_eq!(complaints("host", far), [(5, needs.to_owned())]);
        let wrapped =
            "//! D.\nfn a() {\n    // SAFETY: long\n    // reason.\n    let x =\n        unsafe { b() };\n}\n";
        assert_eq!(complaints("host", wrapped), []);
        let whole = "//! D.\n/// Does it.\n///\n/// # Safety\n/// Call it once.\n#[inline]\nunsafe fn a() {}\n";
        assert_eq!(complaints("host", whole), []);
        assert_eq!(complaints("host", "//! D.\n// unsafe in a comment\nconst A: &str = \"unsafe\";\n"), []);
    }
}
