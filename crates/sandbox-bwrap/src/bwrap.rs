//! Starting machines and trying out whether they can be started.

use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use event::{TaskId, Tier};
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use sandbox::{
    Command, Exit, Frame, FrameKind, GuestHello, GuestSetup, Machine, Mount, Output, PROTOCOL, Readiness,
    ResourceLimits, Sandbox, SandboxError,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::process::Child;

use crate::arguments::{Holding, OWN_PLACES, Plan, arguments, is_writable};
use crate::layout::{Layout, written_files};
use crate::link::Link;
use crate::machine::BwrapMachine;
use crate::places::Places;
use crate::readiness::{Settings, explain, not_installed};
use crate::spawner::Spawner;

/// Where bubblewrap may be. The search path is not asked: it may lead to anything.
const KNOWN_PLACES: [&str; 4] =
    ["/usr/bin/bwrap", "/bin/bwrap", "/usr/local/bin/bwrap", "/run/current-system/sw/bin/bwrap"];
/// How long a machine may take to greet.
const GREETING: Duration = Duration::from_secs(20);
/// Bytes of a complaint that are read.
const COMPLAINT: u64 = 4096;

/// The program that acts as the guest: an executable and the arguments that make it so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuestProgram {
    /// Absolute path of the executable.
    pub path: PathBuf,
    /// Its arguments.
    pub args: Vec<String>,
}

/// Isolation by Linux namespaces through bubblewrap. Start machines from within a tokio runtime.
pub struct BwrapSandbox {
    guest: GuestProgram,
    program: Option<PathBuf>,
    layout: Layout,
    spawner: Mutex<Option<Arc<Spawner>>>,
}

impl BwrapSandbox {
    /// A sandbox with the system's bubblewrap.
    pub fn new(guest: GuestProgram) -> Self {
        let program = KNOWN_PLACES.into_iter().map(PathBuf::from).find(|path| path.is_file());
        Self { guest, program, layout: Layout::find(), spawner: Mutex::default() }
    }

    /// The same with another bubblewrap.
    #[must_use]
    pub fn with_program(mut self, path: &Path) -> Self {
        self.program = path.is_file().then(|| path.to_owned());
        self
    }

    async fn start_machine(&self, mounts: Vec<Mount>, limits: ResourceLimits) -> Result<BwrapMachine, SandboxError> {
        let program = self.program.as_ref().ok_or_else(not_installed)?;
        let places = Places::open(&mounts)?;
        let holding = holding();
        let files = written_files().map_err(start_failed)?;
        let numbers: Vec<(&'static str, RawFd)> = files.iter().map(|(path, file)| (*path, file.as_raw_fd())).collect();
        let plan = Plan { layout: &self.layout, files: &numbers, mounts: &mounts, holding, limits, guest: &self.guest };
        let (ours, theirs) = std::os::unix::net::UnixStream::pair().map_err(start_failed)?;
        ours.set_nonblocking(true).map_err(start_failed)?;
        let socket = UnixStream::from_std(ours).map_err(start_failed)?;
        let command = command(program, &plan, OwnedFd::from(theirs));
        let spawner = self.spawner().map_err(start_failed)?;
        let mut child = spawner.spawn(command).await.map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => not_installed(),
            _ => start_failed(error),
        })?;
        drop(files);
        let setup = setup(&mounts, holding, limits);
        let (socket, hello) = match tokio::time::timeout(GREETING, greet(socket, &setup)).await {
            Ok(Some(greeted)) => greeted,
            Ok(None) => return Err(explain(&complaint(&mut child).await, &Settings::read())),
            Err(_) => return Err(SandboxError::Start("it did not answer in time".to_owned())),
        };
        if hello.protocol != PROTOCOL {
            return Err(SandboxError::Start(format!("its program speaks protocol {}", hello.protocol)));
        }
        places.confirm(&mounts, &hello.mounts)?;
        Ok(BwrapMachine::new(Link::new(socket), child, spawner))
    }

    fn spawner(&self) -> std::io::Result<Arc<Spawner>> {
        let mut slot = self.spawner.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(spawner) = slot.as_ref() {
            return Ok(Arc::clone(spawner));
        }
        let spawner = Arc::new(Spawner::start()?);
        *slot = Some(Arc::clone(&spawner));
        Ok(spawner)
    }

    async fn try_out(&self) -> Result<(), SandboxError> {
        let machine = self.start_machine(Vec::new(), ResourceLimits::default()).await?;
        let command = Command {
            argv: vec!["true".to_owned()],
            directory: "/".to_owned(),
            environment: Vec::new(),
            timeout: Duration::from_secs(10),
            may_delete: false,
        };
        let mut execution = machine.exec(command).await?;
        let mut last = None;
        while let Some(item) = execution.output.next().await {
            last = Some(item?);
        }
        machine.stop().await;
        match last {
            Some(Output::Exit(Exit { code: Some(0), .. })) => Ok(()),
            other => Err(SandboxError::Start(format!("a first command ended with {other:?}"))),
        }
    }
}

