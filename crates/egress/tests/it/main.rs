//! The gate through its public doors: raw bytes on a machine's connection, real servers with real TLS on loopback.

// Whatever is unexpected in a test ends it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod addresses;
mod asking;
mod crash;
mod fetch;
mod forward;
mod hosts;
mod noise;
mod probes;
mod relay;
mod rules;
mod tunnel;
mod world;
