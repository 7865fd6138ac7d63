//! A sandbox that plays back what a test wants, and remembers what it was asked.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use event::{Access, CallId, Fact, Folder, Json, Part, TaskId, Tier};
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream;
use sandbox::{
    Command, Execution, Exit, Machine, Mount, Output, Readiness, ResourceLimits, Sandbox, SandboxError, Stream,
};
use tokio_util::sync::CancellationToken;
use tool::{Call, Desk, Progress, Report, Tool};
use tool_shell::Bash;

/// What the model is told where `/tmp` is empty again.
pub(crate) const ANEW: &str = "The machine was started anew before this command: files in /tmp from before are gone.";

/// What a command does in the scripted machine.
pub(crate) enum Play {
    /// These items, one after the other.
    Items(Vec<Result<Output, SandboxError>>),
    /// So much output.
    Flood(usize, &'static str),
    /// Some output, then nothing for ever.
    Hang(&'static str),
    /// The command cannot be begun.
    Refuse(SandboxError),
}

#[derive(Default)]
pub(crate) struct Log {
    pub(crate) starts: Vec<Vec<Mount>>,
    pub(crate) commands: Vec<Command>,
    pub(crate) stops: usize,
}

#[derive(Default)]
struct Inner {
    log: Log,
    plays: VecDeque<Play>,
    start_errors: VecDeque<SandboxError>,
}

/// The sandbox; clones are the same one.
#[derive(Clone, Default)]
pub(crate) struct Scripted(Arc<Mutex<Inner>>);

impl Scripted {
    pub(crate) fn playing(plays: impl IntoIterator<Item = Play>) -> Self {
        let scripted = Self::default();
        scripted.0.lock().unwrap().plays.extend(plays);
        scripted
    }

    pub(crate) fn failing(error: SandboxError) -> Self {
        let scripted = Self::default();
        scripted.0.lock().unwrap().start_errors.push_back(error);
        scripted
    }

    pub(crate) fn log<T>(&self, look: impl FnOnce(&Log) -> T) -> T {
        look(&self.0.lock().unwrap().log)
    }
}

impl Sandbox for Scripted {
    fn tier(&self) -> Tier {
        Tier::Namespace
    }

    fn probe(&self) -> BoxFuture<'_, Readiness> {
        Box::pin(async { Readiness { ready: true, detail: String::new(), hint: String::new() } })
    }

    fn start(
        &self,
        _task: TaskId,
        mounts: Vec<Mount>,
        _limits: ResourceLimits,
    ) -> BoxFuture<'_, Result<Box<dyn Machine>, SandboxError>> {
        let mut inner = self.0.lock().unwrap();
        let result: Result<Box<dyn Machine>, SandboxError> = match inner.start_errors.pop_front() {
            Some(error) => Err(error),
            None => {
                inner.log.starts.push(mounts);
                Ok(Box::new(self.clone()))
            }
        };
        Box::pin(std::future::ready(result))
    }
}

impl Machine for Scripted {
    fn exec(&self, command: Command) -> BoxFuture<'_, Result<Execution, SandboxError>> {
        let mut inner = self.0.lock().unwrap();
        inner.log.commands.push(command);
        let result = match inner.plays.pop_front().expect("a command that no play was written for") {
            Play::Items(items) => Ok(Execution { output: stream::iter(items).boxed() }),
            Play::Flood(count, piece) => {
                let pieces = stream::iter(0..count).map(|_| Ok(out(piece)));
                Ok(Execution { output: pieces.chain(stream::iter([Ok(exit(0))])).boxed() })
            }
            Play::Hang(text) => {
                Ok(Execution { output: stream::iter([Ok(out(text))]).chain(stream::pending()).boxed() })
            }
            Play::Refuse(error) => Err(error),
        };
        Box::pin(std::future::ready(result))
    }

    fn stop(&self) -> BoxFuture<'_, ()> {
        self.0.lock().unwrap().log.stops += 1;
        Box::pin(std::future::ready(()))
    }
}

pub(crate) fn out(text: &str) -> Output {
    Output::Bytes(Stream::Out, text.as_bytes().to_vec())
}

pub(crate) fn err(text: &str) -> Output {
    Output::Bytes(Stream::Error, text.as_bytes().to_vec())
}

pub(crate) fn exit(code: i32) -> Output {
    Output::Exit(Exit { code: Some(code), signal: None, timed_out: false })
}

pub(crate) fn play(outputs: impl IntoIterator<Item = Output>) -> Play {
    Play::Items(outputs.into_iter().map(Ok).collect())
}

/// What was shown while a call ran.
#[derive(Default)]
pub(crate) struct Shown {
    pub(crate) output: Mutex<String>,
    pub(crate) facts: Mutex<Vec<Fact>>,
    /// Cancelled once this text was shown.
    pub(crate) stop_at: Option<(&'static str, CancellationToken)>,
}

impl Progress for Shown {
    fn output(&self, text: &str) {
        let mut output = self.output.lock().unwrap();
        output.push_str(text);
        if let Some((at, stop)) = &self.stop_at
            && output.contains(at)
        {
            stop.cancel();
        }
    }

    fn fact(&self, fact: Fact) {
        self.facts.lock().unwrap().push(fact);
    }
}

pub(crate) fn folder(name: &str, access: Access) -> Folder {
    Folder { name: name.to_owned(), path: format!("/home/ann/{name}"), access }
}

pub(crate) fn desk(folders: Vec<Folder>) -> Desk {
    Desk {
        task: TaskId::from_random([7; 8]),
        turn: 1,
        start: folders.first().map_or("/outputs".into(), |folder: &Folder| format!("/work/{}", folder.name)),
        folders,
        outputs: PathBuf::from("/data/outputs"),
        uploads: PathBuf::from("/data/absent-uploads"),
        blobs: PathBuf::from("/data/blobs"),
        journal: PathBuf::from("/data/journal"),
    }
}

pub(crate) fn call(input: &str) -> Call {
    Call { id: CallId::from("c1"), tool: "Bash".to_owned(), input: Json::parse(input).unwrap() }
}

pub(crate) async fn run(bash: &Bash, input: &str, desk: &Desk) -> (Report, Arc<Shown>) {
    let shown = Arc::new(Shown::default());
    let report = bash.run(call(input), Arc::new(desk.clone()), shown.clone(), CancellationToken::new()).await;
    (report, shown)
}

/// The text of a report, without the note on a machine that was started anew.
pub(crate) fn said(report: &Report) -> &str {
    match report.output.as_slice() {
        [Part::Text(text)] => text.expose(),
        [Part::Text(text), Part::Text(note)] if note.expose() == ANEW => text.expose(),
        other => panic!("{other:?}"),
    }
}
