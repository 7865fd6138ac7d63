//! Starting machines and trying out whether they can be started.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use event::Tier;
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use sandbox::link::{Link, greet};
use sandbox::{
    Command, Exit, GuestSetup, Machine, Network, Order, Output, PROTOCOL, Readiness, ResourceLimits, Sandbox,
    SandboxError, Share, Spawner,
};

use crate::accelerator::{Accelerator, Fault, Trials};
use crate::arguments::fingerprint;
use crate::failure::VmError;
use crate::files;
use crate::image::{VmImage, VmOptions};
use crate::launch::{Launched, Launcher};
use crate::machine::VmMachine;
use crate::qemu::{Qemu, bubblewrap};
use crate::snapshot::{self, Snapshot};

/// Seconds a restored machine may take to greet.
const GREETING: u64 = 20;

/// Isolation by virtual machines through QEMU. Start machines from within a tokio runtime.
pub struct VmSandbox {
    image: VmImage,
    options: VmOptions,
    ready: tokio::sync::Mutex<Option<Arc<Ready>>>,
    spawner: Mutex<Option<Arc<Spawner>>>,
}

/// Everything that a start needs and that holds until a file changes.
struct Ready {
    launcher: Launcher,
    snapshot: Snapshot,
    /// What the saved machine was like when it was made.
    made: String,
    identity: String,
    /// Why machines are not accelerated, where they are not.
    against: Option<String>,
}

/// The saved machine, and why it is not an accelerated one, where it is not.
type Saved = (Snapshot, Option<String>);

/// What a machine is for.
struct Needs {
    files: Option<Arc<dyn Share>>,
    network: Option<Arc<dyn Network>>,
    limits: ResourceLimits,
}

impl VmSandbox {
    /// Machines from this image. Looks at nothing yet.
    pub fn new(image: VmImage, options: VmOptions) -> Self {
        Self { image, options, ready: tokio::sync::Mutex::default(), spawner: Mutex::default() }
    }

    /// How long the guest of a machine of its own, without files, takes to say that it is there, asked this many
    /// times. Waits for ever on a guest that does not answer.
    pub async fn answer_times(&self, count: usize) -> Result<Vec<Duration>, SandboxError> {
        let needs = Needs { files: None, network: None, limits: ResourceLimits::default() };
        let machine = self.start_machine(needs).await?;
        let mut times = Vec::with_capacity(count);
        for _ in 0..count {
            times.push(machine.link().ping().await?);
        }
        machine.stop().await;
        Ok(times)
    }

    async fn start_machine(&self, needs: Needs) -> Result<VmMachine, VmError> {
        let ready = self.make_ready().await?;
        match self.try_start(&ready, &needs).await {
            Err(error) if error.may_be_the_snapshot() => {
                self.discard(&ready).await?;
                let ready = self.make_ready().await?;
                self.try_start(&ready, &needs).await
            }
            other => other,
        }
    }

    /// Throws away a saved machine that could not be restored, unless somebody else has made another by now.
    async fn discard(&self, ready: &Ready) -> Result<(), VmError> {
        let _slot = self.ready.lock().await;
        let _lock = snapshot::lock(&self.options.state_dir).await?;
        ready.snapshot.discard(&ready.made);
        Ok(())
    }

    async fn try_start(&self, ready: &Ready, needs: &Needs) -> Result<VmMachine, VmError> {
        let launched = ready.snapshot.restore(&ready.launcher).await?;
        let Launched { child, monitor, mut control, files, console } = launched;
        if let Some(share) = &needs.files {
            files::serve(files, Arc::clone(share)).map_err(|error| VmError::Files(error.to_string()))?;
        }
        let setup = setup(needs)?;
        let greeting = greet(&mut control, &setup, drop);
        let state_dir = &self.options.state_dir;
        let hello = match tokio::time::timeout(Duration::from_secs(GREETING), greeting).await {
            Ok(Some(hello)) => hello,
            Ok(None) => return Err(VmError::Restore(format!("it ended{}", console.quoted(state_dir)))),
            Err(_) => return Err(VmError::Handshake { seconds: GREETING, console: console.quoted(state_dir) }),
        };
        if hello.protocol != PROTOCOL {
            return Err(VmError::Protocol(hello.protocol));
        }
        if let Some(what) = hello.share_error {
            return Err(VmError::Files(what));
        }
        let link = Link::start(control, needs.network.clone());
        Ok(VmMachine::new(link, monitor, child, Arc::clone(&ready.launcher.spawner)))
    }

