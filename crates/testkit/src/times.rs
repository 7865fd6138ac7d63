//! The time a client takes between the end of one answer and its next request: the overhead of a turn.

use serde::Serialize;

use crate::record::Record;

/// The time before one request.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Gap {
    /// Number of the answer before, from 0.
    pub after: usize,
    /// Microseconds from the answer's last byte to the arrival of the next request's head.
    pub micros: f64,
    /// Bytes of the request.
    pub bytes: usize,
}

/// The gaps between requests for replies, in order. Requests whose answer before was cut have none.
pub fn gaps(records: &[Record]) -> Vec<Gap> {
    let replies: Vec<&Record> = records.iter().filter(|record| record.method == "POST").collect();
    let pairs = replies.iter().zip(replies.iter().skip(1)).enumerate();
    pairs
        .filter_map(|(after, (before, next))| {
            let micros = next.began.saturating_duration_since(before.ended?).as_secs_f64() * 1e6;
            let length = next.header("content-length").first().and_then(|text| text.parse().ok());
            Some(Gap { after, micros, bytes: length.unwrap_or(next.body.len()) })
        })
        .collect()
}
