//! The folder guard as a file system for machines: FUSE messages in, journalled changes out.
//!
//! Lives here: the tree a machine sees, which changes are journalled and how, what asks before it is deleted. Does not
//! live here: opening beneath a handle, the journal itself and Undo (`folder`), carrying the messages (`sandbox-*`).
//!
//! The messages are parsed here and not by `fuser`: that crate ends the session at the first malformed message and
//! takes one size of buffer for every wire, while what comes from a machine is not trusted and a wire may be a socket.
#![forbid(unsafe_code)]

#[cfg(target_os = "linux")]
mod answer;
#[cfg(target_os = "linux")]
mod asking;
#[cfg(target_os = "linux")]
mod attr;
#[cfg(target_os = "linux")]
mod count;
#[cfg(target_os = "linux")]
mod disk;
#[cfg(not(target_os = "linux"))]
mod elsewhere;
#[cfg(target_os = "linux")]
mod message;
#[cfg(target_os = "linux")]
mod mounts;
#[cfg(target_os = "linux")]
mod record;
#[cfg(target_os = "linux")]
mod settler;
#[cfg(target_os = "linux")]
mod share;
#[cfg(target_os = "linux")]
mod tree;
#[cfg(target_os = "linux")]
mod watch;
#[cfg(target_os = "linux")]
mod wire;
#[cfg(target_os = "linux")]
mod work;

#[cfg(not(target_os = "linux"))]
pub use elsewhere::GuardedShares;
#[cfg(target_os = "linux")]
pub use share::GuardedShares;
