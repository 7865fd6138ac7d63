//! The system's keychain: the Secret Service on Linux, Keychain on macOS, the Credential Manager on Windows.
//!
//! Each question is asked on a thread of its own and given up after a while: a keychain may wait for its user to unlock
//! it, and a broken session bus for ever.

use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

use keyring_core::api::CredentialStoreApi as _;
use keyring_core::{Entry, Error};
use secrecy::{ExposeSecret as _, SecretString};

use super::KeyError;

/// Whose keys they are, as the keychain shows it.
const SERVICE: &str = "deskhand";
/// How long it may take to say that it is there.
const PROBE: Duration = Duration::from_secs(2);
/// How long it may take to do something: long enough for its user to type a password.
const PATIENCE: Duration = Duration::from_secs(30);

/// Whether the system's keychain may be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SystemKeychain {
    /// It may be there.
    Ask,
    /// It is not there, or not wanted: `DESKHAND_KEYS=file`.
    Absent,
}

impl SystemKeychain {
    /// Reads the environment through `get`. On Linux there is no keychain without a session bus.
    pub fn from_environment(get: &dyn Fn(&str) -> Option<String>) -> Self {
        if get("DESKHAND_KEYS").is_some_and(|place| place == "file") {
            return Self::Absent;
        }
        if cfg!(any(target_os = "macos", windows)) || (cfg!(target_os = "linux") && has_session_bus(get)) {
            Self::Ask
        } else {
            Self::Absent
        }
    }

    /// Whether it answers. Opens nothing and does not make it ask its user anything.
    pub(super) fn answers(self) -> bool {
        self.ask(PROBE, || open_store().map(|_store| ())).is_ok()
    }

    pub(super) fn read(self, account: &str) -> Result<Option<SecretString>, KeyError> {
        let account = account.to_owned();
        self.ask(PATIENCE, move || match entry(&account)?.get_password() {
            Ok(key) => Ok(Some(SecretString::from(key))),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(error),
        })
    }

    pub(super) fn store(self, account: &str, key: &SecretString) -> Result<(), KeyError> {
        let (account, key) = (account.to_owned(), key.clone());
        self.ask(PATIENCE, move || entry(&account)?.set_password(key.expose_secret()))
    }

    pub(super) fn remove(self, account: &str) -> Result<(), KeyError> {
        let account = account.to_owned();
        self.ask(PATIENCE, move || match entry(&account)?.delete_credential() {
            Ok(()) | Err(Error::NoEntry) => Ok(()),
            Err(error) => Err(error),
        })
    }

    /// Asks on a thread of its own. One that gets no answer stays behind until the keychain gives it one.
    fn ask<A: Send + 'static>(
        self,
        patience: Duration,
        question: impl FnOnce() -> keyring_core::Result<A> + Send + 'static,
    ) -> Result<A, KeyError> {
        if self == Self::Absent {
            return Err(KeyError::Keychain("there is none".to_owned()));
        }
        let (told, answer) = mpsc::sync_channel(1);
        let asked = std::thread::Builder::new().name("keychain".to_owned()).spawn(move || {
            // Whoever asked may have gone.
            let _gone = told.send(question());
        });
        asked.map_err(|error| KeyError::Keychain(error.to_string()))?;
        match answer.recv_timeout(patience) {
            Ok(answer) => answer.map_err(|error| KeyError::Keychain(words(&error))),
            Err(_late) => Err(KeyError::Silent),
        }
    }
}

/// The text of an error. A value that cannot be read is the key itself and stays out of it.
fn words(error: &Error) -> String {
    match error {
        Error::BadEncoding(_) | Error::BadDataFormat(..) => "what is stored there is not a key".to_owned(),
        // Foreign and non-exhaustive.
        _ => error.to_string(),
    }
}

fn has_session_bus(get: &dyn Fn(&str) -> Option<String>) -> bool {
    let set = |name: &str| get(name).filter(|value| !value.is_empty());
    set("DBUS_SESSION_BUS_ADDRESS").is_some()
        || set("XDG_RUNTIME_DIR").is_some_and(|runtime| Path::new(&runtime).join("bus").exists())
}

fn entry(account: &str) -> keyring_core::Result<Entry> {
    open_store()?.build(SERVICE, account, None)
}

#[cfg(target_os = "linux")]
fn open_store() -> keyring_core::Result<std::sync::Arc<zbus_secret_service_keyring_store::Store>> {
    zbus_secret_service_keyring_store::Store::new()
}

#[cfg(target_os = "macos")]
fn open_store() -> keyring_core::Result<std::sync::Arc<apple_native_keyring_store::keychain::Store>> {
    apple_native_keyring_store::keychain::Store::new()
}

#[cfg(windows)]
fn open_store() -> keyring_core::Result<std::sync::Arc<windows_native_keyring_store::Store>> {
    windows_native_keyring_store::Store::new()
}
