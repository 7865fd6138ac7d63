//! Temporary worlds: a home, a configuration and work folders that vanish with the test.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::log::LogPrinter;

/// A fresh, empty installation under one temporary directory.
#[derive(Debug)]
pub struct World {
    root: TempDir,
}

impl World {
    /// Makes the directories.
    pub fn new() -> io::Result<Self> {
        let root = tempfile::Builder::new().prefix("deskhand-world-").tempdir()?;
        for name in ["home", "config", "runtime", "folders"] {
            std::fs::create_dir(root.path().join(name))?;
        }
        Ok(Self { root })
    }

    /// Everything's parent.
    pub fn root(&self) -> &Path {
        self.root.path()
    }

    /// The data directory: `DESKHAND_HOME`.
    pub fn home(&self) -> PathBuf {
        self.root().join("home")
    }

    /// The configuration directory: `XDG_CONFIG_HOME`.
    pub fn config(&self) -> PathBuf {
        self.root().join("config")
    }

    /// The runtime directory: `XDG_RUNTIME_DIR`.
    pub fn runtime(&self) -> PathBuf {
        self.root().join("runtime")
    }

    /// The variables that make a program live in this world.
    pub fn variables(&self) -> Vec<(&'static str, PathBuf)> {
        vec![
            ("DESKHAND_HOME", self.home()),
            ("XDG_CONFIG_HOME", self.config()),
            ("XDG_RUNTIME_DIR", self.runtime()),
            ("HOME", self.root().to_owned()),
        ]
    }

    /// Writes `config.toml`.
    pub fn configure(&self, text: &str) -> io::Result<()> {
        let directory = self.config().join("deskhand");
        std::fs::create_dir_all(&directory)?;
        std::fs::write(directory.join("config.toml"), text)
    }

    /// A work folder of this name, made if it is not there.
    pub fn folder(&self, name: &str) -> io::Result<PathBuf> {
        let path = self.root().join("folders").join(name);
        std::fs::create_dir_all(&path)?;
        Ok(path)
    }

    /// Writes a file in a work folder, its directories included; gives its path.
    pub fn write(&self, folder: &str, file: &str, content: impl AsRef<[u8]>) -> io::Result<PathBuf> {
        let path = self.folder(folder)?.join(file);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(&path, content)?;
        Ok(path)
    }

    /// Every file of a work folder with its content, by path within the folder. Directories end in `/`, links are
    /// shown as `-> target`.
    pub fn tree(&self, folder: &str) -> io::Result<BTreeMap<String, Vec<u8>>> {
        let base = self.folder(folder)?;
        let mut found = BTreeMap::new();
        let mut open = vec![base.clone()];
        while let Some(directory) = open.pop() {
            for entry in std::fs::read_dir(&directory)? {
                let path = entry?.path();
                let name = path.strip_prefix(&base).unwrap_or(&path).to_string_lossy().into_owned();
                let kind = std::fs::symlink_metadata(&path)?.file_type();
                if kind.is_symlink() {
                    let target = std::fs::read_link(&path)?.to_string_lossy().into_owned();
                    found.insert(name, format!("-> {target}").into_bytes());
                } else if kind.is_dir() {
                    found.insert(format!("{name}/"), Vec::new());
                    open.push(path);
                } else {
                    found.insert(name, std::fs::read(&path)?);
                }
            }
        }
        Ok(found)
    }

    /// A log printer that shows this world's directory as `<world>`.
    pub fn printer(&self) -> LogPrinter {
        LogPrinter::new().hide(&self.root().to_string_lossy(), "<world>")
    }
}
