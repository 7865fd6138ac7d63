//! What checks are made with: machines over fresh folders, commands run to their end, and comparisons.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use event::{Access, CallId, Change, Consent, Inquiry, TaskId};
use futures_util::StreamExt;
use futures_util::future::BoxFuture;

use crate::{
    Asker, Command, Errand, Execution, Exit, Machine, Mount, Network, Order, Output, ResourceLimits, Sandbox,
    SandboxError, Share, Shares, Stream,
};

/// The result of a check: what was seen instead of what was promised.
pub(super) type Checked = Result<(), String>;

/// A promise and the check of it.
pub(super) type Check = (&'static str, for<'a> fn(&'a World<'a>) -> BoxFuture<'a, Checked>);

/// The sandbox under test.
pub(super) struct World<'a> {
    sandbox: &'a dyn Sandbox,
    shares: &'a dyn Shares,
    scratch: &'a Path,
    machines: AtomicU32,
}

/// A machine with `/work/desk` (read-write, guarded), `/work/library` (read-only) and `/outputs` (read-write).
pub(super) struct Desk {
    pub(super) machine: Box<dyn Machine>,
    files: Arc<dyn Share>,
    asked: AtomicU32,
    root: PathBuf,
}

/// A user who always says the same, and remembers what was asked.
pub(super) struct User {
    answer: Consent,
    asked: Mutex<Vec<Inquiry>>,
}

impl User {
    pub(super) fn asked(&self) -> Vec<Inquiry> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Asker for User {
    fn ask(&self, inquiry: Inquiry) -> BoxFuture<'static, Consent> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(inquiry);
        Box::pin(std::future::ready(self.answer.clone()))
    }
}

/// A user who never answers, and whether somebody waits.
#[derive(Default)]
pub(super) struct Silent(tokio::sync::Notify);

impl Silent {
    pub(super) async fn asked(&self) {
        self.0.notified().await;
    }
}

impl Asker for Silent {
    fn ask(&self, _: Inquiry) -> BoxFuture<'static, Consent> {
        self.0.notify_one();
        Box::pin(std::future::pending())
    }
}

/// The answer no.
pub(super) fn no() -> Consent {
    Consent::Refused { why: "the user said no".to_owned() }
}

/// A command that has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ran {
    pub(super) out: String,
    pub(super) error: String,
    pub(super) exit: Exit,
}

/// How a command exits by itself.
pub(super) fn exited(code: i32) -> Exit {
    Exit { code: Some(code), signal: None, timed_out: false, out_of_memory: false }
}

/// Fails with both values where they differ.
pub(super) fn same<T: Debug + PartialEq>(what: &str, actual: &T, expected: &T) -> Checked {
    if actual == expected { Ok(()) } else { Err(format!("{what}: {actual:?} instead of {expected:?}")) }
}

/// Fails where something does not hold.
pub(super) fn holds(what: impl Into<String>, condition: bool) -> Checked {
    if condition { Ok(()) } else { Err(what.into()) }
}

pub(super) fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// A shell command with a minute to run.
pub(super) fn shell(script: &str) -> Command {
    Command {
        argv: ["sh", "-c", script].map(str::to_owned).to_vec(),
        directory: "/work/desk".to_owned(),
        environment: Vec::new(),
        timeout: Duration::from_mins(1),
    }
}

impl<'a> World<'a> {
    pub(super) fn new(sandbox: &'a dyn Sandbox, shares: &'a dyn Shares, scratch: &'a Path) -> Self {
        Self { sandbox, shares, scratch, machines: AtomicU32::new(0) }
    }

    /// Starts a machine with folders of its own and no network. `files` are made in the desk folder before.
    pub(super) async fn desk(&self, files: &[(&str, &str)]) -> Result<Desk, String> {
        self.desk_with(files, None).await
    }

