//! The system's clock and randomness.

use std::time::{SystemTime, UNIX_EPOCH};

use engine::Clock;
use event::Timestamp;

/// Time and chance of this computer.
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    fn chance(&self) -> f64 {
        // 53 bits, the precision of the result. Without a random source the spread is lost, nothing else.
        let bits = getrandom::u64().unwrap_or(1 << 63) >> 11;
        bits as f64 / (1_u64 << 53) as f64
    }
}
