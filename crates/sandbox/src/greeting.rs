//! The first words between host and guest: what the machine is made of, and what the guest found.

use serde::{Deserialize, Serialize};

use crate::ResourceLimits;

/// Generation of the protocol; both sides must speak the same one.
pub const PROTOCOL: u32 = 1;

/// What the host tells the guest before anything else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GuestSetup {
    /// The host's [`PROTOCOL`].
    pub protocol: u32,
    /// Every mount, by its absolute path inside; answered with what is seen there.
    pub mounts: Vec<String>,
    /// Directories, by absolute path inside, in which every command may delete. In all other places only commands
    /// with `may_delete` may.
    pub deletable: Vec<String>,
    /// Whether some mount is writable and guarded: then a guest that cannot hold back deletion refuses commands
    /// that may not delete.
    pub guards: bool,
    /// What each command may use.
    pub limits: ResourceLimits,
}

/// What the guest answers once it is ready for commands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GuestHello {
    /// The guest's [`PROTOCOL`].
    pub protocol: u32,
    /// The kernel's Landlock version; 0 where there is none.
    pub landlock: u32,
    /// What is at each mount of [`GuestSetup::mounts`], in the same order.
    pub mounts: Vec<SeenMount>,
}

/// The identity of a directory. The same on both sides where the kernel is shared, so the host can tell that what it
/// checked is what was mounted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenMount {
    /// Number of the device.
    pub device: u64,
    /// Number of the directory on it.
    pub inode: u64,
}
