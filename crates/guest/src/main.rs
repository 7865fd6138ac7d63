//! The guest as a program of its own, for tests; the product carries it behind a hidden argument.

use std::process::ExitCode;

fn main() -> ExitCode {
    guest::run()
}
