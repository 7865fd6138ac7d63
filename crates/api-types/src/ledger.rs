//! The ledger of a task: what was decided about its connections.

use event::{CallId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One decision about a connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LedgerLine {
    /// When it was made.
    pub at: Timestamp,
    /// The host, as it was asked for; escaped where it is none.
    pub host: String,
    /// The port.
    pub port: u16,
    /// What was decided.
    pub verdict: LedgerVerdict,
    /// Why, in a few plain words.
    pub rule: String,
    /// Bytes sent.
    pub bytes_up: u64,
    /// Bytes received.
    pub bytes_down: u64,
    /// The call it belongs to; empty where there is none.
    pub call: CallId,
}

/// What was decided about a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LedgerVerdict {
    /// It was made.
    Allowed,
    /// It was not.
    Refused,
}

impl LedgerLine {
    /// The lines of a ledger file, oldest first, the last `most` of them. A line that is torn or of another release is
    /// passed over.
    pub fn last_of(text: &str, most: usize) -> Vec<Self> {
        let mut lines: Vec<Self> =
            text.lines().rev().filter_map(|line| serde_json::from_str(line).ok()).take(most).collect();
        lines.reverse();
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::{LedgerLine, LedgerVerdict};

    const LINES: &str = r#"{"at":1,"host":"a.example","port":443,"verdict":"allowed","rule":"listed","bytes_up":5,"bytes_down":6,"call":"c1"}
{"at":2,"host":"b.example","port":80,"verdict":"refused","rule":"not listed","bytes_up":0,"bytes_down":0,"call":""}
{"at":3,"host":"c.example","port":80,"verdict":"pondered","rule":"a newer release","bytes_up":0,"bytes_down":0,"call":""}
{"at":4,"host":"d.exa"#;

    #[test]
    fn lines_that_can_be_read_are_given_and_others_passed_over() {
        let lines = LedgerLine::last_of(LINES, 10);
        let seen: Vec<(&str, LedgerVerdict, u64)> =
            lines.iter().map(|line| (line.host.as_str(), line.verdict, line.bytes_down)).collect();
        assert_eq!(seen, [("a.example", LedgerVerdict::Allowed, 6), ("b.example", LedgerVerdict::Refused, 0)]);
        assert_eq!(LedgerLine::last_of(LINES, 1), lines[1..]);
        let written = serde_json::to_string(&lines[0]).unwrap();
        assert_eq!(Some(written.as_str()), LINES.lines().next());
    }
}
