//! The fake server against plain sockets, the fake-model program, and the official SDKs.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod oracle;
mod plain_http;
mod program;
mod request_shapes;
mod server;
mod worlds;
