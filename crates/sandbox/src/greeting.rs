//! The first words between host and guest: what the machine is made of, and what the guest found.

use serde::{Deserialize, Serialize};

use crate::ResourceLimits;

/// Generation of the protocol; both sides must speak the same one.
pub const PROTOCOL: u32 = 2;

/// What the host tells the guest before anything else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GuestSetup {
    /// The host's [`PROTOCOL`].
    pub protocol: u32,
    /// Whether files come as a FUSE mount of the guest's own. Otherwise they are mounted already, read-only where they
    /// are the user's.
    pub share: bool,
    /// Whether connections are carried to the host.
    pub network: bool,
    /// What each command may use.
    pub limits: ResourceLimits,
    /// 32 fresh bytes, as hexadecimal, for a machine that was restored from a snapshot; empty elsewhere.
    #[serde(default)]
    pub seed: String,
    /// Milliseconds since 1970-01-01 00:00 UTC, for a machine with a clock of its own; 0 elsewhere.
    #[serde(default)]
    pub now: u64,
}

/// What the guest answers once it is ready for commands. In the namespace tier, where [`GuestSetup::share`] is set,
/// the descriptor of its `/dev/fuse` comes along with the first byte of this frame.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GuestHello {
    /// The guest's [`PROTOCOL`].
    pub protocol: u32,
    /// The kernel's Landlock version; 0 where there is none.
    pub landlock: u32,
    /// Why files could not be mounted, where they could not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share_error: Option<String>,
}
