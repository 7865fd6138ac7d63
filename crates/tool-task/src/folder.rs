//! RequestFolder: a wish for a folder the user has not granted.

use std::sync::Arc;

use event::Access;
use futures_util::future::BoxFuture;
use serde::Deserialize;
use tokio_util::sync::CancellationToken;
use tool::{Call, CallError, Desk, FolderRequest, Preview, Progress, Reach, Report, Tool, ToolSpec, parse_input};

use crate::plan::schema;

pub(crate) struct RequestFolder(ToolSpec);

#[derive(Deserialize)]
struct Input {
    path: String,
    #[serde(default)]
    access: Wanted,
    #[serde(default)]
    reason: String,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "snake_case")]
enum Wanted {
    #[default]
    Read,
    Write,
}

impl RequestFolder {
    pub(crate) fn new() -> Self {
        Self(ToolSpec {
            name: "RequestFolder",
            description: "Asks the user to grant another folder of their computer, by its absolute path there. Ask \
                          for the smallest folder that does and for read unless you must write."
                .to_owned(),
            input: schema(
                r#"{"type":"object","properties":{"path":{"type":"string"},"access":{"type":"string","enum":["read","write"]},"reason":{"type":"string"}},"required":["path","reason"]}"#,
            ),
            reach: Reach::Changes,
        })
    }

    fn read(call: &Call) -> Result<FolderRequest, CallError> {
        let input: Input = parse_input(call)?;
        let path = input.path.trim();
        if !(path.starts_with('/') || path.starts_with('~')) {
            return Err(CallError("give the folder's absolute path on the user's computer".to_owned()));
        }
        let access = match input.access {
            Wanted::Read => Access::ReadOnly,
            Wanted::Write => Access::ReadWrite,
        };
        Ok(FolderRequest { path: path.to_owned(), access, reason: input.reason })
    }
}

impl Tool for RequestFolder {
    fn spec(&self) -> &ToolSpec {
        &self.0
    }

    fn preview(&self, call: &Call, _desk: &Desk) -> Result<Preview, CallError> {
        Self::read(call).map(Preview::Folder)
    }

    fn run(
        &self,
        _call: Call,
        _desk: Arc<Desk>,
        _progress: Arc<dyn Progress>,
        _stop: CancellationToken,
    ) -> BoxFuture<'_, Report> {
        Box::pin(std::future::ready(Report::failed("The wish was not put to the user.")))
    }
}
