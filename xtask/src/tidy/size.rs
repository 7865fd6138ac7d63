//! How large files, functions and crates may be, in lines of code; and the overview that is printed.

use std::ops::RangeInclusive;

use syn::visit::{self, Visit};

use super::Violation;
use super::source::{Role, Source, of};
use super::tree::Tree;

const FILE_AIM: usize = 400;
const FILE_LIMIT: usize = 800;
const FUNCTION_LIMIT: usize = 100;
const CRATE_LIMIT: usize = 12_000;

/// Finds what is too large.
pub(super) fn check(tree: &Tree) -> Vec<Violation> {
    let mut found = Vec::new();
    for source in &tree.sources {
        let lines = source.production_lines();
        if lines > FILE_LIMIT {
            let what = format!("{lines} lines of code; a file has at most {FILE_LIMIT}: split it by concept");
            found.push(Violation::new(&source.page.path, 1, what));
        }
        found.extend(long_functions(source));
    }
    for package in &tree.packages {
        let lines: usize = of(tree, package).map(Source::production_lines).sum();
        if lines > CRATE_LIMIT {
            let what = format!("{lines} lines of code; a crate has at most {CRATE_LIMIT}: split it by concept");
            found.push(Violation::new(&package.manifest.path, 1, what));
        }
    }
    found
}

/// Files on their way to being too large.
pub(super) fn warnings(tree: &Tree) -> Vec<String> {
    let mut long: Vec<(usize, &str)> =
        tree.sources.iter().map(|source| (source.production_lines(), source.page.path.as_str())).collect();
    long.retain(|(lines, _)| (FILE_AIM + 1..=FILE_LIMIT).contains(lines));
    long.sort_by(|one, other| other.cmp(one));
    long.into_iter().map(|(lines, path)| format!("{path} has {lines} lines of code; aim for {FILE_AIM}")).collect()
}

/// One line about the whole tree.
pub(super) fn overview(tree: &Tree) -> String {
    let production: usize = tree.sources.iter().map(Source::production_lines).sum();
    let tests: usize = tree.sources.iter().map(Source::test_lines).sum();
    let ratio = if production == 0 { 0.0 } else { tests as f64 / production as f64 };
    format!(
        "{} crates, {} files, {production} lines of production code, {tests} of tests ({ratio:.2} to 1)",
        tree.packages.len(),
        tree.sources.len(),
    )
}

fn long_functions(source: &Source) -> Vec<Violation> {
    if source.role == Role::Tests {
        return Vec::new();
    }
    let mut finder = FunctionFinder { functions: Vec::new() };
    finder.visit_file(&source.syntax);
    let long = finder.functions.into_iter().filter_map(|(name, lines)| {
        let (first, count) = (*lines.start(), source.code_between(lines));
        let too_long = count > FUNCTION_LIMIT && !source.is_test(first);
        let what = format!("function `{name}` has {count} lines of code; at most {FUNCTION_LIMIT} are allowed");
        too_long.then(|| Violation::new(&source.page.path, first, what))
    });
    long.collect()
}

struct FunctionFinder {
    functions: Vec<(String, RangeInclusive<usize>)>,
}

impl FunctionFinder {
    fn note(&mut self, signature: &syn::Signature, block: &syn::Block) {
        let first = signature.fn_token.span.start().line;
        let last = block.brace_token.span.close().end().line;
        self.functions.push((signature.ident.to_string(), first..=last));
    }
}

impl<'ast> Visit<'ast> for FunctionFinder {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.note(&item.sig, &item.block);
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.note(&item.sig, &item.block);
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        if let Some(block) = &item.default {
            self.note(&item.sig, block);
        }
        visit::visit_trait_item_fn(self, item);
    }
}

#[cfg(test)]
mod tests {
    use super::super::tree::small;
    use super::{Violation, check, overview, warnings};

    const PATH: &str = "crates/engine/src/a.rs";

    fn file(lines: usize) -> String {
        format!("//! D.\n{}", "const A: u8 = 1;\n\n// why\n".repeat(lines))
    }

    fn function(lines: usize) -> String {
        format!("//! D.\n\npub fn long() {{\n{}}}\n", "    act(); // now\n\n".repeat(lines - 2))
    }

    #[test]
    fn a_file_has_at_most_800_lines_of_code() {
        assert_eq!(check(&small::of_source(PATH, &file(800))), []);
        assert_eq!(
            check(&small::of_source(PATH, &file(801))),
            [Violation::new(PATH, 1, "801 lines of code; a file has at most 800: split it by concept")]
        );
        assert_eq!(check(&small::of_source("crates/engine/src/a_tests.rs", &file(801))), []);
    }

    #[test]
    fn a_long_file_is_noted_before_it_is_refused() {
        assert_eq!(warnings(&small::of_source(PATH, &file(400))), Vec::<String>::new());
        assert_eq!(
            warnings(&small::of_source(PATH, &file(401))),
            [format!("{PATH} has 401 lines of code; aim for 400")]
        );
    }

    #[test]
    fn a_function_has_at_most_100_lines_of_code() {
        assert_eq!(check(&small::of_source(PATH, &function(100))), []);
        assert_eq!(
            check(&small::of_source(PATH, &function(101))),
            [Violation::new(PATH, 3, "function `long` has 101 lines of code; at most 100 are allowed")]
        );
        let test = format!("//! D.\n#[cfg(test)]\nmod tests {{\n{}}}\n", function(101).replace("//! D.", ""));
        assert_eq!(check(&small::of_source(PATH, &test)), []);
        let method = format!("//! D.\nimpl A {{\n{}}}\n", function(101).replace("//! D.", ""));
        assert_eq!(check(&small::of_source(PATH, &method)).len(), 1);
    }

    #[test]
    fn a_crate_has_at_most_12_000_lines_of_code() {
        let mut tree = small::of_packages(&[("engine", &[])]);
        for _ in 0..15 {
            tree.sources.extend(small::of_source(PATH, &file(800)).sources);
        }
        assert_eq!(check(&tree), []);
        tree.sources.extend(small::of_source(PATH, &file(1)).sources);
        assert_eq!(
            check(&tree),
            [Violation::new(
                "crates/engine/Cargo.toml",
                1,
                "12001 lines of code; a crate has at most 12000: split it by concept"
            )]
        );
    }

    #[test]
    fn the_overview_counts_both_kinds() {
        let tree = small::of_source(PATH, "//! D.\nfn a() {}\n#[cfg(test)]\nmod t {}\n");
        assert_eq!(overview(&tree), "0 crates, 1 files, 1 lines of production code, 2 of tests (2.00 to 1)");
    }
}
