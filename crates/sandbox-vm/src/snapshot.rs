//! The saved machine: made once from a cold start, restored for every task.
//!
//! Memory is a file that restored machines map privately, so they share what they do not change. Made under another
//! name and renamed, so that a half-made one is never found. Everything that must be the same is in its name: the image,
//! QEMU, what it is told, the computer.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use event::Digest;
use serde_json::{Value, json};

use crate::accelerator::Accelerator;
use crate::arguments::Birth;
use crate::confinement::{BEGINNING, MEMORY};
use crate::failure::VmError;
use crate::launch::{Launched, Launcher};
use crate::monitor::Monitor;

/// What is saved beside the memory.
const STATE: &str = "state";
/// Says what the memory's file was like when it was made. Restored machines cannot see it.
const MADE: &str = "made";
/// Bytes of the kernel that restored machines are given: more than any kernel's first part, which is what QEMU reads.
const BEGINNING_BYTES: u64 = 257 * 512;
/// How long saving or restoring may take.
const PATIENCE: Duration = Duration::from_mins(1);

/// A saved machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Snapshot {
    pub(crate) place: PathBuf,
    pub(crate) accelerator: Accelerator,
}

impl Snapshot {
    /// Where the one of this image and QEMU, told this, lies, made or not.
    pub(crate) fn named(state_dir: &Path, identity: &str, told: &str, accelerator: Accelerator) -> Self {
        let name = Digest::of(format!("{identity}\n{told}\n{accelerator:?}").as_bytes());
        Self { place: all(state_dir).join(name.to_string()), accelerator }
    }

    /// What it was like when it was made; none where it was not made or is not as it was then. A QEMU that was taken over
    /// could write to the memory of machines to come; it cannot take back that the file's time of change says so.
    /// Nor does anything count that belongs to another user: it may have been left before the directory was closed.
    pub(crate) fn made(&self) -> Option<String> {
        let files = [MEMORY, STATE, BEGINNING, MADE].map(|name| self.place.join(name));
        if ![&self.place].into_iter().chain(&files).all(|path| is_own(path)) {
            return None;
        }
        let made = fs::read_to_string(self.place.join(MADE)).ok()?;
        (mark(&self.place.join(MEMORY)).ok()? == made).then_some(made)
    }

    /// Throws it away if it is still the one that was `made` like this. Machines that were restored from it go on. The
    /// caller holds the lock.
    pub(crate) fn discard(&self, made: &str) {
        if self.made().is_none_or(|found| found == made) {
            // What cannot be removed is replaced when it is made anew.
            fs::remove_dir_all(&self.place).ok();
        }
    }

    /// Starts a machine from nothing and saves it once it is ready for any task, in place of one of its name and
    /// of all others but `kept`. The caller holds the lock.
    pub(crate) async fn make(&self, launcher: &Launcher, kept: &Self) -> Result<(), VmError> {
        let state_dir = &launcher.options.state_dir;
        let kept = Some(kept.place.as_path()).filter(|place| *place != self.place);
        remove_others(&all(state_dir), kept).map_err(VmError::state(state_dir))?;
        let part = all(state_dir).join("part");
        let made = self.make_in(&part, launcher).await;
        made.map_err(|error| {
            let error = if is_full(state_dir) { full(state_dir) } else { error };
            // It would only take room; what cannot be removed is the next attempt's to remove.
            fs::remove_dir_all(&part).ok();
            error
        })
    }

