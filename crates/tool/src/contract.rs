//! The traits of tools.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use event::{Access, CallId, Consent, Effect, Fact, Folder, Inquiry, Json, Outcome, Part, Question, TaskId, Tier};
use futures_util::future::BoxFuture;
use serde::de::DeserializeOwned;
use tokio_util::sync::CancellationToken;

/// A tool as the model sees it. The text is part of the product and capped by a test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToolSpec {
    /// The name models and skills know.
    pub name: &'static str,
    /// What it does and when to use it.
    pub description: String,
    /// JSON Schema of the input, as an object.
    pub input: Json,
    /// Whether calls may run beside each other.
    pub reach: Reach,
}

/// What a tool's calls can touch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Only reads: calls of one reply run in parallel.
    Reads,
    /// May change something: calls run one after the other.
    Changes,
}

/// One call, ready to be looked at or run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// Its id.
    pub id: CallId,
    /// The tool's name.
    pub tool: String,
    /// The input as the model wrote it.
    pub input: Json,
}

/// What a tool gets to work with: the task's places as they are now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Desk {
    /// The task.
    pub task: TaskId,
    /// The turn under way.
    pub turn: u32,
    /// Where relative paths start, as the model knows it. It stays the same for the whole task, so that a path means
    /// the same file even after a folder was taken back.
    pub start: String,
    /// The isolation the user asked for; none means the best there is.
    pub tier: Option<Tier>,
    /// The folders granted now.
    pub folders: Vec<Folder>,
    /// Host path of `/outputs`.
    pub outputs: PathBuf,
    /// Host path of `/uploads`.
    pub uploads: PathBuf,
    /// Host path of the task's blobs; pictures for the model are put there under their digest.
    pub blobs: PathBuf,
    /// Host path of the task's journal.
    pub journal: PathBuf,
    /// Host path of the task's ledger: one line for every decision about the network.
    pub ledger: PathBuf,
}

impl Desk {
    /// The absolute path as the model knows it: relative paths start at the working directory, and a host path inside
    /// a granted folder is translated, because people paste those. `.` and `..` are resolved on the text.
    pub fn absolute(&self, path: &str) -> String {
        let path = path.trim();
        let joined = match self.translate(path) {
            Some(known) => known,
            None if path.starts_with('/') => path.to_owned(),
            None => format!("{}/{path}", self.start),
        };
        normalize(&joined)
    }

    /// The absolute path on this computer of a path the model knows, for showing it to the user. None where it lies
    /// in no place of this task. Never used to open files.
    pub fn host_path(&self, path: &str) -> Option<PathBuf> {
        let path = self.absolute(path);
        let mut parts = path.trim_start_matches('/').splitn(2, '/');
        let (root, rest) = (parts.next()?, parts.next().unwrap_or(""));
        let under =
            |base: &std::path::Path, rest: &str| if rest.is_empty() { base.to_owned() } else { base.join(rest) };
        match root {
            "outputs" => Some(under(&self.outputs, rest)),
            "uploads" => Some(under(&self.uploads, rest)),
            "work" => {
                let (name, rest) = rest.split_once('/').unwrap_or((rest, ""));
                let folder = self.folders.iter().find(|folder| folder.name == name)?;
                Some(under(std::path::Path::new(&folder.path), rest))
            }
            _ => None,
        }
    }

    fn translate(&self, path: &str) -> Option<String> {
        self.folders.iter().find_map(|folder| {
            let rest = path.strip_prefix(folder.path.trim_end_matches('/'))?;
            (rest.is_empty() || rest.starts_with('/')).then(|| format!("/work/{}{rest}", folder.name))
        })
    }
}

/// Resolves `.`, `..` and doubled slashes on the text. A path that climbs above the root becomes `/..`, which lies in
/// no place and is refused.
fn normalize(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                if kept.pop().is_none() {
                    return "/..".to_owned();
                }
            }
            name => kept.push(name),
        }
    }
    format!("/{}", kept.join("/"))
}

/// What a call will do, said before it runs. Looks only at the input and the desk: no input or output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Preview {
    /// It has these effects.
    Effects(Vec<Effect>),
    /// It asks the user; the engine does it, the tool is not run.
    Questions(Vec<Question>),
    /// It asks the user for a folder; the engine does it, the tool is not run.
    Folder(FolderRequest),
}

