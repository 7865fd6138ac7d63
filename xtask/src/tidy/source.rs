//! One source file with what the rules ask of it: which lines hold code, which of them are tests, and its tokens.
//!
//! Lines of code are lines that hold a token: no blanks, no comments, no documentation.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Attribute, Meta};

use super::tree::{Page, Tree};
use super::{Violation, tree::Package};

/// A parsed source file.
pub(super) struct Source {
    /// The package it belongs to.
    pub(super) package: String,
    /// The file.
    pub(super) page: Page,
    /// Whether the whole file is tests.
    pub(super) role: Role,
    /// Its syntax; empty where it cannot be parsed.
    pub(super) syntax: syn::File,
    /// Its tokens.
    pub(super) tokens: TokenStream,
    code: BTreeSet<usize>,
    tests: Vec<RangeInclusive<usize>>,
    broken: Option<(usize, String)>,
}

/// What a file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// The product.
    Production,
    /// Tests, suites and fakes that never reach a user.
    Tests,
}

impl Source {
    /// Parses a file of a package.
    pub(super) fn parse(package: &str, page: Page) -> Self {
        let mut source = Self {
            package: package.to_owned(),
            role: role(package, &page.path),
            page,
            syntax: syn::File { shebang: None, frontmatter: None, attrs: Vec::new(), items: Vec::new() },
            tokens: TokenStream::new(),
            code: BTreeSet::new(),
            tests: Vec::new(),
            broken: None,
        };
        let parsed = source.page.text.parse::<TokenStream>().map_err(|error| (error.span(), error.to_string()));
        let parsed = parsed.and_then(|tokens| {
            let syntax = syn::parse2(tokens.clone()).map_err(|error| (error.span(), error.to_string()))?;
            Ok((tokens, syntax))
        });
        match parsed {
            Ok((tokens, syntax)) => {
                collect_code(&tokens, &mut source.code);
                let mut finder = TestFinder { ranges: Vec::new() };
                finder.visit_file(&syntax);
                source.tests = finder.ranges;
                source.tokens = tokens;
                source.syntax = syntax;
            }
            Err((span, what)) => source.broken = Some((span.start().line, what)),
        }
        source
    }

    /// Whether a line belongs to tests.
    pub(super) fn is_test(&self, line: usize) -> bool {
        self.role == Role::Tests || self.tests.iter().any(|range| range.contains(&line))
    }

    /// Lines of production code.
    pub(super) fn production_lines(&self) -> usize {
        self.code.iter().filter(|line| !self.is_test(**line)).count()
    }

    /// Lines of test code.
    pub(super) fn test_lines(&self) -> usize {
        self.code.len() - self.production_lines()
    }

    /// Lines of code from one line to another.
    pub(super) fn code_between(&self, lines: RangeInclusive<usize>) -> usize {
        self.code.range(lines).count()
    }

    /// A line's text; empty where there is none. Lines count from 1.
    pub(super) fn line(&self, number: usize) -> &str {
        number.checked_sub(1).and_then(|index| self.page.text.lines().nth(index)).unwrap_or_default()
    }

    /// Calls `see` with every sequence of tokens that share a group, outermost first.
    pub(super) fn each_sequence(&self, mut see: impl FnMut(&[TokenTree])) {
        descend(&self.tokens, &mut see);
    }

    /// Whether its documentation holds code that a documentation test would run.
    pub(super) fn has_doctest(&self) -> bool {
        let mut open = false;
        for line in self.page.text.lines() {
            let line = line.trim_start();
            let Some(text) = line.strip_prefix("///").or_else(|| line.strip_prefix("//!")) else {
                open = false;
                continue;
            };
            let Some(info) = text.trim_start().strip_prefix("```") else { continue };
            let words: Vec<&str> = info.split([',', ' ']).filter(|word| !word.is_empty()).collect();
            if !open && words.iter().all(|word| matches!(*word, "rust" | "no_run" | "should_panic" | "compile_fail")) {
                return self.role == Role::Production;
            }
            open = !open;
        }
        false
    }
}

/// A file that cannot be parsed escapes every other rule.
pub(super) fn check(tree: &Tree) -> Vec<Violation> {
    let broken = tree.sources.iter().filter_map(|source| {
        let (line, what) = source.broken.as_ref()?;
        Some(Violation::new(&source.page.path, *line, format!("cannot be parsed: {what}")))
    });
    broken.collect()
}

fn role(package: &str, path: &str) -> Role {
    let file = path.rsplit('/').next().unwrap_or(path);
    let stem = file.strip_suffix(".rs").unwrap_or(file);
    let in_tests = path.split('/').any(|part| matches!(part, "tests" | "benches" | "conformance"));
    if package == "testkit" || in_tests || stem.ends_with("_tests") || matches!(stem, "tests" | "conformance") {
        Role::Tests
    } else {
        Role::Production
    }
}

