//! A small world for one task: a store in memory, a Script for a model, tools whose ends the test decides.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use engine::{Ended, Handle, Parts, SendError};
use event::{
    Access, Actor, Change, Command, CommandId, Consent, Delta, Digest, Effect, Event, Fact, Folder, Inquiry, Json,
    Limits, Mode, ModelRef, Outcome, Part, Seq, TaskId, Timestamp, UndoSelection, Wish,
};
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use model::{ErrorKind, Model, ModelError, Models, Offer};
use model_script::{Script, ScriptModel};
use policy::Organisation;
use store::{Draft, MemoryStore, Opened, Places, Signal, Store, StoreError, TaskLog};
use testkit::Ticking;
use tokio::sync::{Semaphore, watch};
use tokio_util::sync::CancellationToken;
use tool::{
    Call, CallError, Desk, FolderGate, Preview, Progress, Reach, Refusal, Report, Tool, ToolSpec, Toolbox, Undo,
    UndoStep,
};

/// Models of a test, by name.
pub(crate) struct Given(pub(crate) Vec<Arc<dyn Model>>);

impl Models for Given {
    fn find(&self, name: &ModelRef) -> Result<Arc<dyn Model>, ModelError> {
        let found = self.0.iter().find(|model| model.profile().name == *name);
        found.cloned().ok_or_else(|| ModelError::new(ErrorKind::NotFound, "no such model", "name another"))
    }

    fn default_model(&self) -> BoxFuture<'_, Result<ModelRef, ModelError>> {
        Box::pin(std::future::ready(Ok(ModelRef("script/test".into()))))
    }

    fn offers(&self) -> BoxFuture<'_, Vec<Offer>> {
        Box::pin(std::future::ready(Vec::new()))
    }
}

/// What happened to the tools of a test.
pub(crate) struct Watched {
    /// Calls now running.
    pub(crate) running: AtomicUsize,
    /// The most calls that ran at once.
    pub(crate) most: AtomicUsize,
    /// Calls that ran to their end, in order.
    pub(crate) ended: Mutex<Vec<String>>,
    /// Calls that were begun, in order.
    pub(crate) begun: Mutex<Vec<String>>,
    /// `Slow` calls end when the test adds permits.
    pub(crate) go: Semaphore,
    /// What running calls were answered, in order.
    pub(crate) answers: Mutex<Vec<String>>,
    /// Tasks the tools were told to leave.
    pub(crate) left: AtomicUsize,
    /// Whether `/home/ann/link` leads somewhere else by now.
    pub(crate) link_moved: AtomicBool,
    /// Flushes of the log.
    syncs: AtomicUsize,
    /// What the disk does with them.
    pub(crate) disk: watch::Sender<Disk>,
}

/// How a disk behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Disk {
    Works,
    /// Flushes wait until it does something else.
    Holds,
    Fails,
}

/// A tool whose behaviour follows from its name: `Look` reads, `Change` writes to `path`, `Slow` waits to be let go,
/// `Break` panics, `Delete` deletes, `Gone` reports that it cannot be used, `Curious` asks for each of its `asks` at
/// once while it runs, `Fickle` gives up what it asks when it is let go, `Borrow` connects to `path` until it may not,
/// having declared that before it ran where it is `declared` and asking otherwise.
struct Toy {
    spec: ToolSpec,
    watched: Arc<Watched>,
}

impl Toy {
    fn boxed(name: &'static str, reach: Reach, watched: &Arc<Watched>) -> Arc<dyn Tool> {
        let input = Json::parse(r#"{"type":"object"}"#).unwrap();
        let spec = ToolSpec { name, description: format!("The toy {name}."), input, reach };
        Arc::new(Self { spec, watched: Arc::clone(watched) })
    }

    fn declares(call: &Call) -> bool {
        let input: serde_json::Value = serde_json::from_str(call.input.as_str()).unwrap_or_default();
        input["declared"] == true
    }

    fn path(call: &Call) -> String {
        let input: serde_json::Value = serde_json::from_str(call.input.as_str()).unwrap_or_default();
        input["path"].as_str().unwrap_or("x").to_owned()
    }
}

impl Tool for Toy {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    fn preview(&self, call: &Call, desk: &Desk) -> Result<Preview, CallError> {
        if !call.input.as_str().starts_with('{') {
            return Err(CallError("the input is not an object".into()));
        }
        let path = desk.absolute(&Self::path(call));
        if self.spec.name == "DeleteAll" {
            let all = desk.folders.iter().map(|folder| Effect::DeletePath(format!("/work/{}", folder.name)));
            return Ok(Preview::Effects(all.collect()));
        }
        Ok(Preview::Effects(vec![match self.spec.name {
            "Change" => Effect::WritePath(path),
            "Delete" => Effect::DeletePath(path),
            "Borrow" if Self::declares(call) => Effect::Connect(Self::path(call)),
            "Slow" | "Gone" | "Curious" | "Fickle" | "Borrow" => Effect::Run(path),
            _ => Effect::ReadPath(path),
        }]))
    }

