//! Virtual machines for real: saved, restored, used, lost. Needs QEMU and what `cargo xtask vm-image` makes; without
//! them each test says so and ends.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "a test may panic and print")]

mod conformance;
mod disks;
mod inside;
mod lifetime;
mod losing;
#[path = "../../../guest/tests/it/loss.rs"]
mod loss;
mod ordinary_user;
mod saved;
mod world;
