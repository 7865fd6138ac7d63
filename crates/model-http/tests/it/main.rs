//! The client against real HTTP on loopback: every test talks to a `testkit::FakeServer`.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod connection;
mod errors;
mod headers;
mod limits;
mod malformed;
mod network;
mod offers;
mod prefix;
mod quirks;
mod replay;
mod stage;
mod streams;
