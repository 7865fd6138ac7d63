//! The engine: one task's loop from message to model to tool and back, as a pure step and a thin runner.
//!
//! Lives here: `step(state, input) → decision`, the fold it decides on, the prompt, and the runner that performs
//! decisions. Does not live here: any concrete model, tool or store; the registry of live tasks (`tasks`).
//! Separate because this is the heart: the only place that sees model, tool, policy and store together, as traits.

mod clock;
mod input;
mod inquiry;
mod prompt;
mod retry;
mod runner;
mod setting;
mod settle;
mod state;
mod step;

pub use clock::Clock;
pub use input::{Act, Audience, Bench, CommandRefused, Decision, Input};
pub use prompt::{MAX_SETUP_BYTES, Prompt, setup};
pub use runner::{Ended, Handle, LEDGER, Parts, SendError, start};
pub use setting::{MAX_INSTRUCTIONS, MAX_PINNED, check_effort, check_instructions};
pub use state::{Asked, CallPhase, CallState, Live, Spent, State};
pub use step::step;

#[cfg(test)]
mod prompt_tests;
#[cfg(test)]
mod setting_tests;
#[cfg(test)]
mod state_tests;
