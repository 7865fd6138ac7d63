//! What Deskhand notes beside an installed image: whose signature it was, and what the unpacked tree was.

use serde::{Deserialize, Serialize};

use super::key::ImageKey;

/// The record's name.
pub(super) const RECORD: &str = "installed.toml";

/// What was noted when an image was put in place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Record {
    /// The key whose signature was found good.
    pub(super) key: ImageKey,
    /// The digest of the list of the unpacked tree.
    pub(super) tree: String,
}
