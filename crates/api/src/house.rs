//! What the API needs from the rest of the house, as traits where the parts are not beneath it.

use std::borrow::Cow;
use std::path::PathBuf;
use std::sync::Arc;

use api_types::{
    Check, FileKind, JournalFreed, JournalUsage, ProviderRequest, ProviderTest, Reveal, Settings, SettingsChange,
};
use event::{TaskId, Timestamp};
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use tasks::{TaskError, Tasks};
use tool::{Desk, Refusal};

use crate::{Tickets, Token};

/// Everything the API serves from.
#[derive(Clone)]
pub struct ApiState {
    /// The tasks.
    pub tasks: Arc<Tasks>,
    /// Opens files of tasks.
    pub files: Arc<dyn Files>,
    /// Settings and readiness.
    pub installation: Arc<dyn Installation>,
    /// Where choosing a folder starts: the user's home directory.
    pub home: PathBuf,
    /// The secret of this launch.
    pub token: Token,
    /// What opens the window once without that secret.
    pub tickets: Tickets,
    /// The UI's own files, behind the same guard; none where it is not built in.
    pub web: Option<Arc<dyn Web>>,
}

/// Opens files of a task for showing and downloading. An implementation opens beneath a directory handle and follows no
/// symbolic link; a path is never checked and then opened again by name.
pub trait Files: Send + Sync {
    /// Opens a regular file; `path` is absolute as the model knows it and lies in a place of the task.
    fn open(&self, desk: &Desk, path: &str) -> Result<OpenedFile, Refusal>;

    /// The names of a directory, sorted.
    fn list(&self, desk: &Desk, path: &str) -> Result<Vec<ListedFile>, Refusal>;
}

/// A file opened for reading.
#[derive(Debug)]
pub struct OpenedFile {
    /// The file, at its beginning.
    pub file: std::fs::File,
    /// Its size in bytes.
    pub bytes: u64,
}

/// One name of a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedFile {
    /// The name.
    pub name: String,
    /// What it is.
    pub kind: FileKind,
    /// Size in bytes; 0 for a directory.
    pub bytes: u64,
    /// When its content last changed.
    pub changed_at: Timestamp,
}

/// What concerns the installation and not one task.
pub trait Installation: Send + Sync {
    /// What it is set up with; asks nobody.
    fn settings(&self) -> Settings;

    /// Checks readiness; may take seconds.
    fn checks(&self) -> BoxFuture<'_, Vec<Check>>;

    /// Changes settings; what is running goes on with them. Gives all of them as they are now.
    fn change(&self, change: SettingsChange) -> BoxFuture<'_, Result<Settings, Refusal>>;

    /// Adds or changes a provider and stores its key.
    fn set_provider(&self, name: String, provider: ProviderRequest) -> BoxFuture<'_, Result<Settings, Refusal>>;

    /// Forgets a provider's settings and its key. One that Deskhand knows by itself goes back to how it was found.
    fn remove_provider(&self, name: String) -> BoxFuture<'_, Result<Settings, Refusal>>;

    /// Asks a provider for its models, stored or not; a stored key is used where none is given.
    fn try_provider(&self, name: String, provider: ProviderRequest) -> BoxFuture<'_, ProviderTest>;

    /// What the old contents that Undo needs cost.
    fn journal(&self) -> BoxFuture<'_, Result<JournalUsage, TaskError>>;

    /// Gives up all old contents of a task, which must not be at work. Only ever at the user's own wish.
    fn empty_journal(&self, task: TaskId) -> BoxFuture<'_, Result<JournalFreed, TaskError>>;

    /// Makes the task of the example that comes with Deskhand, with a scripted model: no account, no key.
    fn example(&self) -> BoxFuture<'_, Result<TaskId, Refusal>>;

    /// Shows a file of a task on this computer's desktop.
    fn reveal(&self, desk: &Desk, path: &str, how: Reveal) -> Result<(), Refusal>;
}

/// The UI's own files.
pub trait Web: Send + Sync {
    /// The file at an address such as `/` or `/assets/app.js`; none where there is none.
    fn page(&self, path: &str) -> Option<Page>;
}

/// One file of the UI.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Media type, with its character set where it has one.
    pub media: &'static str,
    /// The bytes.
    pub bytes: Cow<'static, [u8]>,
    /// How the bytes are packed, such as `br`; none where they are plain.
    pub encoding: Option<&'static str>,
    /// How long a browser may keep it.
    pub life: PageLife,
}

/// How long a browser may keep a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageLife {
    /// Asked for again each time.
    Fresh,
    /// For ever: its name changes with its content.
    Forever,
}

/// Where a browser gets in. Only the socket tells it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WindowAddress {
    /// With the token of this launch: to be shown to the user.
    pub lasting: String,
    /// With a ticket for one visit within a minute: to be given to a browser as an argument.
    pub once: String,
}

impl std::fmt::Debug for WindowAddress {
    /// Never shows what opens the window.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("WindowAddress(…)")
    }
}
