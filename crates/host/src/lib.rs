//! The computer's own places outside the task: its keychain and its desktop.
//!
//! Lives here: where keys are kept, opening a file or an address the way the user would, starting the daemon apart from
//! the terminal. Does not live here: what is shown or kept and why (`app`). Separate, because this is the one crate that
//! speaks to the user's session.

mod desktop;
mod detach;
mod handles;
mod keys;
mod private_file;

pub use desktop::{Desktop, DesktopError};
pub use detach::{DetachError, Detached, start_detached};
pub use handles::allow_many_files;
pub use keys::{KeyChain, KeyError, KeyPlace, KeyPlaces, SystemKeychain};
pub use private_file::write_private;

/// A credential in memory: wiped when dropped, hidden from `Debug`.
pub use secrecy::{ExposeSecret, SecretString};

#[cfg(test)]
mod desktop_tests;
#[cfg(test)]
mod keys_tests;
