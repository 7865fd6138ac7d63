//! The store on disk: one open, greppable folder for each task, and an index that can be thrown away.
//!
//! Lives here: the log file and its lease, group commit, drafts, blobs, archives, the SQLite index. Does not live
//! here: what events mean (`view`), the undo journal's content (`folder`). Separate because it is the only owner of
//! SQLite and of the layout under the home directory.

mod archive;
mod blob;
mod catalogue;
mod disk;
mod draft;
mod flush;
mod follow;
mod home;
mod index;
mod layout;
mod lease;
mod live;
mod log;
mod log_check;
mod log_file;
mod trash;

pub use home::DiskStore;

#[cfg(test)]
mod flush_tests;
#[cfg(test)]
mod layout_tests;
#[cfg(test)]
mod log_check_tests;
