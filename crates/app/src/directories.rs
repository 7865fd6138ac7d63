//! Where Deskhand keeps things, by the XDG base directory specification, or all beneath `DESKHAND_HOME`.

use std::path::PathBuf;

/// Longest path of a unix socket on Linux, in bytes (`sun_path`).
const SOCKET_PATH_MAX: usize = 107;

/// Where Deskhand keeps things.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directories {
    /// Tasks, index, grants.
    pub home: PathBuf,
    /// `config.toml`.
    pub config: PathBuf,
    /// What opens the encrypted file of keys. It always lies in the configuration directory, so that a copy of the home
    /// opens nothing.
    pub identity: PathBuf,
    /// The socket of the daemon.
    pub socket: PathBuf,
    /// The user's own home directory.
    pub user_home: PathBuf,
}

impl Directories {
    /// Reads the environment through `get`.
    pub fn from_environment(get: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| get(name).filter(|value| !value.is_empty());
        let path = |name: &str| set(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let user_home = path("HOME").unwrap_or_else(|| PathBuf::from("/"));
        let chosen = set("DESKHAND_HOME").map(|home| std::path::absolute(&home).unwrap_or_else(|_| home.into()));
        let home = chosen.clone().unwrap_or_else(|| {
            path("XDG_DATA_HOME").unwrap_or_else(|| user_home.join(".local/share")).join("deskhand")
        });
        let settings = path("XDG_CONFIG_HOME").unwrap_or_else(|| user_home.join(".config")).join("deskhand");
        let (config, identity) = (settings.join("config.toml"), settings.join("keys.identity"));
        let beside_tasks = home.join("run/deskhand.sock");
        let socket = match (chosen, path("XDG_RUNTIME_DIR")) {
            // A home of its own has a daemon of its own.
            (None, Some(runtime)) => runtime.join("deskhand.sock"),
            (Some(_) | None, _) => beside_tasks,
        };
        let config = home_config(&home).unwrap_or(config);
        Self { config, identity, socket: short_enough(socket), home, user_home }
    }
}

/// A `config.toml` inside a chosen home wins, so that a home can be moved as a whole.
fn home_config(home: &std::path::Path) -> Option<PathBuf> {
    let inside = home.join("config.toml");
    inside.is_file().then_some(inside)
}

/// A socket's path must fit into the system's address; a longer one gets a short name made from it.
fn short_enough(socket: PathBuf) -> PathBuf {
    let text = socket.to_string_lossy();
    if text.len() <= SOCKET_PATH_MAX {
        return socket;
    }
    let name = event::Digest::of(text.as_bytes()).to_string();
    std::env::temp_dir().join(format!("deskhand-{}", &name[..12])).join("deskhand.sock")
}
