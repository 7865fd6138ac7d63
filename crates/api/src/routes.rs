//! The routes, one file for each part of the API.

pub(crate) mod files;
pub(crate) mod folders;
pub(crate) mod house;
pub(crate) mod journal;
pub(crate) mod keeping;
pub(crate) mod ledger;
pub(crate) mod setup;
pub(crate) mod stream;
pub(crate) mod tasks;

/// Bytes of all attachments of one message together.
pub(crate) const MAX_ATTACHED: usize = 64 * 1024 * 1024;
