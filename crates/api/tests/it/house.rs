//! A whole house in a temporary directory, serving on a free port and a socket until it is dropped.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use api::client::{Client, Lines, StreamLine};
use api::{ApiState, Bound, Files, ListedFile, Listen, OpenedFile, Page, PageLife, Tickets, Token, Web};
use api_types::{FileKind, NewTaskRequest};
use engine::Parts;
use event::{Change, Effect, Event, Fact, ModelRef, Outcome, Seq, TaskId, Timestamp, UndoSelection};
use futures_util::future::BoxFuture;
use model::{ModelInfo, Offer};
use store::{MemoryStore, Store};
use store_disk::DiskStore;
use tasks::Tasks;
use tempfile::TempDir;
use testkit::{Shelf, Ticking};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tool::{
    Call, CallError, Desk, FolderGate, Preview, Progress, Reach, Refusal, Report, Tool, ToolSpec, Toolbox, Undo,
    UndoKind, UndoStep,
};

use crate::installed::Installed;

pub(crate) const TOKEN: &str = "0123456789abcdef";

const SCRIPTS: &[(&str, &str)] = &[
    ("hello", "replies:\n  - text: Hello from the Script.\n  - text: And once more.\n"),
    (
        "question",
        "replies:\n  - calls:\n      - tool: AskUserQuestion\n        input: { questions: [ { question: Which colour?, \
         header: Colour, options: [ { label: Red }, { label: Blue } ] } ] }\n  - expect: { contains: [Blue] }\n    \
         text: Blue it is.\n",
    ),
    (
        "approval",
        "replies:\n  - calls:\n      - tool: Stamp\n  - expect: { contains: [stamped] }\n    text: It is stamped.\n",
    ),
    ("endless", "replies:\n  - calls:\n      - tool: Wait\n  - text: Never said.\n"),
];

pub(crate) struct House {
    pub(crate) directory: TempDir,
    pub(crate) store: MemoryStore,
    pub(crate) tasks: Arc<Tasks>,
    pub(crate) address: SocketAddr,
    pub(crate) client: Client,
    pub(crate) installed: Arc<Installed>,
    pub(crate) stop: CancellationToken,
    pub(crate) serving: JoinSet<()>,
}

impl House {
    pub(crate) async fn open() -> Self {
        Self::over(|memory, _directory| Arc::new(memory)).await
    }

    /// A house whose tasks lie on the disk; its `store` stays empty.
    pub(crate) async fn on_disk() -> Self {
        Self::over(|_memory, directory| Arc::new(DiskStore::open(&directory.join("home-of-tasks")).unwrap())).await
    }

    async fn over(store_of: impl FnOnce(MemoryStore, &Path) -> Arc<dyn Store>) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let home = directory.path().canonicalize().unwrap().join("home");
        for folder in ["Reports/2026", "Letters", ".ssh", "Secret"] {
            std::fs::create_dir_all(home.join(folder)).unwrap();
        }
        let store = MemoryStore::new(directory.path().join("tasks"));
        let toolbox = Toolbox::new(
            tool_task::tools().into_iter().chain([Arc::new(Stamp::new()) as Arc<dyn Tool>, Arc::new(Wait::new())]),
        );
        let parts = Parts {
            store: store_of(store.clone(), directory.path()),
            models: Arc::new(shelf()),
            setup: Arc::new(engine::setup(&toolbox)),
            toolbox,
            organisation: policy::Organisation::default(),
            clock: Arc::new(Ticking::default()),
            gate: Arc::new(HomeGate(home.clone())),
            undo: Arc::new(NoJournal),
        };
        let tasks = Arc::new(Tasks::new(Arc::new(parts), directory.path()));
        let installed = Arc::new(Installed::new(Arc::clone(&tasks)));
        let state = ApiState {
            tasks: Arc::clone(&tasks),
            files: Arc::new(PlainFiles),
            installation: Arc::clone(&installed) as Arc<dyn api::Installation>,
            home,
            token: Token::new(TOKEN),
            tickets: Tickets::default(),
            web: Some(Arc::new(OnePage)),
        };
        let listen = Listen { tcp: Some(Listen::loopback(0)), socket: Some(socket_in(directory.path())) };
        let bound = Bound::open(&listen).await.unwrap();
        let address = bound.address().unwrap();
        let stop = CancellationToken::new();
        let mut serving = JoinSet::new();
        serving.spawn(bound.serve(state, stop.clone()));
        let client = Client::connect_tcp(address, Token::new(TOKEN)).await.unwrap();
        Self { directory, store, tasks, address, client, installed, stop, serving }
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.directory.path().canonicalize().unwrap().join("home")
    }

    pub(crate) fn socket(&self) -> PathBuf {
        socket_in(self.directory.path())
    }

    /// Starts a task with a Script.
    pub(crate) async fn begin(&self, script: &str) -> TaskId {
        self.client.create(&new_task(script)).await.unwrap().id
    }

    /// Reads a task's stream from its start until an event fits.
    pub(crate) async fn until(&self, task: TaskId, fits: impl Fn(&Fact) -> bool) -> Vec<Event> {
        let mut lines = self.client.stream(task, Seq(0)).await.unwrap();
        let mut seen = Vec::new();
        loop {
            let event = next_event(&mut lines).await;
            let done = fits(&event.fact);
            seen.push(event);
            if done {
                return seen;
            }
        }
    }
}

