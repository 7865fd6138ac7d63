//! What each command goes through on its way in: a control group, the user's number instead of root's, no rights, the
//! system-call filter. The first process keeps its own rights, which it needs for the next command and for the clock.

use std::collections::HashMap;
use std::fs::File;
use std::os::fd::AsFd;
use std::sync::Arc;

use rustix::thread::CapabilitySet;
use sandbox::ResourceLimits;

use super::group::Group;
use super::{USER, fresh};
use crate::family::{Head, Left};
use crate::filter::Filter;
use crate::rights;
use crate::ward::{Entry, Memory, Ward};

/// The machine's own.
pub(super) struct VmWard {
    limits: ResourceLimits,
    filter: Arc<Filter>,
    groups: HashMap<u32, Group>,
}

impl VmWard {
    pub(super) fn new(limits: ResourceLimits) -> Result<Self, String> {
        Ok(Self { limits, filter: Arc::new(Filter::build()?), groups: HashMap::new() })
    }
}

impl Ward for VmWard {
    fn admit(&mut self, stream: u32) -> Result<Entry, String> {
        let group = Group::make(stream, self.limits).map_err(|error| format!("it has no control group: {error}"))?;
        let door = group.door().as_fd().try_clone_to_owned().map_err(|error| error.to_string())?;
        self.groups.insert(stream, group);
        let (door, filter) = (File::from(door), Arc::clone(&self.filter));
        Ok(Box::new(move || {
            rustix::io::write(&door, b"0")?;
            forbid_rights();
            become_user()?;
            rights::drop_all()?;
            filter.apply().map_err(|_| std::io::Error::from_raw_os_error(libc::EPERM))
        }))
    }

    fn dismiss(&mut self, stream: u32) -> Memory {
        match self.groups.remove(&stream) {
            Some(group) if group.ran_out_of_memory() => Memory::RanOut,
            Some(_) | None => Memory::Enough,
        }
    }

    fn end(&mut self, command: Head, _: &[Head]) -> Left {
        self.groups.get(&command.stream).map_or(Left::Nobody, Group::end)
    }

    fn resumed(&mut self) {
        // A machine whose clock could not be set goes on with the time at which it was stopped.
        fresh::follow_hardware().ok();
    }
}

/// Empties the set of rights that can be got at all. Only root may do so.
fn forbid_rights() {
    for number in 0..u64::BITS {
        // The kernel refuses numbers it has no name for.
        let one = CapabilitySet::from_bits_retain(1 << number);
        rustix::thread::remove_capability_from_bounding_set(one).ok();
    }
}

/// Gives up root for good. Makes system calls on integers only.
#[expect(unsafe_code, reason = "the library changes one thread, and the other ways allocate")]
fn become_user() -> std::io::Result<()> {
    // SAFETY: no pointer is followed, as the list of further groups is empty; the process has one thread, since it was
    // just forked.
    let answers = unsafe {
        [
            libc::syscall(libc::SYS_setgroups, 0, std::ptr::null::<libc::gid_t>()),
            libc::syscall(libc::SYS_setresgid, USER, USER, USER),
            libc::syscall(libc::SYS_setresuid, USER, USER, USER),
        ]
    };
    if answers.contains(&-1) { Err(std::io::Error::last_os_error()) } else { Ok(()) }
}
