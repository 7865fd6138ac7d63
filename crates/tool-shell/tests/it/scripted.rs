//! A sandbox, its files and its network that play back what a test wants, and remember what they were asked.

use std::collections::VecDeque;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use event::{Access, CallId, Change, ChangeKind, Consent, Fact, Folder, Inquiry, Json, Part, TaskId, Tier};
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream;
use sandbox::{
    Command, Errand, Execution, Exit, Machine, Mount, Network, Networks, Order, Output, Readiness, RefusedHost,
    Sandbox, SandboxError, Share, Shares, Stream,
};
use tokio::io::DuplexStream;
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
    /// Something comes up while it runs: it goes on with exit code 0 where that is allowed, 1 where not.
    Ask(Vec<Inquiry>),
    /// The command cannot be begun.
    Refuse(SandboxError),
}

#[derive(Default)]
pub(crate) struct Log {
    pub(crate) starts: Vec<Vec<Mount>>,
    /// The tiers that were asked for.
    pub(crate) tiers: Vec<Option<Tier>>,
    pub(crate) commands: Vec<Command>,
    pub(crate) stops: usize,
    /// What happened in the machine, its files and its network, in order.
    pub(crate) steps: Vec<String>,
}

#[derive(Default)]
struct Inner {
    log: Log,
    plays: VecDeque<Play>,
    start_errors: VecDeque<SandboxError>,
    mounts: Vec<Mount>,
    errand: Option<Errand>,
    changes: VecDeque<Vec<Change>>,
    refusals: Vec<RefusedHost>,
    folders_read_only: bool,
    /// At this step the files are at work until this is told.
    busy: Option<(&'static str, std::sync::mpsc::Receiver<()>)>,
}

/// The sandbox; clones are the same one.
#[derive(Clone, Default)]
pub(crate) struct Scripted(Arc<Mutex<Inner>>);

/// The files of a scripted machine.
struct Files(Scripted);

/// The network of a scripted machine.
struct Gate(Scripted);

/// Notes when a command is killed.
struct Killed(Scripted);

impl Drop for Killed {
    fn drop(&mut self) {
        self.0.step("killed");
    }
}

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

    /// What the command has changed each time its files are told that it ends.
    pub(crate) fn changing(self, changes: impl IntoIterator<Item = Vec<Change>>) -> Self {
        self.0.lock().unwrap().changes.extend(changes);
        self
    }

    /// What its network refuses to the next command: hosts, and why.
    pub(crate) fn refusing(self, refusals: &[(&str, &str)]) -> Self {
        let refusal = |(host, why): &(&str, &str)| RefusedHost { host: (*host).to_owned(), why: (*why).to_owned() };
        self.0.lock().unwrap().refusals.extend(refusals.iter().map(refusal));
        self
    }

    /// A machine whose commands cannot change the folders.
    pub(crate) fn read_only(self) -> Self {
        self.0.lock().unwrap().folders_read_only = true;
        self
    }

    /// Its files are at work when this step comes, which is done only once that is over.
    pub(crate) fn busy_at(&self, step: &'static str, over: std::sync::mpsc::Receiver<()>) {
        self.0.lock().unwrap().busy = Some((step, over));
    }

    /// Whether the step has come at which its files are at work.
    pub(crate) fn is_busy(&self) -> bool {
        self.0.lock().unwrap().busy.is_none()
    }

    /// Waits while the files are at work at this step.
    fn wait(&self, step: &str) {
        let busy = self.0.lock().unwrap().busy.take_if(|(at, _)| *at == step);
        if let Some((_, over)) = busy {
            over.recv_timeout(Duration::from_secs(10)).expect("others go on meanwhile");
        }
    }

    /// A step of the files, after the work they are at.
    fn files(&self, step: &str, said: &str) {
        self.wait(step);
        self.step(format!("files {step}{said}"));
    }

