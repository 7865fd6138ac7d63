//! `config.toml` while Deskhand runs: what it says now, and changing it one change at a time.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use tool::Refusal;

use crate::config_edit::{Edit, edited};
use crate::{Config, ConfigError};

/// The file and what it says.
pub(crate) struct SettingsFile {
    path: PathBuf,
    now: RwLock<Arc<Config>>,
    /// Held while the file changes.
    changing: Mutex<()>,
}

impl SettingsFile {
    /// Reads the file.
    pub(crate) fn open(path: &Path) -> Result<Self, ConfigError> {
        let config = Arc::new(Config::open(path)?);
        Ok(Self { path: path.to_owned(), now: RwLock::new(config), changing: Mutex::new(()) })
    }

    /// What it says.
    pub(crate) fn now(&self) -> Arc<Config> {
        Arc::clone(&self.now.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Makes changes: in the file first, then here, then wherever `follow` takes them. `check` looks at the outcome
    /// before anything is written. What somebody else wrote into the file meanwhile stays and counts from now on.
    ///
    /// # Errors
    /// Where the file is not understood, the outcome would not be, or the disk says no. Then nothing has changed.
    pub(crate) fn change(
        &self,
        choose: impl FnOnce(&Config) -> Vec<Edit>,
        check: impl FnOnce(&Config) -> Result<(), Refusal>,
        follow: impl FnOnce(&Config) -> Result<(), String>,
    ) -> Result<(), Refusal> {
        let _alone = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let malformed = |what| refusal(&ConfigError::Malformed { path: self.path.clone(), what });
        let before = self.read()?;
        let edits = choose(&Config::parse(&before).map_err(malformed)?);
        let text = edited(&before, &edits).map_err(malformed)?;
        let config = Config::parse(&text).map_err(|what| wrong(&what))?;
        check(&config)?;
        if text != before {
            self.write(&text)?;
        }
        let config = Arc::new(config);
        *self.now.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&config);
        follow(&config).map_err(|what| wrong(&what))
    }

    fn read(&self) -> Result<String, Refusal> {
        match std::fs::read_to_string(&self.path) {
            Ok(text) => Ok(text),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(String::new()),
            Err(source) => Err(refusal(&ConfigError::Read { path: self.path.clone(), source })),
        }
    }

    fn write(&self, text: &str) -> Result<(), Refusal> {
        // Where the file is a link into a folder of settings that is kept elsewhere, the link stays.
        let place = std::fs::canonicalize(&self.path).unwrap_or_else(|_| self.path.clone());
        host::write_private(&place, text.as_bytes()).map_err(|error| Refusal {
            message: format!("cannot write `{}`: {error}", place.display()),
            hint: "check the rights of its folder and the free space".to_owned(),
        })
    }
}

fn refusal(error: &ConfigError) -> Refusal {
    Refusal { message: error.to_string(), hint: error.hint().to_owned() }
}

/// What was entered cannot be used.
pub(crate) fn wrong(what: &str) -> Refusal {
    Refusal { message: what.to_owned(), hint: "correct what was entered; nothing has changed".to_owned() }
}
