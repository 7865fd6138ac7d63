//! Starting one QEMU: its sockets, its confinement, its last words.

use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::net::UnixStream as Pair;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::UnixStream;
use tokio::net::unix::pipe::Receiver;
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;

use crate::accelerator::Accelerator;
use crate::arguments::{Birth, Sockets, arguments};
use crate::confinement::{confinement, seen_confined, seen_openly};
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

impl Launcher {
    /// Starts a QEMU whose memory lies in `place`.
    pub(crate) async fn launch(
        &self,
        accelerator: Accelerator,
        birth: Birth,
        place: &Path,
    ) -> Result<Launched, VmError> {
        let failed = |error: std::io::Error| VmError::Launch { what: error.to_string(), console: String::new() };
        let (monitor, monitor_end) = Pair::pair().map_err(failed)?;
        let (control, control_end) = Pair::pair().map_err(failed)?;
        let (files, files_end) = Pair::pair().map_err(failed)?;
        let (words, words_end) = std::io::pipe().map_err(failed)?;
        let sockets = Sockets {
            monitor: monitor_end.as_raw_fd(),
            control: control_end.as_raw_fd(),
            files: files_end.as_raw_fd(),
        };
        let mut command = self.command(accelerator, birth, place, sockets);
        command.stdin(Stdio::null()).env_clear().current_dir("/").kill_on_drop(true);
        command.stdout(words_end.try_clone().map_err(failed)?).stderr(words_end);
        keep(&mut command, [monitor_end, control_end, files_end].map(OwnedFd::from));
        let child = self.spawner.spawn(command).await.map_err(failed)?;
        let console = Console::default();
        let words = Receiver::from_owned_fd(OwnedFd::from(words)).map_err(failed)?;
        let reading = tokio::spawn(console.clone().read(words));
        let monitor = match tokio::time::timeout(THERE, Monitor::open(ours(monitor).map_err(failed)?)).await {
            Ok(Ok(monitor)) => monitor,
            Ok(Err(what)) => return Err(self.launch_failed(what, &console, reading).await),
            Err(_) => {
                let what = format!("it did not answer within {} s", THERE.as_secs());
                return Err(self.launch_failed(what, &console, reading).await);
            }
        };
        Ok(Launched { child, monitor, control: ours(control).map_err(failed)?, files, console })
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

    async fn launch_failed(&self, what: String, console: &Console, reading: JoinHandle<()>) -> VmError {
        // What was read by then is all there is to tell.
        tokio::time::timeout(LAST_WORDS, reading).await.ok();
        VmError::Launch { what, console: console.quoted(&self.options.state_dir) }
    }
}

fn ours(end: Pair) -> std::io::Result<UnixStream> {
    end.set_nonblocking(true)?;
    UnixStream::from_std(end)
}

/// Lets the new process have these descriptors under their numbers, and die with the thread that starts it.
#[expect(unsafe_code, reason = "running code in the new process has no safe door")]
fn keep(command: &mut Command, kept: [OwnedFd; 3]) {
    // SAFETY: the closure runs between fork and exec; it makes system calls on integers, allocates nothing and takes no
    // lock. The descriptors are open: it owns them, so they live as long as the command does.
    unsafe {
        command.pre_exec(move || {
            #[cfg(target_os = "linux")]
            if libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) == -1 {
                return Err(std::io::Error::last_os_error());
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
