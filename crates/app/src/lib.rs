//! The one place that wires everything: directories, configuration, providers, store, tools, sandbox.
//!
//! Lives here: `App`, what `config.toml` means and changing it, which providers there are, the readiness checks, the
//! built UI. Does not live here: decisions of any kind; words a user types or reads in a terminal (`deskhand`).

mod clock;
mod compose;
mod config;
mod config_edit;
mod directories;
mod doctor;
mod example;
mod files;
mod guard;
mod image;
mod installation;
mod journal;
mod network;
mod organisation;
mod providers;
mod reveal;
mod serving;
mod settings_file;
mod tiers;
mod web;

pub use compose::{App, Environment, OpenError, Variable};
pub use config::{
    AuthName, Config, ConfigError, DialectName, JournalConfig, LimitsConfig, MachineConfig, NetworkConfig, PriceConfig,
    ProviderConfig,
};
pub use directories::Directories;
pub use image::{ImageError, ImageKey, Images, InstalledImage, Removed};
pub use journal::{journal_in_words, size_kept};
pub use providers::{Providers, SCRIPT};
pub use serving::{ListenError, Serving};

/// The user's desktop, and starting a program that outlives the terminal.
pub use host::{Desktop, DesktopError, DetachError, Detached, allow_many_files, start_detached};

/// Acts as the program inside a sandbox; called by the binary when it is started with [`GUEST_ARGUMENT`].
pub use guest::run as guest_main;

/// The hidden argument that makes the binary act as the program inside a sandbox.
pub const GUEST_ARGUMENT: &str = "__guest";

#[cfg(test)]
mod compose_tests;
#[cfg(test)]
mod config_edit_tests;
#[cfg(test)]
mod config_tests;
#[cfg(test)]
mod example_tests;
#[cfg(test)]
mod installation_tests;
#[cfg(test)]
mod journal_tests;
#[cfg(test)]
mod network_tests;
#[cfg(test)]
mod providers_tests;
#[cfg(test)]
mod reveal_tests;
#[cfg(test)]
mod web_tests;
