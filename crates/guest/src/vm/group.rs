//! A control group for each command: its limits, who belongs to it, and ending all of them at once.

use std::fs::{self, File};
use std::os::fd::{AsFd, BorrowedFd};
use std::path::PathBuf;

use sandbox::ResourceLimits;

use super::VmError;
use crate::family::Left;

const ALL: &str = "/sys/fs/cgroup";
/// Bytes that commands leave to the kernel and to the guest.
const RESERVED: u64 = 48 << 20;

/// Lets groups have limits.
pub(super) fn prepare() -> Result<(), VmError> {
    let path = format!("{ALL}/cgroup.subtree_control");
    fs::write(&path, "+memory +pids +cpu").map_err(VmError::system("write", path))
}

/// The group of one command. Dropping it removes it, once it is empty.
pub(crate) struct Group {
    path: PathBuf,
    /// A process that writes `0` to it belongs to the group from then on.
    door: File,
}

impl Group {
    /// Makes a group with these limits.
    pub(crate) fn make(stream: u32, limits: ResourceLimits) -> std::io::Result<Self> {
        let path = PathBuf::from(format!("{ALL}/call-{stream}"));
        fs::create_dir(&path)?;
        let opened = File::options().write(true).open(path.join("cgroup.procs"));
        let group = opened.map(|door| Self { path: path.clone(), door }).inspect_err(|_| {
            fs::remove_dir(&path).ok();
        })?;
        let memory = limits.memory.min(memory_of_machine().saturating_sub(RESERVED));
        group.set("memory.max", memory)?;
        group.set("memory.oom.group", 1)?;
        group.set("pids.max", u64::from(limits.processes))?;
        Ok(group)
    }

    fn set(&self, name: &str, value: u64) -> std::io::Result<()> {
        fs::write(self.path.join(name), value.to_string())
    }

    /// What a new process writes to.
    pub(crate) fn door(&self) -> BorrowedFd<'_> {
        self.door.as_fd()
    }

    /// Kills everybody in it and says whether somebody was still there.
    pub(crate) fn end(&self) -> Left {
        if self.has_somebody() {
            // Where it fails the next look finds them again.
            fs::write(self.path.join("cgroup.kill"), "1").ok();
            return Left::Somebody;
        }
        Left::Nobody
    }

    fn has_somebody(&self) -> bool {
        let events = fs::read_to_string(self.path.join("cgroup.events")).unwrap_or_default();
        events.lines().any(|line| line == "populated 1")
    }

    /// Whether the kernel ended a process of it because memory ran out.
    pub(crate) fn ran_out_of_memory(&self) -> bool {
        let events = fs::read_to_string(self.path.join("memory.events")).unwrap_or_default();
        count(&events, "oom_kill").is_some_and(|count| count > 0)
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        // One that is not empty stays; the machine does not live long.
        fs::remove_dir(&self.path).ok();
    }
}

fn count(events: &str, name: &str) -> Option<u64> {
    events.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok())
}

fn memory_of_machine() -> u64 {
    let text = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let kib = text.lines().find_map(|line| line.strip_prefix("MemTotal:")?.split_whitespace().next()?.parse().ok());
    kib.unwrap_or(0_u64) * 1024
}

#[cfg(test)]
mod tests {
    use super::count;

    #[test]
    fn kills_are_counted_by_their_own_name() {
        let events = "low 0\nhigh 0\nmax 7\noom 1\noom_kill 2\noom_group_kill 1\n";
        assert_eq!(count(events, "oom_kill"), Some(2));
        assert_eq!(count(events, "nothing"), None);
    }
}