    /// Finds or makes the saved machine. One caller at a time, in this process and among all.
    async fn make_ready(&self) -> Result<Arc<Ready>, VmError> {
        let mut slot = self.ready.lock().await;
        let qemu = Qemu::find()?;
        let identity = format!("{}\n{}{:?}\n{}", qemu.identity, self.image.identity()?, self.size(), hardware());
        let as_made = |ready: &Ready| ready.snapshot.made().is_some_and(|made| made == ready.made);
        if let Some(ready) = slot.as_ref().filter(|ready| ready.identity == identity && as_made(ready)) {
            return Ok(Arc::clone(ready));
        }
        let spawner = Spawner::of(&self.spawner)
            .map_err(|error| VmError::Launch { what: error.to_string(), console: String::new() })?;
        let _lock = snapshot::lock(&self.options.state_dir).await?;
        let trials = Trials::new(&self.options.state_dir, &qemu.identity);
        let versioned = format!("{identity}\n{}", qemu.version().await?);
        let launcher = Launcher {
            qemu: qemu.path,
            bubblewrap: bubblewrap(),
            image: self.image.clone(),
            options: self.options.clone(),
            spawner,
        };
        let (snapshot, against) = self.saved(&launcher, &versioned, &trials).await?;
        let gone = || VmError::Save("it is gone already".to_owned());
        let made = snapshot.made().ok_or_else(gone)?;
        let ready = Arc::new(Ready { launcher, snapshot, made, identity, against });
        *slot = Some(Arc::clone(&ready));
        Ok(ready)
    }

    /// The accelerated machine; the emulated one where that is allowed and KVM is at fault, which only counts as that
    /// when it failed twice and an emulated machine worked in between.
    async fn saved(&self, launcher: &Launcher, identity: &str, trials: &Trials) -> Result<Saved, VmError> {
        let [accelerated, emulated] = [Accelerator::Kvm, Accelerator::Emulation].map(|accelerator| {
            let told = fingerprint(accelerator, self.size(), self.image.disks().len());
            Snapshot::named(&self.options.state_dir, identity, &told, accelerator)
        });
        if let Some(reason) = trials.against_kvm() {
            return self.emulated(launcher, emulated, reason).await;
        }
        let mut made = self.accelerated(launcher, &accelerated, &emulated).await;
        if matches!(&made, Err(error) if error.is_of_a_full_disk()) && emulated.made().is_some() {
            // There may be room for one alone.
            made = self.accelerated(launcher, &accelerated, &accelerated).await;
        }
        let Err(first) = made else { return Ok((accelerated, None)) };
        if !first.may_be_kvm() {
            return Err(first);
        }
        match launcher.fault().await {
            Fault::Kvm(reason) => {
                trials.remember(&reason);
                return self.emulated(launcher, emulated, reason).await;
            }
            Fault::Unclear if self.options.allow_tcg => {}
            Fault::Unclear | Fault::Other => return Err(first),
        }
        // It ended, or hung. An emulated machine that works shows that nothing else is wrong.
        let was_there = emulated.made().is_some();
        let saved = self.emulated(launcher, emulated.clone(), first.to_string()).await?;
        if was_there && emulated.restore(launcher).await.is_err() {
            // Nothing is known then; whoever starts a machine of it finds out the rest.
            return Ok(saved);
        }
        match self.accelerated(launcher, &accelerated, &emulated).await {
            Ok(()) => Ok((accelerated, None)),
            Err(again) => {
                if again.may_be_kvm() {
                    trials.remember(&again.to_string());
                }
                Ok(saved)
            }
        }
    }

