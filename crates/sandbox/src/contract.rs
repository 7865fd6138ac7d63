//! The traits of isolation.

use std::path::PathBuf;
use std::time::Duration;

use event::{Access, TaskId, Tier};
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use serde::{Deserialize, Serialize};

/// A way to isolate code.
pub trait Sandbox: Send + Sync {
    /// Which tier it is.
    fn tier(&self) -> Tier;

    /// Tries for real whether it works here.
    fn probe(&self) -> BoxFuture<'_, Readiness>;

    /// Starts a machine for one task.
    fn start(
        &self,
        task: TaskId,
        mounts: Vec<Mount>,
        limits: ResourceLimits,
    ) -> BoxFuture<'_, Result<Box<dyn Machine>, SandboxError>>;
}

/// A running machine. Dropping it ends every process inside.
pub trait Machine: Send + Sync {
    /// Runs a command. The stream ends with [`Output::Exit`]; dropping the execution kills the command with all its
    /// descendants.
    fn exec(&self, command: Command) -> BoxFuture<'_, Result<Execution, SandboxError>>;

    /// Ends the machine and everything in it, and waits until that is so.
    fn stop(&self) -> BoxFuture<'_, ()>;
}

/// What a probe found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Readiness {
    /// Whether machines can be started.
    pub ready: bool,
    /// What was found, for the user.
    pub detail: String,
    /// The one next step where it is not ready; empty otherwise.
    pub hint: String,
}

/// A directory given to a machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// Absolute path on the host.
    pub host: PathBuf,
    /// Absolute path inside, such as `/work/Reports`.
    pub inside: PathBuf,
    /// What may be done in it.
    pub access: Access,
    /// Whether files of the user in it are protected from deletion unless a command was allowed to delete.
    pub guarded: bool,
}

/// What a machine may use at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResourceLimits {
    /// Bytes of memory for one process.
    pub memory: u64,
    /// Processes and threads at a time.
    pub processes: u32,
    /// Bytes of one file.
    pub file: u64,
}

impl Default for ResourceLimits {
    fn default() -> Self {
        Self { memory: 4 << 30, processes: 512, file: 16 << 30 }
    }
}

/// A command to run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Command {
    /// Program and arguments.
    pub argv: Vec<String>,
    /// Absolute working directory inside the machine.
    pub directory: String,
    /// Environment on top of the machine's own.
    pub environment: Vec<(String, String)>,
    /// Ends the command after this long.
    pub timeout: Duration,
    /// Whether it may delete in guarded mounts; the user allowed this call.
    pub may_delete: bool,
}

/// A command under way.
pub struct Execution {
    /// Output as it comes, then the exit.
    pub output: BoxStream<'static, Result<Output, SandboxError>>,
}

/// A piece of what a command does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Bytes it wrote.
    Bytes(Stream, Vec<u8>),
    /// It ended; always the last.
    Exit(Exit),
}

/// Where bytes were written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Out,
    /// Standard error.
    Error,
}

/// How a command ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exit {
    /// Exit code, where it exited by itself.
    pub code: Option<i32>,
    /// Signal that ended it, if one did.
    pub signal: Option<i32>,
    /// Whether it ran into its timeout.
    pub timed_out: bool,
}

/// Isolation failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SandboxError {
    /// This tier cannot be used here.
    #[error("{what}")]
    Unavailable {
        /// What is missing or forbidden.
        what: String,
        /// The one next step.
        hint: String,
    },
    /// The machine did not start.
    #[error("the sandbox did not start: {0}")]
    Start(String),
    /// The machine ended while it was needed.
    #[error("the sandbox ended unexpectedly: {0}")]
    Lost(String),
    /// The command could not be started inside.
    #[error("cannot run `{program}`: {what}")]
    Spawn {
        /// The program.
        program: String,
        /// Why not.
        what: String,
    },
}

impl SandboxError {
    /// The one next step for the user.
    pub fn hint(&self) -> &str {
        match self {
            Self::Unavailable { hint, .. } => hint,
            Self::Start(_) => "see `deskhand doctor`",
            Self::Lost(_) => "run the command again; the sandbox starts afresh",
            Self::Spawn { .. } => "check the program's name",
        }
    }
}
