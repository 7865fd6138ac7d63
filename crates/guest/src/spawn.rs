//! Starting one command: what it is given, what it is held to, and nothing else.

use std::os::fd::{OwnedFd, RawFd};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Stdio;

use rustix::process::{Pid, Resource, Rlimit};
use sandbox::{Command, ResourceLimits};

use crate::family::{self, MARK};
use crate::guard;
use crate::proxy;
use crate::start::HOME;
use crate::ward::Entry;

/// A command that was started.
pub(crate) struct Spawned {
    pub(crate) main: Pid,
    pub(crate) out: OwnedFd,
    pub(crate) error: OwnedFd,
}

/// What commands are held to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Terms {
    pub(crate) limits: ResourceLimits,
    /// The Landlock domain, where there is one.
    pub(crate) domain: Option<RawFd>,
    /// Whether programs are told of the proxy.
    pub(crate) network: bool,
}

/// What every command finds in its environment before its own variables.
const ENVIRONMENT: [(&str, &str); 8] = [
    ("HOME", HOME),
    ("LANG", "C.UTF-8"),
    ("LOGNAME", "desk"),
    ("PATH", "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin"),
    ("SHELL", "/bin/sh"),
    ("TERM", "dumb"),
    ("TMPDIR", "/tmp"),
    ("USER", "desk"),
];

/// Starts a command in a session of its own. The error says why not, for the model.
#[expect(unsafe_code, reason = "running code in the new process has no safe door")]
pub(crate) fn spawn(command: &Command, stream: u32, terms: Terms, mut entry: Entry) -> Result<Spawned, String> {
    let (program, arguments) = command.argv.split_first().ok_or("no program was named")?;
    if !Path::new(&command.directory).is_dir() {
        return Err(format!("there is no directory `{}`", command.directory));
    }
    let proxy: &[(&str, &str)] = if terms.network { &proxy::VARIABLES } else { &[] };
    let limits = process_limits(terms.limits);
    let mut process = std::process::Command::new(program);
    process
        .args(arguments)
        .current_dir(&command.directory)
        .env_clear()
        .envs(ENVIRONMENT)
        .envs(proxy.iter().copied())
        .envs(command.environment.iter().map(|(name, value)| (name, value)))
        .env(MARK, stream.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    // SAFETY: the closure runs between fork and exec; it makes system calls on copied integers only, allocates nothing
    // and takes no lock, which is what `Entry` asks of its part as well.
    unsafe {
        process.pre_exec(move || {
            rustix::process::setsid()?;
            family::unblock_signals()?;
            for (resource, limit) in limits.into_iter().flatten() {
                rustix::process::setrlimit(resource, limit)?;
            }
            entry()?;
            terms.domain.map_or(Ok(()), guard::enter)
        });
    }
    let mut child = process.spawn().map_err(|error| error.to_string())?;
    let main = i32::try_from(child.id()).ok().and_then(Pid::from_raw).ok_or("it has no process id")?;
    let out = child.stdout.take().ok_or("it has no output")?;
    let error = child.stderr.take().ok_or("it has no output")?;
    Ok(Spawned { main, out: out.into(), error: error.into() })
}

fn process_limits(limits: ResourceLimits) -> [Option<(Resource, Rlimit)>; 4] {
    let at_most = |resource, value: u64| {
        // The host may have set less already, and raising is not ours to do.
        let ceiling = rustix::process::getrlimit(resource).maximum.unwrap_or(u64::MAX);
        let value = Some(value.min(ceiling));
        Some((resource, Rlimit { current: value, maximum: value }))
    };
    [
        at_most(Resource::Data, limits.memory),
        counted_per_machine().then(|| at_most(Resource::Nproc, u64::from(limits.processes))).flatten(),
        at_most(Resource::Fsize, limits.file),
        at_most(Resource::Core, 0),
    ]
}

/// Before Linux 5.14 the number of processes was counted over everything the user runs outside as well, where a
/// limit would refuse the first command of somebody with many windows open.
fn counted_per_machine() -> bool {
    let system = rustix::system::uname();
    let release = system.release().to_string_lossy();
    let mut numbers = release.split(|c: char| !c.is_ascii_digit()).map(|part| part.parse::<u32>().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) >= (5, 14)
}
