//! One machine per task with its files and its network: made at the first command, kept until the task leaves. Folders
//! come and go in the share; only a machine that was lost is started anew.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use event::{Access, TaskId, Tier};
use sandbox::{Machine, Mount, Network, Networks, Order, ResourceLimits, Sandbox, SandboxError, Share, Shares};
use tool::Desk;

/// The machines of all tasks.
pub(crate) struct Machines {
    sandbox: Arc<dyn Sandbox>,
    shares: Arc<dyn Shares>,
    networks: Option<Arc<dyn Networks>>,
    slots: Mutex<HashMap<TaskId, Arc<Slot>>>,
}

/// The place of one task's machine. Starting holds the lock, so that two calls do not start two.
type Slot = tokio::sync::Mutex<Place>;

#[derive(Default)]
struct Place {
    guards: Option<Guards>,
    machine: Option<Arc<dyn Machine>>,
    /// Whether there was a machine before.
    used: bool,
}

/// What stands between a task's machine and the world.
#[derive(Clone)]
pub(crate) struct Guards {
    pub(crate) share: Arc<dyn Share>,
    pub(crate) network: Option<Arc<dyn Network>>,
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
    pub(crate) fn new(sandbox: Arc<dyn Sandbox>, shares: Arc<dyn Shares>, networks: Option<Arc<dyn Networks>>) -> Self {
        Self { sandbox, shares, networks, slots: Mutex::default() }
    }

    /// The task's files and network, with the folders the desk holds now.
    pub(crate) async fn guards(&self, desk: &Desk) -> Result<Guards, SandboxError> {
        let mounts = mounts(desk);
        let slot = self.slot(desk.task);
        let mut place = slot.lock().await;
        if let Some(guards) = &place.guards {
            if guards.share.mounts() != mounts {
                guards.share.set_mounts(mounts);
            }
            return Ok(guards.clone());
        }
        let share = self.shares.open(desk.task, &desk.journal, mounts)?;
        let network = self.networks.as_ref().map(|networks| networks.open(desk.task, &desk.ledger));
        let guards = Guards { share, network };
        place.guards = Some(guards.clone());
        Ok(guards)
    }

    /// The task's machine behind these guards.
    pub(crate) async fn ready(&self, desk: &Desk, guards: &Guards) -> Result<Ready, SandboxError> {
        let slot = self.slot(desk.task);
        let mut place = slot.lock().await;
        if let Some(machine) = &place.machine {
            return Ok(Ready { machine: Arc::clone(machine), started: None });
        }
        let order = Order {
            task: desk.task,
            tier: desk.tier,
            files: Arc::clone(&guards.share),
            network: guards.network.clone(),
            limits: ResourceLimits::default(),
        };
        let machine: Arc<dyn Machine> = Arc::from(self.sandbox.start(order).await?);
        place.machine = Some(Arc::clone(&machine));
        let started = if place.used { Started::Anew } else { Started::First };
        place.used = true;
        let started = Some(started(machine.tier()));
        Ok(Ready { machine, started })
    }

    /// Forgets a machine that was lost, unless another took its place already.
    pub(crate) async fn forget(&self, task: TaskId, lost: &Arc<dyn Machine>) {
        let slot = self.slot(task);
        let mut place = slot.lock().await;
        place.machine.take_if(|machine| Arc::ptr_eq(machine, lost));
    }

    /// Ends the task's machine and gives back its files and its network.
    pub(crate) async fn leave(&self, task: TaskId) {
        let slot = self.slots.lock().unwrap_or_else(PoisonError::into_inner).remove(&task);
        let Some(slot) = slot else { return };
        let Place { guards, machine, .. } = std::mem::take(&mut *slot.lock().await);
        if let Some(machine) = machine {
            machine.stop().await;
        }
        drop(guards);
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
