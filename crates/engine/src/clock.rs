//! Time and chance come in from outside, so that a test can repeat a run exactly.

use event::Timestamp;

/// Where the engine gets time and randomness from.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;

    /// A number from 0 up to, not including, 1.
    fn chance(&self) -> f64;
}
