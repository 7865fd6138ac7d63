//! The end of machines: however it comes, whoever waits hears of it and nothing stays behind.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use rustix::process::{Pid, Signal, kill_process};
use sandbox::SandboxError;

use crate::world::{desk, is_qemu, machines, shell, vm};

/// Has the test below only start a machine and wait.
const WAITING: &str = "DESKHAND_TEST_WAITS";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_machine_that_is_killed_is_lost_and_the_next_one_starts() {
    let Some(sandbox) = vm() else { return };
    let first = desk(&sandbox).await.unwrap();
    let mut execution = first.machine.exec(shell("sleep 60")).await.unwrap();
    let [machine] = machines()[..] else { panic!("{:?}", machines()) };
    kill(machine);
    let item = execution.output.next().await;
    assert!(matches!(item, Some(Err(SandboxError::Lost(_)))), "{item:?}");
    assert!(matches!(first.run("true").await, Err(SandboxError::Lost(_))));
    first.machine.stop().await;
    assert_eq!(desk(&sandbox).await.unwrap().says("echo again").await, "again\n");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_machine_that_is_stopped_or_dropped_is_gone() {
    let Some(sandbox) = vm() else { return };
    let stopped = desk(&sandbox).await.unwrap();
    stopped.machine.stop().await;
    let dropped = desk(&sandbox).await.unwrap();
    drop(dropped);
    let left = machines();
    gone(&left);
    assert_eq!(machines(), Vec::<u32>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_machine_outlives_its_owner() {
    let Some(sandbox) = vm() else { return };
    if std::env::var_os(WAITING).is_some() {
        let desk = desk(&sandbox).await.unwrap();
        println!("machine {}", machines()[0]);
        desk.run("sleep 60").await.ok();
        return;
    }
    let mut owner = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "lifetime::no_machine_outlives_its_owner", "--nocapture"])
        .env(WAITING, "1")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(owner.stdout.take().unwrap()).lines();
    let machine = lines.map_while(Result::ok).find_map(|line| line.rsplit_once("machine ")?.1.parse::<u32>().ok());
    owner.kill().unwrap();
    owner.wait().unwrap();
    gone(&[machine.unwrap()]);
}

fn kill(process: u32) {
    kill_process(Pid::from_raw(i32::try_from(process).unwrap()).unwrap(), Signal::KILL).unwrap();
}

/// Waits until none of these is a machine any more.
fn gone(processes: &[u32]) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while processes.iter().any(|&process| is_qemu(process)) {
        assert!(Instant::now() < deadline, "{processes:?} are still there");
        std::thread::yield_now();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn qemu_itself_is_confined() {
    let Some(sandbox) = vm() else { return };
    let _desk = desk(&sandbox).await.unwrap();
    let [machine] = machines()[..] else { panic!("{:?}", machines()) };
    let status = std::fs::read_to_string(format!("/proc/{machine}/status")).unwrap();
    let field = |name: &str| status.lines().find_map(|line| line.strip_prefix(name)).unwrap().trim().to_owned();
    let fields = ["CapEff:", "CapPrm:", "NoNewPrivs:", "Seccomp:"].map(field);
    assert_eq!(fields, ["0000000000000000", "0000000000000000", "1", "2"]);
    for space in ["net", "pid", "ipc", "uts", "mnt", "user"] {
        let of = |process: &str| std::fs::read_link(format!("/proc/{process}/ns/{space}")).unwrap();
        assert_ne!(of(&machine.to_string()), of("self"), "{space}");
    }
    let mut seen: Vec<String> = std::fs::read_dir(format!("/proc/{machine}/root"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    seen.sort();
    assert_eq!(seen, ["bin", "dev", "etc", "lib", "lib64", "proc", "state", "tmp", "usr"]);
    let mut state: Vec<_> = std::fs::read_dir(format!("/proc/{machine}/root/state")).unwrap().flatten().collect();
    state.sort_by_key(std::fs::DirEntry::file_name);
    assert_eq!(state.iter().map(std::fs::DirEntry::file_name).collect::<Vec<_>>(), ["kernel", "memory"]);
}
