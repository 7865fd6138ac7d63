//! Read: text with line numbers, pictures, PDF by page, directories by name.

mod kind;
mod pdf;
mod picture;
mod window;

use std::io::{self, Read as _, Seek};
use std::sync::Arc;

use event::{Digest, Effect, Part, TaskId};
use folder::{FileKind, FolderError, Guard, Listed, OpenFile};
use futures_util::future::BoxFuture;
use serde::Deserialize;
use tokio_util::sync::CancellationToken;
use tool::{Call, CallError, Desk, Preview, Progress, Report, Tool, ToolSpec, parse_input};

use crate::memory::Memory;
use crate::run::{Ending, PARSER_TIME, absolute, blocking, effect, guard, stopped};
use crate::text::{Encoding, append, decode};
use crate::{failure, spec};
use kind::Kind;
use window::{Shown, Window};

/// Files below this size are read where the call runs; it takes some ten microseconds.
const INLINE: u64 = 256 * 1024;
/// Bytes that show what kind of file it is.
const HEAD: usize = 8 * 1024;
/// The largest file that has to be decoded as a whole: PDF, UTF-16.
const WHOLE_CAP: u64 = 64 * 1024 * 1024;
/// Names of a directory that are shown.
const NAMES: usize = 200;
/// Lines shown where the call does not say.
const LINES: u64 = 2_000;
/// Pages shown where the call does not say.
const PAGES: u64 = 20;

/// The tool.
pub(crate) struct Read {
    spec: ToolSpec,
    memory: Arc<Memory>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Input {
    #[serde(alias = "file_path")]
    path: String,
    offset: Option<u64>,
    limit: Option<u64>,
}

/// What of a file is wanted.
struct Wanted {
    task: TaskId,
    path: String,
    blobs: std::path::PathBuf,
    offset: u64,
    limit: Option<u64>,
}

impl Read {
    pub(crate) fn new(memory: Arc<Memory>) -> Self {
        Self { spec: spec::read(), memory }
    }

    fn wanted(call: &Call, desk: &Desk) -> Result<Wanted, CallError> {
        let input: Input = parse_input(call)?;
        Ok(Wanted {
            task: desk.task,
            path: absolute(desk, &input.path)?,
            blobs: desk.blobs.clone(),
            offset: input.offset.unwrap_or(1).max(1),
            limit: input.limit.map(|limit| limit.max(1)),
        })
    }

    async fn read(&self, call: Call, desk: Arc<Desk>, stop: CancellationToken) -> Report {
        let wanted = match Self::wanted(&call, &desk) {
            Ok(wanted) => wanted,
            Err(error) => return Report::failed(error.0),
        };
        let guard = guard(&desk);
        let mut file = match guard.open(&wanted.path) {
            Ok(file) => file,
            Err(FolderError::IsADirectory { .. }) => return directory(&guard, &wanted.path),
            Err(error) => return failure::report(&guard, &error),
        };
        let memory = Arc::clone(&self.memory);
        if file.meta().bytes < INLINE {
            let bytes = match file.read_all(INLINE) {
                Ok(bytes) => bytes,
                Err(error) => return failure::report(&guard, &error),
            };
            if kind::of(bytes.get(..HEAD).unwrap_or(&bytes)) != Kind::Pdf {
                return small(&memory, &wanted, &bytes);
            }
        }
        let inner = stop.clone();
        let work = blocking(&stop, Ending::LeftBehind, move || match large(&memory, &wanted, &mut file, &inner) {
            Ok(report) => report,
            Err(error) => failure::report(&guard, &error),
        });
        // A file made to keep a parser busy is given up; its thread ends by itself.
        tokio::time::timeout(PARSER_TIME, work).await.unwrap_or_else(|_| Report {
            outcome: event::Outcome::TimedOut,
            output: vec![Part::text("reading this file takes too long; try a part of it, or use Bash")],
            facts: Vec::new(),
        })
    }
}

impl Tool for Read {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    fn preview(&self, call: &Call, desk: &Desk) -> Result<Preview, CallError> {
        Ok(effect(Effect::ReadPath(Self::wanted(call, desk)?.path)))
    }

    fn run(
        &self,
        call: Call,
        desk: Arc<Desk>,
        _progress: Arc<dyn Progress>,
        stop: CancellationToken,
    ) -> BoxFuture<'_, Report> {
        Box::pin(async move { if stop.is_cancelled() { stopped() } else { self.read(call, desk, stop).await } })
    }

    fn leave(&self, task: TaskId) -> BoxFuture<'_, ()> {
        self.memory.leave(task);
        Box::pin(std::future::ready(()))
    }
}

