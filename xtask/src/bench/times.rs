//! When a task's requests came and when their answers ended, and what follows from it.

use std::time::Instant;

use super::statistics::{median, slope, window};

/// Everything one task asked, in the order of arrival.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Times {
    /// The requests.
    pub(super) requests: Vec<Request>,
}

/// One request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Request {
    /// Its first byte arrived.
    pub(super) arrived: Instant,
    /// The last byte of its answer was handed over.
    pub(super) ended: Instant,
    /// Bytes of its body.
    pub(super) asked_bytes: u64,
}

impl Times {
    /// Of each turn but the last, milliseconds from the end of an answer to the first byte of the next request.
    pub(super) fn overheads(&self) -> Vec<f64> {
        let pairs = self.requests.iter().zip(self.requests.iter().skip(1));
        pairs.map(|(answered, next)| milliseconds(answered.ended, next.arrived)).collect()
    }

    /// The median overhead of a turn.
    pub(super) fn turn(&self) -> Option<f64> {
        median(&self.overheads())
    }

    /// The overhead of late turns as a multiple of that of early ones.
    pub(super) fn growth(&self) -> Option<f64> {
        let overheads = self.overheads();
        let (early, late) = (window(&overheads, 10..=30)?, window(&overheads, 270..=290)?);
        (early > 0.0).then(|| late / early)
    }

    /// Milliseconds of overhead that each megabyte of the request adds, over the whole task.
    pub(super) fn cost_of_a_megabyte(&self) -> Option<f64> {
        let overheads = self.overheads();
        let sizes: Vec<f64> = self.requests.iter().skip(1).map(|request| request.asked_bytes as f64 / 1e6).collect();
        let ends = |values: &[f64]| {
            let count = values.len();
            Some((window(values, 11..=110)?, window(values, count.checked_sub(99)?..=count)?))
        };
        let ((early_size, late_size), (early, late)) = (ends(&sizes)?, ends(&overheads)?);
        slope((early_size, early), (late_size, late))
    }
}

/// From one moment to a later one; 0 where they stand the other way round.
pub(super) fn milliseconds(from: Instant, to: Instant) -> f64 {
    to.saturating_duration_since(from).as_secs_f64() * 1_000.0
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{Request, Times};

    /// A task whose turns take so many microseconds, with requests that grow by 2,000 bytes.
    fn task(turns: impl Iterator<Item = u64>) -> Times {
        let mut now = Instant::now();
        let mut requests = vec![Request { arrived: now, ended: now, asked_bytes: 0 }];
        for (index, overhead) in turns.enumerate() {
            now += Duration::from_micros(overhead);
            requests.push(Request { arrived: now, ended: now, asked_bytes: 2_000 * (index as u64 + 1) });
        }
        Times { requests }
    }

    fn nearly(value: Option<f64>, expected: f64) {
        assert!(value.is_some_and(|value| (value - expected).abs() < 1e-6), "{value:?} is not {expected}");
    }

    #[test]
    fn a_turn_is_from_the_end_of_an_answer_to_the_next_request() {
        let begun = Instant::now();
        let at = |microseconds| begun + Duration::from_micros(microseconds);
        let request = |arrived, ended| Request { arrived: at(arrived), ended: at(ended), asked_bytes: 1 };
        let times = Times { requests: vec![request(0, 1_000), request(1_250, 3_000), request(3_350, 4_000)] };
        assert_eq!(times.overheads().len(), 2);
        nearly(times.turn(), 0.3);
        assert_eq!(Times::default().turn(), None);
    }

    #[test]
    fn growth_compares_late_turns_with_early_ones() {
        nearly(task((1..=300).map(|turn| if turn > 200 { 300 } else { 200 })).growth(), 1.5);
        assert_eq!(task((1..=289).map(|_| 200)).growth(), None);
    }

    #[test]
    fn a_megabyte_costs_what_the_overhead_grows_by() {
        // Each turn adds 2,000 bytes and 2 microseconds.
        nearly(task((1..=3_000).map(|turn| 5_000 + 2 * turn)).cost_of_a_megabyte(), 1.0);
        assert_eq!(task((1..=50).map(|_| 2)).cost_of_a_megabyte(), None);
    }
}
