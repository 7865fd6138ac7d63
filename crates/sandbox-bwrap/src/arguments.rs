//! The command line of bubblewrap, as a pure function of what the machine is made of. Only options of release 0.8.

use std::ffi::OsString;
use std::os::fd::RawFd;

use event::Access;
use sandbox::{Mount, ResourceLimits};

use crate::bwrap::GuestProgram;
use crate::layout::Layout;

/// Where the guest is inside.
const GUEST: &str = "/opt/deskhand";
/// The user and group every command runs as inside.
const USER: &str = "1000";
/// Places of the machine's own in which every command may delete.
pub(crate) const OWN_PLACES: [&str; 2] = ["/tmp", "/dev/shm"];

/// Whether guarded folders can be given read-write, because the kernel can hold back deletion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holding {
    /// It can.
    Possible,
    /// It cannot: they are given read-only.
    Impossible,
}

/// Everything bubblewrap is told.
pub(crate) struct Plan<'a> {
    pub(crate) layout: &'a Layout,
    /// Path inside and descriptor to read it from.
    pub(crate) files: &'a [(&'static str, RawFd)],
    pub(crate) mounts: &'a [Mount],
    pub(crate) holding: Holding,
    pub(crate) limits: ResourceLimits,
    pub(crate) guest: &'a GuestProgram,
}

/// Whether commands may change files in a mount.
pub(crate) fn is_writable(mount: &Mount, holding: Holding) -> bool {
    match (mount.access, holding) {
        (Access::ReadOnly, _) => false,
        (Access::ReadWrite, Holding::Possible) => true,
        (Access::ReadWrite, Holding::Impossible) => !mount.guarded,
    }
}

/// The arguments after `bwrap`.
pub(crate) fn arguments(plan: &Plan<'_>) -> Vec<OsString> {
    let mut list = Line(Vec::with_capacity(128));
    list.add(["--unshare-all", "--unshare-user", "--die-with-parent", "--new-session", "--as-pid-1"]);
    list.add(["--cap-drop", "ALL", "--uid", USER, "--gid", USER, "--hostname", "deskhand", "--clearenv"]);
    for path in &plan.layout.shown {
        list.add(["--ro-bind", path, path]);
    }
    for (target, path) in &plan.layout.links {
        list.add(["--symlink", target, path]);
    }
    for (path, descriptor) in plan.files {
        list.add(["--perms", "0444", "--file", &descriptor.to_string(), path]);
    }
    list.add(["--proc", "/proc", "--dev", "/dev"]);
    for path in &plan.layout.shielded {
        list.add(["--ro-bind", path, path]);
    }
    let size = plan.limits.memory.to_string();
    for place in OWN_PLACES {
        list.add(["--perms", "1777", "--size", &size, "--tmpfs", place]);
    }
    list.add(["--symlink", "../tmp", "/var/tmp"]);
    list.add(["--ro-bind"]);
    list.0.push(plan.guest.path.clone().into_os_string());
    list.add([GUEST]);
    for mount in plan.mounts {
        list.add([if is_writable(mount, plan.holding) { "--bind" } else { "--ro-bind" }]);
        list.0.push(mount.host.clone().into_os_string());
        list.0.push(mount.inside.clone().into_os_string());
    }
    // Last, so that everything above could still be made; nothing is made at the top from here on.
    list.add(["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/", "--", GUEST]);
    list.0.extend(plan.guest.args.iter().map(OsString::from));
    list.0
}

struct Line(Vec<OsString>);

impl Line {
    fn add<const N: usize>(&mut self, words: [&str; N]) {
        self.0.extend(words.iter().map(OsString::from));
    }
}

#[cfg(test)]
#[path = "arguments_tests.rs"]
mod tests;
