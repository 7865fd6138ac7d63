//! Whose signature counts. A key beside an image proves nothing and is never looked at.

use std::path::Path;

use ring::signature::{ED25519, UnparsedPublicKey};
use serde::{Deserialize, Serialize};

use super::failure::ImageError;

/// The keys of releases, built in. There is no release yet, so there is none.
const RELEASE: &[ImageKey] = &[];
/// Longest file that is read as a key, in bytes.
const MOST: u64 = 1_024;

/// A public Ed25519 key (RFC 8032), written as 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ImageKey([u8; 32]);

impl ImageKey {
    /// Reads a key from a file that holds nothing else.
    pub(super) fn read(path: &Path) -> Result<Self, ImageError> {
        let found = std::fs::metadata(path).map_err(ImageError::read(path))?;
        if found.len() > MOST {
            return Err(ImageError::Key(format!("`{}`", path.display())));
        }
        let bytes = std::fs::read(path).map_err(ImageError::read(path))?;
        let digits = String::from_utf8_lossy(&bytes).trim().to_owned();
        // What the file holds instead may be anything, so its name is told and not its content.
        Self::try_from(digits).map_err(|_| ImageError::Key(format!("`{}`", path.display())))
    }

    /// Whether this key made the signature of these bytes.
    pub(super) fn signed(self, bytes: &[u8], signature: &[u8; 64]) -> bool {
        UnparsedPublicKey::new(&ED25519, self.0).verify(bytes, signature).is_ok()
    }
}

impl std::fmt::Display for ImageKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl std::fmt::Debug for ImageKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "ImageKey({self})")
    }
}

impl TryFrom<String> for ImageKey {
    type Error = ImageError;

    fn try_from(digits: String) -> Result<Self, ImageError> {
        bytes_of(&digits).map(Self).ok_or_else(|| ImageError::Key(format!("`{digits}`")))
    }
}

impl From<ImageKey> for String {
    fn from(key: ImageKey) -> Self {
        key.to_string()
    }
}

/// Exactly so many bytes as lower-case hexadecimal digits.
pub(super) fn bytes_of<const COUNT: usize>(digits: &str) -> Option<[u8; COUNT]> {
    let mut bytes = [0; COUNT];
    if digits.len() != COUNT * 2 {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(digits.as_bytes().chunks_exact(2)) {
        let digit = |letter: u8| match letter {
            b'0'..=b'9' => Some(letter - b'0'),
            b'a'..=b'f' => Some(letter - b'a' + 10),
            _ => None,
        };
        *byte = digit(*pair.first()?)? << 4 | digit(*pair.last()?)?;
    }
    Some(bytes)
}

/// The keys that count here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Trusted {
    /// Those that are built in, those of the settings, and one that is named while installing.
    Own(Vec<ImageKey>),
    /// The organisation's alone.
    Organisation(Vec<ImageKey>),
}

impl Trusted {
    /// What the settings and the organisation say together: the organisation can only narrow.
    pub(crate) fn new(settings: &[ImageKey], organisation: Option<&[ImageKey]>) -> Self {
        match organisation {
            Some(keys) => Self::Organisation(keys.to_owned()),
            None => Self::Own([RELEASE, settings].concat()),
        }
    }

    /// Whether the organisation has a say; images that nobody signed are not used then.
    pub(crate) fn is_narrowed(&self) -> bool {
        matches!(self, Self::Organisation(_))
    }

    /// The key that signed, among those trusted and the one named.
    pub(super) fn signer(
        &self,
        named: Option<ImageKey>,
        bytes: &[u8],
        signature: &[u8; 64],
    ) -> Result<ImageKey, ImageError> {
        let keys = match (self, named) {
            (Self::Organisation(keys), Some(named)) if !keys.contains(&named) => return Err(ImageError::Organisation),
            (Self::Organisation(keys), _) => keys.clone(),
            (Self::Own(keys), named) => keys.iter().copied().chain(named).collect(),
        };
        if keys.is_empty() {
            return Err(if self.is_narrowed() { ImageError::NoKeyAllowed } else { ImageError::NoKey });
        }
        keys.into_iter().find(|key| key.signed(bytes, signature)).ok_or_else(|| self.foreign())
    }

    /// What is said of a signature that does not count.
    pub(super) fn foreign(&self) -> ImageError {
        if self.is_narrowed() { ImageError::NotAllowed } else { ImageError::Foreign }
    }

    /// Whether an image that this key signed may still be used: who installed it said so, unless the organisation
    /// says otherwise.
    pub(super) fn still_allows(&self, key: ImageKey) -> bool {
        match self {
            Self::Own(_) => true,
            Self::Organisation(keys) => keys.contains(&key),
        }
    }
}
