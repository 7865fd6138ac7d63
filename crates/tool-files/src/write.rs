//! Write: makes a file or replaces its whole content.

use std::sync::Arc;

use event::{Change, ChangeKind, Effect, Fact, TaskId};
use folder::{Author, Expect, FolderError, Guard, Replacement, Writer};
use futures_util::future::BoxFuture;
use serde::Deserialize;
use tokio_util::sync::CancellationToken;
use tool::{Call, CallError, Desk, Preview, Progress, Report, Tool, ToolSpec, parse_input};

use crate::memory::Memory;
use crate::run::{Ending, absolute, blocking, effect, guard, stopped};
use crate::{failure, spec};

/// The tool.
pub(crate) struct Write {
    spec: ToolSpec,
    memory: Arc<Memory>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Input {
    #[serde(alias = "file_path")]
    path: String,
    content: String,
}

impl Write {
    pub(crate) fn new(memory: Arc<Memory>) -> Self {
        Self { spec: spec::write(), memory }
    }
}

impl Tool for Write {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    fn preview(&self, call: &Call, desk: &Desk) -> Result<Preview, CallError> {
        let input: Input = parse_input(call)?;
        Ok(effect(Effect::WritePath(absolute(desk, &input.path)?)))
    }

    fn run(
        &self,
        call: Call,
        desk: Arc<Desk>,
        _progress: Arc<dyn Progress>,
        stop: CancellationToken,
    ) -> BoxFuture<'_, Report> {
        let memory = Arc::clone(&self.memory);
        Box::pin(async move {
            if stop.is_cancelled() {
                return stopped();
            }
            blocking(&stop, Ending::Awaited, move || write(&memory, &call, &desk)).await
        })
    }

    fn leave(&self, task: TaskId) -> BoxFuture<'_, ()> {
        self.memory.leave(task);
        Box::pin(std::future::ready(()))
    }
}

fn write(memory: &Memory, call: &Call, desk: &Desk) -> Report {
    let wanted = parse_input::<Input>(call).and_then(|input| Ok((absolute(desk, &input.path)?, input.content)));
    let (path, content) = match wanted {
        Ok(wanted) => wanted,
        Err(error) => return Report::failed(error.0),
    };
    let guard = guard(desk);
    let expect = memory.seen(desk.task, &path).map_or(Expect::Absent, Expect::AbsentOr);
    match replace(memory, &guard, call, desk, &path, &Replacement::bytes(content.as_bytes(), expect)) {
        Ok(Some(change)) => {
            let lines = content.lines().count();
            let what = if change.kind == ChangeKind::Made { "made" } else { "replaced" };
            let text = format!("{what} `{path}`: {lines} lines, {} bytes", content.len());
            Report::ok(text).with(changed(call, desk, change))
        }
        Ok(None) => Report::ok(format!("`{path}` has exactly this content already; nothing was changed")),
        Err(FolderError::Exists { .. }) => Report::failed(format!(
            "`{path}` exists and was not read in this task. Read it first; then it can be replaced."
        )),
        Err(FolderError::Changed { .. }) => Report::failed(changed_since(&path)),
        Err(error) => failure::report(&guard, &error),
    }
}

/// Puts a new content in place, in the name of a call, and remembers it as seen.
pub(crate) fn replace(
    memory: &Memory,
    guard: &Guard,
    call: &Call,
    desk: &Desk,
    path: &str,
    new: &Replacement<'_>,
) -> Result<Option<Change>, FolderError> {
    let journal = memory.journal(desk).map_err(|source| FolderError::Journal { path: path.to_owned(), source })?;
    let author = Author { call: Some(call.id.clone()), turn: desk.turn, undo: None };
    let change = Writer::new(guard, &journal, author).put(path, new)?;
    if let Some(digest) = change.as_ref().and_then(|change| change.after) {
        memory.saw(desk.task, path, digest);
    }
    Ok(change)
}

/// The fact that records a change.
pub(crate) fn changed(call: &Call, desk: &Desk, change: Change) -> Fact {
    Fact::FilesChanged { call: Some(call.id.clone()), turn: desk.turn, changes: vec![change], more: 0, undo: false }
}

/// What is said about a file that somebody changed after it was read.
pub(crate) fn changed_since(path: &str) -> String {
    format!("`{path}` was changed by somebody else since it was read. Read it again, then repeat the change.")
}