/// Marks every line that holds a token of code. Documentation comments arrive as `#[doc = …]` and are left out.
fn collect_code(tokens: &TokenStream, code: &mut BTreeSet<usize>) {
    let mut tokens = tokens.clone().into_iter().peekable();
    while let Some(token) = tokens.next() {
        if matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '#') {
            let bang = matches!(tokens.peek(), Some(TokenTree::Punct(punct)) if punct.as_char() == '!');
            let bang = if bang { tokens.next() } else { None };
            if tokens.next_if(|next| matches!(next, TokenTree::Group(group) if is_documentation(group))).is_some() {
                continue;
            }
            code.extend(bang.map(|bang| bang.span().start().line));
        }
        match &token {
            TokenTree::Group(group) => {
                mark(group.span_open(), code);
                mark(group.span_close(), code);
                collect_code(&group.stream(), code);
            }
            TokenTree::Ident(_) | TokenTree::Punct(_) | TokenTree::Literal(_) => mark(token.span(), code),
        }
    }
}

fn mark(span: Span, code: &mut BTreeSet<usize>) {
    code.extend(span.start().line..=span.end().line);
}

fn is_documentation(group: &Group) -> bool {
    let mut inside = group.stream().into_iter();
    group.delimiter() == Delimiter::Bracket
        && matches!(inside.next(), Some(TokenTree::Ident(name)) if name == "doc")
        && matches!(inside.next(), Some(TokenTree::Punct(punct)) if punct.as_char() == '=')
}

fn descend(tokens: &TokenStream, see: &mut impl FnMut(&[TokenTree])) {
    let sequence: Vec<TokenTree> = tokens.clone().into_iter().collect();
    see(&sequence);
    for token in &sequence {
        if let TokenTree::Group(group) = token {
            descend(&group.stream(), see);
        }
    }
}

/// Finds items that exist only in tests.
struct TestFinder {
    ranges: Vec<RangeInclusive<usize>>,
}

impl TestFinder {
    fn note(&mut self, attributes: &[Attribute], whole: Span) {
        if attributes.iter().any(is_test_attribute) {
            self.ranges.push(whole.start().line..=whole.end().line);
        }
    }
}

impl<'ast> Visit<'ast> for TestFinder {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        self.note(attributes(item), item.span());
        visit::visit_item(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.note(&item.attrs, item.span());
        visit::visit_impl_item_fn(self, item);
    }
}

fn attributes(item: &syn::Item) -> &[Attribute] {
    match item {
        syn::Item::Const(item) => &item.attrs,
        syn::Item::Enum(item) => &item.attrs,
        syn::Item::Fn(item) => &item.attrs,
        syn::Item::Impl(item) => &item.attrs,
        syn::Item::Macro(item) => &item.attrs,
        syn::Item::Mod(item) => &item.attrs,
        syn::Item::Static(item) => &item.attrs,
        syn::Item::Struct(item) => &item.attrs,
        syn::Item::Trait(item) => &item.attrs,
        syn::Item::Type(item) => &item.attrs,
        syn::Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

/// `#[test]`, `#[tokio::test]`, `#[cfg(test)]`, `#[cfg(all(test, …))]`; not `#[cfg(not(test))]` or `#[cfg(any(test, …))]`.
fn is_test_attribute(attribute: &Attribute) -> bool {
    if attribute.path().segments.last().is_some_and(|last| last.ident == "test") {
        return true;
    }
    let Meta::List(list) = &attribute.meta else { return false };
    if !list.path.is_ident("cfg") {
        return false;
    }
    let mut words = Vec::new();
    descend(&list.tokens, &mut |sequence| {
        words.extend(sequence.iter().filter_map(|token| match token {
            TokenTree::Ident(word) => Some(word.to_string()),
            TokenTree::Group(_) | TokenTree::Punct(_) | TokenTree::Literal(_) => None,
        }));
    });
    words.iter().any(|word| word == "test") && !words.iter().any(|word| word == "any" || word == "not")
}

/// The word of a token, if it is one.
pub(super) fn word(token: &TokenTree) -> Option<&Ident> {
    match token {
        TokenTree::Ident(word) => Some(word),
        TokenTree::Group(_) | TokenTree::Punct(_) | TokenTree::Literal(_) => None,
    }
}

/// The sources of one package.
pub(super) fn of<'t>(tree: &'t Tree, package: &'t Package) -> impl Iterator<Item = &'t Source> {
    tree.sources.iter().filter(move |source| source.package == package.name)
}

#[cfg(test)]
#[path = "source_tests.rs"]
mod source_tests;
