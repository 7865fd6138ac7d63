//! The program inside a machine: first process of it, starts commands, carries their output, leaves none behind.
//!
//! Lives here: everything that runs inside. Does not live here: starting machines (`sandbox-*`), deciding what may
//! run (`policy`). Separate because it must start in a millisecond, stay small, and trust nothing it runs.

mod agent;
mod carried;
mod channel;
mod clock;
mod family;
mod filter;
mod guard;
mod mounts;
mod pipe;
mod proxy;
mod rights;
mod running;
mod spawn;
mod start;
mod vm;
mod ward;

pub use start::run;