    /// The tool over this sandbox, with a network.
    pub(crate) fn bash(&self) -> Bash {
        Bash::new(Arc::new(self.clone()), Arc::new(self.clone()), Some(Arc::new(self.clone())))
    }

    pub(crate) fn log<T>(&self, look: impl FnOnce(&Log) -> T) -> T {
        look(&self.0.lock().unwrap().log)
    }

    /// What happened since the last look.
    pub(crate) fn steps(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap().log.steps)
    }

    fn step(&self, step: impl Into<String>) {
        self.0.lock().unwrap().log.steps.push(step.into());
    }
}

impl Sandbox for Scripted {
    fn tier(&self) -> Tier {
        Tier::Vm
    }

    fn probe(&self) -> BoxFuture<'_, Readiness> {
        Box::pin(async { Readiness { ready: true, detail: String::new(), hint: String::new() } })
    }

    fn start(&self, order: Order) -> BoxFuture<'_, Result<Box<dyn Machine>, SandboxError>> {
        let mounts = order.files.mounts();
        let mut inner = self.0.lock().unwrap();
        inner.log.tiers.push(order.tier);
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
    fn tier(&self) -> Tier {
        Tier::Namespace
    }

    fn folders_read_only(&self) -> bool {
        self.0.lock().unwrap().folders_read_only
    }

    fn exec(&self, command: Command) -> BoxFuture<'_, Result<Execution, SandboxError>> {
        let mut inner = self.0.lock().unwrap();
        inner.log.commands.push(command);
        inner.log.steps.push("exec".to_owned());
        let result = match inner.plays.pop_front().expect("a command that no play was written for") {
            Play::Items(items) => Ok(Execution { output: stream::iter(items).boxed() }),
            Play::Flood(count, piece) => {
                let pieces = stream::iter(0..count).map(|_| Ok(out(piece)));
                Ok(Execution { output: pieces.chain(stream::iter([Ok(exit(0))])).boxed() })
            }
            Play::Hang(text) => {
                let killed = Killed(self.clone());
                let hung = stream::pending().inspect(move |_: &Result<Output, SandboxError>| {
                    let _lives_as_long = &killed;
                });
                Ok(Execution { output: stream::iter([Ok(out(text))]).chain(hung).boxed() })
            }
            Play::Ask(inquiries) => {
                let errand = inner.errand.clone().expect("an errand is under way");
                let asked = inquiries.into_iter().map(move |inquiry| errand.asker.ask(inquiry));
                let answered = futures_util::future::join_all(asked);
                let exit = async move {
                    let given = answered.await.iter().all(|answer| *answer == Consent::Given);
                    Ok(exit(i32::from(!given)))
                };
                Ok(Execution { output: stream::once(exit).boxed() })
            }
            Play::Refuse(error) => Err(error),
        };
        Box::pin(std::future::ready(result))
    }

    fn hold(&self) -> BoxFuture<'_, ()> {
        self.step("hold");
        Box::pin(std::future::ready(()))
    }

    fn release(&self) -> BoxFuture<'_, ()> {
        self.step("release");
        Box::pin(std::future::ready(()))
    }

    fn stop(&self) -> BoxFuture<'_, ()> {
        self.0.lock().unwrap().log.stops += 1;
        Box::pin(std::future::ready(()))
    }
}

impl Shares for Scripted {
    fn open(&self, _task: TaskId, journal: &Path, mounts: Vec<Mount>) -> Result<Arc<dyn Share>, SandboxError> {
        assert_eq!(journal, Path::new("/data/journal"));
        self.files("open", "");
        self.0.lock().unwrap().mounts = mounts;
        Ok(Arc::new(Files(self.clone())))
    }
}

impl Share for Files {
    fn mounts(&self) -> Vec<Mount> {
        self.0.wait("look");
        self.0.0.lock().unwrap().mounts.clone()
    }

