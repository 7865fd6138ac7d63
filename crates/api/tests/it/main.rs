//! The API over real connections: a scripted model behind it, the real tools about the task, tools that ask and wait.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod errors;
mod files;
mod flow;
mod folders;
mod house;
mod installed;
mod keeping;
mod matrix;
mod openapi;
mod raw;
mod setup;
mod socket;
mod stream;
