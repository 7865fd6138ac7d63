//! From a plan to a guest that has greeted: starting bubblewrap, introducing the machine, and what went wrong.

use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use sandbox::link::greet;
use sandbox::{GuestHello, GuestSetup, PROTOCOL, ResourceLimits, SandboxError, Spawner};
use tokio::io::AsyncReadExt;
use tokio::net::UnixStream;
use tokio::process::Child;

use crate::arguments::{Files, Plan, arguments};
use crate::bwrap::GuestProgram;
use crate::layout::{Layout, written_files};
use crate::readiness::{Settings, explain, not_installed};

/// How long a machine may take to greet.
const GREETING: Duration = Duration::from_secs(20);
/// Bytes of a complaint that are read.
const COMPLAINT: u64 = 4096;

/// What machines are started with.
pub(crate) struct Boot<'a> {
    pub(crate) program: &'a Path,
    pub(crate) layout: &'a Layout,
    pub(crate) guest: &'a GuestProgram,
    pub(crate) spawner: Arc<Spawner>,
}

/// What a machine is started as.
#[derive(Clone, Copy)]
pub(crate) struct Wanted<'a> {
    pub(crate) files: Files<'a>,
    pub(crate) network: Networked,
    pub(crate) limits: ResourceLimits,
}

/// Whether a machine's connections are carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Networked {
    Yes,
    No,
}

/// A guest that has greeted.
pub(crate) struct Booted {
    pub(crate) socket: UnixStream,
    pub(crate) child: Child,
    pub(crate) spawner: Arc<Spawner>,
    pub(crate) hello: GuestHello,
    pub(crate) device: Device,
}

/// Whether the guest could mount files of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Device {
    /// Its device came.
    Came,
    /// None came.
    Missing,
}

impl Boot<'_> {
    /// Starts a machine. `serve` gets the device of its files as soon as there is one.
    pub(crate) async fn start(self, wanted: Wanted<'_>, serve: impl FnOnce(OwnedFd)) -> Result<Booted, SandboxError> {
        let written = written_files().map_err(start_failed)?;
        let numbers: Vec<(&'static str, RawFd)> =
            written.iter().map(|(path, file)| (*path, file.as_raw_fd())).collect();
        let Wanted { files, network, limits } = wanted;
        let plan = Plan { layout: self.layout, written: &numbers, files, limits, guest: self.guest };
        let (ours, theirs) = std::os::unix::net::UnixStream::pair().map_err(start_failed)?;
        ours.set_nonblocking(true).map_err(start_failed)?;
        let mut socket = UnixStream::from_std(ours).map_err(start_failed)?;
        let command = command(self.program, &plan, OwnedFd::from(theirs));
        let mut child = self.spawner.spawn(command).await.map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => not_installed(),
            _ => start_failed(error),
        })?;
        drop(written);
        let setup = GuestSetup {
            protocol: PROTOCOL,
            share: matches!(files, Files::Shared),
            network: network == Networked::Yes,
            limits,
            seed: String::new(),
            now: 0,
        };
        let mut device = Device::Missing;
        let on_files = |descriptor| {
            device = Device::Came;
            serve(descriptor);
        };
        let hello = match tokio::time::timeout(GREETING, greet(&mut socket, &setup, on_files)).await {
            Ok(Some(hello)) => hello,
            Ok(None) => return Err(explain(&complaint(&mut child).await, &Settings::read())),
            Err(_) => return Err(SandboxError::Start("it did not answer in time".to_owned())),
        };
        if hello.protocol != PROTOCOL {
            return Err(SandboxError::Start(format!("its program speaks protocol {}", hello.protocol)));
        }
        Ok(Booted { socket, child, spawner: self.spawner, hello, device })
    }
}

pub(crate) fn start_failed(error: std::io::Error) -> SandboxError {
    SandboxError::Start(error.to_string())
}

#[expect(unsafe_code, reason = "running code in the new process has no safe door")]
fn command(program: &Path, plan: &Plan<'_>, socket: OwnedFd) -> tokio::process::Command {
    let mut command = tokio::process::Command::new(program);
    let kept: Vec<RawFd> = plan.written.iter().map(|(_, descriptor)| *descriptor).collect();
    command
        .args(arguments(plan))
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::from(socket))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    // SAFETY: the closure runs between fork and exec; it makes system calls on integers it owns, allocates nothing
    // and takes no lock. The descriptors are open: the caller holds them until the child was started.
    unsafe {
        command.pre_exec(move || {
            for &descriptor in &kept {
                if libc::fcntl(descriptor, libc::F_SETFD, 0) == -1 {
                    return Err(std::io::Error::last_os_error());
                }
            }
            Ok(())
        });
    }
    command
}

/// What bubblewrap or the guest said before it ended.
async fn complaint(child: &mut Child) -> String {
    let mut text = Vec::new();
    if let Some(stderr) = child.stderr.take() {
        let reading = stderr.take(COMPLAINT);
        tokio::pin!(reading);
        // What was read by then is all there is to tell.
        tokio::time::timeout(Duration::from_secs(2), reading.read_to_end(&mut text)).await.ok();
    }
    String::from_utf8_lossy(&text).into_owned()
}
