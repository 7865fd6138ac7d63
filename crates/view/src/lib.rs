//! What a screen shows of a task: the fold of its events. Pure; the same fold serves CLI, API and tests.
//!
//! Lives here: `View` and `TaskState`. Does not live here: the conversation itself (screens read the events), and
//! what the model sees (`engine`).

mod fold;
mod media;
mod shape;
mod visible;

pub use media::media_type;
pub use shape::{OutputCard, Progress, TaskState, View, Withdrawn};
pub use visible::{Lines, visible};

#[cfg(test)]
mod fold_tests;
