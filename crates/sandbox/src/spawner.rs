//! One thread that starts every machine of a tier.
//!
//! "Die with parent" is tied by the kernel to the thread that started the child, not to its process. Threads of the
//! runtime come and go; this one lives as long as any machine.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::process::{Child, Command};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

/// The door to the thread. The thread ends when the last door is dropped.
pub struct Spawner {
    jobs: Sender<Job>,
}

struct Job {
    command: Command,
    runtime: Handle,
    answer: oneshot::Sender<std::io::Result<Child>>,
}

impl Spawner {
    /// The one in a tier's slot, started where there is none yet.
    pub fn of(slot: &Mutex<Option<Arc<Self>>>) -> std::io::Result<Arc<Self>> {
        let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(spawner) = slot.as_ref() {
            return Ok(Arc::clone(spawner));
        }
        let spawner = Arc::new(Self::start()?);
        *slot = Some(Arc::clone(&spawner));
        Ok(spawner)
    }

    fn start() -> std::io::Result<Self> {
        let (jobs, inbox) = channel();
        std::thread::Builder::new().name("sandbox-starter".into()).stack_size(256 * 1024).spawn(|| work(inbox))?;
        Ok(Self { jobs })
    }

    /// Starts a command. If the caller goes away in the meantime the child is killed.
    pub async fn spawn(&self, command: Command) -> std::io::Result<Child> {
        let gone = || std::io::Error::other("the starting thread has ended");
        let (answer, child) = oneshot::channel();
        // Unbounded: there is one waiting caller for every job.
        self.jobs.send(Job { command, runtime: Handle::current(), answer }).map_err(|_| gone())?;
        child.await.map_err(|_| gone())?
    }
}

fn work(inbox: Receiver<Job>) {
    for mut job in inbox {
        let _inside = job.runtime.enter();
        // An answer nobody waits for is dropped, which kills the child.
        drop(job.answer.send(job.command.spawn()));
    }
}
