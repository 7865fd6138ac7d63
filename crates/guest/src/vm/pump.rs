//! The files of the task: a FUSE mount whose messages go through a port, requests out and replies in.
//!
//! The port is a stream of bytes and `/dev/fuse` wants whole messages; each message begins with its length (the
//! kernel's fuse.h). One thread a direction: a request that waits for an answer of the user must not hold up others.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::fd::{AsRawFd, OwnedFd};
use std::sync::Arc;

use rustix::mount::{MountFlags, UnmountFlags};
use sandbox::PLACES;

use super::{USER, VmError};

/// Bytes of the largest message: a megabyte and what describes it.
const MESSAGE: usize = (1 << 20) + 8192;
/// Bytes of the smallest reply.
const REPLY_HEADER: usize = 16;
/// Where the share is mounted until its places are.
const MOUNTED: &str = "/run/share";

/// Mounts the share and binds its places to the root. Both threads run until the machine ends.
pub(super) fn mount(port: OwnedFd) -> Result<(), VmError> {
    let device = File::options().read(true).write(true).open("/dev/fuse");
    let device = device.map_err(VmError::system("open", "/dev/fuse"))?;
    fs::create_dir_all(MOUNTED).map_err(VmError::system("make", MOUNTED))?;
    let options = format!(
        "fd={},rootmode=40000,user_id={USER},group_id={USER},default_permissions,allow_other",
        device.as_raw_fd()
    );
    let flags = MountFlags::NOSUID.union(MountFlags::NODEV);
    let options = std::ffi::CString::new(options).unwrap_or_default();
    rustix::mount::mount("deskhand", MOUNTED, "fuse", flags, options.as_c_str())
        .map_err(VmError::system("mount", MOUNTED))?;
    let (device, port) = (Arc::new(device), Arc::new(File::from(port)));
    start("requests", {
        let (device, port) = (Arc::clone(&device), Arc::clone(&port));
        move || carry_requests(&device, &port)
    })?;
    start("replies", move || carry_replies(&port, &device))?;
    for place in PLACES {
        let (from, to) = (format!("{MOUNTED}/{place}"), format!("/{place}"));
        match rustix::mount::mount_bind(from.as_str(), to.as_str()) {
            // A place that the task was given nothing for may not be there.
            Ok(()) | Err(rustix::io::Errno::NOENT) => {}
            Err(errno) => return Err(VmError::system("mount", to)(errno)),
        }
    }
    rustix::mount::unmount(MOUNTED, UnmountFlags::DETACH).map_err(VmError::system("detach", MOUNTED))
}

fn start(name: &str, act: impl FnOnce() + Send + 'static) -> Result<(), VmError> {
    let thread = std::thread::Builder::new().name(name.to_owned()).stack_size(64 * 1024);
    let started = thread.spawn(move || {
        // A thread that took the signal of an ended child would take it away from the loop. There is no child yet.
        if block_signals() {
            act();
        }
    });
    started.map(drop).map_err(VmError::system("start", name))
}

#[expect(unsafe_code, reason = "signal masks have no safe door")]
fn block_signals() -> bool {
    // SAFETY: the all-zero set is only memory to be filled by `sigfillset`; the pointers live through the calls.
    unsafe {
        let mut all: libc::sigset_t = std::mem::zeroed();
        libc::sigfillset(&raw mut all);
        libc::pthread_sigmask(libc::SIG_SETMASK, &raw const all, std::ptr::null_mut()) == 0
    }
}

/// Every read of the device gives one whole request.
fn carry_requests(device: &File, port: &File) {
    let mut buffer = vec![0; MESSAGE];
    loop {
        let (mut from, mut to) = (device, port);
        match from.read(&mut buffer) {
            Ok(0) => return,
            Ok(count) => {
                if to.write_all(buffer.get(..count).unwrap_or_default()).is_err() {
                    return;
                }
            }
            // A request that was taken back in the meantime.
            Err(error) if matches!(error.raw_os_error(), Some(libc::ENOENT | libc::EINTR | libc::EAGAIN)) => {}
            Err(_) => return,
        }
    }
}

/// Every write to the device takes one whole reply.
fn carry_replies(port: &File, device: &File) {
    let mut incoming: Vec<u8> = Vec::new();
    let mut chunk = vec![0; 64 * 1024];
    loop {
        let (mut from, mut to) = (port, device);
        match from.read(&mut chunk) {
            // Also while nobody is at the other end: then the machine is about to be ended.
            Ok(0) | Err(_) => return,
            Ok(count) => incoming.extend_from_slice(chunk.get(..count).unwrap_or_default()),
        }
        let mut used = 0;
        loop {
            let rest = incoming.get(used..).unwrap_or_default();
            let Some(length) = message_length(rest) else { break };
            if !(REPLY_HEADER..=MESSAGE).contains(&length) {
                return;
            }
            let Some(message) = rest.get(..length) else { break };
            // Refused where whoever asked has gone in the meantime.
            to.write_all(message).ok();
            used += length;
        }
        incoming.drain(..used);
        incoming.shrink_to(256 * 1024);
    }
}

/// The length a message begins with, once that much of it is there.
fn message_length(bytes: &[u8]) -> Option<usize> {
    let head = bytes.first_chunk::<4>()?;
    usize::try_from(u32::from_ne_bytes(*head)).ok()
}
