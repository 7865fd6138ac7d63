//! A running machine.

use std::sync::Arc;
use std::time::Duration;

use event::Tier;
use futures_util::future::BoxFuture;
use sandbox::link::Link;
use sandbox::{Command, Execution, Machine, SandboxError, Spawner};
use tokio::process::Child;
use tokio::sync::Mutex;

/// How long a machine may take to end itself before it is killed.
const PATIENCE: Duration = Duration::from_secs(3);

/// One bubblewrap with its guest.
pub(crate) struct BwrapMachine {
    link: Arc<Link>,
    child: Mutex<Option<Child>>,
    folders_read_only: bool,
    /// The thread whose end would be this machine's end.
    _spawner: Arc<Spawner>,
}

impl BwrapMachine {
    pub(crate) fn new(link: Arc<Link>, child: Child, spawner: Arc<Spawner>) -> Self {
        Self { link, child: Mutex::new(Some(child)), folders_read_only: false, _spawner: spawner }
    }

    /// The same, with its files mounted as they are and the user's folders read-only.
    pub(crate) fn bound(mut self) -> Self {
        self.folders_read_only = true;
        self
    }

    async fn end(&self) {
        self.link.close("it was stopped");
        let Some(mut child) = self.child.lock().await.take() else { return };
        // The guest ends at once when its connection closes, and the kernel ends everything with it; bubblewrap
        // ends after that. Killing bubblewrap is for a guest that cannot run.
        if tokio::time::timeout(PATIENCE, child.wait()).await.is_err() {
            child.kill().await.ok();
        }
    }
}

impl Machine for BwrapMachine {
    fn tier(&self) -> Tier {
        Tier::Namespace
    }

    fn folders_read_only(&self) -> bool {
        self.folders_read_only
    }

    fn exec(&self, command: Command) -> BoxFuture<'_, Result<Execution, SandboxError>> {
        Box::pin(std::future::ready(self.link.exec(&command)))
    }

    fn hold(&self) -> BoxFuture<'_, ()> {
        self.link.hold();
        Box::pin(std::future::ready(()))
    }

    fn release(&self) -> BoxFuture<'_, ()> {
        self.link.release();
        Box::pin(std::future::ready(()))
    }

    fn stop(&self) -> BoxFuture<'_, ()> {
        Box::pin(self.end())
    }
}

impl Drop for BwrapMachine {
    fn drop(&mut self) {
        self.link.close("it was dropped");
    }
}
