//! What the tests stand on: the image, a sandbox whose saved machine all of them use, a machine with folders.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use event::{Access, CallId, Consent, Inquiry, TaskId};
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use sandbox::{
    Asker, Command, Errand, Exit, Machine, Mount, Order, Output, ResourceLimits, Sandbox, SandboxError, Share, Shares,
    Stream,
};
use sandbox_vm::{VmImage, VmOptions, VmSandbox};
use share::GuardedShares;

/// Names the directory of the image where it is not the usual one.
pub(crate) const IMAGE_VARIABLE: &str = "DESKHAND_VM_IMAGE";
/// Names the directory of the saved machine where it is not beside the image.
pub(crate) const STATE_VARIABLE: &str = "DESKHAND_VM_STATE";

/// The image; none, said aloud, where it was not made.
pub(crate) fn image() -> Option<VmImage> {
    let usual = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/vm");
    let place = std::env::var_os(IMAGE_VARIABLE).map_or_else(usual, PathBuf::from);
    let Ok(place) = place.canonicalize() else { return skipped() };
    let image = VmImage { kernel: place.join("vmlinuz"), initrd: place.join("initrd"), root: None, layers: vec![] };
    if image.kernel.is_file() && image.initrd.is_file() { Some(image) } else { skipped() }
}

fn skipped() -> Option<VmImage> {
    println!("skipped: run cargo xtask vm-image");
    None
}

/// Settings with this directory for the saved machine.
pub(crate) fn options(state_dir: PathBuf) -> VmOptions {
    VmOptions { allow_tcg: true, memory_mib: 384, cpus: 1, state_dir }
}

/// The sandbox that all tests share the saved machine of.
pub(crate) fn vm() -> Option<VmSandbox> {
    let image = image()?;
    let beside = || image.kernel.with_file_name("state");
    let state = std::env::var_os(STATE_VARIABLE).map_or_else(beside, PathBuf::from);
    private(&state);
    Some(VmSandbox::new(image, options(state)))
}

/// Makes a directory for this user alone; one from before may have been open to others.
fn private(place: &Path) {
    std::fs::create_dir_all(place).unwrap();
    std::fs::set_permissions(place, std::fs::Permissions::from_mode(0o700)).unwrap();
}

/// An empty directory without links in its path.
pub(crate) fn scratch() -> (tempfile::TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().canonicalize().unwrap();
    (directory, path)
}

/// A machine with `/work/desk` and `/outputs`.
pub(crate) struct Desk {
    pub(crate) machine: Box<dyn Machine>,
    pub(crate) files: Arc<dyn Share>,
    pub(crate) root: PathBuf,
    _directory: tempfile::TempDir,
}

/// Says no to everything.
struct Nobody;

impl Asker for Nobody {
    fn ask(&self, _: Inquiry) -> BoxFuture<'static, Consent> {
        Box::pin(std::future::ready(Consent::Refused { why: "nobody is there".to_owned() }))
    }
}

/// Starts a machine.
pub(crate) async fn desk(sandbox: &VmSandbox) -> Result<Desk, SandboxError> {
    let (directory, root) = scratch();
    for name in ["desk", "outputs", "journal"] {
        std::fs::create_dir(root.join(name)).unwrap();
    }
    let mount = |name: &str, inside: &str, guarded| Mount {
        host: root.join(name),
        inside: PathBuf::from(inside),
        access: Access::ReadWrite,
        guarded,
    };
    let mounts = vec![mount("desk", "/work/desk", true), mount("outputs", "/outputs", false)];
    let task = TaskId::from_random([7; 8]);
    let files = GuardedShares::default().open(task, &root.join("journal"), mounts)?;
    let call = CallId::from("call");
    files.begin(Errand { call, turn: 1, asker: Arc::new(Nobody) });
    let limits = ResourceLimits::default();
    let order = Order { task, tier: None, files: Arc::clone(&files), network: None, limits };
    let machine = sandbox.start(order).await?;
    Ok(Desk { machine, files, root, _directory: directory })
}

/// A shell command.
pub(crate) fn shell(script: &str) -> Command {
    Command {
        argv: ["sh", "-c", script].map(str::to_owned).to_vec(),
        directory: "/work/desk".to_owned(),
        environment: Vec::new(),
        timeout: Duration::from_mins(1),
    }
}

impl Desk {
    /// Runs a script to its end: what it wrote, both streams together, and how it ended.
    pub(crate) async fn run(&self, script: &str) -> Result<(String, Exit), SandboxError> {
        let mut execution = self.machine.exec(shell(script)).await?;
        let mut said = Vec::new();
        while let Some(item) = execution.output.next().await {
            match item? {
                Output::Bytes(Stream::Out | Stream::Error, bytes) => said.extend(bytes),
                Output::Exit(exit) => return Ok((String::from_utf8_lossy(&said).into_owned(), exit)),
            }
        }
        Err(SandboxError::Lost("no exit came".to_owned()))
    }

    /// Runs a script that must succeed, for what it says.
    pub(crate) async fn says(&self, script: &str) -> String {
        let (said, exit) = self.run(script).await.unwrap();
        assert_eq!(exit.code, Some(0), "{script}: {said}");
        said
    }
}

/// The QEMUs that this process started, by number.
pub(crate) fn machines() -> Vec<u32> {
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let numbers = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    numbers.filter(|&number| is_qemu(number) && descends(number)).collect()
}

/// Whether a process is a machine's QEMU.
pub(crate) fn is_qemu(number: u32) -> bool {
    let line = std::fs::read(format!("/proc/{number}/cmdline")).unwrap_or_default();
    let line = String::from_utf8_lossy(&line).into_owned();
    line.split('\0').next().is_some_and(|program| program.contains("qemu")) && line.contains("name=deskhand.control")
}

fn descends(mut number: u32) -> bool {
    while number > 1 {
        if number == std::process::id() {
            return true;
        }
        let status = std::fs::read_to_string(format!("/proc/{number}/status")).unwrap_or_default();
        let parent = status.lines().find_map(|line| line.strip_prefix("PPid:")?.trim().parse().ok());
        number = parent.unwrap_or(0);
    }
    false
}
