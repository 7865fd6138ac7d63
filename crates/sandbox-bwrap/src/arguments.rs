//! The command line of bubblewrap, as a pure function of what the machine is made of. Only options of release 0.8.

use std::ffi::OsString;
use std::os::fd::RawFd;

use event::Access;
use sandbox::{Mount, PLACES, ResourceLimits};

use crate::bwrap::GuestProgram;
use crate::layout::{GUEST, Layout};

/// The user and group every command runs as inside.
const USER: &str = "1000";
/// Places of the machine's own, in memory.
const OWN_PLACES: [&str; 2] = ["/tmp", "/dev/shm"];
/// The device files are served through.
pub(crate) const FILE_DEVICE: &str = "/dev/fuse";

/// How files come into a machine.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Files<'a> {
    /// The guest mounts them, and the host answers: no path of the host is given.
    Shared,
    /// They are mounted already; the user's read-only, because nothing stands between.
    Bound(&'a [Mount]),
}

/// Everything bubblewrap is told.
pub(crate) struct Plan<'a> {
    pub(crate) layout: &'a Layout,
    /// Path inside and descriptor to read it from.
    pub(crate) written: &'a [(&'static str, RawFd)],
    pub(crate) files: Files<'a>,
    pub(crate) limits: ResourceLimits,
    pub(crate) guest: &'a GuestProgram,
}

/// Whether commands may change files in a mount that nothing guards.
pub(crate) fn is_writable(mount: &Mount) -> bool {
    mount.access == Access::ReadWrite && !mount.guarded
}

/// The arguments after `bwrap`.
pub(crate) fn arguments(plan: &Plan<'_>) -> Vec<OsString> {
    let mut list = Line(Vec::with_capacity(128));
    list.add(["--unshare-all", "--unshare-user", "--die-with-parent", "--new-session", "--as-pid-1"]);
    list.add(["--cap-drop", "ALL"]);
    if matches!(plan.files, Files::Shared) {
        // For the guest alone, which mounts and gives them up before it greets.
        list.add(["--cap-add", "CAP_SYS_ADMIN", "--cap-add", "CAP_SETPCAP"]);
    }
    list.add(["--uid", USER, "--gid", USER, "--hostname", "deskhand", "--clearenv"]);
    for (host, path) in &plan.layout.shown {
        list.add(["--ro-bind"]);
        list.0.push(host.clone().into_os_string());
        list.add([path]);
    }
    for (target, path) in &plan.layout.links {
        list.add(["--symlink", target, path]);
    }
    for (path, descriptor) in plan.written {
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
    for place in PLACES {
        list.add(["--dir", &format!("/{place}")]);
    }
    match plan.files {
        Files::Shared => list.add(["--dev-bind", FILE_DEVICE, FILE_DEVICE]),
        Files::Bound(mounts) => mounts.iter().for_each(|mount| list.bind(mount)),
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

    fn bind(&mut self, mount: &Mount) {
        self.add([if is_writable(mount) { "--bind" } else { "--ro-bind" }]);
        self.0.push(mount.host.clone().into_os_string());
        self.0.push(mount.inside.clone().into_os_string());
    }
}

#[cfg(test)]
#[path = "arguments_tests.rs"]
mod tests;