/// A file that is in memory already.
fn small(memory: &Memory, wanted: &Wanted, bytes: &[u8]) -> Report {
    let digest = Digest::of(bytes);
    memory.saw(wanted.task, &wanted.path, digest);
    match kind::of(bytes.get(..HEAD).unwrap_or(bytes)) {
        Kind::Picture(media) => picture::report(bytes, digest, media, &wanted.blobs),
        Kind::Binary(what) => binary(&wanted.path, what, bytes.len() as u64),
        Kind::Text(Some(encoding @ (Encoding::Utf16Low | Encoding::Utf16High))) => {
            let mut window = window(wanted);
            window.feed(decode(bytes).0.as_bytes());
            lines(wanted, window.finish(), Some(encoding))
        }
        // PDF is sent to a thread of its own before it comes here.
        Kind::Text(_) | Kind::Pdf => {
            let mut window = window(wanted);
            window.feed(bytes);
            lines(wanted, window.finish(), None)
        }
    }
}

/// A file that is read in pieces, or parsed.
fn large(
    memory: &Memory,
    wanted: &Wanted,
    file: &mut OpenFile,
    stop: &CancellationToken,
) -> Result<Report, FolderError> {
    let broken = |path: &str, source| FolderError::Disk { action: "read", path: path.to_owned(), source };
    let mut head = Vec::new();
    file.rewind().map_err(|error| broken(&wanted.path, error))?;
    io::Read::by_ref(file).take(HEAD as u64).read_to_end(&mut head).map_err(|error| broken(&wanted.path, error))?;
    file.rewind().map_err(|error| broken(&wanted.path, error))?;
    let bytes = file.meta().bytes;
    let saw = |digest| memory.saw(wanted.task, &wanted.path, digest);
    match kind::of(&head) {
        Kind::Picture(_) if bytes > picture::CAP => Ok(picture::too_large(bytes)),
        Kind::Picture(_) | Kind::Text(Some(Encoding::Utf16Low | Encoding::Utf16High)) => {
            Ok(small(memory, wanted, &file.read_all(WHOLE_CAP)?))
        }
        Kind::Pdf => {
            let content = file.read_all(WHOLE_CAP)?;
            saw(Digest::of(&content));
            Ok(pdf::report(&content, wanted.offset, wanted.limit.unwrap_or(PAGES), stop))
        }
        Kind::Binary(what) => {
            saw(file.digest()?);
            Ok(binary(&wanted.path, what, bytes))
        }
        Kind::Text(_) => {
            let mut window = window(wanted);
            let digest = Digest::of_reader(Tee { file, window: &mut window, stop })
                .map_err(|error| broken(&wanted.path, error))?;
            saw(digest);
            Ok(lines(wanted, window.finish(), None))
        }
    }
}

fn window(wanted: &Wanted) -> Window {
    Window::new(wanted.offset, wanted.limit.unwrap_or(LINES).min(LINES))
}

/// Hands everything that is read to the window as well.
struct Tee<'r> {
    file: &'r mut OpenFile,
    window: &'r mut Window,
    stop: &'r CancellationToken,
}

impl io::Read for Tee<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.stop.is_cancelled() {
            return Err(io::Error::other("stopped"));
        }
        let count = self.file.read(buffer)?;
        self.window.feed(buffer.get(..count).unwrap_or_default());
        Ok(count)
    }
}

fn lines(wanted: &Wanted, shown: Shown, encoding: Option<Encoding>) -> Report {
    if shown.total == 0 {
        return Report::ok("[the file is empty]");
    }
    if shown.text.is_empty() {
        return Report::failed(format!("the file has {} lines; offset {} is past its end", shown.total, wanted.offset));
    }
    let mut text = shown.text;
    let mut notices: Vec<String> = Vec::new();
    notices.extend(encoding.unwrap_or(shown.encoding).notice().map(str::to_owned));
    let last = wanted.offset + shown.count - 1;
    if last < shown.total {
        notices.push(format!("lines {}-{last} of {}; read on with offset {}", wanted.offset, shown.total, last + 1));
    }
    if !notices.is_empty() {
        append(&mut text, format_args!("[{}]\n", notices.join("; ")));
    }
    Report::ok(text)
}

fn binary(path: &str, what: &str, bytes: u64) -> Report {
    let what = kind::by_name(path).unwrap_or(what);
    Report::ok(format!("[{what}, {bytes} bytes: not text. Use Bash with a program that reads it.]"))
}

fn directory(guard: &Guard, path: &str) -> Report {
    let listed = match guard.list(path) {
        Ok(listed) => listed,
        Err(error) => return failure::report(guard, &error),
    };
    let name = |listed: &Listed| match listed.kind {
        FileKind::Directory => format!("{}/", listed.name),
        FileKind::Link => format!("{} (symbolic link, not followed)", listed.name),
        FileKind::File | FileKind::Special => listed.name.clone(),
    };
    let mut text = format!("[directory with {} names]\n", listed.len());
    for line in listed.iter().take(NAMES).map(name) {
        text.push_str(&line);
        text.push('\n');
    }
    if listed.len() > NAMES {
        append(&mut text, format_args!("[{} more; use Glob]\n", listed.len() - NAMES));
    }
    Report::ok(tool::cap_text(text, tool::OUTPUT_CAP))
}
