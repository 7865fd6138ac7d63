//! What Linux tells about a running process: memory and processor time.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context, Result};

/// How often memory is looked at. The kernel keeps the peak itself, so only the last moments can be missed.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// The largest memory a process has had so far, in bytes; none once it is gone.
fn peak_memory(process: u32) -> Option<u64> {
    peak_of(&fs::read_to_string(format!("/proc/{process}/status")).ok()?)
}

fn peak_of(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}

/// Processor time of all threads of a process so far.
pub(super) fn busy_time(process: u32) -> Result<Duration> {
    let directory = PathBuf::from(format!("/proc/{process}/task"));
    let threads = fs::read_dir(&directory).with_context(|| format!("process {process} has ended"))?;
    let mut nanoseconds = 0;
    for thread in threads.flatten() {
        let text = fs::read_to_string(thread.path().join("schedstat")).unwrap_or_default();
        nanoseconds += text.split_whitespace().next().and_then(|first| first.parse::<u64>().ok()).unwrap_or(0);
    }
    Ok(Duration::from_nanos(nanoseconds))
}

/// Watches the memory of a process until dropped.
pub(super) struct Watcher {
    peak: Arc<AtomicU64>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Watcher {
    /// Starts to watch.
    pub(super) fn start(process: u32) -> Self {
        let (peak, stop) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
        let (seen, ended) = (Arc::clone(&peak), Arc::clone(&stop));
        let thread = std::thread::spawn(move || {
            while !ended.load(Ordering::Relaxed) {
                let Some(bytes) = peak_memory(process) else { break };
                seen.fetch_max(bytes, Ordering::Relaxed);
                std::thread::sleep(LOOK_EVERY);
            }
        });
        Self { peak, stop, thread: Some(thread) }
    }

    /// The largest memory seen, in bytes.
    pub(super) fn peak(&self) -> u64 {
        self.peak.load(Ordering::Relaxed)
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // It only reads; a panic in it leaves the figure at what was seen.
            drop(thread.join());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{busy_time, peak_memory, peak_of};

    #[test]
    fn the_kernel_knows_this_process() {
        assert_eq!(peak_of("Name:\tx\nVmHWM:\t    1234 kB\nVmRSS:\t 1 kB\n"), Some(1234 * 1024));
        assert_eq!(peak_of("Name:\tx\n"), None);
        assert!(peak_memory(std::process::id()).unwrap() > 100_000);
        assert!(busy_time(std::process::id()).unwrap() > Duration::ZERO);
    }
}
