//! What tests and benchmarks stand on: fake model servers, temporary worlds, readable logs, a clock and scripted
//! models by name.
//!
//! Lives here: a real HTTP server that plays both model dialects from a script and misbehaves on demand, temporary
//! homes and work folders, a clock that ticks evenly, and the rendering of logs that golden tests compare. Does not live here: anything the
//! product runs with (`model-script` is the scripted model of the product itself).

mod answer;
mod anthropic_events;
mod asked;
mod clock;
mod delivery;
mod log;
mod modelled;
mod openai_events;
mod record;
mod server;
mod shelf;
mod times;
mod turn;
mod world;

pub use answer::Answer;
pub use asked::{Asked, Dialect};
pub use clock::Ticking;
pub use log::{LogPrinter, print_log};
pub use modelled::play_script;
pub use record::Record;
pub use server::{Bounds, FakeServer};
pub use shelf::Shelf;
pub use times::{Gap, gaps};
pub use turn::{Call, Turn};
pub use world::World;

#[cfg(test)]
mod log_tests;
