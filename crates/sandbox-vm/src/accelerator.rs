//! What runs the machine's instructions: the processor itself, or QEMU in its place.
//!
//! That a device is there does not mean that it works, so the first start of a machine is the trial. What failed is
//! remembered until the computer starts anew, so that not every start waits for it.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use crate::failure::VmError;

/// The device of Linux' own virtualisation.
const KVM: &str = "/dev/kvm";

/// How a machine runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Accelerator {
    Kvm,
    Emulation,
}

impl Accelerator {
    /// What the user is told.
    pub(crate) fn described(self) -> &'static str {
        match self {
            Self::Kvm => "accelerated by KVM",
            Self::Emulation => "emulated: programs run about twenty times slower",
        }
    }

    /// Seconds a machine may take from nothing to ready.
    pub(crate) fn patience(self) -> u64 {
        match self {
            Self::Kvm => 20,
            Self::Emulation => 120,
        }
    }
}

/// What was found out about acceleration.
pub(crate) struct Trials {
    note: PathBuf,
    /// Names the computer's start and QEMU's build that a remembered failure belongs to.
    epoch: String,
}

impl Trials {
    pub(crate) fn new(state_dir: &Path, qemu: &str) -> Self {
        let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
        Self { note: state_dir.join("kvm-failed"), epoch: format!("{} {qemu}", boot.trim()) }
    }

    /// Why KVM cannot be used; none where it may be tried.
    pub(crate) fn against_kvm(&self) -> Option<String> {
        if let Err(error) = File::options().read(true).write(true).open(KVM) {
            return Some(format!("{KVM}: {error}"));
        }
        let note = fs::read_to_string(&self.note).ok()?;
        let (epoch, reason) = note.split_once('\n')?;
        (epoch == self.epoch).then(|| reason.to_owned())
    }

    /// Remembers that it failed.
    pub(crate) fn remember(&self, reason: &str) -> Result<(), VmError> {
        fs::write(&self.note, format!("{}\n{reason}", self.epoch)).map_err(VmError::state(&self.note))
    }
}

#[cfg(test)]
mod tests {
    use super::Trials;

    #[test]
    fn a_failure_counts_for_one_build_of_qemu() -> Result<(), Box<dyn std::error::Error>> {
        let place = tempfile::tempdir()?;
        let first = Trials::new(place.path(), "first");
        first.remember("it hung\nfor long")?;
        let other = Trials::new(place.path(), "other");
        if std::fs::File::options().read(true).write(true).open(super::KVM).is_ok() {
            assert_eq!(first.against_kvm(), Some("it hung\nfor long".to_owned()));
            assert_eq!(other.against_kvm(), None);
        } else {
            assert!(other.against_kvm().is_some_and(|reason| reason.starts_with("/dev/kvm")));
        }
        Ok(())
    }
}