    async fn make_in(&self, part: &Path, launcher: &Launcher) -> Result<(), VmError> {
        let state_dir = &launcher.options.state_dir;
        fs::create_dir_all(part).map_err(VmError::state(part))?;
        let path = part.join(STATE);
        let state = File::options().read(true).write(true).create(true).truncate(true).open(&path);
        let state = state.map_err(VmError::state(&path))?;
        begin(&launcher.image.kernel, &part.join(BEGINNING)).map_err(VmError::state(part))?;
        let mut launched = launcher.launch(self.accelerator, Birth::Cold, part).await?;
        wait_until_ready(&mut launched, self.accelerator, state_dir).await?;
        save(&mut launched.monitor, &state).await.map_err(VmError::Save)?;
        // It has nothing more to do and would only answer.
        launched.child.kill().await.map_err(|error| VmError::Save(error.to_string()))?;
        let (part, place) = (part.to_owned(), self.place.clone());
        let kept = tokio::task::spawn_blocking(move || {
            File::open(part.join(MEMORY))?.sync_all()?;
            state.sync_all()?;
            let mut made = File::create_new(part.join(MADE))?;
            made.write_all(mark(&part.join(MEMORY))?.as_bytes())?;
            made.sync_all()?;
            fs::rename(&part, &place)
        });
        let kept = kept.await.map_err(|error| VmError::Save(error.to_string()))?;
        kept.map_err(VmError::state(&self.place))
    }

    /// Has this be the only one. The caller holds the lock.
    pub(crate) fn remove_others(&self, state_dir: &Path) {
        // What cannot be removed only takes room.
        remove_others(&all(state_dir), Some(&self.place)).ok();
    }

    /// Starts a machine as it was saved; it runs, but nobody has spoken to it.
    pub(crate) async fn restore(&self, launcher: &Launcher) -> Result<Launched, VmError> {
        let path = self.place.join(STATE);
        let state = File::open(&path);
        // Another process may have thrown it away.
        let state = state.map_err(|error| VmError::Restore(format!("`{}`: {error}", path.display())))?;
        let mut launched = launcher.launch(self.accelerator, Birth::Restored, &self.place).await?;
        load(&mut launched.monitor, &state).await.map_err(VmError::Restore)?;
        Ok(launched)
    }
}

/// Whether it is this user's, and no link.
fn is_own(path: &Path) -> bool {
    let own = rustix::process::geteuid().as_raw();
    fs::symlink_metadata(path).is_ok_and(|found| found.uid() == own && !found.is_symlink())
}

/// Differs once the file was written to.
fn mark(path: &Path) -> std::io::Result<String> {
    let found = fs::symlink_metadata(path)?;
    Ok(format!("{} {} {} {}", found.ino(), found.len(), found.ctime(), found.ctime_nsec()))
}

fn all(state_dir: &Path) -> PathBuf {
    state_dir.join("saved")
}

/// Takes the lock on everything that is saved, for as long as the file is kept. Makes the directory where there is none
/// and refuses one that others have a hand in: whoever writes there decides what machines do.
pub(crate) async fn lock(state_dir: &Path) -> Result<File, VmError> {
    let state_dir = state_dir.to_owned();
    let locked = tokio::task::spawn_blocking(move || {
        let failed = VmError::state(&state_dir);
        let place = || -> std::io::Result<_> {
            if !fs::exists(&state_dir)? {
                fs::DirBuilder::new().recursive(true).mode(0o700).create(&state_dir)?;
            }
            fs::symlink_metadata(&state_dir)
        };
        match place() {
            Ok(found) => check(&state_dir, &found)?,
            Err(error) => return Err(failed(error)),
        }
        let lock = || -> std::io::Result<_> {
            fs::DirBuilder::new().recursive(true).mode(0o700).create(all(&state_dir))?;
            let file = File::options().write(true).create(true).truncate(false).open(state_dir.join("lock"))?;
            rustix::fs::flock(&file, rustix::fs::FlockOperation::LockExclusive)?;
            Ok(file)
        };
        lock().map_err(failed)
    });
    locked.await.map_err(|error| VmError::Save(error.to_string()))?
}

