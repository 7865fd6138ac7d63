//! Glob: finds files by name, newest first.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::ControlFlow;
use std::sync::Arc;

use event::Effect;
use folder::FileKind;
use futures_util::future::BoxFuture;
use globset::{GlobBuilder, GlobMatcher};
use serde::Deserialize;
use tokio_util::sync::CancellationToken;
use tool::{Call, CallError, Desk, OUTPUT_CAP, Preview, Progress, Report, Tool, ToolSpec, parse_input};

use crate::run::{Ending, absolute, blocking, effect, guard, stopped};
use crate::text::append;
use crate::{failure, spec};

/// Names given at most.
const NAMES: usize = 500;
/// Bytes kept free for notices.
const NOTICES: usize = 300;

/// The tool.
pub(crate) struct Glob {
    spec: ToolSpec,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Input {
    pattern: String,
    path: Option<String>,
}

/// A directory to look in and what to look for beneath it.
struct Wanted {
    base: String,
    pattern: String,
}

impl Glob {
    pub(crate) fn new() -> Self {
        Self { spec: spec::glob() }
    }
}

impl Tool for Glob {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    fn preview(&self, call: &Call, desk: &Desk) -> Result<Preview, CallError> {
        Ok(effect(Effect::ReadPath(wanted(call, desk)?.base)))
    }

    fn run(
        &self,
        call: Call,
        desk: Arc<Desk>,
        _progress: Arc<dyn Progress>,
        stop: CancellationToken,
    ) -> BoxFuture<'_, Report> {
        Box::pin(async move {
            if stop.is_cancelled() {
                return stopped();
            }
            let inner = stop.clone();
            blocking(&stop, Ending::LeftBehind, move || find(&call, &desk, &inner)).await
        })
    }
}

/// A pattern that starts at the root is split into the directory it names and the rest.
fn wanted(call: &Call, desk: &Desk) -> Result<Wanted, CallError> {
    let input: Input = parse_input(call)?;
    let pattern = input.pattern.trim();
    if pattern.is_empty() {
        return Err(CallError("`pattern` is empty: use `**/*` for everything".to_owned()));
    }
    if pattern.split('/').any(|part| part == "..") {
        return Err(CallError("`pattern` holds `..`: give the directory as `path`".to_owned()));
    }
    let base = match &input.path {
        Some(path) => absolute(desk, path)?,
        None => desk.start.clone(),
    };
    if !pattern.starts_with('/') {
        let pattern = pattern.strip_prefix("./").unwrap_or(pattern);
        return Ok(Wanted { base, pattern: pattern.to_owned() });
    }
    let parts: Vec<_> = pattern.split('/').filter(|part| !part.is_empty()).collect();
    let fixed = parts.iter().take_while(|part| !part.contains(['*', '?', '[', '{', '\\'])).count();
    // The last part is always looked for, even where it names one file.
    let fixed = fixed.min(parts.len().saturating_sub(1));
    let (directories, rest) = parts.split_at_checked(fixed).unwrap_or((&parts, &[]));
    Ok(Wanted { base: desk.absolute(&format!("/{}", directories.join("/"))), pattern: rest.join("/") })
}

/// Compiles a pattern in which `*` does not match `/`.
pub(crate) fn matcher(pattern: &str) -> Result<GlobMatcher, String> {
    GlobBuilder::new(pattern)
        .literal_separator(true)
        .build()
        .map(|glob| glob.compile_matcher())
        .map_err(|error| format!("`{pattern}` is not a pattern: {}", error.kind()))
}

fn find(call: &Call, desk: &Desk, stop: &CancellationToken) -> Report {
    let wanted = match wanted(call, desk) {
        Ok(wanted) => wanted,
        Err(error) => return Report::failed(error.0),
    };
    let matcher = match matcher(&wanted.pattern) {
        Ok(matcher) => matcher,
        Err(words) => return Report::failed(words),
    };
    let guard = guard(desk);
    let mut newest = BinaryHeap::new();
    let mut count = 0_usize;
    let walked = guard.walk(&wanted.base, &mut |found| {
        if stop.is_cancelled() {
            return ControlFlow::Break(());
        }
        if found.kind == FileKind::File && matcher.is_match(found.relative) {
            // A file that went away meanwhile is not there.
            if let Ok(meta) = found.look() {
                count += 1;
                newest.push((Reverse(meta.mtime_ns), found.path.to_owned()));
                if newest.len() > NAMES {
                    newest.pop();
                }
            }
        }
        ControlFlow::Continue(())
    });
    if stop.is_cancelled() {
        return stopped();
    }
    match walked {
        Ok(walked) if newest.is_empty() => none(&wanted, walked.unreadable),
        Ok(_) => names(newest, count),
        Err(error) => failure::report(&guard, &error),
    }
}

fn names(newest: BinaryHeap<(Reverse<i64>, String)>, count: usize) -> Report {
    let mut text = String::new();
    let mut shown = 0;
    for (_, path) in newest.into_sorted_vec() {
        if text.len() + path.len() + NOTICES > OUTPUT_CAP {
            break;
        }
        text.push_str(&path);
        text.push('\n');
        shown += 1;
    }
    if count > shown {
        append(&mut text, format_args!("[{} more; use a narrower pattern]\n", count - shown));
    }
    Report::ok(text)
}

fn none(wanted: &Wanted, unreadable: usize) -> Report {
    let mut text = format!("no file in `{}` matches `{}`", wanted.base, wanted.pattern);
    if !wanted.pattern.contains('/') && !wanted.pattern.starts_with("**") {
        append(&mut text, format_args!("; to look in its directories too, use `**/{}`", wanted.pattern));
    }
    if unreadable > 0 {
        append(&mut text, format_args!("; {unreadable} directories could not be read"));
    }
    Report::ok(text)
}
