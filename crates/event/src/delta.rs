//! What happens while it happens: streamed text and command output. Never stored, never numbered.

use serde::{Deserialize, Serialize};

use crate::CallId;

/// A piece of something unfinished. Screens may show it; the event that ends it says it whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "type", content = "data", rename_all = "snake_case")]
pub enum Delta {
    /// More text of the reply being written.
    Text {
        /// The step it belongs to.
        step: u32,
        /// The new piece.
        text: String,
    },
    /// More reasoning of the reply being written.
    Thinking {
        /// The step it belongs to.
        step: u32,
        /// The new piece.
        text: String,
    },
    /// The reply begins a tool call.
    CallBegun {
        /// The step it belongs to.
        step: u32,
        /// The tool's name.
        tool: String,
    },
    /// More output of a running command.
    Output {
        /// The call.
        call: CallId,
        /// The new piece; bytes that are not UTF-8 are replaced.
        text: String,
    },
}

impl Delta {
    /// The one-line form used where events and deltas share a stream: `{"ephemeral":…}`.
    ///
    /// # Errors
    /// Only where a value cannot be written as JSON, which no delta causes.
    pub fn to_line(&self) -> Result<String, serde_json::Error> {
        #[derive(Serialize)]
        struct Line<'d> {
            ephemeral: &'d Delta,
        }
        serde_json::to_string(&Line { ephemeral: self })
    }

    /// Joins `next` onto this delta where both continue the same thing; gives it back otherwise.
    pub fn join(&mut self, next: Self) -> Result<(), Self> {
        match (self, next) {
            (Self::Text { step, text }, Self::Text { step: same, text: more }) if *step == same => text.push_str(&more),
            (Self::Thinking { step, text }, Self::Thinking { step: same, text: more }) if *step == same => {
                text.push_str(&more);
            }
            (Self::Output { call, text }, Self::Output { call: same, text: more }) if *call == same => {
                text.push_str(&more);
            }
            (_, next) => return Err(next),
        }
        Ok(())
    }
}
