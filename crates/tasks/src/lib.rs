//! The registry of tasks: makes them, finds or opens the live one a command is for, and lists them.
//!
//! Lives here: `Tasks`, new tasks, standing permissions of folders. Does not live here: what a task does (`engine`),
//! any door. Separate because every door needs exactly this and nothing below it.

mod error;
mod new_task;
mod registry;
mod standing;

pub use error::TaskError;
pub use new_task::{AttachmentSource, FolderWish, NewTask, title_of};
pub use registry::{End, Tasks};
pub use standing::{Reach, Standing, StandingGrants};

#[cfg(test)]
mod new_task_tests;
#[cfg(test)]
mod standing_tests;
