//! A running machine: the link to its guest, the QEMU around it, and the heartbeat that notices its end.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use event::Tier;
use futures_util::future::BoxFuture;
use sandbox::link::Link;
use sandbox::{Command, Execution, Machine, SandboxError, Spawner};
use serde_json::json;
use tokio::process::Child;
use tokio::sync::Mutex;
use tokio::task::JoinHandle;

use crate::monitor::Monitor;

/// How often the guest is asked whether it is there, and how long it may take to answer.
const BEAT: Duration = Duration::from_secs(5);
/// Beats in a row without an answer after which the machine is lost.
const MISSES: u32 = 3;

/// One QEMU with its guest.
pub(crate) struct VmMachine {
    link: Arc<Link>,
    monitor: Mutex<Monitor>,
    child: Arc<Mutex<Option<Child>>>,
    held: Arc<AtomicBool>,
    beating: JoinHandle<()>,
    /// The thread whose end would be this machine's end.
    _spawner: Arc<Spawner>,
}

impl VmMachine {
    pub(crate) fn new(link: Arc<Link>, monitor: Monitor, child: Child, spawner: Arc<Spawner>) -> Self {
        let child = Arc::new(Mutex::new(Some(child)));
        let held = Arc::new(AtomicBool::new(false));
        let beating = tokio::spawn(beat(Arc::clone(&link), Arc::clone(&held), Arc::clone(&child)));
        Self { link, monitor: Mutex::new(monitor), child, held, beating, _spawner: spawner }
    }

    pub(crate) fn link(&self) -> &Link {
        &self.link
    }

    #[cfg(test)]
    pub(crate) async fn freeze(&self) {
        self.monitor.lock().await.run("stop", &json!({})).await.ok();
    }

    async fn stand_still(&self) {
        self.held.store(true, Ordering::Relaxed);
        self.link.hold();
        // A machine that cannot be stopped any more is about to be found lost.
        self.monitor.lock().await.run("stop", &json!({})).await.ok();
    }

    async fn go_on(&self) {
        self.monitor.lock().await.run("cont", &json!({})).await.ok();
        self.link.release();
        self.held.store(false, Ordering::Relaxed);
    }

    async fn end(&self) {
        self.beating.abort();
        self.link.close("it was stopped");
        end(&self.child).await;
    }
}

impl Machine for VmMachine {
    fn tier(&self) -> Tier {
        Tier::Vm
    }

    fn exec(&self, command: Command) -> BoxFuture<'_, Result<Execution, SandboxError>> {
        Box::pin(std::future::ready(self.link.exec(&command)))
    }

    fn hold(&self) -> BoxFuture<'_, ()> {
        Box::pin(self.stand_still())
    }

    fn release(&self) -> BoxFuture<'_, ()> {
        Box::pin(self.go_on())
    }

    fn stop(&self) -> BoxFuture<'_, ()> {
        Box::pin(self.end())
    }
}

impl Drop for VmMachine {
    fn drop(&mut self) {
        // The child is killed when it is dropped, which the end of the heartbeat leaves to this machine alone.
        self.beating.abort();
        self.link.close("it was dropped");
    }
}

/// There is nothing in a machine to be kept, so it is not asked to end.
async fn end(child: &Mutex<Option<Child>>) {
    if let Some(mut child) = child.lock().await.take() {
        // Where it fails it has ended already.
        child.kill().await.ok();
    }
}

/// Asks again and again whether the guest is there, until it is not.
async fn beat(link: Arc<Link>, held: Arc<AtomicBool>, child: Arc<Mutex<Option<Child>>>) {
    let mut missed = 0;
    let mut clock = tokio::time::interval(BEAT);
    clock.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    while missed < MISSES {
        clock.tick().await;
        if held.load(Ordering::Relaxed) {
            missed = 0;
            continue;
        }
        match tokio::time::timeout(BEAT, link.ping()).await {
            Ok(Ok(_)) => missed = 0,
            Ok(Err(_)) => break,
            // It may have been held while it was being asked.
            Err(_) if held.load(Ordering::Relaxed) => missed = 0,
            Err(_) => missed += 1,
        }
    }
    link.close("it did not answer any more");
    end(&child).await;
}
