//! The byte channels of the machine, found by the names the host gave them.

use std::fs::{self, File};
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use super::VmError;

/// Ports appear a moment after their driver.
const PATIENCE: Duration = Duration::from_secs(20);
const LOOK_AGAIN: Duration = Duration::from_millis(2);

/// Opens a port, waiting for it to appear.
pub(super) fn open(name: &'static str) -> Result<OwnedFd, VmError> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(device) = find(name) {
            let opened = File::options().read(true).write(true).open(&device);
            return opened.map(OwnedFd::from).map_err(VmError::system("open", device));
        }
        if Instant::now() >= deadline {
            return Err(VmError::NoPort(name));
        }
        std::thread::sleep(LOOK_AGAIN);
    }
}

fn find(name: &str) -> Option<String> {
    let entries = fs::read_dir("/sys/class/virtio-ports").ok()?;
    let is_it = |entry: &fs::DirEntry| {
        fs::read_to_string(entry.path().join("name")).is_ok_and(|found| found.trim_end() == name)
    };
    let entry = entries.flatten().find(is_it)?;
    let device = format!("/dev/{}", entry.file_name().to_string_lossy());
    fs::exists(&device).unwrap_or(false).then_some(device)
}
