//! The one place that wires everything: directories, configuration, providers, store, tools, sandbox.
//!
//! Lives here: `App`, what `config.toml` means, which providers there are, the readiness checks. Does not live here:
//! decisions of any kind; words a user types or reads in a terminal (`deskhand`).

mod clock;
mod compose;
mod config;
mod directories;
mod doctor;
mod guard;
mod organisation;
mod providers;
mod serving;

pub use compose::{App, Environment, OpenError, Variable};
pub use config::{Config, ConfigError, ProviderConfig};
pub use directories::Directories;
pub use providers::{Providers, SCRIPT};
pub use serving::{ListenError, Serving};

/// Acts as the program inside a sandbox; called by the binary when it is started with [`GUEST_ARGUMENT`].
pub use guest::run as guest_main;

/// The hidden argument that makes the binary act as the program inside a sandbox.
pub const GUEST_ARGUMENT: &str = "__guest";

#[cfg(test)]
mod compose_tests;
#[cfg(test)]
mod config_tests;
#[cfg(test)]
mod providers_tests;
