//! What every sandbox must do, as a suite that any of them runs on real machines.
//!
//! Lives here: the checks that hold in every tier, seen only from outside and from commands inside. Needs a POSIX
//! shell, coreutils and find in the machine. Does not live here: what only one tier can show (its own tests).

use std::path::Path;
use std::time::{Duration, Instant};

use crate::Sandbox;

mod commands;
mod endings;
mod guard;
mod isolation;
mod world;

use world::World;

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

/// Makes every check, each with machines of its own whose folders are made beneath `scratch`, an absolute path
/// without links that the machines' user may write to.
pub async fn run(sandbox: &dyn Sandbox, scratch: &Path) -> Vec<Finding> {
    let world = World::new(sandbox, scratch);
    let mut findings = Vec::new();
    for (promise, check) in commands::CHECKS.iter().chain(endings::CHECKS).chain(guard::CHECKS).chain(isolation::CHECKS)
    {
        let begun = Instant::now();
        let result = check(&world).await;
        findings.push(Finding { promise, result, took: begun.elapsed() });
    }
    findings
}