/// A wish for a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FolderRequest {
    /// The absolute host path wished for.
    pub path: String,
    /// What may be done in it.
    pub access: Access,
    /// The model's reason, shown as the model's words.
    pub reason: String,
}

/// The call's input cannot be used. The text goes to the model.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct CallError(pub String);

/// What a call gives back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// How it ended.
    pub outcome: Outcome,
    /// What the model gets to see; already capped.
    pub output: Vec<Part>,
    /// Facts to store with the result: files changed, plan set, cards presented.
    pub facts: Vec<Fact>,
}

impl Report {
    /// It did what it was asked, with this to say.
    pub fn ok(text: impl Into<String>) -> Self {
        Self { outcome: Outcome::Ok, output: vec![Part::text(text)], facts: Vec::new() }
    }

    /// It failed, for this reason.
    pub fn failed(text: impl Into<String>) -> Self {
        Self { outcome: Outcome::Failed, output: vec![Part::text(text)], facts: Vec::new() }
    }

    /// The same with one more fact.
    pub fn with(mut self, fact: Fact) -> Self {
        self.facts.push(fact);
        self
    }
}

/// Where a running call shows what it is doing.
pub trait Progress: Send + Sync {
    /// More output, shown live and not stored.
    fn output(&self, text: &str);

    /// A fact that should be stored now, not with the result (such as the sandbox's start).
    fn fact(&self, fact: Fact);

    /// Asks whether the running call may do something it came upon. Policy answers where it can, the user otherwise;
    /// a question nobody answers is refused after a while. The call keeps running meanwhile. Dropping what this gives
    /// takes the question back.
    fn ask(&self, inquiry: Inquiry) -> BoxFuture<'static, Consent>;

    /// Ends when the rules, which allowed this effect without asking anybody, do so no longer. Counts from the call of
    /// this method, so it is called before [`Progress::ask`]. What the user allowed is never withdrawn this way.
    /// What the rules had lent the call when it began counts from that beginning, the first time it is asked for.
    fn withdrawn(&self, _effect: Effect) -> BoxFuture<'static, ()> {
        Box::pin(std::future::pending())
    }
}

/// Something the model may call.
pub trait Tool: Send + Sync {
    /// How the model sees it.
    fn spec(&self) -> &ToolSpec;

    /// Says what a call will do.
    fn preview(&self, call: &Call, desk: &Desk) -> Result<Preview, CallError>;

    /// Runs a call that was allowed. When `stop` is cancelled it ends soon, leaving no process behind, and reports
    /// [`Outcome::Stopped`]. Never panics on any input; failures are reports.
    fn run(
        &self,
        call: Call,
        desk: Arc<Desk>,
        progress: Arc<dyn Progress>,
        stop: CancellationToken,
    ) -> BoxFuture<'_, Report>;

    /// The task is over or paused: gives back what was held for it (machines, remembered reads).
    fn leave(&self, _task: TaskId) -> BoxFuture<'_, ()> {
        Box::pin(std::future::ready(()))
    }
}

/// The tools of an installation by name, in sorted order.
#[derive(Clone, Default)]
pub struct Toolbox {
    tools: BTreeMap<&'static str, Arc<dyn Tool>>,
}

impl Toolbox {
    /// A toolbox of these tools; a later one replaces an earlier one of the same name.
    pub fn new(tools: impl IntoIterator<Item = Arc<dyn Tool>>) -> Self {
        Self { tools: tools.into_iter().map(|tool| (tool.spec().name, tool)).collect() }
    }

    /// A tool by name.
    pub fn find(&self, name: &str) -> Option<&Arc<dyn Tool>> {
        self.tools.get(name)
    }

    /// All tools, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<dyn Tool>> {
        self.tools.values()
    }
}

/// Reads a call's input into a tool's own type, with an error the model can act on.
pub fn parse_input<T: DeserializeOwned>(call: &Call) -> Result<T, CallError> {
    serde_json::from_str(call.input.as_str())
        .map_err(|error| CallError(format!("the input of {} cannot be read: {error}", call.tool)))
}
