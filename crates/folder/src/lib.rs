//! The guard and the journal: the only way from a task to the user's files, and the way back.
//!
//! Lives here: opening everything beneath a directory handle, writing by replacing, walking, which directories may be
//! granted at all, the old content of everything changed, and Undo. Does not live here: tools (`tool-files`),
//! permission questions (`policy`), the task's own log (`store-disk`).

mod beneath;
mod error;
mod file;
mod grant;
mod guard;
mod journal;
mod mask;
mod meta;
mod name;
mod place;
mod undo;
mod walk;
mod writer;

pub use beneath::identity_of;
#[cfg(target_os = "linux")]
pub use beneath::{clone_content, open_beneath, open_granted, open_own};
pub use error::FolderError;
pub use file::OpenFile;
pub use grant::{GrantError, grantable};
pub use guard::{Guard, Listed};
pub use journal::{
    Author, Ending, Entry, Freed, Given, Identity, Intent, Journal, JournalError, Look, Mark, Moment, Stage, State,
    Usage, expire, usage,
};
pub use mask::{is_hidden, temporary_name};
pub use meta::{FileKind, Meta};
pub use name::{name_of, text_of};
pub use place::{Root, Trust};
pub use undo::{Action, Conflict, Failure, Plan, Seen, Selection, Step, Undone, apply, plan};
pub use walk::{Found, Walked};
pub use writer::{Content, Expect, Replacement, Writer, sweep};
