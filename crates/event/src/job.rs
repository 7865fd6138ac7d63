//! What a task is set up with: mode, folders, limits, model, tier, and what it used.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How much a task may do without asking. Deletion asks in every mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Asks before it changes the user's files, runs commands or reaches out.
    #[default]
    Ask,
    /// Asks only for what cannot be undone or leaves the machine.
    Auto,
    /// Trusts the task with everything except deletion.
    Skip,
}

/// What may be done in a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// Files may be read, nothing may be changed.
    ReadOnly,
    /// Files may be read, made and changed; deletion still asks.
    ReadWrite,
}

/// A granted directory. The model knows it as `/work/<name>`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Folder {
    /// Its name before the model: one path component, unique within the task.
    pub name: String,
    /// Its absolute path on this computer.
    pub path: String,
    /// What may be done in it.
    pub access: Access,
}

/// A model as the user names it: `provider/model`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(value_type = String))]
#[serde(transparent)]
pub struct ModelRef(pub String);

impl ModelRef {
    /// The provider's part, before the first `/`.
    pub fn provider(&self) -> &str {
        self.0.split_once('/').map_or(self.0.as_str(), |(provider, _)| provider)
    }

    /// The model's part, after the first `/`; empty where none is named.
    pub fn model(&self) -> &str {
        self.0.split_once('/').map_or("", |(_, model)| model)
    }
}

impl fmt::Display for ModelRef {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// What the user notes about a task as a whole. A mark is no work: it moves nothing in Recents and the model never hears
/// of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "type", content = "data", rename_all = "snake_case")]
pub enum Mark {
    /// Kept on top of Recents.
    Pinned,
    /// No longer kept on top.
    Unpinned,
    /// Out of Recents; nothing is deleted.
    Archived,
    /// Back in Recents.
    Unarchived,
    /// The user has looked at what there is so far.
    Seen,
    /// The user wants to look again.
    Unseen,
    /// Moved to a project, or out of every project.
    Project {
        /// The project's name.
        #[serde(default)]
        name: Option<String>,
    },
}

/// How code is isolated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// A virtual machine.
    Vm,
    /// Linux namespaces through bubblewrap.
    Namespace,
}

impl fmt::Display for Tier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Vm => "vm",
            Self::Namespace => "namespace",
        })
    }
}

/// Where a task stops by itself. `None` means no limit. A task that meets one pauses; it is not lost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Limits {
    /// Model replies per turn.
    pub steps: Option<u32>,
    /// Input and output tokens over the whole task.
    pub tokens: Option<u64>,
    /// Minutes of work per turn, waiting for the user not counted.
    pub minutes: Option<u32>,
}

impl Default for Limits {
    fn default() -> Self {
        Self { steps: Some(500), tokens: None, minutes: Some(480) }
    }
}

/// Tokens of one reply, or summed over several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Usage {
    /// Tokens read, those from the provider's cache not counted.
    pub input: u64,
    /// Tokens written.
    pub output: u64,
    /// Tokens read from the provider's cache.
    #[serde(default)]
    pub cache_read: u64,
    /// Tokens written to the provider's cache.
    #[serde(default)]
    pub cache_write: u64,
}

impl Usage {
    /// Adds another reply's tokens.
    pub fn add(&mut self, other: Self) {
        self.input += other.input;
        self.output += other.output;
        self.cache_read += other.cache_read;
        self.cache_write += other.cache_write;
    }

    /// Everything read and written, cached or not.
    pub fn total(&self) -> u64 {
        self.input + self.output + self.cache_read + self.cache_write
    }

    /// Everything the model had to read for one reply: how full its context is.
    pub fn context(&self) -> u64 {
        self.input + self.cache_read + self.cache_write
    }
}
