//! The clock of commands: it stands still while the user is being asked.

use std::time::{Duration, Instant};

use crate::running::Ticking;

/// A clock that can be held.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    /// Since when it stands still.
    held: Option<Instant>,
    /// How long it has stood still before.
    stood: Duration,
}

impl Clock {
    /// The time it shows when it is `real` outside.
    pub(crate) fn at(&self, real: Instant) -> Instant {
        let real = self.held.unwrap_or(real);
        real.checked_sub(self.stood).unwrap_or(real)
    }

    pub(crate) fn hold(&mut self, real: Instant) {
        self.held.get_or_insert(real);
    }

    pub(crate) fn release(&mut self, real: Instant) {
        if let Some(since) = self.held.take() {
            self.stood += real.saturating_duration_since(since);
        }
    }

    pub(crate) fn ticking(&self) -> Ticking {
        if self.held.is_some() { Ticking::No } else { Ticking::Yes }
    }
}

#[cfg(test)]
#[path = "clock_tests.rs"]
mod tests;