    fn run(
        &self,
        call: Call,
        _desk: Arc<Desk>,
        progress: Arc<dyn Progress>,
        stop: CancellationToken,
    ) -> BoxFuture<'_, Report> {
        Box::pin(async move {
            let watched = &self.watched;
            let path = Self::path(&call);
            let running = watched.running.fetch_add(1, Ordering::SeqCst) + 1;
            watched.most.fetch_max(running, Ordering::SeqCst);
            watched.begun.lock().unwrap().push(path.clone());
            // Every call gives others a chance to begin beside it.
            tokio::task::yield_now().await;
            let report = match self.spec.name {
                "Break" => panic!("a toy breaks"),
                "Curious" => curious(&call, &progress, watched).await,
                "Fickle" => {
                    tokio::select! {
                        consent = progress.ask(deletion(&path)) => panic!("nobody answers: {consent:?}"),
                        permit = watched.go.acquire() => permit.unwrap().forget(),
                    }
                    tokio::select! {
                        _permit = watched.go.acquire() => Report::ok("went on"),
                        () = stop.cancelled() => Report::failed("stopped"),
                    }
                }
                "Borrow" if Self::declares(&call) => {
                    progress.withdrawn(Effect::Connect(path.clone())).await;
                    Report::ok("cut")
                }
                "Borrow" => {
                    let effect = Effect::Connect(path.clone());
                    let connect = Inquiry { effects: vec![effect.clone()], reason: String::new(), files: None };
                    let withdrawn = progress.withdrawn(effect);
                    let first = progress.ask(connect.clone()).await;
                    watched.answers.lock().unwrap().push(format!("{first:?}"));
                    withdrawn.await;
                    Report::ok(format!("{first:?}, cut, {:?}", progress.ask(connect).await))
                }
                "Slow" => {
                    progress.output("working");
                    tokio::select! {
                        permit = watched.go.acquire() => {
                            permit.unwrap().forget();
                            Report::ok("let go")
                        }
                        () = stop.cancelled() => {
                            Report { outcome: Outcome::Stopped, output: vec![Part::text("stopped")], facts: vec![] }
                        }
                    }
                }
                "Gone" => Report::failed("there is no sandbox").with(Fact::ToolWithdrawn {
                    tool: "Gone".into(),
                    reason: "there is no sandbox".into(),
                    hint: "install it".into(),
                }),
                "Change" => Report::ok("changed").with(Fact::FilesChanged {
                    call: None,
                    turn: 0,
                    changes: vec![Change {
                        path: path.clone(),
                        kind: event::ChangeKind::Made,
                        before: None,
                        after: None,
                        entry: None,
                    }],
                    more: 0,
                    undo: false,
                }),
                _ => Report::ok(format!("saw {path}")),
            };
            watched.ended.lock().unwrap().push(path);
            watched.running.fetch_sub(1, Ordering::SeqCst);
            report
        })
    }

    fn leave(&self, _task: TaskId) -> BoxFuture<'_, ()> {
        self.watched.left.fetch_add(1, Ordering::SeqCst);
        Box::pin(std::future::ready(()))
    }
}

/// Asks for all of `asks` side by side, then for all of `then`; a path is to be deleted, anything else is a host.
async fn curious(call: &Call, progress: &Arc<dyn Progress>, watched: &Watched) -> Report {
    let input: serde_json::Value = call.input.decode().unwrap();
    let mut lines = Vec::new();
    for round in ["asks", "then"] {
        let asks: Vec<String> = serde_json::from_value(input[round].clone()).unwrap_or_default();
        let inquiries = asks.iter().map(|ask| match ask.strip_prefix('/') {
            Some(_) => deletion(ask),
            None => Inquiry { effects: vec![Effect::Connect(ask.clone())], reason: String::new(), files: None },
        });
        let answers = futures_util::future::join_all(inquiries.map(|inquiry| progress.ask(inquiry))).await;
        lines.extend(asks.iter().zip(answers).map(|(ask, answer)| match answer {
            Consent::Given => format!("{ask}: given"),
            Consent::Refused { why } => format!("{ask}: {why}"),
        }));
    }
    watched.answers.lock().unwrap().clone_from(&lines);
    Report::ok(lines.join("\n"))
}

