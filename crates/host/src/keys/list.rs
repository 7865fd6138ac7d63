//! Which keys there are and where each is kept: names only, so that asking whether there is a key opens nothing.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::{PoisonError, RwLock};

use super::{KeyError, KeyPlace, write};

/// The list, in memory and on disk.
pub(super) struct NameList {
    path: PathBuf,
    names: RwLock<BTreeMap<String, KeyPlace>>,
}

impl NameList {
    /// Reads the list; none means that there are no keys.
    pub(super) fn open(path: PathBuf) -> Result<Self, KeyError> {
        let names = match std::fs::read(&path) {
            Ok(text) => serde_json::from_slice(&text)
                .map_err(|error| KeyError::Locked { path: path.clone(), what: error.to_string() })?,
            Err(error) if error.kind() == ErrorKind::NotFound => BTreeMap::new(),
            Err(source) => return Err(KeyError::File { action: "read", path, source }),
        };
        Ok(Self { path, names: RwLock::new(names) })
    }

    /// Where a key is kept.
    pub(super) fn place_of(&self, name: &str) -> Option<KeyPlace> {
        self.names.read().unwrap_or_else(PoisonError::into_inner).get(name).copied()
    }

    /// Notes where a key is kept now, or that there is none any more.
    pub(super) fn set(&self, name: &str, place: Option<KeyPlace>) -> Result<(), KeyError> {
        let mut names = self.names.read().unwrap_or_else(PoisonError::into_inner).clone();
        match place {
            Some(place) => names.insert(name.to_owned(), place),
            None => names.remove(name),
        };
        let text = serde_json::to_vec_pretty(&names)
            .map_err(|error| KeyError::Locked { path: self.path.clone(), what: error.to_string() })?;
        write(&self.path, &text)?;
        *self.names.write().unwrap_or_else(PoisonError::into_inner) = names;
        Ok(())
    }
}
