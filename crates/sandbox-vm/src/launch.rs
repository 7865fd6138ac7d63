//! Starting one QEMU: its sockets, its confinement, its last words.

use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::net::UnixStream as Pair;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use rustix::process::Pid;
use serde_json::json;
use tokio::net::UnixStream;
use tokio::net::unix::pipe::Receiver;
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;

use crate::accelerator::{Accelerator, Fault};
use crate::arguments::{Birth, Sockets, arguments, trial_arguments};
use crate::confinement::{bare_confinement, confinement, seen_confined, seen_openly};
use crate::console::Console;
use crate::failure::VmError;
use crate::image::{VmImage, VmOptions};
use crate::monitor::Monitor;
use sandbox::Spawner;

/// How long QEMU may take to be there, without its machine.
const THERE: Duration = Duration::from_secs(20);
/// How long the last words of a QEMU that ended are waited for.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// What every machine of this computer is started with.
pub(crate) struct Launcher {
    pub(crate) qemu: PathBuf,
    pub(crate) bubblewrap: Option<PathBuf>,
    pub(crate) image: VmImage,
    pub(crate) options: VmOptions,
    pub(crate) spawner: Arc<Spawner>,
}

/// A QEMU that is there and answers. Dropping it kills it.
pub(crate) struct Launched {
    pub(crate) child: Child,
    pub(crate) monitor: Monitor,
    pub(crate) control: UnixStream,
    pub(crate) files: Pair,
    pub(crate) console: Console,
}

/// Where the last words of a QEMU that failed go.
#[derive(Clone, Copy)]
enum Words {
    /// Into the error, and all of them into a file.
    Kept,
    /// Into the error alone.
    Quoted,
}

/// A QEMU that answers, before anything is known of its machine.
struct Begun {
    child: Child,
    monitor: Monitor,
    console: Console,
    /// Takes in its last words.
    reading: JoinHandle<()>,
}

impl Launcher {
    /// Starts a QEMU whose memory lies in `place`.
    pub(crate) async fn launch(
        &self,
        accelerator: Accelerator,
        birth: Birth,
        place: &Path,
    ) -> Result<Launched, VmError> {
        let (monitor, monitor_end) = Pair::pair().map_err(failed)?;
        let (control, control_end) = Pair::pair().map_err(failed)?;
        let (files, files_end) = Pair::pair().map_err(failed)?;
        let sockets = Sockets {
            monitor: monitor_end.as_raw_fd(),
            control: control_end.as_raw_fd(),
            files: files_end.as_raw_fd(),
        };
        let command = self.command(accelerator, birth, place, sockets);
        let ends = [monitor_end, control_end, files_end].map(OwnedFd::from);
        let Begun { child, monitor, console, .. } = self.start(command, ends.into(), monitor, Words::Kept).await?;
        Ok(Launched { child, monitor, control: ours(control).map_err(failed)?, files, console })
    }

    /// Whose fault it is that an accelerated machine did not start: tries machines that need no file, no disk and
    /// hardly any memory. What KVM cannot do it cannot do twice: a failure may also be that of a busy computer.
    pub(crate) async fn fault(&self) -> Fault {
        if self.trial(Accelerator::Kvm).await.is_ok() {
            return Fault::Unclear;
        }
        if self.trial(Accelerator::Emulation).await.is_err() {
            return Fault::Other;
        }
        match self.trial(Accelerator::Kvm).await {
            Ok(()) => Fault::Unclear,
            Err(error) => Fault::Kvm(error.to_string()),
        }
    }

    async fn trial(&self, accelerator: Accelerator) -> Result<(), VmError> {
        let (monitor, end) = Pair::pair().map_err(failed)?;
        let arguments = trial_arguments(accelerator, end.as_raw_fd());
        let mut command = match &self.bubblewrap {
            Some(bubblewrap) => {
                let mut command = Command::new(bubblewrap);
                command.args(bare_confinement(accelerator)).arg(&self.qemu);
                command
            }
            None => Command::new(&self.qemu),
        };
        command.args(arguments);
        let mut begun = self.start(command, vec![end.into()], monitor, Words::Quoted).await?;
        let answer = begun.monitor.run("query-status", &json!({})).await;
        // It has nothing more to do; where it cannot be killed it has ended.
        begun.child.kill().await.ok();
        match answer {
            Ok(_) => Ok(()),
            Err(what) => Err(self.launch_failed(what, &begun.console, begun.reading, Words::Quoted).await),
        }
    }

