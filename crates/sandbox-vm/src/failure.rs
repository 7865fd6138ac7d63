//! What can go wrong, by step, each with the one thing to do next.

use std::path::PathBuf;

use sandbox::SandboxError;

/// A machine could not be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum VmError {
    #[error("QEMU is not installed")]
    NoQemu,
    #[error("the machine image has no `{path}`: {source}")]
    Image { path: PathBuf, source: std::io::Error },
    #[error("virtual machines cannot be accelerated here ({0}), and emulation is not allowed")]
    Accelerator(String),
    #[error("cannot keep the machine's state in `{path}`: {source}")]
    State { path: PathBuf, source: std::io::Error },
    #[error("the machine is not kept in `{path}`: {what}")]
    Place { path: PathBuf, what: &'static str, hint: String },
    #[error("QEMU did not start: {what}{console}")]
    Launch { what: String, console: String },
    #[error("the machine did not come up within {seconds} s{console}")]
    Boot { seconds: u64, console: String },
    #[error("the machine could not be saved: {0}")]
    Save(String),
    #[error("the saved machine could not be restored: {0}")]
    Restore(String),
    #[error("the machine did not answer within {seconds} s{console}")]
    Handshake { seconds: u64, console: String },
    #[error("the machine's program speaks protocol {0}")]
    Protocol(u32),
    #[error("the machine cannot see the files: {0}")]
    Files(String),
}

impl VmError {
    /// The one next step.
    pub(crate) fn hint(&self) -> String {
        match self {
            Self::NoQemu => "install it: sudo apt-get install qemu-system-x86",
            Self::Image { .. } => "put an image there; the README says how, under `What commands may do`",
            Self::Accelerator(_) => {
                "turn on virtualisation in the firmware and let this user open /dev/kvm, or set `emulate = true` under `[machine]`"
            }
            Self::State { path, .. } => {
                return format!("make room in `{}` and let this user write there", path.display());
            }
            Self::Place { hint, .. } => hint,
            Self::Launch { .. } | Self::Boot { .. } | Self::Files(_) => {
                "see `deskhand doctor`; the namespace tier works without it"
            }
            Self::Save(_) | Self::Restore(_) => "try again; the machine starts from nothing then",
            Self::Handshake { .. } => "try again when the computer is less busy",
            Self::Protocol(_) => "build the image again with `cargo xtask vm-image`",
        }
        .to_owned()
    }

    /// Whether a machine that starts from nothing may do better than the restored one.
    pub(crate) fn may_be_the_snapshot(&self) -> bool {
        matches!(self, Self::Restore(_) | Self::Handshake { .. } | Self::Launch { .. })
    }

    /// Whether an emulated machine may do better than the accelerated one.
    pub(crate) fn may_be_kvm(&self) -> bool {
        matches!(self, Self::Launch { .. } | Self::Boot { .. } | Self::Save(_))
    }

    /// Whether there was no room.
    pub(crate) fn is_of_a_full_disk(&self) -> bool {
        matches!(self, Self::State { source, .. } if source.kind() == std::io::ErrorKind::StorageFull)
    }

    pub(crate) fn state(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::State { path, source }
    }
}

impl From<VmError> for SandboxError {
    fn from(error: VmError) -> Self {
        Self::Unavailable { what: error.to_string(), hint: error.hint() }
    }
}
