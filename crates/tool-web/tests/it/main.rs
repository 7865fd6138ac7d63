//! WebFetch as the engine calls it, over a real gate and a real server.

// Whatever is unexpected in a test ends it.
#![allow(clippy::unwrap_used, clippy::panic)]

mod fetch;