    /// Starts a QEMU that has these descriptors, and waits until it is there.
    async fn start(
        &self,
        mut command: Command,
        kept: Vec<OwnedFd>,
        monitor: Pair,
        last: Words,
    ) -> Result<Begun, VmError> {
        let (words, words_end) = std::io::pipe().map_err(failed)?;
        command.stdin(Stdio::null()).env_clear().current_dir("/").kill_on_drop(true);
        command.stdout(words_end.try_clone().map_err(failed)?).stderr(words_end);
        keep(&mut command, kept, rustix::process::getpid());
        let child = self.spawner.spawn(command).await.map_err(failed)?;
        let console = Console::default();
        let words = Receiver::from_owned_fd(OwnedFd::from(words)).map_err(failed)?;
        let reading = tokio::spawn(console.clone().read(words));
        match tokio::time::timeout(THERE, Monitor::open(ours(monitor).map_err(failed)?)).await {
            Ok(Ok(monitor)) => Ok(Begun { child, monitor, console, reading }),
            Ok(Err(what)) => Err(self.launch_failed(what, &console, reading, last).await),
            Err(_) => {
                let what = format!("it did not answer within {} s", THERE.as_secs());
                Err(self.launch_failed(what, &console, reading, last).await)
            }
        }
    }

    fn command(&self, accelerator: Accelerator, birth: Birth, place: &Path, sockets: Sockets) -> Command {
        let size = (self.options.memory_mib, self.options.cpus);
        match &self.bubblewrap {
            Some(bubblewrap) => {
                let mut command = Command::new(bubblewrap);
                command.args(confinement(&self.image, place, birth, accelerator)).arg(&self.qemu);
                command.args(arguments(accelerator, size, birth, &seen_confined(&self.image), sockets));
                command
            }
            None => {
                let mut command = Command::new(&self.qemu);
                command.args(arguments(accelerator, size, birth, &seen_openly(&self.image, place), sockets));
                command
            }
        }
    }

    async fn launch_failed(&self, what: String, console: &Console, reading: JoinHandle<()>, last: Words) -> VmError {
        // What was read by then is all there is to tell.
        tokio::time::timeout(LAST_WORDS, reading).await.ok();
        let console = match last {
            Words::Kept => console.quoted(&self.options.state_dir),
            Words::Quoted => console.quoted_alone(),
        };
        VmError::Launch { what, console }
    }
}

fn ours(end: Pair) -> std::io::Result<UnixStream> {
    end.set_nonblocking(true)?;
    UnixStream::from_std(end)
}

fn failed(error: std::io::Error) -> VmError {
    VmError::Launch { what: error.to_string(), console: String::new() }
}

/// Lets the new process have these descriptors under their numbers, and die with the thread that starts it, which
/// belongs to the process `parent`. It has no huge pages: they would be as much memory again, mostly unused.
#[expect(unsafe_code, reason = "running code in the new process has no safe door")]
fn keep(command: &mut Command, kept: Vec<OwnedFd>, parent: Pid) {
    // SAFETY: the closure runs between fork and exec; it makes system calls on integers, allocates nothing and takes no
    // lock. The descriptors are open: it owns them, so they live as long as the command does.
    unsafe {
        command.pre_exec(move || {
            #[cfg(target_os = "linux")]
            if libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) == -1
                || libc::prctl(libc::PR_SET_THP_DISABLE, 1, 0, 0, 0) == -1
            {
                return Err(std::io::Error::last_os_error());
            }
            // It may have died before the signal was asked for, and would then never send it.
            if rustix::process::getppid() != Some(parent) {
                return Err(std::io::Error::from_raw_os_error(libc::ESRCH));
            }
            for descriptor in &kept {
                if libc::fcntl(descriptor.as_raw_fd(), libc::F_SETFD, 0) == -1 {
                    return Err(std::io::Error::last_os_error());
                }
            }
            Ok(())
        });
    }
}

#[cfg(test)]
#[path = "launch_tests.rs"]
mod tests;
