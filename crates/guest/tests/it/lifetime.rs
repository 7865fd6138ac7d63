//! Machines and the process that started them: they outlive its threads and never the process itself.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use futures_util::StreamExt;
use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::process::{Pid, PidfdFlags, Signal};

use crate::world::{bare, bash, says};

/// Set for the copy of this test binary that plays the host.
const ROLE: &str = "DESKHAND_TEST_HOST";

/// Not a test of its own: what the host that is killed does, when this binary is started as one.
#[test]
fn host_that_is_killed() {
    if std::env::var_os(ROLE).is_none() {
        return;
    }
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let machine = bare().await;
        let script = "sleep 4714 & setsid -f sleep 4714; env -i setsid -f sleep 4714; echo ready; exec sleep 4714";
        let mut execution = machine.exec(bash(script)).await.unwrap();
        execution.output.next().await.unwrap().unwrap();
        println!("ready");
        std::future::pending::<()>().await;
    });
}

/// Parent of every process of the system.
fn parents() -> BTreeMap<i32, i32> {
    let mut parents = BTreeMap::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        if let Some((_, rest)) = stat.rsplit_once(')') {
            parents.insert(pid, rest.split_whitespace().nth(1).unwrap().parse().unwrap());
        }
    }
    parents
}

fn descendants(root: i32) -> Vec<i32> {
    let parents = parents();
    let mut found = vec![root];
    let mut next = 0;
    while let Some(&at) = found.get(next) {
        found.extend(parents.iter().filter(|(_, parent)| **parent == at).map(|(pid, _)| *pid));
        next += 1;
    }
    found.split_off(1)
}

#[test]
fn a_host_that_is_killed_leaves_nothing() {
    let mut host = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "lifetime::host_that_is_killed", "--nocapture"])
        .env(ROLE, "1")
        .stdout(Stdio::piped())
        .process_group(0)
        .spawn()
        .unwrap();
    let lines = BufReader::new(host.stdout.take().unwrap()).lines();
    assert!(lines.map_while(Result::ok).any(|line| line.contains("ready")), "the host did not get ready");
    let family = descendants(i32::try_from(host.id()).unwrap());
    // bubblewrap, the guest, the command and its three children, wherever those hang.
    assert!(family.len() >= 6, "{family:?}");
    let open = |pid: &i32| rustix::process::pidfd_open(Pid::from_raw(*pid).unwrap(), PidfdFlags::empty()).unwrap();
    let watched: Vec<_> = family.iter().map(open).collect();

    rustix::process::kill_process(Pid::from_child(&host), Signal::KILL).unwrap();
    host.wait().unwrap();
    let patience = Timespec { tv_sec: 20, tv_nsec: 0 };
    for (pid, process) in family.iter().zip(&watched) {
        let mut end = [PollFd::new(process, PollFlags::IN)];
        assert_eq!(rustix::event::poll(&mut end, Some(&patience)).unwrap(), 1, "process {pid} of {family:?} is left");
    }
}

#[test]
fn a_machine_outlives_the_thread_that_started_it() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    std::thread::scope(|scope| {
        let (runtime, machine) = scope
            .spawn(|| {
                let machine = runtime.block_on(bare());
                assert_eq!(runtime.block_on(says(machine.as_ref(), bash("echo here"))), "here\n");
                (&runtime, machine)
            })
            .join()
            .unwrap();
        // Were the machine bound to that thread, it would be killed by now or while these run.
        for number in 0..20 {
            let said = runtime.block_on(says(machine.as_ref(), bash(&format!("echo {number}"))));
            assert_eq!(said, format!("{number}\n"));
        }
    });
}

#[tokio::test]
async fn dropping_a_machine_ends_every_process_of_it() {
    let before = descendants(std::process::id() as i32);
    let machine = bare().await;
    let mut execution = machine.exec(bash("setsid -f sleep 4715; echo ready; sleep 4715")).await.unwrap();
    execution.output.next().await.unwrap().unwrap();
    let family = descendants(std::process::id() as i32);
    let mine: Vec<i32> =
        family.into_iter().filter(|pid| !before.contains(pid)).filter(|pid| is_of_mine(*pid)).collect();
    assert!(mine.len() >= 2, "{mine:?}");
    let open = |pid: &i32| rustix::process::pidfd_open(Pid::from_raw(*pid).unwrap(), PidfdFlags::empty()).unwrap();
    let watched: Vec<_> = mine.iter().map(open).collect();
    drop(machine);
    drop(execution);
    let patience = Timespec { tv_sec: 20, tv_nsec: 0 };
    for (pid, process) in mine.iter().zip(&watched) {
        let mut end = [PollFd::new(process, PollFlags::IN)];
        assert_eq!(rustix::event::poll(&mut end, Some(&patience)).unwrap(), 1, "process {pid} of {mine:?} is left");
    }
}

/// Other tests of this binary run beside this one; their machines do not run this command.
fn is_of_mine(pid: i32) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/cmdline")).is_ok_and(|line| line.contains("4715"))
}
