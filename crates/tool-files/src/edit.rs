//! Edit: replaces a passage of a text file that the model has read.

mod passage;
mod snippet;

use std::sync::Arc;

use event::{Digest, Effect, TaskId};
use folder::{Expect, FolderError, Guard, Replacement};
use futures_util::future::BoxFuture;
use serde::Deserialize;
use tokio_util::sync::CancellationToken;
use tool::{Call, CallError, Desk, Preview, Progress, Report, Tool, ToolSpec, parse_input};

use crate::memory::Memory;
use crate::run::{Ending, absolute, blocking, effect, guard, stopped};
use crate::text::{decode, encode};
use crate::write::{changed, changed_since, replace};
use crate::{failure, spec};
pub(crate) use passage::Wanted;

/// The largest file that is edited.
const CAP: u64 = 16 * 1024 * 1024;

/// The tool.
pub(crate) struct Edit {
    spec: ToolSpec,
    memory: Arc<Memory>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Input {
    #[serde(alias = "file_path")]
    path: String,
    old_string: String,
    new_string: String,
    #[serde(default)]
    replace_all: bool,
}

impl Edit {
    pub(crate) fn new(memory: Arc<Memory>) -> Self {
        Self { spec: spec::edit(), memory }
    }
}

impl Tool for Edit {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    fn preview(&self, call: &Call, desk: &Desk) -> Result<Preview, CallError> {
        let input = checked(call)?;
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
            blocking(&stop, Ending::Awaited, move || edit(&memory, &call, &desk)).await
        })
    }

    fn leave(&self, task: TaskId) -> BoxFuture<'_, ()> {
        self.memory.leave(task);
        Box::pin(std::future::ready(()))
    }
}

fn checked(call: &Call) -> Result<Input, CallError> {
    let input: Input = parse_input(call)?;
    if input.old_string.is_empty() {
        return Err(CallError("`old_string` is empty. To make a file or replace all of it, use Write.".to_owned()));
    }
    if input.old_string == input.new_string {
        return Err(CallError("`old_string` and `new_string` are the same: there is nothing to change.".to_owned()));
    }
    Ok(input)
}

fn edit(memory: &Memory, call: &Call, desk: &Desk) -> Report {
    let wanted = checked(call).and_then(|input| Ok((absolute(desk, &input.path)?, input)));
    let (path, input) = match wanted {
        Ok(wanted) => wanted,
        Err(error) => return Report::failed(error.0),
    };
    let guard = guard(desk);
    match edited(memory, &guard, (call, desk), &path, &input) {
        Ok(report) => report,
        Err(Refused::Words(words)) => Report::failed(words),
        Err(Refused::File(FolderError::Changed { .. })) => Report::failed(changed_since(&path)),
        Err(Refused::File(error)) => failure::report(&guard, &error),
    }
}

enum Refused {
    Words(String),
    File(FolderError),
}

impl From<FolderError> for Refused {
    fn from(error: FolderError) -> Self {
        Self::File(error)
    }
}

fn edited(
    memory: &Memory,
    guard: &Guard,
    (call, desk): (&Call, &Desk),
    path: &str,
    input: &Input,
) -> Result<Report, Refused> {
    let bytes = guard.open(path)?.read_all(CAP)?;
    let digest = Digest::of(&bytes);
    match memory.seen(desk.task, path) {
        None => return Err(Refused::Words(format!("`{path}` was not read in this task. Read it first."))),
        Some(seen) if seen != digest => return Err(Refused::Words(changed_since(path))),
        Some(_) => {}
    }
    if bytes.contains(&0) && crate::text::Encoding::marked(&bytes).is_none() {
        return Err(Refused::Words(format!("`{path}` is not text; change it with a program in Bash")));
    }
    let (text, encoding) = decode(&bytes);
    if encode(&text, encoding).as_deref() != Some(&bytes) {
        return Err(Refused::Words(format!("`{path}` is damaged UTF-16; an edit would change more than the passage")));
    }
    let wanted = Wanted { old: &input.old_string, new: &input.new_string, all: input.replace_all };
    let replaced = passage::replace(&text, &wanted).map_err(Refused::Words)?;
    let Some(new) = encode(&replaced.text, encoding) else {
        return Err(Refused::Words(format!(
            "`{path}` is written in Latin-1, which lacks a letter of `new_string`. Use Write to replace the file as \
             UTF-8."
        )));
    };
    let change = replace(memory, guard, call, desk, path, &Replacement::bytes(&new, Expect::Content(digest)))?;
    let Some(change) = change else {
        return Ok(Report::ok(format!("`{path}` has exactly this content already; nothing was changed")));
    };
    let places =
        if replaced.places == 1 { String::new() } else { format!(" in {} places; the first", replaced.places) };
    let text = format!("changed `{path}`{places}:\n{}", snippet::of(&text, &replaced));
    Ok(Report::ok(text).with(changed(call, desk, change)))
}
