//! Where things are: the root, the build directory, and the packages as cargo describes them.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// This repository on this disk.
pub(crate) struct Repository {
    /// Its root.
    pub(crate) root: PathBuf,
    /// What `cargo metadata --no-deps` says.
    pub(crate) metadata: Value,
}

impl Repository {
    /// Asks cargo, without the network and without resolving anything outside.
    pub(crate) fn open() -> Result<Self> {
        let output = cargo()
            .args(["metadata", "--no-deps", "--format-version", "1", "--offline"])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .stderr(Stdio::inherit())
            .output()
            .context("cannot start cargo")?;
        if !output.status.success() {
            bail!("cargo metadata failed: a Cargo.toml of the workspace is broken");
        }
        let metadata: Value = serde_json::from_slice(&output.stdout).context("cargo metadata is not JSON")?;
        let root = metadata["workspace_root"].as_str().context("cargo metadata names no workspace root")?;
        Ok(Self { root: PathBuf::from(root), metadata })
    }

    /// Where cargo builds.
    pub(crate) fn build_directory(&self) -> PathBuf {
        self.metadata["target_directory"].as_str().map_or_else(|| self.root.join("target"), PathBuf::from)
    }

    /// A place for what these commands make: never part of a commit, removed by `cargo clean`.
    pub(crate) fn scratch(&self, name: &str) -> PathBuf {
        self.root.join("target").join(name)
    }

    /// A path as a person at the root would write it.
    pub(crate) fn relative(&self, path: &Path) -> String {
        path.strip_prefix(&self.root).unwrap_or(path).display().to_string()
    }

    /// Whether a package of this name exists already.
    pub(crate) fn has_package(&self, name: &str) -> bool {
        self.metadata["packages"].as_array().is_some_and(|all| all.iter().any(|package| package["name"] == name))
    }

    /// Cargo, started at the root with nothing to read from.
    pub(crate) fn cargo(&self) -> Command {
        let mut command = cargo();
        command.current_dir(&self.root).stdin(Stdio::null());
        command
    }
}

/// Cargo as the user runs it: what the outer `cargo run` told this program about itself is taken out.
fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") || text.starts_with("CARGO_BIN_") {
            command.env_remove(&name);
        }
    }
    command
}
