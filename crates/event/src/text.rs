//! Text that came from outside (files, commands, web, mail) and must be treated as data.

use serde::{Deserialize, Serialize};

/// Text nobody has vouched for. Only the prompt builder puts it before the model, framed as data.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(value_type = String))]
#[serde(transparent)]
pub struct Untrusted(String);

impl Untrusted {
    /// Marks text as coming from outside.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself; the name is long on purpose so that each use is seen in review.
    pub fn expose(&self) -> &str {
        &self.0
    }
}
