//! A desk with two folders and the tools over it.

use std::path::PathBuf;
use std::sync::Arc;

use event::{Access, CallId, Change, Consent, Fact, Folder, Inquiry, Json, Outcome, Part, TaskId};
use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use tool::{Call, Desk, Preview, Progress, Report, Toolbox};

pub(crate) const CANARY: &[u8] = b"canary: must be neither read nor written";

pub(crate) struct World {
    pub(crate) directory: tempfile::TempDir,
    pub(crate) desk: Arc<Desk>,
    pub(crate) tools: Toolbox,
}

struct Silent;

impl Progress for Silent {
    fn output(&self, _text: &str) {}
    fn fact(&self, _fact: Fact) {}

    fn ask(&self, _inquiry: Inquiry) -> BoxFuture<'static, Consent> {
        Box::pin(std::future::ready(Consent::Given))
    }
}

impl World {
    pub(crate) fn new() -> Self {
        Self::beneath(&std::env::temp_dir())
    }

    pub(crate) fn beneath(place: &std::path::Path) -> Self {
        let directory = tempfile::tempdir_in(place.canonicalize().unwrap()).unwrap();
        let path = |name: &str| directory.path().join(name);
        for name in ["Reports", "Taxes", "outputs", "uploads", "blobs", "journal", "outside"] {
            std::fs::create_dir(path(name)).unwrap();
        }
        std::fs::write(path("outside/canary"), CANARY).unwrap();
        let folder =
            |name: &str, access| Folder { name: name.into(), path: path(name).to_str().unwrap().into(), access };
        let desk = Arc::new(Desk {
            task: TaskId::from_random([7; 8]),
            turn: 3,
            start: "/work/Reports".into(),
            tier: None,
            folders: vec![folder("Reports", Access::ReadWrite), folder("Taxes", Access::ReadOnly)],
            outputs: path("outputs"),
            uploads: path("uploads"),
            blobs: path("blobs"),
            journal: path("journal"),
            ledger: path("network.jsonl"),
        });
        Self { desk, tools: Toolbox::new(tool_files::tools()), directory }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    pub(crate) fn content(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    pub(crate) async fn run(&self, tool: &str, input: Value) -> Report {
        self.run_until(tool, input, CancellationToken::new()).await
    }

    pub(crate) async fn run_until(&self, tool: &str, input: Value, stop: CancellationToken) -> Report {
        self.tools.find(tool).unwrap().run(call(tool, &input), Arc::clone(&self.desk), Arc::new(Silent), stop).await
    }

    /// Runs a call that must succeed; gives its text.
    pub(crate) async fn ok(&self, tool: &str, input: Value) -> String {
        let report = self.run(tool, input.clone()).await;
        assert_eq!(report.outcome, Outcome::Ok, "{tool} {input}: {report:?}");
        text(&report)
    }

    /// Runs a call that must fail; gives its text.
    pub(crate) async fn failed(&self, tool: &str, input: Value) -> String {
        let report = self.run(tool, input.clone()).await;
        assert_eq!((report.outcome, &report.facts), (Outcome::Failed, &vec![]), "{tool} {input}: {report:?}");
        text(&report)
    }

    pub(crate) async fn read(&self, path: &str) -> String {
        self.ok("Read", json!({ "path": path })).await
    }

    pub(crate) fn preview(&self, tool: &str, input: &Value) -> Result<Preview, String> {
        self.tools.find(tool).unwrap().preview(&call(tool, input), &self.desk).map_err(|error| error.0)
    }
}

pub(crate) fn call(tool: &str, input: &Value) -> Call {
    Call { id: CallId::from("call-1"), tool: tool.into(), input: Json::of(input).unwrap() }
}

/// All text of a report.
pub(crate) fn text(report: &Report) -> String {
    let parts = report.output.iter().filter_map(|part| match part {
        Part::Text(text) => Some(text.expose()),
        Part::Image { .. } => None,
    });
    parts.collect()
}

/// The changes a report records.
pub(crate) fn changes(report: &Report) -> Vec<Change> {
    let mut found = Vec::new();
    for fact in &report.facts {
        let Fact::FilesChanged { call, turn, changes, more: 0, undo } = fact else { panic!("{fact:?}") };
        assert_eq!((call.as_ref().map(CallId::as_str), *turn, *undo), (Some("call-1"), 3, false));
        found.extend(changes.clone());
    }
    found
}