/// Whether the directory is this user's alone.
fn check(path: &Path, found: &fs::Metadata) -> Result<(), VmError> {
    let refused = |what, hint: String| Err(VmError::Place { path: path.to_owned(), what, hint });
    if !found.is_dir() {
        return refused("it is a link or a file", format!("put a directory in its place: rm {}", path.display()));
    }
    if found.uid() != rustix::process::geteuid().as_raw() {
        return refused("it belongs to another user", "start Deskhand as its owner, or move it away".to_owned());
    }
    if found.mode() & 0o022 != 0 {
        // What they left there would be trusted once it is closed.
        let hint = format!("remove it, it is made anew: rm -r {}", path.display());
        return refused("others may write there", hint);
    }
    if found.mode() & 0o077 != 0 {
        return refused("others may use it", format!("close it: chmod 700 {}", path.display()));
    }
    Ok(())
}

/// Whether there is no room for a machine's memory to grow. QEMU only dies of it and does not say why.
fn is_full(place: &Path) -> bool {
    const ROOM: u64 = 4 << 20;
    rustix::fs::statvfs(place).is_ok_and(|found| found.f_bavail.saturating_mul(found.f_frsize) < ROOM)
}

fn full(place: &Path) -> VmError {
    VmError::state(place)(std::io::Error::from(std::io::ErrorKind::StorageFull))
}

/// Copies the beginning of the kernel.
fn begin(kernel: &Path, to: &Path) -> std::io::Result<()> {
    std::io::copy(&mut File::open(kernel)?.take(BEGINNING_BYTES), &mut File::create(to)?)?;
    Ok(())
}

/// One saved machine is kept: those of other images and releases will not be asked for again.
fn remove_others(place: &Path, kept: Option<&Path>) -> std::io::Result<()> {
    for entry in fs::read_dir(place)? {
        let path = entry?.path();
        if Some(path.as_path()) != kept {
            fs::remove_dir_all(path)?;
        }
    }
    Ok(())
}

/// The guest opens its control port when everything else is done.
async fn wait_until_ready(launched: &mut Launched, accelerator: Accelerator, state_dir: &Path) -> Result<(), VmError> {
    let seconds = accelerator.patience();
    let opened = |data: &Value| (data["id"] == "control" && data["open"] == true).then_some(());
    let ready = launched.monitor.wait("VSERPORT_CHANGE", opened);
    match tokio::time::timeout(Duration::from_secs(seconds), ready).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(what)) => Err(VmError::Launch { what, console: launched.console.quoted(state_dir) }),
        Err(_) => Err(VmError::Boot { seconds, console: launched.console.quoted(state_dir) }),
    }
}

async fn save(monitor: &mut Monitor, state: &File) -> Result<(), String> {
    monitor.run("stop", &json!({})).await?;
    allow(monitor).await?;
    monitor.give(state, STATE).await?;
    monitor.run("migrate", &json!({ "uri": format!("fd:{STATE}") })).await?;
    finish(monitor).await
}

async fn load(monitor: &mut Monitor, state: &File) -> Result<(), String> {
    allow(monitor).await?;
    monitor.give(state, STATE).await?;
    monitor.run("migrate-incoming", &json!({ "uri": format!("fd:{STATE}") })).await?;
    finish(monitor).await?;
    // A machine that was saved while it stood still comes back standing still.
    monitor.run("cont", &json!({})).await?;
    Ok(())
}

/// Memory stays in its file, and progress comes as events.
async fn allow(monitor: &mut Monitor) -> Result<(), String> {
    let wanted = ["x-ignore-shared", "events"].map(|name| json!({ "capability": name, "state": true }));
    monitor.run("migrate-set-capabilities", &json!({ "capabilities": wanted })).await?;
    Ok(())
}

async fn finish(monitor: &mut Monitor) -> Result<(), String> {
    let ended = |data: &Value| match data["status"].as_str() {
        Some("completed") => Some(Ok(())),
        Some("failed" | "cancelled") => Some(Err("QEMU says that it failed".to_owned())),
        _ => None,
    };
    let waiting = tokio::time::timeout(PATIENCE, monitor.wait("MIGRATION", ended));
    waiting.await.map_err(|_| "it took too long".to_owned())??
}

#[cfg(test)]
#[path = "snapshot_tests.rs"]
mod tests;
