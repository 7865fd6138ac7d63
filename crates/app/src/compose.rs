//! Putting the parts together. No decisions, only names of concrete trades.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use egress::{Gate as NetworkGate, GateNetworks, SystemRoad};
use engine::Parts;
use event::Timestamp;
use host::{Desktop, KeyChain, KeyError, KeyPlaces, SystemKeychain};
use model::Models;
use sandbox::{Networks, Sandbox, Shares};
use sandbox_bwrap::{BwrapSandbox, GuestProgram};
use sandbox_vm::{VmOptions, VmSandbox};
use share::GuardedShares;
use store::{Store, StoreError};
use store_disk::DiskStore;
use tasks::Tasks;
use tool::{Tool, Toolbox};

use crate::clock::SystemClock;
use crate::config::MachineConfig;
use crate::guard::{Gate, JournalUndo};
use crate::image::{Absent, Chosen, Images};
use crate::providers::{Get, Providers};
use crate::settings_file::SettingsFile;
use crate::tiers::Tiers;
use crate::{Config, ConfigError, Directories, GUEST_ARGUMENT, network, organisation};

/// Days that a removed task can be taken back.
const TRASH_DAYS: i64 = 30;
/// Memory of a virtual machine in MiB where the settings do not say.
const MACHINE_MIB: u32 = 2048;
/// Its processors where the settings do not say.
const MACHINE_CPUS: u32 = 2;
/// How often is looked for what has been there for longer.
const DAY: Duration = Duration::from_hours(24);

/// Reads an environment variable.
pub type Variable = Box<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// What the program was started with.
pub struct Environment {
    /// Where Deskhand keeps things.
    pub directories: Directories,
    /// Reads an environment variable.
    pub variable: Variable,
    /// The running binary; it acts as guest when started with [`GUEST_ARGUMENT`].
    pub executable: PathBuf,
    /// The organisation's rules.
    pub policy_file: PathBuf,
}

/// Deskhand, wired.
pub struct App {
    /// All tasks.
    pub tasks: Arc<Tasks>,
    /// All providers.
    pub providers: Arc<Providers>,
    /// Where Deskhand keeps things.
    pub directories: Directories,
    /// The store.
    pub store: Arc<dyn Store>,
    /// The gate to the network.
    pub network: Arc<NetworkGate>,
    /// The tiers of isolation there are.
    pub(crate) tiers: Arc<Tiers>,
    /// The images there are.
    pub(crate) images: Arc<Images>,
    /// The one that was chosen when this process began; it stays for as long as the process runs.
    pub(crate) image: Chosen,
    /// The user's desktop.
    pub desktop: Desktop,
    pub(crate) settings: SettingsFile,
    pub(crate) keys: Arc<KeyChain>,
    /// Reads an environment variable.
    pub(crate) variable: Get,
    /// What the organisation allows on the network, as it was at the start.
    pub(crate) organisation: Option<egress::Policy>,
}

/// Deskhand cannot be started.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The configuration cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A provider's settings are wrong.
    #[error("`{path}`: {what}")]
    Provider {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// The network's settings are wrong.
    #[error("the settings of the network cannot be used: {0}")]
    Network(String),
    /// The list of stored keys cannot be read.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// The store cannot be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl OpenError {
    /// The one next step.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Config(_) | Self::Provider { .. } => "correct the file, or remove it to use the defaults",
            Self::Network(_) => "correct `[network]` in the file, or the proxy in the environment",
            Self::Keys(error) => error.hint(),
            Self::Store(error) => error.hint(),
        }
    }
}

