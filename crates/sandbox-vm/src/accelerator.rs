//! What runs the machine's instructions: the processor itself, or QEMU in its place.
//!
//! That a device is there does not mean that it works, so the first start of a machine is the trial. That KVM does not
//! work is remembered until the computer starts anew, so that not every start waits for it. A machine may fail for other
//! reasons as well, such as memory, disk or image; those are not KVM's and are not remembered.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use crate::arguments::trial_arguments;

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

/// Whose fault it is that an accelerated machine did not start, as machines that do nothing tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    /// KVM's, which does not even run one of those; what was said.
    Kvm(String),
    /// It runs one of those. Whether it runs a whole machine, only a whole machine tells.
    Unclear,
    /// Something else's, which stops any machine.
    Other,
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
        let how = trial_arguments(Accelerator::Kvm, 0).join(" ");
        Self { note: state_dir.join("kvm-failed"), epoch: format!("{} {qemu} {how}", boot.trim()) }
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

    /// Remembers that KVM does not work.
    pub(crate) fn remember(&self, reason: &str) {
        // Where it cannot be written, the next process finds it out again.
        fs::write(&self.note, format!("{}\n{reason}", self.epoch)).ok();
    }
}

#[cfg(test)]
mod tests {
    use super::Trials;

    #[test]
    fn a_failure_counts_for_one_build_of_qemu() -> Result<(), Box<dyn std::error::Error>> {
        let place = tempfile::tempdir()?;
        let first = Trials::new(place.path(), "first");
        first.remember("it hung\nfor long");
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
