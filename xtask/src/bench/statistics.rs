//! The arithmetic of measurements. Medians, because one slow run on a busy machine says nothing.

use std::ops::RangeInclusive;

/// The middle value; the mean of the two middle ones where their number is even. None of nothing.
pub(super) fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match (sorted.len() % 2, sorted.get(middle)) {
        (1, upper) => upper.copied(),
        (_, Some(upper)) => Some(f64::midpoint(*sorted.get(middle - 1)?, *upper)),
        (_, None) => None,
    }
}

/// The median of the values numbered, from 1, by a range; none where the range is not covered whole.
pub(super) fn window(values: &[f64], numbers: RangeInclusive<usize>) -> Option<f64> {
    let first = numbers.start().checked_sub(1)?;
    median(values.get(first..*numbers.end())?)
}

/// How much a value grows for each unit of another, between the two ends.
pub(super) fn slope(from: (f64, f64), to: (f64, f64)) -> Option<f64> {
    let run = to.0 - from.0;
    (run > 0.0).then(|| (to.1 - from.1) / run)
}

#[cfg(test)]
mod tests {
    use super::{median, slope, window};

    #[test]
    fn the_median_is_the_middle() {
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[3.0]), Some(3.0));
        assert_eq!(median(&[9.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&[9.0, 1.0, 2.0, 4.0]), Some(3.0));
    }

    #[test]
    fn a_window_counts_from_one_and_must_be_whole() {
        let values = [10.0, 1.0, 2.0, 3.0, 10.0];
        assert_eq!(window(&values, 2..=4), Some(2.0));
        assert_eq!(window(&values, 1..=1), Some(10.0));
        assert_eq!(window(&values, 4..=6), None);
        assert_eq!(window(&values, 0..=1), None);
    }

    #[test]
    fn a_slope_needs_a_distance() {
        assert_eq!(slope((1.0, 2.0), (11.0, 7.0)), Some(0.5));
        assert_eq!(slope((1.0, 2.0), (1.0, 7.0)), None);
    }
}
