//! An installation in a temporary directory: a store on disk, scripted models, one tool that waits.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use engine::{Clock, Parts};
use event::{Change, Effect, Fact, Limits, Mode, ModelRef, Outcome, Seq, TaskId, Timestamp, UndoSelection};
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use model::{ErrorKind, Model, ModelError, Models, Offer};
use model_script::{Script, ScriptModel};
use store::{Signal, Watch};
use store_disk::DiskStore;
use tasks::{NewTask, Tasks};
use tokio_util::sync::CancellationToken;
use tool::{
    Call, CallError, Desk, FolderGate, Preview, Progress, Reach, Refusal, Report, Tool, ToolSpec, Toolbox, Undo,
    UndoStep,
};

const HELLO: &str = "replies: [{ text: Hello. }, { text: Again. }]";
const ENDLESS: &str = "replies: [{ calls: [{ tool: Wait }] }, { text: Never said. }]";
const DEAF: &str = "replies: [{ calls: [{ tool: Wait, input: { deaf: true } }] }, { text: Never said. }]";

/// How long to wait for what was begun already; only a broken registry waits so long.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct World {
    pub(crate) home: tempfile::TempDir,
}

impl World {
    pub(crate) fn new() -> Self {
        Self { home: tempfile::tempdir().unwrap() }
    }

    /// One run of the program over this home.
    pub(crate) fn tasks(&self) -> Tasks {
        let toolbox = Toolbox::new([Arc::new(Wait::new()) as Arc<dyn Tool>]);
        let parts = Parts {
            store: Arc::new(DiskStore::open(self.home.path()).unwrap()),
            models: Arc::new(Scripts),
            setup: Arc::new(engine::setup(&toolbox)),
            toolbox,
            organisation: policy::Organisation::default(),
            clock: Arc::new(Ticking::default()),
            gate: Arc::new(NoGate),
            undo: Arc::new(NoJournal),
        };
        Tasks::new(Arc::new(parts), self.home.path())
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

#[derive(Default)]
struct Ticking(AtomicI64);

impl Clock for Ticking {
    fn now(&self) -> Timestamp {
        Timestamp(1_700_000_000_000 + self.0.fetch_add(1_000, Ordering::Relaxed))
    }

    fn chance(&self) -> f64 {
        0.5
    }
}

struct Scripts;

impl Models for Scripts {
    fn find(&self, name: &ModelRef) -> Result<Arc<dyn Model>, ModelError> {
        let text = match name.model() {
            "hello" => HELLO,
            "endless" => ENDLESS,
            "deaf" => DEAF,
            _ => return Err(ModelError::new(ErrorKind::NotFound, "there is no such model", "choose another")),
        };
        Ok(Arc::new(ScriptModel::new(name.clone(), Script::parse(text).unwrap())))
    }

    fn default_model(&self) -> BoxFuture<'_, Result<ModelRef, ModelError>> {
        Box::pin(std::future::ready(Ok(ModelRef("script/hello".to_owned()))))
    }

    fn offers(&self) -> BoxFuture<'_, Vec<Offer>> {
        Box::pin(std::future::ready(Vec::new()))
    }
}

struct NoGate;

impl FolderGate for NoGate {
    fn check(&self, path: &str) -> Result<PathBuf, Refusal> {
        Err(Refusal { message: format!("`{path}` cannot be granted"), hint: String::new() })
    }
}

struct NoJournal;

impl Undo for NoJournal {
    fn plan(&self, _desk: &Desk, _selection: &UndoSelection) -> Result<Vec<UndoStep>, Refusal> {
        Ok(Vec::new())
    }

    fn apply(&self, _desk: &Desk, _selection: &UndoSelection) -> Result<Vec<Change>, Refusal> {
        Ok(Vec::new())
    }
}

/// Runs until it is stopped; told to be deaf, it does not end even then.
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
        _progress: Arc<dyn Progress>,
        stop: CancellationToken,
    ) -> BoxFuture<'_, Report> {
        let deaf = call.input.as_str().contains("deaf");
        Box::pin(async move {
            if deaf {
                std::future::pending::<()>().await;
            }
            stop.cancelled().await;
            Report { outcome: Outcome::Stopped, ..Report::failed("stopped") }
        })
    }
}
