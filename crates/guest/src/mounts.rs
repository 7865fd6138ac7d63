//! The files of the namespace tier: a FUSE mount of the guest's own, answered by the host over the very device.
//!
//! bubblewrap leaves the mounts of a machine to a namespace this process has no power over, so the first step is a
//! namespace of its own. The host must hold the device before the places can be bound: looking one up is a question
//! to the host.

use std::ffi::CString;
use std::fs::File;
use std::io::IoSlice;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};

use rustix::mount::{MountFlags, UnmountFlags};
use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags};
use rustix::thread::UnshareFlags;
use sandbox::PLACES;

/// The device files are served through.
const DEVICE: &str = "/dev/fuse";
/// Where the whole tree is for a moment; gone before the first command.
const TREE: &str = "/tmp/.share";
/// The user and group every file belongs to inside.
const OWNER: u32 = 1000;
/// The first byte of every greeting: the length of one is far below 16 MiB.
const FIRST_BYTE: [u8; 1] = [0];

/// How the mounting went.
pub(crate) struct Mounted {
    /// Bytes of the greeting that were written along with the device.
    pub(crate) written: usize,
    /// Why files could not be mounted, where they could not.
    pub(crate) error: Option<String>,
}

/// Mounts the files and gives the device to the host, with the first byte of the greeting.
pub(crate) fn mount(socket: BorrowedFd<'_>) -> Mounted {
    match mount_tree() {
        Err(error) => Mounted { written: 0, error: Some(error) },
        Ok(device) => match give(socket, device.as_fd()) {
            Err(error) => Mounted { written: 0, error: Some(format!("cannot give {DEVICE} to the host: {error}")) },
            Ok(()) => {
                // Only the host may hold it, so that its end is the end of the mount.
                drop(device);
                Mounted { written: FIRST_BYTE.len(), error: bind_places().err() }
            }
        },
    }
}

#[expect(unsafe_code, reason = "leaving a namespace has no safe door")]
fn mount_tree() -> Result<File, String> {
    let failed = |what: &'static str| move |error: rustix::io::Errno| format!("{what}: {error}");
    // SAFETY: only the mounts are unshared; no descriptor or memory changes its meaning, and there is one thread.
    unsafe { rustix::thread::unshare_unsafe(UnshareFlags::NEWNS) }.map_err(failed("cannot leave the mounts"))?;
    let device = File::options()
        .read(true)
        .write(true)
        .open(DEVICE)
        .map_err(|error| format!("cannot open {DEVICE}: {error}"))?;
    std::fs::create_dir_all(TREE).map_err(|error| format!("cannot make {TREE}: {error}"))?;
    // Permission bits are checked by the host. With `default_permissions` the kernel would check them too, and ask for a
    // directory's attributes again after every file made in it.
    let options = format!("fd={},rootmode=40000,user_id={OWNER},group_id={OWNER}", device.as_raw_fd());
    let options = CString::new(options).map_err(|error| error.to_string())?;
    let flags = MountFlags::NOSUID | MountFlags::NODEV;
    rustix::mount::mount("deskhand", TREE, "fuse", flags, options.as_c_str()).map_err(failed("cannot mount files"))?;
    Ok(device)
}

fn give(socket: BorrowedFd<'_>, device: BorrowedFd<'_>) -> rustix::io::Result<()> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    let descriptors = [device];
    if !control.push(SendAncillaryMessage::ScmRights(&descriptors)) {
        return Err(rustix::io::Errno::NOBUFS);
    }
    let first = IoSlice::new(&FIRST_BYTE);
    let sent = rustix::net::sendmsg(socket, &[first], &mut control, SendFlags::NOSIGNAL)?;
    if sent == FIRST_BYTE.len() { Ok(()) } else { Err(rustix::io::Errno::IO) }
}

fn bind_places() -> Result<(), String> {
    for place in PLACES {
        let (from, to) = (format!("{TREE}/{place}"), format!("/{place}"));
        match rustix::mount::mount_bind(from, to.as_str()) {
            // A place that nothing was given for stays empty.
            Ok(()) | Err(rustix::io::Errno::NOENT) => {}
            Err(error) => return Err(format!("cannot bind {to}: {error}")),
        }
    }
    rustix::mount::unmount(TREE, UnmountFlags::DETACH).map_err(|error| format!("cannot unmount {TREE}: {error}"))?;
    std::fs::remove_dir(TREE).map_err(|error| format!("cannot remove {TREE}: {error}"))?;
    // Nothing inside has a use for the device any more.
    rustix::mount::mount_bind("/dev/null", DEVICE).map_err(|error| format!("cannot cover {DEVICE}: {error}"))
}
