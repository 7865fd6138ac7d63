//! A running machine, and a command under way in it.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::stream::Stream;
use sandbox::{Command, Execution, MAX_PAYLOAD, Machine, Output, SandboxError};
use tokio::process::Child;
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinHandle;

use crate::link::{Item, Link};
use crate::spawner::Spawner;

/// How long a machine may take to end itself before it is killed.
const PATIENCE: Duration = Duration::from_secs(3);
/// Credit is returned to the guest in portions of this size.
const PORTION: usize = 256 * 1024;

/// One bubblewrap with its guest.
pub(crate) struct BwrapMachine {
    link: Arc<Link>,
    reading: JoinHandle<()>,
    child: Mutex<Option<Child>>,
    /// The thread whose end would be this machine's end.
    _spawner: Arc<Spawner>,
}

impl BwrapMachine {
    pub(crate) fn new(link: Arc<Link>, child: Child, spawner: Arc<Spawner>) -> Self {
        let reading = tokio::spawn(Arc::clone(&link).read());
        Self { link, reading, child: Mutex::new(Some(child)), _spawner: spawner }
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
    fn exec(&self, command: Command) -> BoxFuture<'_, Result<Execution, SandboxError>> {
        Box::pin(std::future::ready(begin(&self.link, &command)))
    }

    fn stop(&self) -> BoxFuture<'_, ()> {
        Box::pin(self.end())
    }
}

impl Drop for BwrapMachine {
    fn drop(&mut self) {
        self.link.close("it was dropped");
        self.reading.abort();
    }
}

fn begin(link: &Arc<Link>, command: &Command) -> Result<Execution, SandboxError> {
    let program = command.argv.first().cloned().unwrap_or_default();
    let refused = |what: String| SandboxError::Spawn { program: program.clone(), what };
    let payload = serde_json::to_vec(command).map_err(|error| refused(error.to_string()))?;
    if payload.len() > MAX_PAYLOAD {
        return Err(refused(format!("the command is longer than {MAX_PAYLOAD} bytes")));
    }
    let (stream, items) = link.begin(program.clone(), payload)?;
    let outputs = Outputs { link: Arc::clone(link), stream, items, owed: 0, ended: false };
    Ok(Execution { output: Box::pin(outputs) })
}

/// The output of one command. Dropping it before the end kills the command.
struct Outputs {
    link: Arc<Link>,
    stream: u32,
    items: mpsc::UnboundedReceiver<Item>,
    /// Bytes taken for which the guest has got no new credit.
    owed: usize,
    ended: bool,
}

impl Stream for Outputs {
    type Item = Item;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Item>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let item = match self.items.poll_recv(context) {
            Poll::Pending => return Poll::Pending,
            Poll::Ready(item) => item,
        };
        match &item {
            Some(Ok(Output::Bytes(_, bytes))) => {
                self.owed += bytes.len();
                if self.owed >= PORTION {
                    self.link.grant(self.stream, u32::try_from(self.owed).unwrap_or(u32::MAX));
                    self.owed = 0;
                }
            }
            Some(Ok(Output::Exit(_)) | Err(_)) | None => self.ended = true,
        }
        Poll::Ready(item)
    }
}

impl Drop for Outputs {
    fn drop(&mut self) {
        if !self.ended {
            self.link.kill(self.stream);
        }
    }
}
