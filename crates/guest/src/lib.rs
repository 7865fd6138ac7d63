//! The program inside a machine: first process of it, starts commands, carries their output, leaves none behind.
//!
//! Lives here: everything that runs inside. Does not live here: starting machines (`sandbox-*`), deciding what may
//! run (`policy`). Separate because it must start in a millisecond, stay small, and trust nothing it runs.

mod agent;
mod channel;
mod family;
mod filter;
mod guard;
mod pipe;
mod running;
mod spawn;
mod start;

pub use start::run;
