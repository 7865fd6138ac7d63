//! What the tiers are given: the files of the image that this process works with, or why there are none.

use std::path::PathBuf;

use event::Tier;
use futures_util::future::BoxFuture;
use sandbox::{Machine, Order, Readiness, Sandbox, SandboxError};
use sandbox_vm::VmImage;

use super::Images;
use super::failure::ImageError;
use super::installed::InUse;

/// What tasks work in.
#[derive(Debug)]
pub(crate) enum Chosen {
    /// The installed image.
    Installed(Box<InUse>),
    /// A folder that the settings name: nobody checks what lies there. For development and tests.
    Unchecked(PathBuf),
    /// There is none: commands use the programs of this computer.
    Nothing,
    /// There is one that is not used.
    Unusable(ImageError),
}

impl Images {
    /// What this process works with, by what the settings name and what is in place.
    pub(crate) fn choose(&self) -> Chosen {
        match &self.named {
            Some(folder) => Chosen::Unchecked(folder.to_owned()),
            None => match self.in_use() {
                Ok(Some(found)) => Chosen::Installed(Box::new(found)),
                Ok(None) => Chosen::Nothing,
                Err(error) => Chosen::Unusable(error),
            },
        }
    }
}

impl Chosen {
    /// The files of a virtual machine; why there are none otherwise.
    pub(crate) fn machine(&self) -> Result<VmImage, Readiness> {
        let refused = |detail: String, hint: &str| Err(Readiness { ready: false, detail, hint: hint.to_owned() });
        match self {
            Self::Installed(found) => match (&found.image.kernel, &found.image.initrd) {
                (Some(kernel), Some(initrd)) => Ok(VmImage {
                    kernel: kernel.clone(),
                    initrd: initrd.clone(),
                    root: Some(found.image.base.clone()),
                    layers: found.image.office.iter().cloned().collect(),
                }),
                _ => refused("the installed image has no kernel for a machine".to_owned(), "install one that has it"),
            },
            Self::Unchecked(folder) => {
                let there = |name: &str| Some(folder.join(name)).filter(|path| path.is_file());
                Ok(VmImage {
                    kernel: folder.join("vmlinuz"),
                    initrd: folder.join("initrd"),
                    root: there("base.erofs"),
                    layers: there("office.erofs").into_iter().collect(),
                })
            }
            Self::Nothing => {
                let hint = "install one with `deskhand image install`; the README says where it comes from";
                refused("no image of a machine is installed".to_owned(), hint)
            }
            Self::Unusable(error) => refused(error.to_string(), error.hint()),
        }
    }

    /// The root of the namespace tier: the same image unpacked, with the office programs where it has them. Without one
    /// the programs of this computer are used, and the tier says so.
    pub(crate) fn root(&self) -> Option<PathBuf> {
        match self {
            Self::Installed(found) => Some(found.image.tree.clone()),
            Self::Unchecked(folder) => {
                ["full", "base"].map(|name| folder.join(name)).into_iter().find(|root| root.is_dir())
            }
            Self::Nothing | Self::Unusable(_) => None,
        }
    }
}

/// A tier that cannot be used, with the reason.
pub(crate) struct Absent {
    pub(crate) tier: Tier,
    pub(crate) readiness: Readiness,
}

impl Sandbox for Absent {
    fn tier(&self) -> Tier {
        self.tier
    }

    fn probe(&self) -> BoxFuture<'_, Readiness> {
        Box::pin(std::future::ready(self.readiness.clone()))
    }

    fn start(&self, _order: Order) -> BoxFuture<'_, Result<Box<dyn Machine>, SandboxError>> {
        let Readiness { detail, hint, .. } = self.readiness.clone();
        Box::pin(std::future::ready(Err(SandboxError::Unavailable { what: detail, hint })))
    }
}
