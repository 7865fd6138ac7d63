//! How long to wait before asking the model again, and when to give up waiting.

use std::time::Duration;

/// Retries for one step; about eight minutes of waiting in all when the provider names no time.
const MAX_ATTEMPTS: u32 = 10;
/// The longest wait between two tries.
const MAX_WAIT_MS: u64 = 120_000;

/// Milliseconds to wait before retry number `attempt` (from 1); none when the budget is spent.
///
/// Doubles from one second to two minutes, spread over the upper half by `chance` so that many tasks do not come
/// back at once. A wait the provider asks for is kept exactly, up to the longest wait.
pub(crate) fn wait_ms(attempt: u32, asked: Option<Duration>, chance: f64) -> Option<u64> {
    if attempt > MAX_ATTEMPTS {
        return None;
    }
    if let Some(asked) = asked {
        let asked = u64::try_from(asked.as_millis()).unwrap_or(u64::MAX);
        // A provider that wants longer than we are willing to sit there is not coming back soon: pause instead.
        return (asked <= MAX_WAIT_MS).then_some(asked.max(50));
    }
    let full = 1_000_u64.saturating_mul(1 << attempt.saturating_sub(1).min(16)).min(MAX_WAIT_MS);
    let half = full / 2;
    Some(half + (half as f64 * chance.clamp(0.0, 1.0)) as u64)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::wait_ms;

    #[test]
    fn waits_double_within_bounds_and_end() {
        let lowest: Vec<_> = (1..=11).map(|attempt| wait_ms(attempt, None, 0.0)).collect();
        let waits = [500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000];
        let expected: Vec<_> = waits.into_iter().map(Some).chain([None]).collect();
        assert_eq!(lowest, expected);
        assert_eq!(wait_ms(3, None, 0.5), Some(3_000));
        assert_eq!(wait_ms(1, Some(Duration::from_secs(7)), 0.9), Some(7_000));
        assert_eq!(wait_ms(1, Some(Duration::from_mins(10)), 0.9), None);
    }
}
