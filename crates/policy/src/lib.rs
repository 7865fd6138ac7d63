//! May this call run? The pure answer to declared effects, stored grants, the mode and the organisation's rules.
//!
//! Lives here: `decide` and the names of places a task can see. No input or output, no clock, no async.
//! Separate because this is the part that must be readable in one sitting and tested as a table.

mod decide;
mod place;

pub use decide::{Organisation, Permission, Rules, Verdict, decide, in_words};
pub use place::{Place, place};

#[cfg(test)]
mod decide_tests;
