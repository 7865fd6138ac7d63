//! The first steps: the kernel's own file systems, its modules, places to write, the loopback device.

use std::fs::{self, File};
use std::os::fd::AsRawFd;
use std::os::unix::fs::PermissionsExt;

use rustix::mount::MountFlags;

use super::VmError;

const QUIET: MountFlags = MountFlags::NOSUID.union(MountFlags::NODEV).union(MountFlags::NOEXEC);

/// Mounts what the kernel shows of itself.
pub(super) fn mount_system() -> Result<(), VmError> {
    mount("proc", "/proc", QUIET, "")?;
    mount("sysfs", "/sys", QUIET, "")?;
    mount("devtmpfs", "/dev", MountFlags::NOSUID, "mode=0755")?;
    mount("tmpfs", "/run", MountFlags::NOSUID.union(MountFlags::NODEV), "mode=0755,size=16m")
}

/// Mounts what the root, whichever it is, must not keep.
pub(super) fn mount_scratch() -> Result<(), VmError> {
    for directory in ["/dev/pts", "/dev/shm", "/tmp", "/work", "/outputs", "/uploads"] {
        fs::create_dir_all(directory).map_err(VmError::system("make", directory))?;
    }
    mount("devpts", "/dev/pts", MountFlags::NOSUID.union(MountFlags::NOEXEC), "mode=0620,gid=5,ptmxmode=0666")?;
    let writable = MountFlags::NOSUID.union(MountFlags::NODEV);
    mount("tmpfs", "/dev/shm", writable, "mode=1777")?;
    mount("tmpfs", "/tmp", writable, "mode=1777")?;
    mount("cgroup2", "/sys/fs/cgroup", QUIET, "")?;
    // Files come through it; only the first process opens it, but a program may look whether it is there.
    fs::set_permissions("/dev/fuse", fs::Permissions::from_mode(0o600)).map_err(VmError::system("close", "/dev/fuse"))
}

/// Gives the machine the name that the other tier has as well.
pub(super) fn name_machine() -> Result<(), VmError> {
    rustix::system::sethostname(b"deskhand").map_err(VmError::system("set", "the machine's name"))
}

/// Loads the modules in the order of their names.
pub(super) fn load_modules() -> Result<(), VmError> {
    let entries = fs::read_dir("/modules").map_err(VmError::system("read", "/modules"))?;
    let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        let name = path.to_string_lossy().into_owned();
        let file = File::open(&path).map_err(VmError::system("open", name.clone()))?;
        match rustix::system::finit_module(&file, c"", 0) {
            Ok(()) | Err(rustix::io::Errno::EXIST) => {}
            Err(errno) => return Err(VmError::system("load", name)(errno)),
        }
    }
    Ok(())
}

/// Brings the loopback device up, the only one there is.
#[expect(unsafe_code, reason = "device flags have no safe door")]
pub(super) fn raise_loopback() -> Result<(), VmError> {
    let socket = std::net::UdpSocket::bind("0.0.0.0:0").map_err(VmError::system("open", "a socket"))?;
    // SAFETY: all zero is a valid `ifreq`; the name is shorter than its field and stays terminated; the pointer lives
    // through the call, which reads the name and the flags.
    let answer = unsafe {
        let mut request: libc::ifreq = std::mem::zeroed();
        for (to, from) in request.ifr_name.iter_mut().zip(b"lo") {
            *to = libc::c_char::try_from(*from).unwrap_or_default();
        }
        request.ifr_ifru.ifru_flags = libc::c_short::try_from(libc::IFF_UP | libc::IFF_RUNNING).unwrap_or_default();
        libc::ioctl(socket.as_raw_fd(), libc::SIOCSIFFLAGS, &raw const request)
    };
    if answer == 0 { Ok(()) } else { Err(VmError::system("raise", "lo")(std::io::Error::last_os_error())) }
}

pub(super) fn mount(kind: &str, place: &str, flags: MountFlags, options: &str) -> Result<(), VmError> {
    let options = std::ffi::CString::new(options).unwrap_or_default();
    rustix::mount::mount(kind, place, kind, flags, options.as_c_str()).map_err(VmError::system("mount", place))
}