    fn set_mounts(&self, mounts: Vec<Mount>) {
        self.0.files("change", "");
        self.0.0.lock().unwrap().mounts = mounts;
    }

    fn serve(self: Arc<Self>, _wire: OwnedFd) {}

    fn begin(&self, errand: Errand) {
        self.0.files("begin", &format!(" {} {}", errand.call, errand.turn));
        self.0.0.lock().unwrap().errand = Some(errand);
    }

    fn end(&self) -> Vec<Change> {
        self.0.files("end", "");
        let mut inner = self.0.0.lock().unwrap();
        inner.errand = None;
        inner.changes.pop_front().unwrap_or_default()
    }
}

impl Networks for Scripted {
    fn open(&self, _task: TaskId, ledger: &Path) -> Arc<dyn Network> {
        assert_eq!(ledger, Path::new("/data/network.jsonl"));
        self.step("network open");
        Arc::new(Gate(self.clone()))
    }
}

impl Network for Gate {
    fn serve(self: Arc<Self>, _connection: DuplexStream) -> BoxFuture<'static, ()> {
        Box::pin(std::future::ready(()))
    }

    fn begin(&self, errand: Errand) {
        self.0.step(format!("network begin {}", errand.call));
    }

    fn refused(&self) -> Vec<RefusedHost> {
        self.0.0.lock().unwrap().refusals.clone()
    }

    fn end(&self) {
        self.0.0.lock().unwrap().refusals.clear();
        self.0.step("network end");
    }
}

pub(crate) fn out(text: &str) -> Output {
    Output::Bytes(Stream::Out, text.as_bytes().to_vec())
}

pub(crate) fn err(text: &str) -> Output {
    Output::Bytes(Stream::Error, text.as_bytes().to_vec())
}

pub(crate) fn exit(code: i32) -> Output {
    Output::Exit(Exit { code: Some(code), signal: None, timed_out: false, out_of_memory: false })
}

pub(crate) fn play(outputs: impl IntoIterator<Item = Output>) -> Play {
    Play::Items(outputs.into_iter().map(Ok).collect())
}

pub(crate) fn deletes(reason: &str) -> Inquiry {
    Inquiry {
        effects: vec![event::Effect::DeletePath("/work/Reports".to_owned())],
        reason: reason.to_owned(),
        files: Some(3),
    }
}

pub(crate) fn changed(path: &str) -> Change {
    Change { path: path.to_owned(), kind: ChangeKind::Changed, before: None, after: None, entry: Some(1) }
}

/// What was shown while a call ran.
#[derive(Default)]
pub(crate) struct Shown {
    pub(crate) output: Mutex<String>,
    pub(crate) facts: Mutex<Vec<Fact>>,
    /// Cancelled once this text was shown.
    pub(crate) stop_at: Option<(&'static str, CancellationToken)>,
    /// How the user answers, and after how long; they never do where this is empty.
    pub(crate) answers: Mutex<VecDeque<(Duration, Consent)>>,
    /// Cancelled once something is asked.
    pub(crate) stop_when_asked: Option<CancellationToken>,
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

    fn ask(&self, _inquiry: Inquiry) -> BoxFuture<'static, Consent> {
        if let Some(stop) = &self.stop_when_asked {
            stop.cancel();
        }
        let answer = self.answers.lock().unwrap().pop_front();
        Box::pin(async move {
            let Some((after, consent)) = answer else { return std::future::pending().await };
            if !after.is_zero() {
                // Nothing comes before the time is over.
                tokio::time::timeout(after, std::future::pending::<()>()).await.ok();
            }
            consent
        })
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
        tier: None,
        folders,
        outputs: PathBuf::from("/data/outputs"),
        uploads: PathBuf::from("/data/absent-uploads"),
        blobs: PathBuf::from("/data/blobs"),
        journal: PathBuf::from("/data/journal"),
        ledger: PathBuf::from("/data/network.jsonl"),
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
