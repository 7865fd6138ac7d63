//! The envelope every fact travels in, and its one-line form.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Digest, Fact, TaskId};

/// Position of an event in its log, from 1. `Seq(0)` stands before the first event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(value_type = u64))]
#[serde(transparent)]
pub struct Seq(pub u64);

impl Seq {
    /// The position after this one.
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl fmt::Display for Seq {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// Milliseconds since 1970-01-01 00:00 UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(value_type = i64))]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// Milliseconds from `earlier` to this moment; 0 where the clock went backwards.
    pub fn since(self, earlier: Self) -> u64 {
        u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0)
    }
}

/// Who caused an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// A person, from any door.
    User,
    /// The model.
    Model,
    /// Deskhand itself.
    Engine,
    /// A tool.
    Tool,
}

/// One event: a fact with its place, time, author and link to the event before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Event {
    /// Place in the log.
    pub seq: Seq,
    /// When it was written.
    pub at: Timestamp,
    /// The task it belongs to.
    pub task: TaskId,
    /// Who caused it.
    pub actor: Actor,
    /// Digest of the line before; of the empty text for the first event.
    pub prev: Digest,
    /// What happened.
    pub fact: Fact,
}

/// Why a line is not an event.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The line is not JSON of the expected shape.
    #[error("not an event: {0}")]
    Shape(#[from] serde_json::Error),
}

impl Event {
    /// The line that is stored and streamed, without a line break at its end.
    ///
    /// # Errors
    /// Only where a value cannot be written as JSON, which no fact of this crate causes.
    pub fn to_line(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self)
    }

    /// Reads a stored line.
    pub fn from_line(line: &str) -> Result<Self, DecodeError> {
        Ok(serde_json::from_str(line)?)
    }
}
