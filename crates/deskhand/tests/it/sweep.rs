//! Kills between system calls: the whole job under `strace`, which ends it by SIGKILL at a chosen call of a chosen kind,
//! again and again at other calls.
//!
//! A fork is followed only until it becomes another program, so every kill is one of Deskhand itself.

use std::collections::BTreeMap;
use std::process::Command;

use crate::crash::{Cut, Site};
use crate::stage::ended;

/// Points that a group of calls has to cover at least. They are four, and as many while recovering.
const AT_LEAST: usize = 50;

/// A command line of the binary under strace with these further arguments.
fn traced(site: &Site, strace: &[&str], arguments: &[String]) -> Command {
    let mut command = Command::new("strace");
    site.stage.prepare(&mut command);
    command.args(["-f", "--detach-on=execve", "-qq"]).args(strace).arg("--").args(&site.stage.program);
    command.args(arguments);
    command
}

/// What is traced: the whole job, or going on with it after a crash.
#[derive(Clone, Copy)]
enum Phase {
    Job,
    Recovery,
}

impl Phase {
    /// A site, and the command line that is traced there.
    fn begin(self) -> (Site, Vec<String>) {
        let site = Site::new();
        let arguments = match self {
            Self::Job => site.arguments(),
            // After the change of files, in the middle of the first command.
            Self::Recovery => site.crashed_at("engine.intent.synced:6"),
        };
        (site, arguments)
    }
}

/// How often the busiest thread makes each of these calls.
fn count(phase: Phase, calls: &[&str]) -> BTreeMap<String, usize> {
    let (site, arguments) = phase.begin();
    let trace = site.stage.world.root().join("trace");
    let list = format!("trace={}", calls.join(","));
    ended(&mut traced(&site, &["-o", trace.to_str().unwrap(), "-e", &list], &arguments)).exits(0);
    let mut counts: BTreeMap<(String, String), usize> = BTreeMap::new();
    for line in std::fs::read_to_string(&trace).unwrap().lines() {
        // `123 openat(AT_FDCWD, …`; the second half of an interrupted line begins with `<...`.
        let Some((thread, rest)) = line.split_once(' ') else { continue };
        let Some((call, _)) = rest.trim_start().split_once('(').filter(|(call, _)| calls.contains(call)) else {
            continue;
        };
        *counts.entry((call.to_owned(), thread.to_owned())).or_default() += 1;
    }
    let mut most = BTreeMap::new();
    for ((call, _), count) in counts {
        let entry = most.entry(call).or_insert(0);
        *entry = count.max(*entry);
    }
    most
}

/// At most so many numbers from 1 to `last`, evenly.
fn grid(last: usize, most: usize) -> Vec<usize> {
    let points = last.min(most);
    let mut numbers: Vec<usize> =
        (0..points).map(|point| if points == 1 { 1 } else { 1 + point * (last - 1) / (points - 1) }).collect();
    numbers.dedup();
    numbers
}

fn sweep(phase: Phase, calls: &[&str], most: usize) {
    let mut covered: BTreeMap<String, usize> = BTreeMap::new();
    for (call, last) in count(phase, calls) {
        for number in grid(last, most) {
            let (site, arguments) = phase.begin();
            let inject = format!("inject={call}:signal=KILL:when={number}");
            let trace = format!("trace={call}");
            let strace = ["-o", "/dev/null", "-e", &trace, "-e", &inject];
            let cut = Cut::of(&mut traced(&site, &strace, &arguments));
            // Threads share the work differently each time: the number may not be reached.
            if cut.signal.is_some() {
                site.recover(&cut);
                *covered.entry(call.clone()).or_default() += 1;
            }
        }
    }
    let points: usize = covered.values().sum();
    println!("{points} kill points: {covered:?}");
    assert!(points >= AT_LEAST, "{points}: {covered:?}");
}

/// Calls that change files.
const WRITES: [&str; 6] = ["write", "pwrite64", "ftruncate", "copy_file_range", "fdatasync", "fsync"];
/// Calls that change names, and those that open what is changed.
const NAMES: [&str; 10] =
    ["rename", "renameat2", "unlink", "unlinkat", "mkdir", "openat", "openat2", "fchmod", "fchown", "flock"];
/// Calls that only look.
const LOOKS: [&str; 8] = ["read", "pread64", "statx", "newfstatat", "readlink", "getdents64", "lseek", "close"];
/// Calls that wait, talk to the sandbox, or start something.
const WAITS: [&str; 10] =
    ["epoll_wait", "epoll_ctl", "futex", "recvfrom", "sendto", "clone3", "socketpair", "memfd_create", "mmap", "fcntl"];

#[test]
fn killed_at_any_write_nothing_is_lost() {
    sweep(Phase::Job, &WRITES, 50);
}

#[test]
fn killed_at_any_change_of_names_nothing_is_lost() {
    sweep(Phase::Job, &NAMES, 40);
}

#[test]
fn killed_at_any_look_nothing_is_lost() {
    sweep(Phase::Job, &LOOKS, 12);
}

#[test]
fn killed_at_any_wait_nothing_is_lost() {
    sweep(Phase::Job, &WAITS, 12);
}

#[test]
fn killed_again_while_recovering_nothing_is_lost() {
    let calls = [&WRITES[..], &NAMES, &["epoll_wait", "recvfrom", "sendto"]].concat();
    sweep(Phase::Recovery, &calls, 15);
}