fn deletion(path: &str) -> Inquiry {
    Inquiry {
        effects: vec![Effect::DeletePath(path.to_owned())],
        reason: format!("delete 12 files in `{path}`"),
        files: Some(12),
    }
}

struct OpenGate(Arc<Watched>);

impl FolderGate for OpenGate {
    fn check(&self, path: &str) -> Result<PathBuf, Refusal> {
        if path == "/home/ann/link" {
            let moved = self.0.link_moved.load(Ordering::SeqCst);
            return Ok(PathBuf::from(if moved { "/home/ann/Elsewhere" } else { "/home/ann/Private" }));
        }
        if path.starts_with("/home/ann") {
            Ok(PathBuf::from(path))
        } else {
            Err(Refusal { message: format!("`{path}` belongs to the system"), hint: "choose another".into() })
        }
    }
}

struct ToyUndo;

impl Undo for ToyUndo {
    fn plan(&self, _desk: &Desk, _selection: &UndoSelection) -> Result<Vec<UndoStep>, Refusal> {
        Ok(Vec::new())
    }

    fn apply(&self, _desk: &Desk, selection: &UndoSelection) -> Result<Vec<Change>, Refusal> {
        match &selection.path {
            Some(path) => Ok(vec![Change {
                path: path.clone(),
                kind: event::ChangeKind::Changed,
                before: None,
                after: None,
                entry: None,
            }]),
            None => Err(Refusal { message: "nothing to undo".into(), hint: "change something".into() }),
        }
    }
}

fn gone() -> StoreError {
    StoreError::Disk { action: "flush", path: PathBuf::from("/log"), source: std::io::ErrorKind::Other.into() }
}

/// A log that counts its flushes, each of which takes a moment.
struct Counting {
    log: Box<dyn TaskLog>,
    watched: Arc<Watched>,
}

impl TaskLog for Counting {
    fn task(&self) -> TaskId {
        self.log.task()
    }

    fn head(&self) -> Seq {
        self.log.head()
    }

    fn append(&mut self, at: Timestamp, facts: Vec<Draft>) -> Result<Vec<Arc<Event>>, StoreError> {
        self.log.append(at, facts)
    }

    fn sync(&self) -> BoxFuture<'static, Result<(), StoreError>> {
        self.watched.syncs.fetch_add(1, Ordering::SeqCst);
        let mut disk = self.watched.disk.subscribe();
        Box::pin(async move {
            tokio::task::yield_now().await;
            let now = disk.wait_for(|disk| *disk != Disk::Holds).await.map_or(Disk::Works, |disk| *disk);
            if now == Disk::Fails { Err(gone()) } else { Ok(()) }
        })
    }

    fn tell(&self, delta: Delta) {
        self.log.tell(delta);
    }

    fn keep_draft(&mut self, text: &str) -> Result<(), StoreError> {
        self.log.keep_draft(text)
    }

    fn drop_draft(&mut self) -> Result<(), StoreError> {
        self.log.drop_draft()
    }

    fn put_blob(&self, bytes: &[u8]) -> Result<Digest, StoreError> {
        self.log.put_blob(bytes)
    }

    fn blob(&self, digest: Digest) -> Result<Vec<u8>, StoreError> {
        self.log.blob(digest)
    }

    fn places(&self) -> Places {
        self.log.places()
    }
}

/// One task and everything around it.
pub(crate) struct World {
    pub(crate) store: MemoryStore,
    pub(crate) parts: Arc<Parts>,
    pub(crate) watched: Arc<Watched>,
    pub(crate) task: TaskId,
    directory: tempfile::TempDir,
}

/// A running task.
pub(crate) struct Running {
    pub(crate) handle: Handle,
    pub(crate) run: tokio::task::JoinHandle<Ended>,
}

impl World {
    /// A world whose model plays this Script.
    pub(crate) fn new(script: &str) -> Self {
        let name = ModelRef("script/test".into());
        Self::with(Given(vec![Arc::new(ScriptModel::new(name, Script::parse(script).unwrap()))]))
    }

