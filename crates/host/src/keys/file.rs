//! Keys in a file encrypted with age (<https://age-encryption.org/v1>), opened by an identity that lies elsewhere.
//!
//! It guards backups and copies of the home. It does not guard against somebody who can read both files as this user.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::PathBuf;
use std::str::FromStr as _;

use age::x25519::Identity;
use secrecy::{ExposeSecret as _, SecretString};
use zeroize::{Zeroize as _, Zeroizing};

use super::{KeyError, write};

/// The longest identity file that is read, in bytes.
const LONGEST_IDENTITY: u64 = 4096;

/// The encrypted file and what opens it.
pub(super) struct EncryptedFile {
    path: PathBuf,
    identity: PathBuf,
}

type Keys = BTreeMap<String, SecretString>;

impl EncryptedFile {
    pub(super) fn new(path: PathBuf, identity: PathBuf) -> Self {
        Self { path, identity }
    }

    pub(super) fn read(&self, name: &str) -> Result<Option<SecretString>, KeyError> {
        Ok(self.open()?.remove(name))
    }

    pub(super) fn store(&self, name: &str, key: &SecretString) -> Result<(), KeyError> {
        let mut keys = self.open()?;
        keys.insert(name.to_owned(), key.clone());
        self.write(&keys)
    }

    pub(super) fn remove(&self, name: &str) -> Result<(), KeyError> {
        let mut keys = self.open()?;
        if keys.remove(name).is_none() {
            return Ok(());
        }
        self.write(&keys)
    }

    /// All keys; no file means none.
    fn open(&self) -> Result<Keys, KeyError> {
        let sealed = match std::fs::read(&self.path) {
            Ok(sealed) => sealed,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Keys::new()),
            Err(source) => return Err(KeyError::File { action: "read", path: self.path.clone(), source }),
        };
        let identity = self.identity()?.ok_or_else(|| KeyError::NoIdentity(self.identity.clone()))?;
        let plain = age::decrypt(&identity, &sealed).map_err(|error| self.locked(&error))?;
        let plain = Zeroizing::new(plain);
        let keys: BTreeMap<String, String> = serde_json::from_slice(&plain).map_err(|error| self.locked(&error))?;
        Ok(keys.into_iter().map(|(name, key)| (name, SecretString::from(key))).collect())
    }

    fn write(&self, keys: &Keys) -> Result<(), KeyError> {
        let identity = match self.identity()? {
            Some(identity) => identity,
            None => self.make_identity()?,
        };
        let exposed: BTreeMap<&str, &str> =
            keys.iter().map(|(name, key)| (name.as_str(), key.expose_secret())).collect();
        let plain = Zeroizing::new(serde_json::to_vec(&exposed).map_err(|error| self.locked(&error))?);
        let sealed = age::encrypt(&identity.to_public(), &plain).map_err(|error| self.locked(&error))?;
        write(&self.path, &sealed)
    }

    fn locked(&self, error: &dyn std::fmt::Display) -> KeyError {
        KeyError::Locked { path: self.path.clone(), what: error.to_string() }
    }

    /// What opens the file; none where it was never made. One that others can read opens nothing any more.
    fn identity(&self) -> Result<Option<Identity>, KeyError> {
        let path = &self.identity;
        let failed = |source| KeyError::File { action: "read", path: path.clone(), source };
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(failed(source)),
        };
        if is_open_to_others(&file).map_err(failed)? {
            return Err(KeyError::OpenToOthers(path.clone()));
        }
        let mut text = Zeroizing::new(String::new());
        file.take(LONGEST_IDENTITY).read_to_string(&mut text).map_err(failed)?;
        let line = text.lines().find(|line| !line.trim().is_empty() && !line.starts_with('#')).unwrap_or_default();
        let identity = Identity::from_str(line.trim())
            .map_err(|what| KeyError::Locked { path: path.clone(), what: what.to_owned() })?;
        Ok(Some(identity))
    }

    fn make_identity(&self) -> Result<Identity, KeyError> {
        let identity = Identity::generate();
        let mut text = format!(
            "# Opens the keys that Deskhand keeps. Nobody else should read it.\n{}\n",
            identity.to_string().expose_secret()
        );
        let written = write(&self.identity, text.as_bytes());
        text.zeroize();
        written.map(|()| identity)
    }
}

#[cfg(unix)]
fn is_open_to_others(file: &File) -> std::io::Result<bool> {
    use std::os::unix::fs::MetadataExt as _;
    let meta = file.metadata()?;
    Ok(meta.mode() & 0o077 != 0 || meta.uid() != rustix::process::geteuid().as_raw())
}

#[cfg(not(unix))]
#[allow(clippy::unnecessary_wraps, reason = "the other systems can fail here")]
fn is_open_to_others(_file: &File) -> std::io::Result<bool> {
    // The profile directory it lies in belongs to its user alone.
    Ok(false)
}
