//! A Script: a file of replies that plays the model and really calls tools. Used by tests, examples and recipes.
//!
//! Lives here: the YAML form, quoting of earlier results, expectations, and the `Model` that plays it.
//! Does not live here: anything that talks to a provider (`model-http`).

mod play;
mod quote;
mod script;

pub use play::ScriptModel;
pub use script::{Expect, Script, ScriptCall, ScriptError, ScriptReply};

#[cfg(test)]
mod play_tests;
#[cfg(test)]
mod script_tests;
