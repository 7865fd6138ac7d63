//! The ledger of a task: what was decided about its connections.

use std::collections::HashMap;

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
    /// Whether no end of it is known: it goes on, or Deskhand was ended in the middle of it. Its bytes are not counted
    /// then.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub open: bool,
}

/// A line as it stands in the file. What was allowed stands there twice under one id: `open` when it was decided, and
/// again at its end.
#[derive(Deserialize)]
struct Written {
    #[serde(default)]
    id: Option<String>,
    #[serde(flatten)]
    line: LedgerLine,
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
    /// The decisions in a ledger file, oldest first, the last `most` of them. A line that is torn or of another release
    /// is passed over.
    pub fn last_of(text: &str, most: usize) -> Vec<Self> {
        let mut ends: HashMap<String, Self> = HashMap::new();
        let mut lines = Vec::new();
        let written = text.lines().rev().filter_map(|line| serde_json::from_str(line).ok());
        for Written { id, line } in written {
            if lines.len() >= most {
                break;
            }
            match id {
                // Its place is where it was decided, which is further up.
                Some(id) if !line.open => drop(ends.insert(id, line)),
                Some(id) => lines.push(ends.remove(&id).unwrap_or(line)),
                None => lines.push(line),
            }
        }
        // What was decided before the first line that is there.
        let mut early: Vec<Self> = ends.into_values().collect();
        early.sort_by_key(|line| std::cmp::Reverse(line.at));
        let free = most.saturating_sub(lines.len());
        lines.extend(early.into_iter().take(free));
        lines.reverse();
        lines
    }
}

#[cfg(test)]
#[path = "ledger_tests.rs"]
mod ledger_tests;