impl Sandbox for BwrapSandbox {
    fn tier(&self) -> Tier {
        Tier::Namespace
    }

    fn probe(&self) -> BoxFuture<'_, Readiness> {
        Box::pin(async {
            match self.try_out().await {
                Ok(()) => Readiness { ready: true, detail: ready_detail(), hint: String::new() },
                Err(error) => Readiness { ready: false, detail: error.to_string(), hint: error.hint().to_owned() },
            }
        })
    }

    fn start(
        &self,
        _task: TaskId,
        mounts: Vec<Mount>,
        limits: ResourceLimits,
    ) -> BoxFuture<'_, Result<Box<dyn Machine>, SandboxError>> {
        Box::pin(async move {
            let machine: Box<dyn Machine> = Box::new(self.start_machine(mounts, limits).await?);
            Ok(machine)
        })
    }
}

fn start_failed(error: std::io::Error) -> SandboxError {
    SandboxError::Start(error.to_string())
}

fn ready_detail() -> String {
    match holding() {
        Holding::Possible => "commands run in namespaces of their own, without a network".to_owned(),
        Holding::Impossible => {
            "commands run in namespaces of their own; without Landlock in the kernel, folders are read-only for them"
                .to_owned()
        }
    }
}

fn setup(mounts: &[Mount], holding: Holding, limits: ResourceLimits) -> GuestSetup {
    let inside = |mount: &Mount| mount.inside.to_string_lossy().into_owned();
    let writable = || mounts.iter().filter(|mount| is_writable(mount, holding));
    let own = OWN_PLACES.iter().map(|place| (*place).to_owned());
    GuestSetup {
        protocol: PROTOCOL,
        mounts: mounts.iter().map(inside).collect(),
        deletable: own.chain(writable().filter(|mount| !mount.guarded).map(inside)).collect(),
        guards: writable().any(|mount| mount.guarded),
        limits,
    }
}

#[expect(unsafe_code, reason = "running code in the new process has no safe door")]
fn command(program: &Path, plan: &Plan<'_>, socket: OwnedFd) -> tokio::process::Command {
    let mut command = tokio::process::Command::new(program);
    let kept: Vec<RawFd> = plan.files.iter().map(|(_, descriptor)| *descriptor).collect();
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

/// Introduces the machine to the guest and waits for its greeting; none when it ended instead.
async fn greet(mut socket: UnixStream, setup: &GuestSetup) -> Option<(UnixStream, GuestHello)> {
    let frame = Frame::new(0, FrameKind::Setup, serde_json::to_vec(setup).ok()?);
    socket.write_all(&frame.encode()).await.ok()?;
    let mut bytes = Vec::new();
    loop {
        if socket.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
        if let Some((frame, _)) = Frame::decode(&bytes).ok()? {
            let hello = (frame.kind == Some(FrameKind::Hello)).then_some(frame.payload)?;
            return Some((socket, serde_json::from_slice(&hello).ok()?));
        }
    }
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

/// Asks the kernel, which host and guest share in this tier, whether it has Landlock.
#[expect(unsafe_code, reason = "the version has no safe door")]
fn holding() -> Holding {
    const ASK_VERSION: u32 = 1;
    // SAFETY: with this flag the call takes no pointer and only returns a number.
    let version =
        unsafe { libc::syscall(libc::SYS_landlock_create_ruleset, std::ptr::null::<u8>(), 0_usize, ASK_VERSION) };
    if version > 0 { Holding::Possible } else { Holding::Impossible }
}
