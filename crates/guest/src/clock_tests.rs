//! Holding and releasing, once and more than once.

use std::time::{Duration, Instant};

use super::Clock;
use crate::running::Ticking;

#[test]
fn time_that_was_held_does_not_count() {
    let start = Instant::now();
    let at = |seconds| start + Duration::from_secs(seconds);
    let mut clock = Clock::default();
    clock.release(at(1));
    assert_eq!((clock.at(at(2)), clock.ticking()), (at(2), Ticking::Yes));
    clock.hold(at(10));
    clock.hold(at(15));
    assert_eq!((clock.at(at(20)), clock.ticking()), (at(10), Ticking::No));
    clock.release(at(30));
    assert_eq!((clock.at(at(30)), clock.at(at(31)), clock.ticking()), (at(10), at(11), Ticking::Yes));
    clock.hold(at(40));
    clock.release(at(41));
    assert_eq!(clock.at(at(50)), at(29));
}
