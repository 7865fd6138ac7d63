//! The guard, the journal and Undo on real directories. One binary; each module is one promise.

// Whatever is unexpected in a test ends it.
#![allow(clippy::unwrap_used, clippy::panic)]

mod anything;
mod back;
mod batch;
mod crash;
mod disk;
mod errand;
mod escapes;
mod failing;
mod grants;
mod journal;
mod property;
mod quota;
mod race;
mod undo;
mod walk;
mod world;
mod writing;
