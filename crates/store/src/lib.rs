//! The contract of the store: where a task's events, files and drafts live, and who hears of them.
//!
//! Lives here: the traits, their types and errors, the fan-out to readers, the in-memory store, and the conformance
//! suite that every store passes. Does not live here: files and SQLite (`store-disk`).

mod announcer;
#[cfg(any(test, feature = "conformance"))]
pub mod conformance;
mod contract;
mod error;
mod fail_point;
mod fanout;
mod memory;

pub use announcer::Announcer;
pub use contract::{
    Damage, Draft, Headlines, News, Opened, Places, Query, Shelf, Signal, Store, Summary, TaskLog, Watch,
};
pub use error::StoreError;
pub use fail_point::{FAIL_POINTS, fail_point};
pub use fanout::Fanout;
pub use memory::MemoryStore;

#[cfg(test)]
mod announcer_tests;
#[cfg(all(test, debug_assertions))]
mod fail_point_tests;
#[cfg(test)]
mod fanout_tests;
#[cfg(test)]
mod memory_tests;
