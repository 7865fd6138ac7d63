//! The guest inside real machines: the conformance suite of the namespace tier, and what only that tier can show.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "a test may panic and print")]

mod conformance;
mod escape;
mod fallback;
mod guarded;
mod isolation;
mod lifetime;
mod limits;
mod losing;
mod loss;
mod network;
mod ordinary_user;
mod probe;
mod shell;
mod still;
mod world;
