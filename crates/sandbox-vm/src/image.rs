//! What machines are made of and how: the files and the settings.

use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

use crate::failure::VmError;

/// The files a machine starts from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VmImage {
    /// The kernel.
    pub kernel: PathBuf,
    /// The initramfs with the guest in it.
    pub initrd: PathBuf,
    /// The root file system (erofs). Without it the initramfs is the root.
    pub root: Option<PathBuf>,
    /// File systems laid over the root, lowest first.
    pub layers: Vec<PathBuf>,
}

/// How machines are made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VmOptions {
    /// Whether machines may be emulated where nothing accelerates them. It is about twenty times slower for programs.
    pub allow_tcg: bool,
    /// Memory of a machine in MiB.
    pub memory_mib: u32,
    /// Processors of a machine.
    pub cpus: u32,
    /// Where the saved machine lies; made with access for this user alone.
    pub state_dir: PathBuf,
}

impl VmImage {
    /// The disks, lowest first.
    pub(crate) fn disks(&self) -> Vec<&PathBuf> {
        self.root.iter().chain(&self.layers).collect()
    }

    /// Changes with every change of a file. Fails where one is missing.
    pub(crate) fn identity(&self) -> Result<String, VmError> {
        let mut parts = Vec::new();
        for path in [&self.kernel, &self.initrd].into_iter().chain(self.disks()) {
            let missing = |source| VmError::Image { path: path.clone(), source };
            let found = std::fs::metadata(path).map_err(missing)?;
            if !found.is_file() {
                return Err(missing(std::io::Error::from(std::io::ErrorKind::InvalidInput)));
            }
            // Not opened by name here only: a file this user cannot read is found out before QEMU is.
            std::fs::File::open(path).map_err(missing)?;
            let age = (found.mtime(), found.mtime_nsec());
            parts.push(format!("{} {} {} {} {age:?}", path.display(), found.len(), found.dev(), found.ino()));
        }
        Ok(parts.join("\n"))
    }
}
