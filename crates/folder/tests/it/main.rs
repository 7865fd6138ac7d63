//! The guard, the journal and Undo on real directories. One binary; each module is one promise.

// Whatever is unexpected in a test ends it.
#![allow(clippy::unwrap_used, clippy::panic)]

mod crash;
mod disk;
mod escapes;
mod grants;
mod journal;
mod property;
mod race;
mod undo;
mod walk;
mod world;
mod writing;
