//! Where keys are kept: the system's keychain where one answers, an encrypted file otherwise. The choice is made once,
//! when the first key is stored; a key is read from where it was put.

mod file;
mod list;
mod system;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

use secrecy::SecretString;

use file::EncryptedFile;
use list::NameList;
pub use system::SystemKeychain;

use crate::private_file::write_private;

/// Where a key is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyPlace {
    /// In the system's keychain.
    Keychain,
    /// In an encrypted file of Deskhand.
    EncryptedFile,
}

/// What a key chain is opened over.
#[derive(Debug, Clone)]
pub struct KeyPlaces {
    /// Deskhand's home; `keys.age` and the list of names lie in it.
    pub home: PathBuf,
    /// The file that opens `keys.age`. It lies apart from the home, so that a copy of the home opens nothing.
    pub identity: PathBuf,
    /// Whether the system's keychain may be asked.
    pub system: SystemKeychain,
}

/// A key cannot be stored, read or removed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// A file cannot be read or written.
    #[error("cannot {action} `{}`: {source}", path.display())]
    File {
        /// What was tried, such as `read`.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file that opens the keys can be read by others.
    #[error("`{}` can be read by others", .0.display())]
    OpenToOthers(PathBuf),
    /// The keys are there and what opens them is not.
    #[error("`{}`, which opens the keys, is missing", .0.display())]
    NoIdentity(PathBuf),
    /// What opens the keys does not fit, or either file is damaged.
    #[error("cannot open `{}`: {what}", path.display())]
    Locked {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// The system's keychain said no.
    #[error("the system's keychain refused: {0}")]
    Keychain(String),
    /// The system's keychain gave no answer in time.
    #[error("the system's keychain does not answer")]
    Silent,
}

impl KeyError {
    /// The one next step for the user.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::File { .. } => "check the folder's rights and the free space",
            Self::OpenToOthers(_) => "take the others' rights away with `chmod 600`, and replace the keys kept so far",
            Self::NoIdentity(_) | Self::Locked { .. } => {
                "restore the file from a backup, or remove it and `keys.age` and enter the keys again"
            }
            Self::Keychain(_) | Self::Silent => {
                "unlock the keychain and try again, or set DESKHAND_KEYS=file to keep keys in an encrypted file"
            }
        }
    }
}

/// The keys of one installation. Opening it reads a list of names; no key is touched before it is needed.
///
/// Every method may wait for the disk, and for the system's keychain up to half a minute where that asks the user to
/// unlock it: call them where blocking is allowed.
pub struct KeyChain {
    file: EncryptedFile,
    list: NameList,
    system: SystemKeychain,
    /// Put behind the names of keys in the system's keychain, which all installations of a user share.
    owner: String,
    chosen: OnceLock<KeyPlace>,
    /// Held while keys change.
    changing: Mutex<()>,
}

impl KeyChain {
    /// The keys of an installation.
    ///
    /// # Errors
    /// Where the list of names is there and cannot be read.
    pub fn open(places: KeyPlaces) -> Result<Self, KeyError> {
        let KeyPlaces { home, identity, system } = places;
        let owner = home.display().to_string();
        let list = NameList::open(home.join("keys.json"))?;
        let file = EncryptedFile::new(home.join("keys.age"), identity);
        Ok(Self { file, list, system, owner, chosen: OnceLock::new(), changing: Mutex::new(()) })
    }

    /// Where the key of this name is kept; none where there is no such key. Asks nobody.
    pub fn place_of(&self, name: &str) -> Option<KeyPlace> {
        self.list.place_of(name)
    }

    /// Where a key stored now would be kept. Asks the system's keychain whether it answers, once.
    pub fn place(&self) -> KeyPlace {
        *self.chosen.get_or_init(|| if self.system.answers() { KeyPlace::Keychain } else { KeyPlace::EncryptedFile })
    }

    /// The same as far as it is known without asking.
    pub fn place_so_far(&self) -> KeyPlace {
        match self.chosen.get() {
            Some(place) => *place,
            None if self.system == SystemKeychain::Absent => KeyPlace::EncryptedFile,
            None => KeyPlace::Keychain,
        }
    }

    /// The key of this name; none where there is none.
    ///
    /// # Errors
    /// Where it is kept somewhere that cannot be read now.
    pub fn read(&self, name: &str) -> Result<Option<SecretString>, KeyError> {
        match self.list.place_of(name) {
            None => Ok(None),
            Some(KeyPlace::Keychain) => self.system.read(&self.account(name)),
            Some(KeyPlace::EncryptedFile) => self.file.read(name),
        }
    }

    /// Stores a key; one of the same name is replaced.
    ///
    /// # Errors
    /// Where it cannot be stored; what was there stays.
    pub fn store(&self, name: &str, key: &SecretString) -> Result<KeyPlace, KeyError> {
        let _alone = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let place = self.place();
        match place {
            KeyPlace::Keychain => self.system.store(&self.account(name), key)?,
            KeyPlace::EncryptedFile => self.file.store(name, key)?,
        }
        let before = self.list.place_of(name);
        self.list.set(name, Some(place))?;
        if let Some(elsewhere) = before.filter(|before| *before != place) {
            self.erase(name, elsewhere)?;
        }
        Ok(place)
    }

    /// Forgets a key; one that is not there is forgotten already.
    ///
    /// # Errors
    /// Where it cannot be removed.
    pub fn remove(&self, name: &str) -> Result<(), KeyError> {
        let _alone = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(place) = self.list.place_of(name) else { return Ok(()) };
        self.erase(name, place)?;
        self.list.set(name, None)
    }

    fn erase(&self, name: &str, place: KeyPlace) -> Result<(), KeyError> {
        match place {
            KeyPlace::Keychain => self.system.remove(&self.account(name)),
            KeyPlace::EncryptedFile => self.file.remove(name),
        }
    }

    fn account(&self, name: &str) -> String {
        format!("{name} ({})", self.owner)
    }
}

impl std::fmt::Debug for KeyChain {
    /// Never shows a key.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("KeyChain").field("owner", &self.owner).finish_non_exhaustive()
    }
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), KeyError> {
    write_private(path, bytes).map_err(|source| KeyError::File { action: "write", path: path.to_owned(), source })
}
