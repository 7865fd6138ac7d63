//! What the sandbox contract promises about frames and the link, seen from outside.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod frame;
mod greeting;
mod link;
mod link_connections;
