//! The contract of isolation: a machine per task that runs commands with only what it was given.
//!
//! Lives here: the traits, their types and errors, the frames spoken between host and guest, and the conformance
//! suite both tiers pass. Does not live here: bubblewrap (`sandbox-bwrap`), the program inside (`guest`).

#[cfg(feature = "conformance")]
pub mod conformance;
mod contract;
mod frame;
mod greeting;
mod guards;
#[cfg(feature = "host")]
pub mod link;
#[cfg(feature = "host")]
mod spawner;

pub use contract::{
    Command, Execution, Exit, Machine, Order, Output, Readiness, ResourceLimits, Sandbox, SandboxError, Stream,
};
pub use frame::{
    CONNECTION, CONNECTION_WINDOW, Frame, FrameError, FrameKind, HEADER_BYTES, MAX_PAYLOAD, OUTPUT_WINDOW,
};
pub use greeting::{GuestHello, GuestSetup, PROTOCOL};
pub use guards::{Asker, Errand, Mount, Network, Networks, PLACES, RefusedHost, Share, Shares};
#[cfg(feature = "host")]
pub use spawner::Spawner;
