//! A clock for tests that compare what was written.

use std::sync::atomic::{AtomicI64, Ordering};

use engine::Clock;
use event::Timestamp;

/// Moves one second at each look, from a fixed day in 2023; chance is always one half.
#[derive(Debug, Default)]
pub struct Ticking(AtomicI64);

impl Clock for Ticking {
    fn now(&self) -> Timestamp {
        Timestamp(1_700_000_000_000 + self.0.fetch_add(1_000, Ordering::Relaxed))
    }

    fn chance(&self) -> f64 {
        0.5
    }
}
