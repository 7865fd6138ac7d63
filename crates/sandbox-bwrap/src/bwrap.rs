//! Starting machines and trying out whether they can be started.

use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use event::Tier;
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use sandbox::link::Link;
use sandbox::{
    Command, Exit, Machine, Mount, Network, Order, Output, Readiness, ResourceLimits, Sandbox, SandboxError, Share,
    Spawner,
};

use crate::arguments::{FILE_DEVICE, Files};
use crate::boot::{Boot, Booted, Device, Networked, Wanted, start_failed};
use crate::layout::Layout;
use crate::machine::BwrapMachine;
use crate::places::Places;
use crate::readiness::{Sharing, not_installed, ready};

/// Where bubblewrap may be. The search path is not asked: it may lead to anything.
const KNOWN_PLACES: [&str; 4] =
    ["/usr/bin/bwrap", "/bin/bwrap", "/usr/local/bin/bwrap", "/run/current-system/sw/bin/bwrap"];
/// How long a command of this crate's own may take.
const MOMENT: Duration = Duration::from_secs(10);

/// The program that acts as the guest: an executable and the arguments that make it so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuestProgram {
    /// Absolute path of the executable.
    pub path: PathBuf,
    /// Its arguments.
    pub args: Vec<String>,
}

/// Isolation by Linux namespaces through bubblewrap. Start machines from within a tokio runtime.
pub struct BwrapSandbox {
    guest: GuestProgram,
    program: Option<PathBuf>,
    device: PathBuf,
    /// The unpacked image whose programs are used; none for the host's own.
    root: Option<PathBuf>,
    layout: Layout,
    spawner: Mutex<Option<Arc<Spawner>>>,
}

/// A machine, or why its files could not be mounted.
type Attempt = Result<BwrapMachine, String>;

impl BwrapSandbox {
    /// A sandbox with the system's bubblewrap and the host's programs.
    pub fn new(guest: GuestProgram) -> Self {
        let program = KNOWN_PLACES.into_iter().map(PathBuf::from).find(|path| path.is_file());
        let device = PathBuf::from(FILE_DEVICE);
        Self { guest, program, device, root: None, layout: Layout::find(), spawner: Mutex::default() }
    }

    /// The same with another bubblewrap.
    #[must_use]
    pub fn with_program(mut self, path: &Path) -> Self {
        self.program = path.is_file().then(|| path.to_owned());
        self
    }

    /// The same with the programs of an unpacked image instead of the host's: a directory that holds `usr` and the
    /// rest of a Linux root. It is shown read-only and must stay while machines run.
    #[must_use]
    pub fn with_root(mut self, path: &Path) -> Self {
        self.layout = Layout::of_image(path);
        self.root = Some(path.to_owned());
        self
    }

    /// The same with the file device looked for elsewhere: where there is none, commands cannot change folders.
    #[must_use]
    pub fn with_file_device(mut self, path: &Path) -> Self {
        path.clone_into(&mut self.device);
        self
    }

