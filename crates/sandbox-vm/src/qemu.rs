//! Where the programs are that machines need, and telling one build of QEMU from another.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

use crate::failure::VmError;

/// Where programs may be. The search path is not asked: it may lead to anything.
const PLACES: [&str; 4] = ["/usr/bin", "/usr/local/bin", "/bin", "/run/current-system/sw/bin"];

/// How long QEMU may take to name its version.
const PATIENCE: Duration = Duration::from_secs(10);

/// The QEMU of this computer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Qemu {
    pub(crate) path: PathBuf,
    /// Changes with every other build: a saved machine can only be restored by the build that saved it.
    pub(crate) identity: String,
}

impl Qemu {
    pub(crate) fn find() -> Result<Self, VmError> {
        let name = format!("qemu-system-{}", std::env::consts::ARCH);
        let path = find(&name).ok_or(VmError::NoQemu)?;
        let found = std::fs::metadata(&path).map_err(|_| VmError::NoQemu)?;
        let age = (found.mtime(), found.mtime_nsec());
        let identity = format!("{} {} {} {age:?}", path.display(), found.len(), found.ino());
        Ok(Self { path, identity })
    }

    /// What it says of itself.
    pub(crate) async fn version(&self) -> Result<String, VmError> {
        let failed = |what: String| VmError::Launch { what, console: String::new() };
        let mut command = Command::new(&self.path);
        command.arg("--version").env_clear().stdin(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
        let output = tokio::time::timeout(PATIENCE, command.output()).await;
        let output = output.map_err(|_| failed("it does not name its version".to_owned()))?;
        let output = output.map_err(|error| failed(error.to_string()))?;
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }
}

/// Bubblewrap, where it is installed.
pub(crate) fn bubblewrap() -> Option<PathBuf> {
    find("bwrap")
}

fn find(name: &str) -> Option<PathBuf> {
    PLACES.iter().map(|place| Path::new(place).join(name)).find(|path| path.is_file())
}
