//! What travels over HTTP besides events, commands and views: requests, answers, and the one form of every error.
//!
//! Lives here: serde types with their OpenAPI schemas. Does not live here: routes and the client (`api`), and the words
//! that the log knows already (`event`, `view`). Separate so that a client needs no server.

mod error;
mod file;
mod house;
mod journal;
mod ledger;
mod network;
mod task;

pub use error::{Code, ErrorBody};
pub use file::{Base64, FileInfo, FileKind, FolderEntry, FolderListing, Upload};
pub use house::{
    Check, KeyPlace, ModelOffer, ModelPrice, ProviderDialect, ProviderModels, ProviderOrigin, ProviderRequest,
    ProviderState, ProviderTest, Reveal, RevealRequest, Settings, SettingsChange, StandingGrant,
};
pub use journal::{JournalFreed, JournalTask, JournalUsage};
pub use ledger::{LedgerLine, LedgerVerdict};
pub use network::{NetworkAllow, NetworkChange, NetworkSettings};
pub use task::{
    ApprovalWaiting, CommandAccepted, FolderRequest, Headline, Live, NewTaskRequest, SayRequest, TaskCreatedResponse,
    TaskShelf, TaskSummary, UndoPlan, UndoPlanKind, UndoPlanStep,
};

#[cfg(test)]
mod types_tests;