    fn boot(&self) -> Result<Boot<'_>, SandboxError> {
        let program = self.program.as_ref().ok_or_else(not_installed)?;
        let spawner = Spawner::of(&self.spawner).map_err(start_failed)?;
        Ok(Boot { program, layout: &self.layout, guest: &self.guest, spawner })
    }

    async fn start_machine(&self, order: Order) -> Result<BwrapMachine, SandboxError> {
        match self.start_guarded(&order).await? {
            Ok(machine) => Ok(machine),
            Err(_) => self.start_bound(&order.files.mounts(), order.network, order.limits).await,
        }
    }

    /// A machine whose files are served by the share.
    async fn start_guarded(&self, order: &Order) -> Result<Attempt, SandboxError> {
        if let Err(reason) = self.device_exists() {
            return Ok(Err(reason));
        }
        let network = if order.network.is_some() { Networked::Yes } else { Networked::No };
        let wanted = Wanted { files: Files::Shared, network, limits: order.limits };
        let files = Arc::clone(&order.files);
        let booted = self.boot()?.start(wanted, |device| serve(files, device)).await?;
        match (booted.device, booted.hello.share_error.clone()) {
            (Device::Came, None) => Ok(Ok(machine(booted, order.network.clone()))),
            (Device::Came, Some(error)) => Err(SandboxError::Start(format!("its files cannot be mounted: {error}"))),
            (Device::Missing, error) => Ok(Err(error.unwrap_or_else(|| "its device did not come".to_owned()))),
        }
    }

    fn device_exists(&self) -> Result<(), String> {
        match std::fs::metadata(&self.device) {
            Ok(_) => Ok(()),
            Err(error) => Err(format!("cannot open {}: {error}", self.device.display())),
        }
    }

    /// A machine whose files are mounted as they are, the user's read-only.
    async fn start_bound(
        &self,
        mounts: &[Mount],
        network: Option<Arc<dyn Network>>,
        limits: ResourceLimits,
    ) -> Result<BwrapMachine, SandboxError> {
        let places = Places::open(mounts)?;
        let networked = if network.is_some() { Networked::Yes } else { Networked::No };
        let wanted = Wanted { files: Files::Bound(mounts), network: networked, limits };
        let machine = machine(self.boot()?.start(wanted, drop).await?, network).bound();
        if !mounts.is_empty() {
            let said = says(&machine, Places::question(mounts)).await?;
            places.confirm(mounts, &said)?;
        }
        Ok(machine)
    }

    /// Starts a machine in which a program runs, and finds whether files could be mounted in it. Nobody answers for
    /// them here: that the kernel mounts them is what is tried.
    async fn try_out(&self) -> Result<Sharing, SandboxError> {
        let limits = ResourceLimits::default();
        let (sharing, machine) = match self.device_exists() {
            Err(reason) => (Sharing::Impossible(reason), self.start_bound(&[], None, limits).await?),
            Ok(()) => {
                let wanted = Wanted { files: Files::Shared, network: Networked::No, limits };
                let booted = self.boot()?.start(wanted, drop).await?;
                let sharing = match booted.device {
                    Device::Came => Sharing::Possible,
                    Device::Missing => Sharing::Impossible(booted.hello.share_error.clone().unwrap_or_default()),
                };
                (sharing, machine(booted, None))
            }
        };
        says(&machine, vec!["true".to_owned()]).await?;
        machine.stop().await;
        Ok(sharing)
    }
}

impl Sandbox for BwrapSandbox {
    fn tier(&self) -> Tier {
        Tier::Namespace
    }

    fn probe(&self) -> BoxFuture<'_, Readiness> {
        Box::pin(async {
            match self.try_out().await {
                Ok(sharing) => ready(&sharing, self.root.as_deref()),
                Err(error) => Readiness { ready: false, detail: error.to_string(), hint: error.hint().to_owned() },
            }
        })
    }

    fn start(&self, order: Order) -> BoxFuture<'_, Result<Box<dyn Machine>, SandboxError>> {
        Box::pin(async move {
            let machine: Box<dyn Machine> = Box::new(self.start_machine(order).await?);
            Ok(machine)
        })
    }
}

fn machine(booted: Booted, network: Option<Arc<dyn Network>>) -> BwrapMachine {
    BwrapMachine::new(Link::start(booted.socket, network), booted.child, booted.spawner)
}

/// Answers for files on a thread of its own, which ends with the mount.
fn serve(files: Arc<dyn Share>, device: OwnedFd) {
    let thread = std::thread::Builder::new().name("share".into());
    // Without a thread the device is closed, and the guest says that its files cannot be mounted.
    drop(thread.spawn(move || files.serve(device)));
}

/// The output of a program that must succeed, before anybody's command has run.
async fn says(machine: &BwrapMachine, argv: Vec<String>) -> Result<String, SandboxError> {
    let command = Command { argv, directory: "/".to_owned(), environment: Vec::new(), timeout: MOMENT };
    let mut execution = machine.exec(command).await?;
    let (mut said, mut exit) = (Vec::new(), None);
    while let Some(item) = execution.output.next().await {
        match item? {
            Output::Bytes(_, bytes) => said.extend(bytes),
            Output::Exit(ended) => exit = Some(ended),
        }
    }
    match exit {
        Some(Exit { code: Some(0), .. }) => Ok(String::from_utf8_lossy(&said).into_owned()),
        other => Err(SandboxError::Start(format!("a first command ended with {other:?}"))),
    }
}