impl App {
    /// Wires everything. Opens no connection, starts no process, reads no task.
    pub fn open(environment: Environment) -> Result<Self, OpenError> {
        let Environment { directories, variable, executable, policy_file } = environment;
        let variable: Get = Arc::from(variable);
        let settings = SettingsFile::open(&directories.config)?;
        let keys = Arc::new(KeyChain::open(KeyPlaces {
            home: directories.home.clone(),
            identity: directories.identity.clone(),
            system: SystemKeychain::from_environment(&*variable),
        })?);
        let desktop = Desktop::from_environment(&*variable);
        let providers = Providers::new(&settings.now(), Arc::clone(&keys), Arc::clone(&variable))
            .map_err(|what| OpenError::Provider { path: directories.config.clone(), what })?;
        let providers = Arc::new(providers);
        let store: Arc<dyn Store> = Arc::new(DiskStore::open(&directories.home)?);
        let organisation = organisation::read(&policy_file)?;
        let config = settings.now();
        let network = network::settings(&config.network, organisation.network.as_ref(), &*variable)
            .map_err(OpenError::Network)?;
        let secrets = Arc::new(network::Kept(Arc::clone(&keys)));
        let network = NetworkGate::new(network, Arc::new(SystemRoad), secrets)
            .map_err(|error| OpenError::Network(error.to_string()))?;
        let network = Arc::new(network);
        let images = Images::new(&directories.home, &config.machine, organisation.image_keys.as_deref());
        let images = Arc::new(images);
        let image = images.choose();
        let tiers = Arc::new(tiers(executable, &directories, &config.machine, &image));
        let toolbox = Toolbox::new(tools(&tiers, &network));
        let parts = Parts {
            store: Arc::clone(&store),
            models: Arc::clone(&providers) as Arc<dyn Models>,
            setup: Arc::new(engine::setup(&toolbox)),
            toolbox,
            organisation: organisation.rules,
            clock: Arc::new(SystemClock),
            gate: Arc::new(Gate { user_home: directories.user_home.clone(), home: directories.home.clone() }),
            undo: Arc::new(JournalUndo),
        };
        let tasks = Arc::new(Tasks::new(Arc::new(parts), &directories.home));
        let organisation = organisation.network;
        Ok(Self {
            tasks,
            providers,
            directories,
            store,
            network,
            tiers,
            images,
            image,
            desktop,
            settings,
            keys,
            variable,
            organisation,
        })
    }

    /// What the settings say now.
    pub fn config(&self) -> Arc<Config> {
        self.settings.now()
    }

    /// Removes for good what was removed more than [`TRASH_DAYS`] ago, and gives how many tasks that were.
    ///
    /// # Errors
    /// Where the trash cannot be listed.
    pub fn empty_trash(&self) -> Result<u64, StoreError> {
        let now = self.tasks.parts().clock.now();
        self.store.empty_trash(Timestamp(now.0.saturating_sub(TRASH_DAYS * 24 * 60 * 60 * 1_000)))
    }

    /// The same now and then once a day of running, for as long as it is awaited: a daemon may run for months. `told` is
    /// called with what came of each time.
    pub async fn keep_trash_empty(self: Arc<Self>, mut told: impl FnMut(Result<u64, StoreError>)) {
        let mut days = tokio::time::interval(DAY);
        loop {
            days.tick().await;
            let app = Arc::clone(&self);
            // Told only of one that ended; another day comes.
            if let Ok(emptied) = tokio::task::spawn_blocking(move || app.empty_trash()).await {
                told(emptied);
            }
        }
    }
}

/// The tiers of this system, the strongest first.
fn tiers(executable: PathBuf, directories: &Directories, machine: &MachineConfig, image: &Chosen) -> Tiers {
    let guest = GuestProgram { path: executable, args: vec![GUEST_ARGUMENT.to_owned()] };
    let mut namespace = BwrapSandbox::new(guest);
    if let Some(root) = image.root() {
        namespace = namespace.with_root(&root);
    }
    let options = VmOptions {
        allow_tcg: machine.emulate,
        memory_mib: machine.memory_mib.unwrap_or(MACHINE_MIB),
        cpus: machine.cpus.map_or(MACHINE_CPUS, u32::from),
        state_dir: directories.home.join("machine"),
    };
    let vm: Arc<dyn Sandbox> = match image.machine() {
        Ok(image) => Arc::new(VmSandbox::new(image, options)),
        Err(readiness) => Arc::new(Absent { tier: event::Tier::Vm, readiness }),
    };
    Tiers::new(vec![vm, Arc::new(namespace)])
}

fn tools(tiers: &Arc<Tiers>, network: &Arc<NetworkGate>) -> Vec<Arc<dyn Tool>> {
    let sandbox = Arc::clone(tiers) as Arc<dyn Sandbox>;
    let shares: Arc<dyn Shares> = Arc::new(GuardedShares::default());
    let networks: Arc<dyn Networks> = Arc::new(GateNetworks::new(Arc::clone(network)));
    let mut tools = tool_files::tools();
    tools.extend(tool_task::tools());
    tools.push(Arc::new(tool_shell::Bash::new(sandbox, shares, Some(networks))));
    tools.extend(tool_web::tools(network));
    tools
}
