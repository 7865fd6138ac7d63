//! The image that tasks work in: put into Deskhand's home, checked, used, taken away.
//!
//! Lives here: whose signature counts, what an image says of itself, how it is put in place so that it is whole or not
//! there, what is looked at on every start and what `doctor` reads again. Does not live here: making an image
//! (`cargo xtask image`, whose formats `images/README.md` describes), running one (`sandbox-vm`, `sandbox-bwrap`).

mod chosen;
mod failure;
mod fingerprint;
mod held;
mod install;
mod installed;
mod key;
mod list;
mod manifest;
mod package;
mod record;
mod tree;

pub(crate) use chosen::{Absent, Chosen};
pub use failure::ImageError;
pub use installed::{InstalledImage, Removed};
pub use key::ImageKey;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use key::Trusted;

use crate::config::MachineConfig;
use crate::{App, Config, ConfigError, Directories, organisation};

/// The images of one installation. One is current; others may be there for as long as a process that began with them
/// runs.
#[derive(Debug)]
pub struct Images {
    /// Holds one folder for each image and the name of the current one.
    place: PathBuf,
    trusted: Trusted,
    /// A folder that the settings name instead: nobody checks what lies there. For development and tests. None where an
    /// organisation has a say.
    named: Option<PathBuf>,
    /// The settings name a folder, and an organisation has a say.
    overruled: bool,
    /// Where programs are looked for.
    programs: &'static str,
}

impl Images {
    /// The images of an installation that is not opened.
    ///
    /// # Errors
    /// Where the settings or the organisation's rules are not understood.
    pub fn open(directories: &Directories, policy_file: &Path) -> Result<Self, ConfigError> {
        let keys = organisation::read(policy_file)?.image_keys;
        Ok(Self::new(&directories.home, &Config::open(&directories.config)?.machine, keys.as_deref()))
    }

    /// The images in a home, by what the settings and the organisation say.
    pub(crate) fn new(home: &Path, settings: &MachineConfig, organisation: Option<&[ImageKey]>) -> Self {
        let trusted = Trusted::new(&settings.image_keys, organisation);
        let named = settings.image.clone();
        Self {
            place: home.join("image"),
            overruled: named.is_some() && trusted.is_narrowed(),
            named: named.filter(|_| !trusted.is_narrowed()),
            trusted,
            programs: tree::PROGRAMS,
        }
    }

    /// Whether the settings name a folder that is used instead of what is installed.
    pub fn passed_over(&self) -> bool {
        self.named.is_some()
    }

    /// Whether the settings name a folder that is not used, because an organisation says whose images are.
    pub fn overruled(&self) -> bool {
        self.overruled
    }
}

impl App {
    /// Begins to remove images that are not current and that no process uses, and what installations left that were cut
    /// off. Nobody waits for it: a process that ends in the middle leaves the rest to the next one.
    pub fn remove_old_images(&self) {
        let images = Arc::clone(&self.images);
        // Where no thread can be had, the next process tries again.
        thread::Builder::new().name("old-images".to_owned()).spawn(move || images.remove_old()).ok();
    }
}

#[cfg(test)]
#[path = "image_tests.rs"]
mod image_tests;