pub(crate) async fn next_event(lines: &mut Lines) -> Event {
    loop {
        if let StreamLine::Event { event, line } = lines.next().await.unwrap().unwrap() {
            assert_eq!(event.to_line().unwrap(), line);
            return *event;
        }
    }
}

pub(crate) fn new_task(script: &str) -> NewTaskRequest {
    NewTaskRequest {
        id: format!("new-{script}").as_str().into(),
        prompt: format!("Play {script}"),
        folders: Vec::new(),
        attachments: Vec::new(),
        mode: None,
        model: Some(ModelRef(format!("script/{script}"))),
        effort: None,
        instructions: None,
        limits: None,
        project: None,
        tier: None,
    }
}

pub(crate) fn turn_ended(fact: &Fact) -> bool {
    matches!(fact, Fact::TurnEnded { .. })
}

fn socket_in(directory: &Path) -> PathBuf {
    directory.join("run/deskhand.sock")
}

fn shelf() -> Shelf {
    let model = ModelInfo { name: ModelRef("script/hello".to_owned()), title: "Hello".to_owned(), efforts: Vec::new() };
    let asleep = Offer { provider: "far".to_owned(), models: vec![], unavailable: Some("no key".to_owned()) };
    let script = Offer { provider: "script".to_owned(), models: vec![model], unavailable: None };
    Shelf::new(SCRIPTS).offering(vec![script, asleep])
}

/// Grants what lies in the home directory, except `Secret` and what is hidden.
struct HomeGate(PathBuf);

impl FolderGate for HomeGate {
    fn check(&self, path: &str) -> Result<PathBuf, Refusal> {
        let refuse = |what: &str| Refusal { message: format!("`{path}` {what}"), hint: "choose another".to_owned() };
        let real = Path::new(path).canonicalize().map_err(|_| refuse("does not exist"))?;
        let inside = real.strip_prefix(&self.0).map_err(|_| refuse("lies outside"))?;
        let open = |part: &str| !part.starts_with('.') && part != "Secret";
        if inside.as_os_str().is_empty() || !inside.iter().all(|part| open(&part.to_string_lossy())) {
            return Err(refuse("cannot be granted"));
        }
        Ok(real)
    }
}

/// Plans what it is asked for and finds nothing to do.
struct NoJournal;

impl Undo for NoJournal {
    fn plan(&self, desk: &Desk, selection: &UndoSelection) -> Result<Vec<UndoStep>, Refusal> {
        if selection.turn == Some(99) {
            return Err(Refusal { message: "there is no turn 99".to_owned(), hint: "look again".to_owned() });
        }
        let path = selection.path.clone().unwrap_or_else(|| desk.start.clone());
        let kind = if selection.turn.is_some() { UndoKind::Restore { bytes: 7 } } else { UndoKind::RemoveFolder };
        let call = selection.call.as_ref().map(|call| format!(" of call {call}")).unwrap_or_default();
        Ok(vec![UndoStep { path, kind, action: format!("turn {:?}{call}", selection.turn), conflict: None }])
    }

