//! Which processes belong to a world, found by what they have mounted or were started with.

use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::process::{Pid, PidfdFlags};

use crate::stage::Stage;

/// How long a process may take to end once nobody needs it any more.
const PATIENCE: Timespec = Timespec { tv_sec: 20, tv_nsec: 0 };

/// Waits until no process of this world is left.
#[track_caller]
pub(crate) fn none_is_left(stage: &Stage) {
    // Each round waits for everything found in the one before; what was started meanwhile is found in the next.
    for _ in 0..20 {
        let found = processes_of(stage);
        if found.is_empty() {
            return;
        }
        for (pid, process, what) in &found {
            let mut end = [PollFd::new(process, PollFlags::IN)];
            let ended = rustix::event::poll(&mut end, Some(&PATIENCE)).unwrap();
            assert_eq!(ended, 1, "process {pid:?} is left: {what}");
        }
    }
    panic!("new processes appear: {:?}", processes_of(stage));
}

/// Processes whose command line or mounts name the world's directory.
fn processes_of(stage: &Stage) -> Vec<(Pid, OwnedFd, String)> {
    let world = crate::stage::name_of(stage.world.root());
    let own = std::process::id().cast_signed();
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    entries
        .filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok().filter(|pid| *pid != own))
        .filter_map(|pid| {
            let pid = Pid::from_raw(pid)?;
            // The handle first: it stands for the same process afterwards, whatever becomes of its number.
            let process = rustix::process::pidfd_open(pid, PidfdFlags::empty()).ok()?;
            let place = format!("/proc/{}", pid.as_raw_nonzero());
            let says = |name: &str| std::fs::read(Path::new(&place).join(name)).unwrap_or_default();
            let line = String::from_utf8_lossy(&says("cmdline")).replace('\0', " ");
            let mounts = String::from_utf8_lossy(&says("mountinfo")).into_owned();
            let here = line.contains(&world) || mounts.contains(&world);
            here.then_some((pid, process, line))
        })
        .collect()
}