    /// The same with a network.
    pub(super) async fn desk_with(
        &self,
        files: &[(&str, &str)],
        network: Option<Arc<dyn Network>>,
    ) -> Result<Desk, String> {
        let number = self.machines.fetch_add(1, Ordering::Relaxed);
        let root = self.scratch.join(format!("desk{number}"));
        for name in ["desk", "library", "outputs", "journal"] {
            std::fs::create_dir_all(root.join(name)).map_err(text)?;
        }
        for (path, content) in files {
            let path = root.join("desk").join(path);
            std::fs::create_dir_all(path.parent().unwrap_or(&root)).map_err(text)?;
            std::fs::write(path, content).map_err(text)?;
        }
        std::fs::write(root.join("library/book"), "book").map_err(text)?;
        let mount = |name: &str, inside: &str, access, guarded| Mount {
            host: root.join(name),
            inside: PathBuf::from(inside),
            access,
            guarded,
        };
        let mounts = vec![
            mount("desk", "/work/desk", Access::ReadWrite, true),
            mount("library", "/work/library", Access::ReadOnly, true),
            mount("outputs", "/outputs", Access::ReadWrite, false),
        ];
        let task = TaskId::from_random(u64::from(number).to_le_bytes());
        let files = self.shares.open(task, &root.join("journal"), mounts).map_err(text)?;
        let order = Order { task, tier: None, files: Arc::clone(&files), network, limits: ResourceLimits::default() };
        let machine = self.sandbox.start(order).await.map_err(text)?;
        let desk = Desk { machine, files, asked: AtomicU32::new(0), root };
        desk.begin(no());
        Ok(desk)
    }
}

impl Desk {
    /// Begins an errand of a user who answers every question so.
    pub(super) fn begin(&self, answer: Consent) -> Arc<User> {
        let user = Arc::new(User { answer, asked: Mutex::default() });
        self.begin_for(Arc::clone(&user) as _);
        user
    }

    /// Begins an errand for somebody else.
    pub(super) fn begin_for(&self, asker: Arc<dyn Asker>) {
        let turn = self.asked.fetch_add(1, Ordering::Relaxed);
        let call = CallId::from(format!("call{turn}").as_str());
        self.files.begin(Errand { call, turn, asker });
    }

    /// Ends it, for what it changed.
    pub(super) fn end(&self) -> Vec<Change> {
        self.files.end()
    }

    /// A folder as the host has it.
    pub(super) fn host(&self, folder: &str) -> PathBuf {
        self.root.join(folder)
    }

    pub(super) async fn start(&self, command: Command) -> Result<Execution, SandboxError> {
        self.machine.exec(command).await
    }

    pub(super) async fn run(&self, command: Command) -> Result<Ran, SandboxError> {
        finish(self.machine.exec(command).await?).await
    }

    /// Runs a script in the desk folder.
    pub(super) async fn shell(&self, script: &str) -> Result<Ran, String> {
        self.run(shell(script)).await.map_err(text)
    }

    /// Runs a script that must succeed, for its output.
    pub(super) async fn says(&self, script: &str) -> Result<String, String> {
        let ran = self.shell(script).await?;
        same(script, &(ran.exit, ran.error), &(exited(0), String::new()))?;
        Ok(ran.out)
    }

    /// How many processes of the machine have this in their command line; the first character stands in brackets
    /// in the pattern, so that the search does not find itself.
    pub(super) async fn count(&self, words: &str) -> Result<usize, String> {
        let (first, rest) = words.split_at(1);
        let script = format!("cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\000' ' ' | grep -o '[{first}]{rest}'; true");
        Ok(self.says(&script).await?.lines().count())
    }

    /// Every file and directory of a folder as the host sees it, with its content.
    pub(super) fn tree(&self, folder: &str) -> Result<BTreeMap<String, String>, String> {
        let mut found = BTreeMap::new();
        let mut open = vec![self.root.join(folder)];
        while let Some(directory) = open.pop() {
            for entry in std::fs::read_dir(&directory).map_err(text)? {
                let path = entry.map_err(text)?.path();
                let name = path.strip_prefix(self.root.join(folder)).map_err(text)?.display().to_string();
                if path.is_dir() {
                    found.insert(format!("{name}/"), String::new());
                    open.push(path);
                } else {
                    found.insert(name, std::fs::read_to_string(&path).map_err(text)?);
                }
            }
        }
        Ok(found)
    }
}

/// Reads a command to its end.
pub(super) async fn finish(mut execution: Execution) -> Result<Ran, SandboxError> {
    let (mut out, mut error) = (Vec::new(), Vec::new());
    while let Some(item) = execution.output.next().await {
        match item? {
            Output::Bytes(Stream::Out, bytes) => out.extend(bytes),
            Output::Bytes(Stream::Error, bytes) => error.extend(bytes),
            Output::Exit(exit) => {
                let lossy = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
                return Ok(Ran { out: lossy(out), error: lossy(error), exit });
            }
        }
    }
    Err(SandboxError::Lost("the output ended without an exit".to_owned()))
}
