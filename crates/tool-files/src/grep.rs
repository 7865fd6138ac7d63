//! Grep: searches the text of files.

mod found;

use std::io;
use std::ops::ControlFlow;
use std::sync::Arc;

use event::Effect;
use folder::{FileKind, FolderError, Guard, OpenFile};
use futures_util::future::BoxFuture;
use globset::GlobMatcher;
use grep_regex::{RegexMatcher, RegexMatcherBuilder};
use grep_searcher::{BinaryDetection, Searcher, SearcherBuilder};
use serde::Deserialize;
use tokio_util::sync::CancellationToken;
use tool::{Call, CallError, Desk, Preview, Progress, Report, Tool, ToolSpec, parse_input};

use crate::run::{Ending, absolute, blocking, effect, guard, stopped};
use crate::{failure, glob, spec};
use found::Found;

/// Matches or files shown where the call does not say.
const LIMIT: usize = 200;
/// Matches or files shown at most.
const LIMIT_CAP: usize = 2_000;
/// Lines around a match at most.
const CONTEXT_CAP: usize = 20;
/// Memory a compiled pattern may take.
const PATTERN_CAP: usize = 8 * 1024 * 1024;
/// Memory one line may take.
const LINE_CAP: usize = 16 * 1024 * 1024;

/// The tool.
pub(crate) struct Grep {
    spec: ToolSpec,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Input {
    pattern: String,
    path: Option<String>,
    glob: Option<String>,
    #[serde(default, alias = "output_mode")]
    output: Output,
    #[serde(default, alias = "-i")]
    ignore_case: bool,
    #[serde(default, alias = "-C")]
    context: usize,
    #[serde(alias = "head_limit")]
    limit: Option<usize>,
}

/// What is shown of the matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Output {
    /// The lines.
    #[default]
    #[serde(alias = "content")]
    Lines,
    /// The paths.
    #[serde(alias = "files_with_matches")]
    Files,
    /// How many there are in each file.
    Count,
}

impl Grep {
    pub(crate) fn new() -> Self {
        Self { spec: spec::grep() }
    }
}

impl Tool for Grep {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    fn preview(&self, call: &Call, desk: &Desk) -> Result<Preview, CallError> {
        let input: Input = parse_input(call)?;
        Ok(effect(Effect::ReadPath(base(&input, desk)?)))
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
            blocking(&stop, Ending::LeftBehind, move || search(&call, &desk, &inner)).await
        })
    }
}

fn base(input: &Input, desk: &Desk) -> Result<String, CallError> {
    if input.pattern.is_empty() {
        return Err(CallError("`pattern` is empty: give a regular expression".to_owned()));
    }
    input.path.as_ref().map_or_else(|| Ok(desk.start.clone()), |path| absolute(desk, path))
}

fn search(call: &Call, desk: &Desk, stop: &CancellationToken) -> Report {
    let wanted = parse_input::<Input>(call).and_then(|input| Ok((base(&input, desk)?, input)));
    let (base, input) = match wanted {
        Ok(wanted) => wanted,
        Err(error) => return Report::failed(error.0),
    };
    let guard = guard(desk);
    let mut search = match Search::new(&input, stop) {
        Ok(search) => search,
        Err(words) => return Report::failed(words),
    };
    let result = search.run(&guard, &base);
    if stop.is_cancelled() {
        return stopped();
    }
    match result {
        Ok(()) => Report::ok(search.found.told(&base)),
        Err(error) => failure::report(&guard, &error),
    }
}

/// A search under way.
struct Search<'s> {
    matcher: RegexMatcher,
    searcher: Searcher,
    names: Option<GlobMatcher>,
    found: Found,
    stop: &'s CancellationToken,
}

impl<'s> Search<'s> {
    fn new(input: &Input, stop: &'s CancellationToken) -> Result<Self, String> {
        let matcher = RegexMatcherBuilder::new()
            .case_insensitive(input.ignore_case)
            .line_terminator(Some(b'\n'))
            .size_limit(PATTERN_CAP)
            .dfa_size_limit(PATTERN_CAP)
            .build(&input.pattern)
            .map_err(|error| format!("`pattern` is not a regular expression that works here: {error}"))?;
        let context = input.context.min(CONTEXT_CAP);
        let searcher = SearcherBuilder::new()
            .line_number(true)
            .before_context(context)
            .after_context(context)
            .binary_detection(BinaryDetection::quit(0))
            .heap_limit(Some(LINE_CAP))
            .build();
        // As in ignore files, a pattern without a slash means names in any directory.
        let names = input.glob.as_ref().map(|pattern| {
            let pattern = pattern.trim();
            glob::matcher(&if pattern.contains('/') { pattern.to_owned() } else { format!("**/{pattern}") })
        });
        let limit = input.limit.unwrap_or(LIMIT).clamp(1, LIMIT_CAP);
        Ok(Self { matcher, searcher, names: names.transpose()?, found: Found::new(input.output, limit, context), stop })
    }

    fn run(&mut self, guard: &Guard, base: &str) -> Result<(), FolderError> {
        match guard.open(base) {
            Ok(file) => {
                self.file(file);
                return Ok(());
            }
            Err(FolderError::IsADirectory { .. }) => {}
            Err(error) => return Err(error),
        }
        let walked = guard.walk(base, &mut |entry| {
            if self.stop.is_cancelled() {
                return ControlFlow::Break(());
            }
            let named = self.names.as_ref().is_none_or(|names| names.is_match(entry.relative));
            if entry.kind == FileKind::File && named {
                match entry.open() {
                    Ok(file) => self.file(file),
                    Err(_) => self.found.unreadable += 1,
                }
            }
            if self.found.is_full() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        self.found.unreadable += walked.unreadable + walked.too_deep;
        Ok(())
    }

    fn file(&mut self, file: OpenFile) {
        self.found.begin(file.path());
        let reader = Stoppable { file, stop: self.stop };
        if self.searcher.search_reader(&self.matcher, reader, &mut self.found).is_err() {
            self.found.unreadable += 1;
        }
    }
}

/// Ends reading when the call is stopped, also within a large file.
struct Stoppable<'s> {
    file: OpenFile,
    stop: &'s CancellationToken,
}

impl io::Read for Stoppable<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.stop.is_cancelled() { Ok(0) } else { self.file.read(buffer) }
    }
}
