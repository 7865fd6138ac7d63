//! One machine per task: started at the first command, started anew when what it is given changed or it was lost.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use event::{Access, TaskId, Tier};
use sandbox::{Machine, Mount, ResourceLimits, Sandbox, SandboxError};
use tool::Desk;

/// The machines of all tasks.
pub(crate) struct Machines {
    sandbox: Arc<dyn Sandbox>,
    slots: Mutex<HashMap<TaskId, Arc<Slot>>>,
}

/// The place of one task's machine. Starting holds the lock, so that two calls do not start two.
type Slot = tokio::sync::Mutex<Place>;

#[derive(Default)]
struct Place {
    live: Option<Live>,
    /// Whether there was a machine before.
    used: bool,
}

struct Live {
    machine: Arc<dyn Machine>,
    mounts: Vec<Mount>,
}

/// A machine to run a command in.
pub(crate) struct Ready {
    pub(crate) machine: Arc<dyn Machine>,
    /// Set where it was started for this command.
    pub(crate) started: Option<Started>,
}

/// A machine was started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Started {
    /// The task's first.
    First(Tier),
    /// In place of another, whose own files are gone.
    Anew(Tier),
}

impl Machines {
    pub(crate) fn new(sandbox: Arc<dyn Sandbox>) -> Self {
        Self { sandbox, slots: Mutex::default() }
    }

    /// The task's machine with what the desk holds now.
    pub(crate) async fn ready(&self, desk: &Desk) -> Result<Ready, SandboxError> {
        let mounts = mounts(desk);
        let slot = self.slot(desk.task);
        let mut place = slot.lock().await;
        if let Some(live) = place.live.as_ref().filter(|live| live.mounts == mounts) {
            return Ok(Ready { machine: Arc::clone(&live.machine), started: None });
        }
        if let Some(old) = place.live.take() {
            // A folder that was taken back is out of reach from here on, also for what still runs.
            old.machine.stop().await;
        }
        let machine = self.sandbox.start(desk.task, mounts.clone(), ResourceLimits::default()).await?;
        let machine: Arc<dyn Machine> = Arc::from(machine);
        place.live = Some(Live { machine: Arc::clone(&machine), mounts });
        let started = if place.used { Started::Anew } else { Started::First };
        place.used = true;
        Ok(Ready { machine, started: Some(started(self.sandbox.tier())) })
    }

    /// Forgets a machine that was lost, unless another took its place already.
    pub(crate) async fn forget(&self, task: TaskId, lost: &Arc<dyn Machine>) {
        let slot = self.slot(task);
        let mut place = slot.lock().await;
        if place.live.as_ref().is_some_and(|live| Arc::ptr_eq(&live.machine, lost)) {
            place.live = None;
        }
    }

    /// Ends the task's machine.
    pub(crate) async fn leave(&self, task: TaskId) {
        let slot = self.slots.lock().unwrap_or_else(PoisonError::into_inner).remove(&task);
        let Some(slot) = slot else { return };
        let live = slot.lock().await.live.take();
        if let Some(live) = live {
            live.machine.stop().await;
        }
    }

    fn slot(&self, task: TaskId) -> Arc<Slot> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(slots.entry(task).or_default())
    }
}

/// What a desk gives to its machine.
fn mounts(desk: &Desk) -> Vec<Mount> {
    let mount = |host: &Path, inside: String, access, guarded| Mount {
        host: host.to_owned(),
        inside: inside.into(),
        access,
        guarded,
    };
    let folders = desk
        .folders
        .iter()
        .map(|folder| mount(Path::new(&folder.path), format!("/work/{}", folder.name), folder.access, true));
    let outputs = mount(&desk.outputs, "/outputs".to_owned(), Access::ReadWrite, false);
    // A task without attachments may have no such directory yet; it is given as soon as it is there.
    let uploads = desk.uploads.is_dir().then(|| mount(&desk.uploads, "/uploads".to_owned(), Access::ReadOnly, false));
    folders.chain([outputs]).chain(uploads).collect()
}
