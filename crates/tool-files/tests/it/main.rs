//! The five tools through their public door, on real directories.

// Whatever is unexpected in a test ends it.
#![allow(clippy::unwrap_used, clippy::panic)]

mod change;
mod escapes;
mod find;
mod limits;
mod pdf;
mod read;
mod specs;
mod world;
