//! Who belongs to which command, and ending them: the only place that kills and reaps.
//!
//! A command's processes are found by session, by the mark in their environment and by ancestry. One that shed all
//! three is nobody's and is ended with the next command that ends. With a single command there is nothing to tell
//! apart: every process but this one is ended in one atomic call, which also beats a fork bomb.

use std::collections::HashMap;
use std::os::fd::{AsFd, BorrowedFd, FromRawFd, OwnedFd};

use rustix::process::{Pid, Signal, WaitOptions, WaitStatus};

/// The variable that marks a command's processes; its value is the command's stream number.
pub(crate) const MARK: &str = "DESKHAND_CALL";
/// Ancestors looked at before giving up; deeper families are found through their session or mark.
const DEPTH: usize = 64;

/// A command as far as its family is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) stream: u32,
    pub(crate) main: Pid,
}

/// Whether anybody is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Left {
    Nobody,
    Somebody,
}

/// Ready to read whenever a child has ended.
pub(crate) struct ChildSignals(OwnedFd);

/// Routes the signal of ended children into a descriptor.
#[expect(unsafe_code, reason = "signal descriptors have no safe door")]
pub(crate) fn child_signals() -> std::io::Result<ChildSignals> {
    // SAFETY: an all-zero signal set is valid memory for `sigemptyset`, which fills it before it is used; the
    // pointers live through the calls; the descriptor returned is new and owned by nobody else.
    unsafe {
        let mut set: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&raw mut set);
        libc::sigaddset(&raw mut set, libc::SIGCHLD);
        if libc::sigprocmask(libc::SIG_BLOCK, &raw const set, std::ptr::null_mut()) != 0 {
            return Err(std::io::Error::last_os_error());
        }
        match libc::signalfd(-1, &raw const set, libc::SFD_CLOEXEC | libc::SFD_NONBLOCK) {
            -1 => Err(std::io::Error::last_os_error()),
            descriptor => Ok(ChildSignals(OwnedFd::from_raw_fd(descriptor))),
        }
    }
}

/// Commands find every signal as the kernel gives it, whatever the host had ignored when it started this machine.
#[expect(unsafe_code, reason = "the library refuses the signals it uses itself, which may be ignored too")]
pub(crate) fn forget_ignored_signals() {
    // SIGPIPE stays ignored here and is restored in each command; the other two belong to the stack guard.
    let kept = [libc::SIGPIPE, libc::SIGSEGV, libc::SIGBUS];
    for signal in (1..=64).filter(|signal| !kept.contains(signal)) {
        let default = [0_u64; 4];
        // SAFETY: all zero is a whole kernel `sigaction` on every 64-bit processor: default action, no flags, no
        // mask of 8 bytes. A signal that cannot be changed is answered with an error, which changes nothing.
        unsafe {
            libc::syscall(libc::SYS_rt_sigaction, signal, default.as_ptr(), std::ptr::null_mut::<u64>(), 8_usize)
        };
    }
}

/// Undoes in a new process what [`child_signals`] did to this one. Allocates nothing.
#[expect(unsafe_code, reason = "signal masks have no safe door")]
pub(crate) fn unblock_signals() -> std::io::Result<()> {
    // SAFETY: the all-zero set is only memory to be filled by `sigemptyset`; the pointers live through the calls.
    let answer = unsafe {
        let mut none: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&raw mut none);
        libc::sigprocmask(libc::SIG_SETMASK, &raw const none, std::ptr::null_mut())
    };
    if answer == 0 { Ok(()) } else { Err(std::io::Error::last_os_error()) }
}

impl ChildSignals {
    pub(crate) fn ready(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }

    /// Reaps every ended child, adopted ones included, and says how each ended.
    pub(crate) fn reap(&self) -> Vec<(Pid, WaitStatus)> {
        let mut drained = [0; 1024];
        while matches!(rustix::io::read(&self.0, &mut drained), Ok(count) if count == drained.len()) {}
        std::iter::from_fn(|| rustix::process::wait(WaitOptions::NOHANG).ok().flatten()).collect()
    }
}

/// Kills everybody of a command (and whoever is nobody's) and says whether somebody was still there.
/// `others` are the other commands under way.
pub(crate) fn end(command: Head, others: &[Head]) -> Left {
    if others.is_empty() {
        return end_everybody();
    }
    // The group goes first and at once; the search then finds who left it.
    let group = rustix::process::kill_process_group(command.main, Signal::KILL);
    let mut left = if group.is_ok() { Left::Somebody } else { Left::Nobody };
    let table = Table::read();
    for &process in table.parents.keys() {
        if matches!(table.owner(process, command, others), Owner::This | Owner::Nobody) {
            if let Some(pid) = Pid::from_raw(process) {
                // It may be gone by now, which is what is wanted.
                rustix::process::kill_process(pid, Signal::KILL).ok();
            }
            left = Left::Somebody;
        }
    }
    left
}

/// Kills every process but this one.
#[expect(unsafe_code, reason = "signalling everybody has no safe door")]
pub(crate) fn end_everybody() -> Left {
    if !rustix::process::getpid().is_init() {
        return Left::Nobody;
    }
    // SAFETY: takes two integers. -1 means everybody this process may signal, itself and the first process of the
    // namespace excepted; this process was just seen to be that first one, so nobody outside the machine is meant.
    if unsafe { libc::kill(-1, libc::SIGKILL) } == 0 { Left::Somebody } else { Left::Nobody }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Owner {
    This,
    Other,
    Nobody,
}

/// The living processes of the machine, without this one.
struct Table {
    parents: HashMap<i32, Line>,
}

/// What is known of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Line {
    parent: i32,
    session: i32,
}

impl Table {
    fn read() -> Self {
        let mut parents = HashMap::new();
        let Ok(entries) = std::fs::read_dir("/proc") else { return Self { parents } };
        for entry in entries.flatten() {
            let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<i32>().ok()) else { continue };
            let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            if let Some(line) = alive(&stat).filter(|_| pid != 1) {
                parents.insert(pid, line);
            }
        }
        Self { parents }
    }

    fn owner(&self, process: i32, command: Head, others: &[Head]) -> Owner {
        let mut at = process;
        for _ in 0..DEPTH {
            let Some(line) = self.parents.get(&at) else { return Owner::Nobody };
            let marked = mark(at);
            let is_of = |head: &Head| {
                let main = head.main.as_raw_nonzero().get();
                at == main || line.session == main || marked == Some(head.stream)
            };
            // Where the signs disagree the process dressed up as another's: it is ended.
            if is_of(&command) {
                return Owner::This;
            }
            if others.iter().any(is_of) {
                return Owner::Other;
            }
            at = line.parent;
        }
        Owner::Nobody
    }
}

/// Reads `/proc/<pid>/stat`; none for a process that has ended. The name in brackets may hold anything.
fn alive(stat: &str) -> Option<Line> {
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_ascii_whitespace();
    if matches!(fields.next()?, "Z" | "X") {
        return None;
    }
    let parent = fields.next()?.parse().ok()?;
    let session = fields.nth(1)?.parse().ok()?;
    Some(Line { parent, session })
}

fn mark(pid: i32) -> Option<u32> {
    let environment = std::fs::read(format!("/proc/{pid}/environ")).ok()?;
    environment.split(|&byte| byte == 0).find_map(|entry| {
        let value = entry.strip_prefix(MARK.as_bytes())?.strip_prefix(b"=")?;
        std::str::from_utf8(value).ok()?.parse().ok()
    })
}

#[cfg(test)]
#[path = "family_tests.rs"]
mod tests;
