//! Starting a program that outlives the terminal it was started from.

use std::ffi::{OsStr, OsString};
use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// The program cannot be started.
#[derive(Debug, thiserror::Error)]
#[error("cannot start `{}`: {source}", program.display())]
pub struct DetachError {
    program: PathBuf,
    source: std::io::Error,
}

impl DetachError {
    /// The one next step for the user.
    pub fn hint(&self) -> &'static str {
        "check the rights of the program and of Deskhand's home"
    }
}

/// What to start, and where.
#[derive(Debug, Clone)]
pub struct Detached<'d> {
    /// The program.
    pub program: &'d Path,
    /// Its arguments.
    pub arguments: &'d [&'d OsStr],
    /// Variables beside those of this process.
    pub variables: &'d [(&'d str, OsString)],
    /// Where it works; a directory that may stay in use.
    pub directory: &'d Path,
    /// What it says goes to the end of this file, which only its user can read.
    pub log: &'d Path,
}

/// Starts a program in a session of its own: closing the terminal does not end it.
///
/// # Errors
/// Where the log cannot be opened or the program cannot be started.
pub fn start_detached(wish: &Detached<'_>) -> Result<Child, DetachError> {
    let failed = |source| DetachError { program: wish.program.to_owned(), source };
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let out = options.open(wish.log).map_err(failed)?;
    let errors = out.try_clone().map_err(failed)?;
    let mut command = Command::new(wish.program);
    command.args(wish.arguments).envs(wish.variables.iter().map(|(name, value)| (name, value)));
    command.current_dir(wish.directory).stdin(Stdio::null()).stdout(out).stderr(errors);
    own_session(&mut command);
    command.spawn().map_err(failed)
}

/// Takes a program out of the terminal's session.
#[cfg(unix)]
#[allow(unsafe_code, reason = "a child's first steps can only be set this way")]
pub(crate) fn own_session(command: &mut Command) {
    use std::os::unix::process::CommandExt as _;
    // SAFETY: between fork and exec only `setsid` runs, which is async-signal-safe and touches no memory.
    unsafe {
        command.pre_exec(|| rustix::process::setsid().map(|_session| ()).map_err(Into::into));
    }
}

/// Takes a program out of the terminal's session.
#[cfg(not(unix))]
pub(crate) fn own_session(_command: &mut Command) {}