    /// Finds or makes the accelerated machine; the one that is `kept` stays until this works.
    async fn accelerated(&self, launcher: &Launcher, accelerated: &Snapshot, kept: &Snapshot) -> Result<(), VmError> {
        if accelerated.made().is_none() {
            accelerated.make(launcher, kept).await?;
        }
        accelerated.remove_others(&self.options.state_dir);
        Ok(())
    }

    async fn emulated(&self, launcher: &Launcher, snapshot: Snapshot, against: String) -> Result<Saved, VmError> {
        if !self.options.allow_tcg {
            return Err(VmError::Accelerator(against));
        }
        if snapshot.made().is_none() {
            snapshot.make(launcher, &snapshot).await?;
        }
        Ok((snapshot, Some(against)))
    }

    fn size(&self) -> (u32, u32) {
        (self.options.memory_mib, self.options.cpus)
    }

    async fn try_out(&self) -> Result<String, SandboxError> {
        let needs = Needs { files: None, network: None, limits: ResourceLimits::default() };
        let machine = self.start_machine(needs).await?;
        let command = Command {
            argv: vec!["true".to_owned()],
            directory: "/".to_owned(),
            environment: Vec::new(),
            timeout: Duration::from_secs(20),
        };
        let mut execution = machine.exec(command).await?;
        let mut last = None;
        while let Some(item) = execution.output.next().await {
            last = Some(item?);
        }
        machine.stop().await;
        if !matches!(last, Some(Output::Exit(Exit { code: Some(0), .. }))) {
            return Err(SandboxError::Start(format!("a first command ended with {last:?}")));
        }
        let ready = self.make_ready().await?;
        let how = ready.snapshot.accelerator.described();
        let confined = match &ready.launcher.bubblewrap {
            Some(_) => "",
            None => "; QEMU itself is not confined: install bubblewrap",
        };
        let why = ready.against.as_ref().map_or_else(String::new, |why| format!("; not accelerated because: {why}"));
        Ok(format!("each task has a virtual machine of its own, {how}{confined}{why}"))
    }
}

impl Sandbox for VmSandbox {
    fn tier(&self) -> Tier {
        Tier::Vm
    }

    fn probe(&self) -> BoxFuture<'_, Readiness> {
        Box::pin(async {
            match self.try_out().await {
                Ok(detail) => Readiness { ready: true, detail, hint: String::new() },
                Err(error) => Readiness { ready: false, detail: error.to_string(), hint: error.hint().to_owned() },
            }
        })
    }

    fn start(&self, order: Order) -> BoxFuture<'_, Result<Box<dyn Machine>, SandboxError>> {
        Box::pin(async move {
            let needs = Needs { files: Some(order.files), network: order.network, limits: order.limits };
            let machine: Box<dyn Machine> = Box::new(self.start_machine(needs).await?);
            Ok(machine)
        })
    }
}

fn setup(needs: &Needs) -> Result<GuestSetup, VmError> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|error| VmError::Restore(format!("no random numbers: {error}")))?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    Ok(GuestSetup {
        protocol: PROTOCOL,
        share: needs.files.is_some(),
        network: needs.network.is_some(),
        limits: needs.limits,
        seed: hexadecimal(&seed),
        now: u64::try_from(now).unwrap_or_default(),
    })
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}

/// The processor and the kernel: an accelerated machine is only restored where it was saved.
fn hardware() -> String {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let line = |name: &str| text.lines().find(|line| line.starts_with(name)).unwrap_or_default().to_owned();
    let release = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    format!("{}\n{}\n{release}", line("model name"), line("flags"))
}

#[cfg(test)]
#[path = "vm_tests.rs"]
mod vm_tests;
