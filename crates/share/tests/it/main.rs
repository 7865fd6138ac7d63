//! The share behind a real mount, and behind a socket that carries what no kernel would send. Where mounting is not
//! allowed the tests that need it say so and end.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "a test may panic and print")]

mod alike;
mod crafted;
mod deleting;
mod journal;
mod limits;
mod meanwhile;
mod programs;
mod race;
mod undone;
mod world;