    /// A world with these models.
    pub(crate) fn with(models: Given) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let store = MemoryStore::new(directory.path());
        let watched = Arc::new(Watched {
            running: AtomicUsize::new(0),
            most: AtomicUsize::new(0),
            ended: Mutex::default(),
            begun: Mutex::default(),
            go: Semaphore::new(0),
            answers: Mutex::default(),
            left: AtomicUsize::new(0),
            link_moved: AtomicBool::new(false),
            syncs: AtomicUsize::new(0),
            disk: watch::Sender::new(Disk::Works),
        });
        let mut tools = tool_task::tools();
        for (name, reach) in [
            ("Look", Reach::Reads),
            ("Break", Reach::Reads),
            ("Change", Reach::Changes),
            ("Delete", Reach::Changes),
            ("DeleteAll", Reach::Changes),
            ("Curious", Reach::Changes),
            ("Fickle", Reach::Changes),
            ("Borrow", Reach::Changes),
            ("Gone", Reach::Changes),
            ("Slow", Reach::Changes),
        ] {
            tools.push(Toy::boxed(name, reach, &watched));
        }
        let toolbox = Toolbox::new(tools);
        let parts = Arc::new(Parts {
            store: Arc::new(store.clone()),
            models: Arc::new(models),
            setup: Arc::new(engine::setup(&toolbox)),
            toolbox,
            organisation: Organisation::default(),
            clock: Arc::new(Ticking::default()),
            gate: Arc::new(OpenGate(Arc::clone(&watched))),
            undo: Arc::new(ToyUndo),
        });
        Self { store, parts, watched, task: TaskId::from_random([7; 8]), directory }
    }

    /// Makes the task with one folder and starts it.
    pub(crate) fn start(&self, mode: Mode, prompt: &str) -> Running {
        self.start_with(mode, Limits::default(), prompt)
    }

    pub(crate) fn start_with(&self, mode: Mode, limits: Limits, prompt: &str) -> Running {
        let at = Timestamp(1_699_999_999_000);
        let mut log = self.store.create(self.task, "test", at).unwrap();
        let folder = Folder { name: "Reports".into(), path: "/home/ann/Reports".into(), access: Access::ReadWrite };
        let created = Fact::TaskCreated {
            title: prompt.into(),
            mode,
            model: ModelRef("script/test".into()),
            folders: vec![folder],
            limits,
            project: None,
            tier: None,
            made_by: "test".into(),
        };
        let said = Fact::Said { text: prompt.into(), attachments: Vec::new(), command: None };
        let events = log.append(at, vec![(Actor::User, created), (Actor::User, said)]).unwrap();
        self.host(Opened { log, events, draft: String::new(), cut: 0 })
    }

    /// Opens the task again.
    pub(crate) fn open(&self) -> Running {
        self.host(self.store.open(self.task).unwrap())
    }

    /// How often the log was flushed.
    pub(crate) fn syncs(&self) -> usize {
        self.watched.syncs.load(Ordering::SeqCst)
    }

    fn host(&self, mut opened: Opened) -> Running {
        opened.log = Box::new(Counting { log: opened.log, watched: Arc::clone(&self.watched) });
        let (handle, run) = engine::start(Arc::clone(&self.parts), opened);
        Running { handle, run: tokio::spawn(run) }
    }

    /// The whole log.
    pub(crate) fn events(&self) -> Vec<Arc<Event>> {
        self.store.read(self.task, Seq(0)).unwrap()
    }

    /// The log in words.
    pub(crate) fn log(&self) -> String {
        testkit::print_log(&self.events())
    }

    /// The view.
    pub(crate) fn view(&self) -> view::View {
        view::View::of(self.task, self.events().iter().map(AsRef::as_ref))
    }

    /// Waits for an event that fits.
    pub(crate) async fn until(&self, fits: impl Fn(&Fact) -> bool) -> Arc<Event> {
        let mut watch = self.store.watch(self.task, Seq(0)).unwrap();
        let found = async {
            while let Some(signal) = watch.next().await {
                if let Signal::Event(event) = signal.unwrap()
                    && fits(&event.fact)
                {
                    return event;
                }
            }
            panic!("the log ended");
        };
        tokio::time::timeout(std::time::Duration::from_secs(20), found).await.unwrap_or_else(|_| {
            panic!("nothing fits in\n{}", self.log());
        })
    }

    /// Lets everything happen that can happen by itself.
    pub(crate) async fn rest(&self) {
        for _ in 0..200 {
            tokio::task::yield_now().await;
        }
    }

    /// Waits until a running call was answered.
    pub(crate) async fn until_answered(&self) {
        let answered = async {
            while self.watched.answers.lock().unwrap().is_empty() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(20), answered).await.expect("it is answered");
    }

    /// A path inside the store's own directory.
    pub(crate) fn directory(&self) -> &Path {
        self.directory.path()
    }
}

impl Running {
    /// Sends a wish.
    pub(crate) async fn wish(&self, id: &str, wish: Wish) -> Result<Seq, SendError> {
        self.handle.send(Command { id: CommandId::from(id), wish }).await
    }

    /// Waits until the runner has ended.
    pub(crate) async fn end(self) -> Ended {
        tokio::time::timeout(std::time::Duration::from_secs(20), self.run).await.expect("it ends").unwrap()
    }
}
