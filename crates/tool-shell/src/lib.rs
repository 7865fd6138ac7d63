//! The tool that runs shell commands in a task's machine.
//!
//! Lives here: what the model reads about it, the machine per task with its files and network, asking while a command
//! runs, and what of the output goes before the model.
//! Does not live here: isolation itself (`sandbox-*`), deciding whether a command may run (`policy`).

mod bash;
mod description;
mod errand;
mod machines;
mod output;

pub use bash::Bash;
