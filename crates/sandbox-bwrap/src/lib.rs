//! The namespace tier: one bubblewrap per task, with the guest as its first process.
//!
//! Lives here: starting bubblewrap, talking to the guest, and saying why it does not work here. Does not live here:
//! the program inside (`guest`), the contract (`sandbox`), when a machine is started and what it is given (tools).

mod arguments;
mod boot;
mod bwrap;
mod layout;
mod machine;
mod places;
mod readiness;

pub use bwrap::{BwrapSandbox, GuestProgram};
