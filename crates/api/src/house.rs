//! What the API needs from the rest of the house, as traits where the parts are not beneath it.

use std::borrow::Cow;
use std::path::PathBuf;
use std::sync::Arc;

use api_types::{Check, FileKind, Settings};
use event::Timestamp;
use futures_util::future::BoxFuture;
use tasks::Tasks;
use tool::{Desk, Refusal};

use crate::Token;

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
