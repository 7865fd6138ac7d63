//! The Bash tool over a scripted sandbox: what it asks of the sandbox and what it reports. Real machines are used by
//! the tests of the guest.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "a test may panic and print")]

mod calls;
mod errands;
mod machines;
mod scripted;
