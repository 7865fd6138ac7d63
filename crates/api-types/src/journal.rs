//! What the old contents that Undo needs cost.

use event::{TaskId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What all journals cost together, and each.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct JournalUsage {
    /// Size of all old contents, in bytes.
    pub bytes: u64,
    /// What they may cost; none where there is no limit.
    pub quota_bytes: Option<u64>,
    /// The tasks that have some, the largest first.
    pub tasks: Vec<JournalTask>,
}

/// What the journal of one task costs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct JournalTask {
    /// The task.
    pub task: TaskId,
    /// Its title, where it is known.
    pub title: Option<String>,
    /// Size of its old contents, in bytes.
    pub bytes: u64,
    /// When the oldest was kept.
    pub oldest: Option<Timestamp>,
}

/// What was given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct JournalFreed {
    /// How many old contents.
    pub objects: u64,
    /// Their size together, in bytes.
    pub bytes: u64,
}
