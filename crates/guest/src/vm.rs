//! The guest as the first process of a virtual machine: what a machine needs before the loop that every tier has.
//!
//! Lives here: mounts, modules, disks, ports, fresh randomness, the way of file messages, a group for each command.
//! Does not live here: the loop (`agent`), QEMU (`sandbox-vm`). The machine is saved once
//! [`boot`] is done and restored for each task, so nothing in there may depend on the task or hold a secret.

mod boot;
mod disks;
mod fresh;
mod group;
mod ports;
mod pump;
mod ward;

use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::process::DumpableBehavior;
use sandbox::{Frame, FrameKind, GuestHello, PROTOCOL};

use crate::agent::Agent;
use crate::channel::Channel;
use crate::family;
use crate::guard::{self, Guard};
use crate::proxy::Proxy;
use crate::spawn::Terms;
use crate::start::{self, HOME, Machine, StartError};
use ward::VmWard;

/// The user that every command runs as, and that every file of the share belongs to.
const USER: u32 = 1000;

/// Why a machine could not be made ready.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum VmError {
    #[error("cannot {doing} `{what}`: {source}")]
    System { doing: &'static str, what: String, source: std::io::Error },
    #[error("the machine has no port `{0}`")]
    NoPort(&'static str),
}

impl VmError {
    fn system<E: Into<std::io::Error>>(doing: &'static str, what: impl Into<String>) -> impl FnOnce(E) -> Self {
        let what = what.into();
        move |source| Self::System { doing, what, source: source.into() }
    }
}

/// The byte channels to the host.
struct Ports {
    /// Frames.
    control: OwnedFd,
    /// Messages of the file system.
    files: OwnedFd,
}

/// Whether this process is the first of a virtual machine: the kernel starts it under this name, and nobody else does.
pub(crate) fn is_machine() -> bool {
    rustix::process::getpid().is_init()
        && std::env::args_os().next().is_some_and(|name| name == "/init")
        && Path::new("/modules").is_dir()
}

/// From the first instruction of a machine to ready for commands.
pub(crate) fn start() -> Result<Machine, StartError> {
    let ports = boot()?;
    let (setup, rest) = start::read_setup(&ports.control)?;
    // Makes this machine differ from every other that came of the same snapshot. Comes before anything else.
    fresh::reseed(&setup.seed)?;
    fresh::set_clock(setup.now)?;
    family::forget_ignored_signals();
    let share_error = if setup.share { pump::mount(ports.files).err().map(|error| error.to_string()) } else { None };
    rustix::process::set_dumpable_behavior(DumpableBehavior::NotDumpable)
        .map_err(start::system("cannot hide memory"))?;
    make_home()?;
    let guard = Guard::build();
    let ward = VmWard::new(setup.limits).map_err(StartError::Filter)?;
    let signals = family::child_signals().map_err(|source| StartError::System { doing: "signals", source })?;
    let proxy = setup.network.then(Proxy::open).transpose();
    let proxy = proxy.map_err(start::system("cannot open the proxy's port"))?;
    let hello = GuestHello { protocol: PROTOCOL, landlock: guard::version(), share_error };
    let mut channel = Channel::new(ports.control, rest).map_err(start::system("cannot use the port"))?;
    channel.push(&Frame::new(0, FrameKind::Hello, serde_json::to_vec(&hello).unwrap_or_default()));
    start::silence()?;
    let terms = Terms { limits: setup.limits, domain: guard.domain(), network: setup.network };
    let agent = Agent::new(channel, signals, terms, Box::new(ward));
    Ok(Machine { agent: proxy.into_iter().fold(agent, Agent::with_proxy), _guard: guard })
}

/// Makes the machine ready for any task. Opening the control port tells the host that it is.
fn boot() -> Result<Ports, VmError> {
    boot::mount_system()?;
    boot::load_modules()?;
    disks::enter()?;
    boot::mount_scratch()?;
    boot::raise_loopback()?;
    boot::name_machine()?;
    group::prepare()?;
    let files = ports::open("deskhand.files")?;
    let control = ports::open("deskhand.control")?;
    Ok(Ports { control, files })
}

fn make_home() -> Result<(), VmError> {
    std::fs::create_dir_all(HOME).map_err(VmError::system("make", HOME))?;
    std::os::unix::fs::chown(HOME, Some(USER), Some(USER)).map_err(VmError::system("give away", HOME))
}
