//! Tests wait for events, not for time, and none is left out. Where time itself is the subject, the line before says so:
//! `// tidy: allow sleep, <reason>`.

use proc_macro2::{Delimiter, TokenTree};

use super::Violation;
use super::source::{Source, word};
use super::tree::Tree;

const MARK: &str = "// tidy: allow sleep,";

/// Finds sleeping tests and ignored ones.
pub(super) fn check(tree: &Tree) -> Vec<Violation> {
    let mut found = Vec::new();
    for source in &tree.sources {
        source.each_sequence(|sequence| {
            for pair in sequence.windows(2) {
                found.extend(
                    ignored(pair).map(|line| {
                        Violation::new(&source.page.path, line, "no `#[ignore]`: mend the test or remove it")
                    }),
                );
            }
            for index in 0..sequence.len() {
                let line = sleeps(sequence, index).filter(|line| may_not_sleep(source, *line));
                found.extend(line.map(|line| {
                    Violation::new(&source.page.path, line, "a test waits for an event, not for time: no sleeping")
                }));
            }
        });
    }
    found
}

/// The line of `#[ignore]`, `#[ignore = …]` or `#[cfg_attr(…, ignore)]`.
fn ignored(pair: &[TokenTree]) -> Option<usize> {
    let [TokenTree::Punct(hash), TokenTree::Group(group)] = pair else { return None };
    if hash.as_char() != '#' || group.delimiter() != Delimiter::Bracket {
        return None;
    }
    let inside: Vec<TokenTree> = group.stream().into_iter().collect();
    let first = inside.first().and_then(word)?;
    let conditional = first == "cfg_attr"
        && inside.iter().any(|token| match token {
            TokenTree::Group(list) => {
                list.stream().into_iter().any(|token| word(&token).is_some_and(|word| word == "ignore"))
            }
            TokenTree::Ident(_) | TokenTree::Punct(_) | TokenTree::Literal(_) => false,
        });
    (first == "ignore" || conditional).then(|| hash.span().start().line)
}

/// The line of a call of something named `sleep`.
fn sleeps(sequence: &[TokenTree], index: usize) -> Option<usize> {
    let name = word(sequence.get(index)?)?;
    let called =
        matches!(sequence.get(index + 1), Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis);
    let defined = index.checked_sub(1).and_then(|before| word(sequence.get(before)?)).is_some_and(|word| word == "fn");
    let is_sleep = name == "sleep" || name == "sleep_until" || name == "sleep_ms";
    (is_sleep && called && !defined).then(|| name.span().start().line)
}

fn may_not_sleep(source: &Source, line: usize) -> bool {
    // The fakes of testkit take the time they are told to take.
    let is_test = source.is_test(line) && source.package != "testkit";
    let marked = [line, line - 1].into_iter().any(|line| {
        let reason = source.line(line).split_once(MARK).map(|(_, reason)| reason.trim());
        reason.is_some_and(|reason| !reason.is_empty())
    });
    is_test && !marked
}

#[cfg(test)]
mod tests {
    use super::super::tree::small;
    use super::check;

    fn complaints(path: &str, text: &str) -> Vec<(usize, String)> {
        check(&small::of_source(path, text)).into_iter().map(|violation| (violation.line, violation.what)).collect()
    }

    const TEST: &str = "crates/engine/tests/it/main.rs";

    #[test]
    fn no_test_is_ignored() {
        let what = || "no `#[ignore]`: mend the test or remove it".to_owned();
        let text =
            "//! D.\n#[test]\n#[ignore]\nfn a() {}\n#[ignore = \"slow\"]\n#[cfg_attr(unix, ignore)]\nfn b() {}\n";
        assert_eq!(complaints(TEST, text), [(3, what()), (5, what()), (6, what())]);
        assert_eq!(complaints(TEST, "//! D.\nfn ignore() { ignore(); }\n"), []);
    }

    #[test]
    fn no_test_sleeps() {
        let what = || "a test waits for an event, not for time: no sleeping".to_owned();
        let text = "//! D.\nasync fn a() {\n    tokio::time::sleep(x).await;\n    run(\"sleep(1)\");\n    assert!({ sleep(y); true });\n}\n";
        assert_eq!(complaints(TEST, text), [(3, what()), (5, what())]);
        assert_eq!(complaints("crates/engine/src/retry.rs", text), [], "production may wait");
    }

    #[test]
    fn a_reason_allows_it() {
        let marked = |mark: &str| format!("//! D.\nfn a() {{\n    {mark}\n    std::thread::sleep(x);\n}}\n");
        assert_eq!(complaints(TEST, &marked("// tidy: allow sleep, the clock is what is tested")), []);
        assert_eq!(complaints(TEST, &marked("// tidy: allow sleep,")).len(), 1);
        assert_eq!(complaints(TEST, &marked("// let it settle")).len(), 1);
    }
}
