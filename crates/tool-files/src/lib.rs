//! The tools over files: Read, Write, Edit, Glob and Grep.
//!
//! Lives here: what the model sees of files and how it changes them. Does not live here: opening and replacing them
//! safely and keeping the old content (`folder`), whether a call may run (`policy`).

mod edit;
mod failure;
mod glob;
mod grep;
mod memory;
mod read;
mod run;
mod spec;
mod text;
mod tools;
mod write;

pub use tools::tools;
