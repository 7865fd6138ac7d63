//! Putting the parts together. No decisions, only names of concrete trades.

use std::path::PathBuf;
use std::sync::Arc;

use engine::Parts;
use model::Models;
use sandbox::Sandbox;
use sandbox_bwrap::{BwrapSandbox, GuestProgram};
use store::{Store, StoreError};
use store_disk::DiskStore;
use tasks::Tasks;
use tool::{Tool, Toolbox};

use crate::clock::SystemClock;
use crate::guard::{Gate, JournalUndo};
use crate::providers::Providers;
use crate::{Config, ConfigError, Directories, GUEST_ARGUMENT, organisation};

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
    /// The configuration.
    pub config: Config,
    /// Where Deskhand keeps things.
    pub directories: Directories,
    /// The store.
    pub store: Arc<dyn Store>,
    /// The isolation in use.
    pub sandbox: Arc<dyn Sandbox>,
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
    /// The store cannot be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl OpenError {
    /// The one next step.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Config(_) | Self::Provider { .. } => "correct the file, or remove it to use the defaults",
            Self::Store(error) => error.hint(),
        }
    }
}

impl App {
    /// Wires everything. Opens no connection, starts no process, reads no task.
    pub fn open(environment: Environment) -> Result<Self, OpenError> {
        let Environment { directories, variable, executable, policy_file } = environment;
        let config = Config::open(&directories.config)?;
        let providers = Providers::new(&config, &*variable)
            .map_err(|what| OpenError::Provider { path: directories.config.clone(), what })?;
        let providers = Arc::new(providers);
        let store: Arc<dyn Store> = Arc::new(DiskStore::open(&directories.home)?);
        let guest = GuestProgram { path: executable, args: vec![GUEST_ARGUMENT.to_owned()] };
        let sandbox: Arc<dyn Sandbox> = Arc::new(BwrapSandbox::new(guest));
        let toolbox = Toolbox::new(tools(&sandbox));
        let parts = Parts {
            store: Arc::clone(&store),
            models: Arc::clone(&providers) as Arc<dyn Models>,
            setup: Arc::new(engine::setup(&toolbox)),
            toolbox,
            organisation: organisation::read(&policy_file)?,
            clock: Arc::new(SystemClock),
            gate: Arc::new(Gate { user_home: directories.user_home.clone(), home: directories.home.clone() }),
            undo: Arc::new(JournalUndo),
        };
        let tasks = Arc::new(Tasks::new(Arc::new(parts), &directories.home));
        Ok(Self { tasks, providers, config, directories, store, sandbox })
    }
}

fn tools(sandbox: &Arc<dyn Sandbox>) -> Vec<Arc<dyn Tool>> {
    let mut tools = tool_files::tools();
    tools.extend(tool_task::tools());
    tools.push(Arc::new(tool_shell::Bash::new(Arc::clone(sandbox))));
    tools
}
