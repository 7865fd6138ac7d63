//! `cargo xtask tidy`: the rules of the house that clippy cannot see. Each rule is a module beside a test that breaks it.

mod decisions;
mod floors;
mod headers;
mod names;
mod owners;
mod patience;
mod size;
mod source;
mod tree;
mod unsafety;
mod window;

use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::repository::Repository;
use tree::Tree;

/// A place that breaks a rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Violation {
    path: String,
    line: usize,
    what: String,
}

impl Violation {
    fn new(path: &str, line: usize, what: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, what: what.into() }
    }
}

type Rule = fn(&Tree) -> Vec<Violation>;

const RULES: &[Rule] = &[
    source::check,
    floors::check,
    owners::check,
    size::check,
    headers::check,
    names::check,
    unsafety::check,
    patience::check,
    decisions::check,
    window::check,
];

/// Checks and prints; 1 where a rule is broken.
pub(crate) fn run(repository: &Repository) -> ExitCode {
    match check(repository) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::from(1)
        }
    }
}

/// Checks and prints; an error where a rule is broken.
pub(crate) fn check(repository: &Repository) -> Result<()> {
    let tree = Tree::read(repository)?;
    let violations = violations(&tree);
    for warning in size::warnings(&tree) {
        println!("note: {warning}");
    }
    println!("{}", size::overview(&tree));
    for Violation { path, line, what } in &violations {
        eprintln!("{path}:{line}: {what}");
    }
    match violations.len() {
        0 => Ok(()),
        1 => bail!("1 place breaks a rule of the house"),
        count => bail!("{count} places break a rule of the house"),
    }
}

/// Whether any documentation holds code that `cargo test --doc` would run.
pub(crate) fn has_doctests(repository: &Repository) -> Result<bool> {
    Ok(Tree::read(repository)?.sources.iter().any(source::Source::has_doctest))
}

fn violations(tree: &Tree) -> Vec<Violation> {
    let mut found: Vec<Violation> = RULES.iter().flat_map(|rule| rule(tree)).collect();
    found.sort();
    found.dedup();
    found
}
