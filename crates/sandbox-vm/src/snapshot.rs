//! The saved machine: made once from a cold start, restored for every task.
//!
//! Memory is a file that restored machines map privately, so they share what they do not change. Made under another
//! name and renamed, so that a half-made one is never found. Everything that must be the same is in its name.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use event::Digest;
use serde_json::{Value, json};

use crate::accelerator::Accelerator;
use crate::arguments::Birth;
use crate::confinement::MEMORY;
use crate::failure::VmError;
use crate::launch::{Launched, Launcher};
use crate::monitor::Monitor;

/// What is saved beside the memory.
const STATE: &str = "state";
/// Says what the memory's file was like when it was made. Restored machines cannot see it.
const MADE: &str = "made";
/// How long saving or restoring may take.
const PATIENCE: Duration = Duration::from_mins(1);

/// A saved machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Snapshot {
    pub(crate) place: PathBuf,
    pub(crate) accelerator: Accelerator,
}

impl Snapshot {
    /// Where the one with this identity lies, made or not.
    pub(crate) fn named(state_dir: &Path, identity: &str, accelerator: Accelerator) -> Self {
        let name = Digest::of(format!("{identity}\n{accelerator:?}").as_bytes());
        Self { place: all(state_dir).join(name.to_string()), accelerator }
    }

    /// Whether it was made and is as it was then. A QEMU that was taken over could write to the memory of machines to
    /// come; it cannot take back that the file's time of change says so.
    pub(crate) fn is_made(&self) -> bool {
        let made = fs::read_to_string(self.place.join(MADE));
        let memory = mark(&self.place.join(MEMORY));
        matches!((made, memory), (Ok(made), Ok(memory)) if made == memory)
    }

    /// Throws it away. Machines that were restored from it go on.
    pub(crate) fn discard(&self) {
        // What cannot be removed is replaced when it is made anew.
        fs::remove_dir_all(&self.place).ok();
    }

    /// Starts a machine from nothing and saves it once it is ready for any task. The caller holds the lock.
    pub(crate) async fn make(&self, launcher: &Launcher) -> Result<(), VmError> {
        let state_dir = &launcher.options.state_dir;
        let part = all(state_dir).join("part");
        remove_others(&all(state_dir)).map_err(VmError::state(state_dir))?;
        fs::create_dir_all(&part).map_err(VmError::state(&part))?;
        let path = part.join(STATE);
        let state = File::options().read(true).write(true).create(true).truncate(true).open(&path);
        let state = state.map_err(VmError::state(&path))?;
        let mut launched = launcher.launch(self.accelerator, Birth::Cold, &part).await?;
        wait_until_ready(&mut launched, self.accelerator, state_dir).await?;
        save(&mut launched.monitor, &state).await.map_err(VmError::Save)?;
        // It has nothing more to do and would only answer.
        launched.child.kill().await.map_err(|error| VmError::Save(error.to_string()))?;
        let place = self.place.clone();
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

    /// Starts a machine as it was saved; it runs, but nobody has spoken to it.
    pub(crate) async fn restore(&self, launcher: &Launcher) -> Result<Launched, VmError> {
        let path = self.place.join(STATE);
        let state = File::open(&path).map_err(VmError::state(&path))?;
        let mut launched = launcher.launch(self.accelerator, Birth::Restored, &self.place).await?;
        load(&mut launched.monitor, &state).await.map_err(VmError::Restore)?;
        Ok(launched)
    }
}

/// Differs once the file was written to.
fn mark(path: &Path) -> std::io::Result<String> {
    let found = fs::symlink_metadata(path)?;
    Ok(format!("{} {} {} {}", found.ino(), found.len(), found.ctime(), found.ctime_nsec()))
}

fn all(state_dir: &Path) -> PathBuf {
    state_dir.join("saved")
}

/// Takes the lock on everything that is saved, for as long as the file is kept.
pub(crate) async fn lock(state_dir: &Path) -> Result<File, VmError> {
    let place = all(state_dir);
    let path = state_dir.join("lock");
    let locked = tokio::task::spawn_blocking(move || {
        use std::os::unix::fs::DirBuilderExt;
        fs::DirBuilder::new().recursive(true).mode(0o700).create(place)?;
        let file = File::options().write(true).create(true).truncate(false).open(path)?;
        rustix::fs::flock(&file, rustix::fs::FlockOperation::LockExclusive)?;
        Ok(file)
    });
    let locked = locked.await.unwrap_or_else(|error| Err(std::io::Error::other(error)));
    locked.map_err(VmError::state(state_dir))
}

/// One saved machine is kept: those of other images and releases will not be asked for again.
fn remove_others(place: &Path) -> std::io::Result<()> {
    for entry in fs::read_dir(place)? {
        fs::remove_dir_all(entry?.path())?;
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
