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
    /// The tier of the machine there was; another one is no machine of another tier.
    tier: Option<Tier>,
}

/// What stands between a task's machine and the world.
#[derive(Clone)]
pub(crate) struct Guards {
    pub(crate) share: Arc<dyn Share>,
    pub(crate) network: Option<Arc<dyn Network>>,
    /// Held by the command under way, from its beginning until its end is told: no end ever hits the next one.
    pub(crate) busy: Arc<tokio::sync::Mutex<()>>,
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
    First,
    /// In place of another, whose own files are gone.
    Anew,
}

impl Machines {
    pub(crate) fn new(sandbox: Arc<dyn Sandbox>, shares: Arc<dyn Shares>, networks: Option<Arc<dyn Networks>>) -> Self {
        Self { sandbox, shares, networks, slots: Mutex::default() }
    }

    /// The task's files and network, with the folders the desk holds now. The files may be at work, so they are looked
    /// at where waiting for them holds nobody else up; the place stays locked until that is done, even where nobody
    /// waits for it any more.
    pub(crate) async fn guards(&self, desk: &Desk) -> Result<Guards, SandboxError> {
        let mut place = self.slot(desk.task).lock_owned().await;
        let (shares, networks) = (Arc::clone(&self.shares), self.networks.clone());
        let desk = desk.clone();
        let looked = tokio::task::spawn_blocking(move || {
            let mounts = mounts(&desk);
            if let Some(guards) = &place.guards {
                if guards.share.mounts() != mounts {
                    guards.share.set_mounts(mounts);
                }
                return Ok(guards.clone());
            }
            let share = shares.open(desk.task, &desk.journal, mounts)?;
            let network = networks.map(|networks| networks.open(desk.task, &desk.ledger));
            let guards = Guards { share, network, busy: Arc::default() };
            place.guards = Some(guards.clone());
            Ok(guards)
        });
        looked
            .await
            .unwrap_or_else(|_broke| Err(SandboxError::Start("the task's files could not be opened".to_owned())))
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
            tier: place.tier.or(desk.tier),
            files: Arc::clone(&guards.share),
            network: guards.network.clone(),
            limits: ResourceLimits::default(),
        };
        let machine: Arc<dyn Machine> = Arc::from(self.sandbox.start(order).await?);
        place.machine = Some(Arc::clone(&machine));
        let started = if place.tier.is_some() { Started::Anew } else { Started::First };
        place.tier = Some(machine.tier());
        Ok(Ready { machine, started: Some(started) })
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