    fn apply(&self, _desk: &Desk, _selection: &UndoSelection) -> Result<Vec<Change>, Refusal> {
        Ok(Vec::new())
    }
}

struct PlainFiles;

impl PlainFiles {
    fn refuse(path: &str) -> Refusal {
        Refusal { message: format!("there is no file `{path}`"), hint: "look again".to_owned() }
    }
}

impl Files for PlainFiles {
    fn open(&self, desk: &Desk, path: &str) -> Result<OpenedFile, Refusal> {
        let refuse = |_| Self::refuse(path);
        let host = desk.host_path(path).ok_or_else(|| Self::refuse(path))?;
        let file = std::fs::File::open(host).map_err(refuse)?;
        let meta = file.metadata().map_err(refuse)?;
        if !meta.is_file() {
            return Err(Self::refuse(path));
        }
        Ok(OpenedFile { bytes: meta.len(), file })
    }

    fn list(&self, desk: &Desk, path: &str) -> Result<Vec<ListedFile>, Refusal> {
        let refuse = |_| Self::refuse(path);
        let host = desk.host_path(path).ok_or_else(|| Self::refuse(path))?;
        let listed = std::fs::read_dir(host).map_err(refuse)?.flatten().map(|entry| {
            let meta = entry.metadata().unwrap();
            let kind = if meta.is_dir() { FileKind::Folder } else { FileKind::File };
            let bytes = if meta.is_dir() { 0 } else { meta.len() };
            let name = entry.file_name().into_string().unwrap();
            ListedFile { name, kind, bytes, changed_at: Timestamp(5) }
        });
        let mut listed: Vec<ListedFile> = listed.collect();
        listed.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(listed)
    }
}

struct OnePage;

impl Web for OnePage {
    fn page(&self, path: &str) -> Option<Page> {
        let page = |media, bytes: &'static [u8], life| Some(Page { media, bytes: bytes.into(), encoding: None, life });
        match path {
            "/" => page("text/html; charset=utf-8", b"<!doctype html>", PageLife::Fresh),
            "/app.js" => page("text/javascript", b"1", PageLife::Forever),
            _ => None,
        }
    }
}

/// Asks, as every command does; then says that it was done.
struct Stamp(ToolSpec);

impl Stamp {
    fn new() -> Self {
        Self(spec("Stamp", Reach::Changes))
    }
}

impl Tool for Stamp {
    fn spec(&self) -> &ToolSpec {
        &self.0
    }

    fn preview(&self, _call: &Call, _desk: &Desk) -> Result<Preview, CallError> {
        Ok(Preview::Effects(vec![Effect::Run("stamp".to_owned())]))
    }

    fn run(
        &self,
        _call: Call,
        _desk: Arc<Desk>,
        progress: Arc<dyn Progress>,
        _stop: CancellationToken,
    ) -> BoxFuture<'_, Report> {
        progress.output("stamping\n");
        Box::pin(std::future::ready(Report::ok("stamped")))
    }
}

/// Runs until it is stopped.
struct Wait(ToolSpec);

impl Wait {
    fn new() -> Self {
        Self(spec("Wait", Reach::Reads))
    }
}

impl Tool for Wait {
    fn spec(&self) -> &ToolSpec {
        &self.0
    }

    fn preview(&self, _call: &Call, _desk: &Desk) -> Result<Preview, CallError> {
        Ok(Preview::Effects(Vec::new()))
    }

    fn run(
        &self,
        _call: Call,
        _desk: Arc<Desk>,
        _progress: Arc<dyn Progress>,
        stop: CancellationToken,
    ) -> BoxFuture<'_, Report> {
        Box::pin(async move {
            stop.cancelled().await;
            Report { outcome: Outcome::Stopped, ..Report::failed("stopped") }
        })
    }
}

fn spec(name: &'static str, reach: Reach) -> ToolSpec {
    ToolSpec { name, description: "For a test.".to_owned(), input: event::Json::empty_object(), reach }
}
