//! Note: the scratchpad.

use std::sync::Arc;

use event::Fact;
use futures_util::future::BoxFuture;
use serde::Deserialize;
use tokio_util::sync::CancellationToken;
use tool::{Call, CallError, Desk, Preview, Progress, Reach, Report, Tool, ToolSpec, parse_input};

use crate::plan::schema;

/// Bytes the scratchpad may have.
const LONGEST_NOTE: usize = 16_000;

pub(crate) struct Note(ToolSpec);

#[derive(Deserialize)]
struct Input {
    text: String,
}

impl Note {
    pub(crate) fn new() -> Self {
        Self(ToolSpec {
            name: "Note",
            description: "Sets your scratchpad for this task (Markdown; replaces the whole text). The user can read \
                          it. For findings, decisions and open points on long jobs, not for the result."
                .to_owned(),
            input: schema(r#"{"type":"object","properties":{"text":{"type":"string"}},"required":["text"]}"#),
            reach: Reach::Changes,
        })
    }

    fn read(call: &Call) -> Result<String, CallError> {
        let input: Input = parse_input(call)?;
        if input.text.len() > LONGEST_NOTE {
            return Err(CallError(format!("the scratchpad holds {LONGEST_NOTE} bytes; shorten it")));
        }
        Ok(input.text)
    }
}

impl Tool for Note {
    fn spec(&self) -> &ToolSpec {
        &self.0
    }

    fn preview(&self, call: &Call, _desk: &Desk) -> Result<Preview, CallError> {
        Self::read(call).map(|_| Preview::Effects(Vec::new()))
    }

    fn run(
        &self,
        call: Call,
        _desk: Arc<Desk>,
        _progress: Arc<dyn Progress>,
        _stop: CancellationToken,
    ) -> BoxFuture<'_, Report> {
        let report = match Self::read(&call) {
            Ok(text) => Report::ok("Noted.").with(Fact::NoteSet { text }),
            Err(error) => Report::failed(error.0),
        };
        Box::pin(std::future::ready(report))
    }
}
