//! From the first instruction to ready: takes the socket, closes everything else, shuts doors, greets the host.

use std::fs::File;
use std::io::Read;
use std::os::fd::{AsFd, OwnedFd};
use std::process::ExitCode;

use rustix::io::FdFlags;
use rustix::process::DumpableBehavior;
use sandbox::{Frame, FrameKind, GuestHello, GuestSetup, PROTOCOL};

use crate::agent::Agent;
use crate::channel::Channel;
use crate::family;
use crate::filter;
use crate::guard::{self, Guard};
use crate::mounts::{self, Mounted};
use crate::proxy::Proxy;
use crate::rights;
use crate::spawn::Terms;
use crate::vm;
use crate::ward::Confined;

/// Where commands find a home; made here because `/tmp` is empty in a new machine.
pub(crate) const HOME: &str = "/tmp/home";

/// Why the guest could not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum StartError {
    #[error("the guest only runs as the first process of a machine")]
    NotFirst,
    #[error("{doing}: {source}")]
    System { doing: &'static str, source: std::io::Error },
    #[error("the host did not introduce the machine")]
    NoSetup,
    #[error("the host speaks protocol {0}, this guest {PROTOCOL}")]
    Protocol(u32),
    #[error("cannot filter system calls: {0}")]
    Filter(String),
    #[error(transparent)]
    Machine(#[from] vm::VmError),
}

/// Runs the guest over the socket at standard input until the host closes it. Everything it started dies with it,
/// because it is the first process of its process namespace; anywhere else it refuses to run.
pub fn run() -> ExitCode {
    match start() {
        Ok(machine) => {
            machine.agent.serve();
            ExitCode::SUCCESS
        }
        Err(error) => {
            use std::io::Write as _;
            // The host reads this from standard error while it waits for the greeting; if it is gone, so are we.
            if writeln!(std::io::stderr(), "{error}").is_err() {
                return ExitCode::from(3);
            }
            ExitCode::from(2)
        }
    }
}

fn start() -> Result<Machine, StartError> {
    // The guest ends whatever it finds around itself, so it must never run beside processes of the user.
    if !rustix::process::getpid().is_init() {
        return Err(StartError::NotFirst);
    }
    if vm::is_machine() {
        return vm::start();
    }
    let socket = take_socket()?;
    let (setup, rest) = read_setup(&socket)?;
    family::forget_ignored_signals();
    raise_oom_score();
    let nothing = Mounted { written: 0, error: None };
    let mounted = if setup.share { mounts::mount(socket.as_fd()) } else { nothing };
    rights::drop_all().map_err(system("cannot give up privileges"))?;
    // Nothing inside may read this process's memory or borrow its socket. Closes `/proc/self` as well.
    rustix::process::set_dumpable_behavior(DumpableBehavior::NotDumpable).map_err(system("cannot hide memory"))?;
    std::fs::create_dir_all(HOME).map_err(|source| StartError::System { doing: "cannot make a home", source })?;
    let guard = Guard::build();
    filter::install().map_err(StartError::Filter)?;
    let signals = family::child_signals().map_err(|source| StartError::System { doing: "signals", source })?;
    let proxy = setup.network.then(Proxy::open).transpose().map_err(system("cannot open the proxy's port"))?;
    let hello = GuestHello { protocol: PROTOCOL, landlock: guard::version(), share_error: mounted.error };
    let mut channel = Channel::new(socket, rest).map_err(system("cannot use the socket"))?;
    let hello = Frame::new(0, FrameKind::Hello, serde_json::to_vec(&hello).unwrap_or_default());
    channel.push_rest(&hello, mounted.written);
    silence()?;
    let terms = Terms { limits: setup.limits, domain: guard.domain(), network: setup.network };
    let agent = Agent::new(channel, signals, terms, Box::new(Confined));
    Ok(Machine { agent: proxy.into_iter().fold(agent, Agent::with_proxy), _guard: guard })
}

/// The agent with what must stay open for it.
pub(crate) struct Machine {
    pub(crate) agent: Agent,
    pub(crate) _guard: Guard,
}

pub(crate) fn system(doing: &'static str) -> impl Fn(rustix::io::Errno) -> StartError {
    move |errno| StartError::System { doing, source: errno.into() }
}

/// Moves the socket away from standard input and closes whatever else was inherited.
#[expect(unsafe_code, reason = "closing foreign descriptors has no safe door")]
fn take_socket() -> Result<OwnedFd, StartError> {
    let socket =
        rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdin(), 3).map_err(system("cannot take the socket"))?;
    let keep = std::os::fd::AsRawFd::as_raw_fd(&socket);
    // SAFETY: nothing in this process owns a descriptor from 3 on except `socket`, which is left open.
    let closed = unsafe {
        let below = if keep > 3 { libc::syscall(libc::SYS_close_range, 3, keep - 1, 0) } else { 0 };
        below | libc::syscall(libc::SYS_close_range, keep + 1, libc::c_uint::MAX, 0)
    };
    if closed != 0 {
        let source = std::io::Error::last_os_error();
        return Err(StartError::System { doing: "cannot close inherited files", source });
    }
    rustix::io::fcntl_setfd(&socket, FdFlags::CLOEXEC).map_err(system("cannot take the socket"))?;
    Ok(socket)
}

/// Reads the frame the host begins with, and perhaps some bytes after it; the socket still blocks.
pub(crate) fn read_setup(socket: &OwnedFd) -> Result<(GuestSetup, Vec<u8>), StartError> {
    let clone = socket.as_fd().try_clone_to_owned();
    let mut file = File::from(clone.map_err(|source| StartError::System { doing: "cannot read", source })?);
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        if let Some((frame, used)) = Frame::decode(&bytes).map_err(|_| StartError::NoSetup)? {
            if frame.kind != Some(FrameKind::Setup) {
                return Err(StartError::NoSetup);
            }
            let setup: GuestSetup = serde_json::from_slice(&frame.payload).map_err(|_| StartError::NoSetup)?;
            if setup.protocol != PROTOCOL {
                return Err(StartError::Protocol(setup.protocol));
            }
            bytes.drain(..used);
            return Ok((setup, bytes));
        }
        match file.read(&mut chunk) {
            Ok(0) | Err(_) => return Err(StartError::NoSetup),
            Ok(count) => bytes.extend_from_slice(chunk.get(..count).unwrap_or_default()),
        }
    }
}

/// Everything in a machine is a better victim than anything of the user's when memory runs out.
fn raise_oom_score() {
    // Without it commands only lose the kernel's preference to be ended first, so a refusal is no reason to stop.
    drop(std::fs::write("/proc/self/oom_score_adj", "500"));
}

/// Standard input, output and error lead nowhere from here on.
pub(crate) fn silence() -> Result<(), StartError> {
    let null = File::options()
        .read(true)
        .write(true)
        .open("/dev/null")
        .map_err(|source| StartError::System { doing: "cannot open /dev/null", source })?;
    rustix::stdio::dup2_stdin(&null).map_err(system("cannot silence"))?;
    rustix::stdio::dup2_stdout(&null).map_err(system("cannot silence"))?;
    rustix::stdio::dup2_stderr(&null).map_err(system("cannot silence"))
}
