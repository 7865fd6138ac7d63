//! Giving up every privilege, for good.

use rustix::io::Result;
use rustix::thread::{CapabilitySet, CapabilitySets};

/// Drops every capability of this thread from every set, and forbids getting any back. The bounding set can only be
/// emptied while `CAP_SETPCAP` is held; without it the set stays as it was given, which `no_new_privs` makes harmless.
pub(crate) fn drop_all() -> Result<()> {
    rustix::thread::set_no_new_privs(true)?;
    rustix::thread::clear_ambient_capability_set()?;
    let held = rustix::thread::capabilities(None)?;
    if held.effective.contains(CapabilitySet::SETPCAP) {
        for number in 0..u64::BITS {
            let one = CapabilitySet::from_bits_retain(1 << number);
            // The kernel refuses numbers it has no name for.
            rustix::thread::remove_capability_from_bounding_set(one).ok();
        }
    }
    let none = CapabilitySet::empty();
    rustix::thread::set_capabilities(None, CapabilitySets { effective: none, permitted: none, inheritable: none })
}
