//! The traits of isolation.

use std::sync::Arc;
use std::time::Duration;

use event::{TaskId, Tier};
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use serde::{Deserialize, Serialize};

use crate::{Network, Share};

/// A way to isolate code.
pub trait Sandbox: Send + Sync {
    /// Which tier it is.
    fn tier(&self) -> Tier;

    /// Tries for real whether it works here.
    fn probe(&self) -> BoxFuture<'_, Readiness>;

    /// Starts a machine for one task.
    fn start(&self, order: Order) -> BoxFuture<'_, Result<Box<dyn Machine>, SandboxError>>;
}

/// What a machine is made of.
#[derive(Clone)]
pub struct Order {
    /// The task it works for.
    pub task: TaskId,
    /// The tier the user asked for; none means the best there is. Looked at only where there are several.
    pub tier: Option<Tier>,
    /// The files it sees.
    pub files: Arc<dyn Share>,
    /// Where its connections go; none for a machine without any.
    pub network: Option<Arc<dyn Network>>,
    /// What it may use at most.
    pub limits: ResourceLimits,
}

/// A running machine. Dropping it ends every process inside.
pub trait Machine: Send + Sync {
    /// Which tier it runs in.
    fn tier(&self) -> Tier;

    /// Whether commands in it can read the user's folders and not change them, because files cannot be mounted here.
    fn folders_read_only(&self) -> bool {
        false
    }

    /// Runs a command. The stream ends with [`Output::Exit`]; dropping the execution kills the command with all its
    /// descendants.
    fn exec(&self, command: Command) -> BoxFuture<'_, Result<Execution, SandboxError>>;

    /// Stops the clock of every command, and the machine itself where its tier can, because the user is being asked.
    fn hold(&self) -> BoxFuture<'_, ()>;

    /// Lets everything go on that [`Machine::hold`] stopped.
    fn release(&self) -> BoxFuture<'_, ()>;

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
    /// Whether a process of it was ended because memory ran out.
    #[serde(default)]
    pub out_of_memory: bool,
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
