//! Real machines around the guest built from this crate.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use event::{Access, TaskId};
use futures_util::StreamExt;
use sandbox::{Command, Exit, Machine, Mount, Network, Order, Output, ResourceLimits, Sandbox, SandboxError, Share};
use sandbox_bwrap::{BwrapSandbox, GuestProgram};

use crate::still::Still;

/// Names another place of the guest, for a run as another user.
pub(crate) const GUEST_VARIABLE: &str = "DESKHAND_TEST_GUEST";

pub(crate) fn guest() -> PathBuf {
    std::env::var_os(GUEST_VARIABLE).map_or_else(|| PathBuf::from(env!("CARGO_BIN_EXE_deskhand-guest")), PathBuf::from)
}

pub(crate) fn bwrap() -> BwrapSandbox {
    BwrapSandbox::new(GuestProgram { path: guest(), args: Vec::new() })
}

/// Whether files can be given to machines here; a test that needs them says so and ends where not.
pub(crate) fn has_files() -> bool {
    let device = std::fs::File::options().read(true).write(true).open("/dev/fuse");
    device.inspect_err(|error| println!("skipped: cannot open /dev/fuse: {error}")).is_ok()
}

/// A directory of the test's own, without links in its path.
pub(crate) fn scratch() -> (tempfile::TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().canonicalize().unwrap();
    (directory, path)
}

pub(crate) fn mount(host: &Path, inside: &str, access: Access, guarded: bool) -> Mount {
    Mount { host: host.to_owned(), inside: inside.into(), access, guarded }
}

pub(crate) fn order(files: Arc<dyn Share>, network: Option<Arc<dyn Network>>) -> Order {
    Order { task: TaskId::from_random([0; 8]), tier: None, files, network, limits: ResourceLimits::default() }
}

/// A machine without files of anybody, and with these limits.
pub(crate) async fn limited(limits: ResourceLimits) -> Box<dyn Machine> {
    bwrap().start(Order { limits, ..order(Arc::new(Still), None) }).await.unwrap()
}

/// A machine with nothing but its own places.
pub(crate) async fn bare() -> Box<dyn Machine> {
    limited(ResourceLimits::default()).await
}

pub(crate) fn command(argv: &[&str]) -> Command {
    Command {
        argv: argv.iter().map(|&word| word.to_owned()).collect(),
        directory: "/tmp".to_owned(),
        environment: Vec::new(),
        timeout: Duration::from_mins(1),
    }
}

pub(crate) fn bash(script: &str) -> Command {
    command(&["/bin/bash", "-c", script])
}

/// The system's own python; another one on the search path may lie where machines cannot see it.
pub(crate) fn python(script: &str) -> Command {
    command(&["/usr/bin/python3", "-c", script])
}

/// Both outputs together, and the exit.
pub(crate) async fn run(machine: &dyn Machine, command: Command) -> Result<(String, Exit), SandboxError> {
    let mut execution = machine.exec(command).await?;
    let mut bytes = Vec::new();
    while let Some(item) = execution.output.next().await {
        match item? {
            Output::Bytes(_, piece) => bytes.extend(piece),
            Output::Exit(exit) => return Ok((String::from_utf8_lossy(&bytes).into_owned(), exit)),
        }
    }
    panic!("the output ended without an exit");
}

pub(crate) fn exited(code: i32) -> Exit {
    Exit { code: Some(code), signal: None, timed_out: false, out_of_memory: false }
}

/// What a command that succeeds says.
pub(crate) async fn says(machine: &dyn Machine, command: Command) -> String {
    let (output, exit) = run(machine, command).await.unwrap();
    assert_eq!(exit, exited(0), "{output}");
    output
}
