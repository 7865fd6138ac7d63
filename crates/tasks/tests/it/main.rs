//! The registry with a real store on disk and scripted models.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod keeping;
mod revoking;
mod world;
