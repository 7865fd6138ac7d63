//! An installation in a temporary directory: a store on disk, scripted models, one tool that waits.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use engine::Parts;
use event::{Change, Effect, Fact, Inquiry, Limits, Mode, ModelRef, Outcome, Seq, TaskId, UndoSelection};
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use store::{Signal, Watch};
use store_disk::DiskStore;
use tasks::{NewTask, Tasks};
use testkit::{Shelf, Ticking};
use tokio_util::sync::CancellationToken;
use tool::{
    Call, CallError, Desk, FolderGate, Preview, Progress, Reach, Refusal, Report, Tool, ToolSpec, Toolbox, Undo,
    UndoStep,
};

const SCRIPTS: &[(&str, &str)] = &[
    ("hello", "replies: [{ text: Hello. }, { text: Again. }]"),
    ("endless", "replies: [{ calls: [{ tool: Wait }] }, { text: Never said. }]"),
    ("asking", "replies: [{ calls: [{ tool: Wait, input: { asks: true } }] }, { text: It was cut off. }]"),
    ("deaf", "replies: [{ calls: [{ tool: Wait, input: { deaf: true } }] }, { text: Never said. }]"),
];

/// How long to wait for what was begun already; only a broken registry waits so long.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct World {
    pub(crate) home: tempfile::TempDir,
    journal: Arc<NoJournal>,
}

impl World {
    pub(crate) fn new() -> Self {
        Self { home: tempfile::tempdir().unwrap(), journal: Arc::default() }
    }

    /// One run of the program over this home.
    pub(crate) fn tasks(&self) -> Tasks {
        let toolbox = Toolbox::new([Arc::new(Wait::new()) as Arc<dyn Tool>]);
        let parts = Parts {
            store: Arc::new(DiskStore::open(self.home.path()).unwrap()),
            models: Arc::new(Shelf::new(SCRIPTS)),
            setup: Arc::new(engine::setup(&toolbox)),
            toolbox,
            organisation: policy::Organisation::default(),
            clock: Arc::new(Ticking::default()),
            gate: Arc::new(NoGate),
            undo: Arc::clone(&self.journal) as Arc<dyn Undo>,
        };
        Tasks::new(Arc::new(parts), self.home.path())
    }

    /// Takes over what another home has on the disk at this moment, which is what a killed program leaves.
    pub(crate) fn copy(&self, other: &Self) {
        let mut copy = std::process::Command::new("cp");
        copy.arg("-r").arg(other.home.path().join(".")).arg(self.home.path());
        assert!(copy.status().unwrap().success());
    }

    /// How many times what a killed program left was looked after.
    pub(crate) fn mended(&self) -> usize {
        self.journal.mended.load(Ordering::Relaxed)
    }

    pub(crate) fn names(&self, directory: &str) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(self.home.path().join(directory)) else { return Vec::new() };
        let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

pub(crate) fn new(script: &str) -> NewTask {
    NewTask {
        prompt: format!("Play {script}"),
        mode: Mode::Skip,
        model: Some(ModelRef(format!("script/{script}"))),
        limits: Limits::default(),
        ..NewTask::default()
    }
}

/// Waits for an event of a task that fits.
pub(crate) async fn until(tasks: &Tasks, task: TaskId, fits: impl Fn(&Fact) -> bool) {
    let mut watch: Watch = tasks.watch(task, Seq(0)).unwrap();
    let found = async {
        while let Some(signal) = watch.next().await {
            if matches!(signal.unwrap(), Signal::Event(event) if fits(&event.fact)) {
                return;
            }
        }
        panic!("the task ended without it");
    };
    tokio::time::timeout(PATIENCE, found).await.expect("it never came");
}

struct NoGate;

impl FolderGate for NoGate {
    fn check(&self, path: &str) -> Result<PathBuf, Refusal> {
        Err(Refusal { message: format!("`{path}` cannot be granted"), hint: String::new() })
    }
}

#[derive(Default)]
struct NoJournal {
    mended: AtomicUsize,
}

impl Undo for NoJournal {
    fn plan(&self, _desk: &Desk, _selection: &UndoSelection) -> Result<Vec<UndoStep>, Refusal> {
        Ok(Vec::new())
    }

    fn apply(&self, _desk: &Desk, _selection: &UndoSelection) -> Result<Vec<Change>, Refusal> {
        Ok(Vec::new())
    }

    fn mend(&self, _desk: &Desk) {
        self.mended.fetch_add(1, Ordering::Relaxed);
    }
}

/// Runs until it is stopped; told to be deaf, it does not end even then; told to ask, it first waits for an answer.
struct Wait(ToolSpec);

impl Wait {
    fn new() -> Self {
        let input = event::Json::empty_object();
        Self(ToolSpec { name: "Wait", description: "For a test.".to_owned(), input, reach: Reach::Reads })
    }
}

impl Tool for Wait {
    fn spec(&self) -> &ToolSpec {
        &self.0
    }

    fn preview(&self, _call: &Call, _desk: &Desk) -> Result<Preview, CallError> {
        Ok(Preview::Effects(vec![Effect::ReadPath("/outputs/x".to_owned())]))
    }

    fn run(
        &self,
        call: Call,
        _desk: Arc<Desk>,
        progress: Arc<dyn Progress>,
        stop: CancellationToken,
    ) -> BoxFuture<'_, Report> {
        let asks = call.input.as_str().contains("asks");
        let deaf = call.input.as_str().contains("deaf");
        Box::pin(async move {
            if asks {
                let effects = vec![Effect::DeletePath("/outputs/x".to_owned())];
                progress.ask(Inquiry { effects, reason: "delete a file".to_owned(), files: Some(1) }).await;
            }
            if deaf {
                std::future::pending::<()>().await;
            }
            stop.cancelled().await;
            Report { outcome: Outcome::Stopped, ..Report::failed("stopped") }
        })
    }
}
