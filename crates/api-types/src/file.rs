//! Files: those that come in with a message, those of a task, and the folders of this computer.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use event::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use utoipa::ToSchema;

/// Bytes written as base 64 (RFC 4648, section 4, with padding).
#[derive(Clone, PartialEq, Eq, Default, ToSchema)]
#[schema(value_type = String, content_encoding = "base64")]
pub struct Base64(pub Vec<u8>);

impl std::fmt::Debug for Base64 {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Base64({} bytes)", self.0.len())
    }
}

impl Serialize for Base64 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Base64 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        /// Decodes from the text in place: a large file is in memory once, not twice.
        struct Text;
        impl de::Visitor<'_> for Text {
            type Value = Base64;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("text in base 64")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Base64, E> {
                STANDARD.decode(text).map(Base64).map_err(|error| E::custom(format!("not base 64: {error}")))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

/// A file handed over with a message. All files of one message together have at most 64 MiB.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Upload {
    /// The file's name; directories in it are dropped.
    pub name: String,
    /// Its content.
    pub content_base64: Base64,
}

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FileKind {
    /// A regular file.
    File,
    /// A directory.
    Folder,
}

/// A file or directory in a place of a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FileInfo {
    /// Its path as the model knows it, such as `/work/Reports/a.csv`.
    pub path: String,
    /// The last part of the path.
    pub name: String,
    /// What it is.
    pub kind: FileKind,
    /// Size in bytes; 0 for a directory.
    pub bytes: u64,
    /// When its content last changed.
    pub changed_at: Timestamp,
    /// Media type guessed from the name.
    pub media: String,
}

/// A directory of this computer, for choosing one to grant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FolderListing {
    /// Its absolute path.
    pub path: String,
    /// The directory above, where it may be shown.
    pub parent: Option<String>,
    /// Why it cannot be granted itself; none where it can.
    pub refused: Option<String>,
    /// The directories in it that may be granted or shown, sorted by name.
    pub folders: Vec<FolderEntry>,
    /// Whether there are more than are listed.
    pub more: bool,
}

/// A directory in a [`FolderListing`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FolderEntry {
    /// Its name.
    pub name: String,
    /// Its absolute path.
    pub path: String,
    /// Whether it may be granted; otherwise it only leads to others.
    pub grantable: bool,
}
