//! What every sandbox must do, as a suite that any of them runs on real machines.
//!
//! Lives here: the checks that hold in every tier, seen only from outside and from commands inside. Needs a POSIX
//! shell, coreutils, find, and bash or nc in the machine. Does not live here: what only one tier can show (its own tests).

use std::path::Path;
use std::time::{Duration, Instant};

use crate::{Sandbox, Shares};

mod commands;
mod endings;
mod guard;
mod isolation;
mod network;
mod world;

use world::World;

/// How long one check may take; some start machine after machine.
const PATIENCE: Duration = Duration::from_mins(2);

/// One check that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The promise, as a sentence.
    pub promise: &'static str,
    /// What was seen instead, where it was not kept.
    pub result: Result<(), String>,
    /// How long the check took.
    pub took: Duration,
}

/// Makes every check, each with machines of its own over shares of `shares`, whose folders are made beneath `scratch`:
/// an absolute path without links that the machines' user may write to. Called within a runtime of several threads.
pub async fn run(sandbox: &dyn Sandbox, shares: &dyn Shares, scratch: &Path) -> Vec<Finding> {
    let world = World::new(sandbox, shares, scratch);
    let mut findings = Vec::new();
    let files = guard::CHECKS.iter().chain(isolation::CHECKS);
    for (promise, check) in commands::CHECKS.iter().chain(endings::CHECKS).chain(files).chain(network::CHECKS) {
        let begun = Instant::now();
        let checked = tokio::time::timeout(PATIENCE, check(&world)).await;
        let result = checked.unwrap_or_else(|_| Err(format!("it did not end within {PATIENCE:?}")));
        findings.push(Finding { promise, result, took: begun.elapsed() });
    }
    findings
}
