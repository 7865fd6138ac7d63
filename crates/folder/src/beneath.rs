//! The system calls: everything is opened relative to a directory handle and cannot leave it.
//!
//! Linux uses `openat2(2)` with RESOLVE_BENEATH, RESOLVE_NO_SYMLINKS and RESOLVE_NO_MAGICLINKS. Other systems have
//! the same functions, which refuse: that path compiles and is not run anywhere yet.

#[cfg(not(target_os = "linux"))]
mod elsewhere;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
mod more;

#[cfg(not(target_os = "linux"))]
pub use elsewhere::identity_of;
#[cfg(not(target_os = "linux"))]
pub(crate) use elsewhere::*;
#[cfg(target_os = "linux")]
pub(crate) use linux::*;
#[cfg(target_os = "linux")]
pub use linux::{clone_content, open_beneath, open_granted, open_own};
#[cfg(target_os = "linux")]
pub use more::identity_of;
#[cfg(target_os = "linux")]
pub(crate) use more::*;
