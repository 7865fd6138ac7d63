//! Watching a device for a moment before sleeping. A program that works with many small files waits for each answer and
//! asks again at once; waking a thread that sleeps costs more than most answers.

use std::time::{Duration, Instant};

/// How long the device is watched while requests keep coming.
const WATCHED: Duration = Duration::from_micros(100);
/// Whoever gives way for longer than this is on a processor that somebody else needs.
const PUSHED_AWAY: Duration = Duration::from_micros(40);
/// How many requests go by without watching after that.
const RESTS: u32 = 4096;

/// Whether watching pays just now.
#[derive(Debug)]
pub(crate) struct Watch {
    /// Whether the last request came soon after the one before it.
    busy: bool,
    rests: u32,
    begun: Instant,
    last: Instant,
}

impl Watch {
    pub(crate) fn new() -> Self {
        let now = Instant::now();
        Self { busy: false, rests: 0, begun: now, last: now }
    }

    /// The next request is waited for from here on.
    pub(crate) fn begin(&mut self) {
        self.rests = self.rests.saturating_sub(1);
        self.begun = Instant::now();
        self.last = self.begun;
    }

    /// Lets others run for a moment, after which there may be a request; false where it is better to sleep.
    pub(crate) fn gives_way(&mut self) -> bool {
        if !self.busy || self.rests > 0 || self.last - self.begun > WATCHED {
            return false;
        }
        std::thread::yield_now();
        let now = Instant::now();
        if now - self.last > PUSHED_AWAY {
            self.rests = RESTS;
        }
        self.last = now;
        true
    }

    /// A request came.
    pub(crate) fn came(&mut self) {
        self.busy = self.begun.elapsed() < WATCHED;
    }
}
