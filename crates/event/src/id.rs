//! Newtypes for every id. Ids are plain text in the log so that they can be grepped and typed.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Letters of a [`TaskId`]: Crockford's base 32 in lower case (no `i`, `l`, `o`, `u`).
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// Characters in a [`TaskId`]; 50 bits of randomness.
const TASK_ID_LEN: usize = 10;

/// Why a text is not an id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IdError {
    /// The text has the wrong length or a character outside the alphabet.
    #[error("`{0}` is not a task id: ten of the characters 0-9 and a-z without i, l, o, u")]
    NotATask(String),
}

/// A task's id: ten lower-case base-32 characters, the last part of its folder's name.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(value_type = String))]
pub struct TaskId([u8; TASK_ID_LEN]);

impl TaskId {
    /// Makes an id from random bytes; the caller owns the randomness.
    pub fn from_random(bytes: [u8; 8]) -> Self {
        let mut bits = u64::from_le_bytes(bytes);
        let mut id = [b'0'; TASK_ID_LEN];
        for slot in &mut id {
            *slot = ALPHABET[(bits & 31) as usize];
            bits >>= 5;
        }
        Self(id)
    }

    /// Reads an id as a person types it; upper case is accepted.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        let lower = text.to_ascii_lowercase();
        let bytes: [u8; TASK_ID_LEN] = lower.as_bytes().try_into().map_err(|_| IdError::NotATask(text.to_owned()))?;
        if bytes.iter().all(|byte| ALPHABET.contains(byte)) {
            Ok(Self(bytes))
        } else {
            Err(IdError::NotATask(text.to_owned()))
        }
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        // The bytes come from ALPHABET only, so they are always ASCII.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for TaskId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl fmt::Debug for TaskId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "TaskId({})", self.as_str())
    }
}

impl Serialize for TaskId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for TaskId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(value_type = String))]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }
    };
}

text_id! {
    /// One tool call; unique within a task. The provider's id, or ours where the provider gives none.
    CallId
}
text_id! {
    /// One approval of a task, such as `a3`.
    ApprovalId
}
text_id! {
    /// One set of questions of a task, such as `q1`.
    QuestionId
}
text_id! {
    /// One stored grant of a task, such as `g2`.
    GrantId
}
text_id! {
    /// A command's id, chosen by whoever sends it; a command acts once per id.
    CommandId
}
