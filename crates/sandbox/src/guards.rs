//! What stands between a machine and the world: the files it sees, the network it reaches, and who is asked.

use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use event::{Access, CallId, Change, Consent, Effect, Inquiry, TaskId};
use futures_util::future::BoxFuture;
use tokio::io::DuplexStream;

use crate::SandboxError;

/// The directories at the top of every share; each is seen at the root of a machine under the same name.
pub const PLACES: [&str; 3] = ["work", "outputs", "uploads"];

/// A directory given to a machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// Absolute path on the host.
    pub host: PathBuf,
    /// Absolute path inside: `/work/<name>`, `/outputs` or `/uploads`.
    pub inside: PathBuf,
    /// What may be done in it.
    pub access: Access,
    /// Whether it is the user's: deletion of what the task did not make asks. What changes is journalled everywhere.
    pub guarded: bool,
}

/// The files of one task as a machine sees them: one tree with [`PLACES`] at its top, behind the folder guard.
///
/// Every change is in the task's journal before it is made. Deleting what the user had waits for [`Errand::asker`].
pub trait Share: Send + Sync {
    /// The directories in it now.
    fn mounts(&self) -> Vec<Mount>;

    /// Changes which directories are in it, at once: what was taken away answers with errors from here on.
    fn set_mounts(&self, mounts: Vec<Mount>);

    /// Answers the messages of a FUSE mount until the wire ends, blocking this thread.
    ///
    /// Every read of `wire` gives one whole request and every write takes one whole reply: it is `/dev/fuse` itself, or
    /// a `SOCK_SEQPACKET` socket whose other end carries the bytes. What comes is not trusted.
    fn serve(self: Arc<Self>, wire: OwnedFd);

    /// A command begins: changes are its own from here on, and it is asked for.
    fn begin(&self, errand: Errand);

    /// The command has ended, or is to end: whoever waits for an answer is refused. Gives what it changed, one change a
    /// path, sorted by path. May read every changed file, so it is called where blocking is allowed.
    fn end(&self) -> Vec<Change>;
}

/// Makes shares.
pub trait Shares: Send + Sync {
    /// The share of a task, over its journal directory on the host. Called within a tokio runtime.
    fn open(&self, task: TaskId, journal: &Path, mounts: Vec<Mount>) -> Result<Arc<dyn Share>, SandboxError>;
}

/// Where the connections of a machine go: the gate on the host.
pub trait Network: Send + Sync {
    /// Serves one connection of the machine, which speaks to an HTTP proxy, until it is over.
    fn serve(self: Arc<Self>, connection: DuplexStream) -> BoxFuture<'static, ()>;

    /// A command begins: it is asked for from here on.
    fn begin(&self, errand: Errand);

    /// What was refused since the command began, a few at most, so that the model hears more than a status.
    fn refused(&self) -> Vec<RefusedHost> {
        Vec::new()
    }

    /// The command has ended, or is to end: whoever waits for an answer is refused, and open connections are cut.
    fn end(&self);
}

/// A connection that was refused while a command ran.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedHost {
    /// The host, as the program named it.
    pub host: String,
    /// Why not.
    pub why: String,
}

/// Makes networks.
pub trait Networks: Send + Sync {
    /// The network of a task; every decision is a line in the file `ledger`. Called within a tokio runtime.
    fn open(&self, task: TaskId, ledger: &Path) -> Arc<dyn Network>;
}

/// The command a machine is working on.
#[derive(Clone)]
pub struct Errand {
    /// The call that asked for it.
    pub call: CallId,
    /// The turn it belongs to.
    pub turn: u32,
    /// Who is asked about what comes up while it runs.
    pub asker: Arc<dyn Asker>,
}

/// Answers for the user, or asks them.
pub trait Asker: Send + Sync {
    /// Asks whether the running command may do this. Ends by itself: unanswered questions are refused after a while.
    /// Dropping what this gives takes the question back.
    fn ask(&self, inquiry: Inquiry) -> BoxFuture<'static, Consent>;

    /// Ends when the rules, which allowed this effect without asking anybody, do so no longer. Counts from the call of
    /// this method, so it is called before [`Asker::ask`]. What the user allowed is never withdrawn this way.
    fn withdrawn(&self, _effect: Effect) -> BoxFuture<'static, ()> {
        Box::pin(std::future::pending())
    }
}
