//! The root: read-only disks laid over each other, with memory on top for what is written. Without a disk the
//! initramfs is the root.

use std::fs;
use std::path::Path;

use rustix::mount::MountFlags;

use super::VmError;
use super::boot::mount;

/// Moved from the initramfs into the new root.
const MOVED: [&str; 4] = ["/proc", "/sys", "/dev", "/run"];
/// The directory that becomes the root.
const ROOT: &str = "/run/root";

/// Goes over to the disks where there are any.
pub(super) fn enter() -> Result<(), VmError> {
    let disks = disks();
    if disks.is_empty() {
        return Ok(());
    }
    let mut layers = Vec::new();
    for (index, disk) in disks.iter().enumerate() {
        let place = format!("/layers/{index}");
        fs::create_dir_all(&place).map_err(VmError::system("make", place.clone()))?;
        let flags = MountFlags::RDONLY.union(MountFlags::NODEV).union(MountFlags::NOSUID);
        rustix::mount::mount(disk, place.as_str(), "erofs", flags, c"").map_err(VmError::system("mount", disk))?;
        layers.push(place);
    }
    // The last disk lies on top of the others.
    layers.reverse();
    fs::create_dir_all("/layers/top").map_err(VmError::system("make", "/layers/top"))?;
    mount("tmpfs", "/layers/top", MountFlags::NODEV.union(MountFlags::NOSUID), "mode=0755")?;
    for directory in ["/layers/top/upper", "/layers/top/work", ROOT] {
        fs::create_dir_all(directory).map_err(VmError::system("make", directory))?;
    }
    let options = format!("lowerdir={},upperdir=/layers/top/upper,workdir=/layers/top/work", layers.join(":"));
    mount("overlay", ROOT, MountFlags::NODEV.union(MountFlags::NOSUID), &options)?;
    change_root()?;
    add_user()
}

/// `/dev/vda`, `/dev/vdb` and so on.
fn disks() -> Vec<String> {
    let named = (b'a'..=b'z').map(|letter| format!("/dev/vd{}", char::from(letter)));
    named.take_while(|disk| Path::new(disk).exists()).collect()
}

/// The initramfs cannot be left as other roots can: the new one is moved over it.
fn change_root() -> Result<(), VmError> {
    // What only the start needed would keep its memory for ever; what cannot be removed does no harm.
    for leftover in ["/modules", "/bin"] {
        fs::remove_dir_all(leftover).ok();
    }
    // First, so that `/run`, where it is mounted, is free to move.
    fs::create_dir_all("/root").map_err(VmError::system("make", "/root"))?;
    rustix::mount::mount_move(ROOT, "/root").map_err(VmError::system("move", ROOT))?;
    for place in MOVED {
        let target = format!("/root{place}");
        fs::create_dir_all(&target).map_err(VmError::system("make", target.clone()))?;
        rustix::mount::mount_move(place, target.as_str()).map_err(VmError::system("move", place))?;
    }
    rustix::process::chdir("/root").map_err(VmError::system("enter", "/root"))?;
    rustix::mount::mount_move(".", "/").map_err(VmError::system("move", "/root"))?;
    rustix::process::chroot(".").map_err(VmError::system("enter", "the root"))?;
    rustix::process::chdir("/").map_err(VmError::system("enter", "/"))
}

/// Gives the user of commands a name where the disk has none for it.
fn add_user() -> Result<(), VmError> {
    for (path, line) in [("/etc/passwd", "desk:x:1000:1000:desk:/tmp/home:/bin/sh"), ("/etc/group", "desk:x:1000:")] {
        let found = fs::read_to_string(path).unwrap_or_default();
        if !found.lines().any(|line| line.split(':').nth(2) == Some("1000")) {
            fs::write(path, format!("{found}{line}\n")).map_err(VmError::system("write", path))?;
        }
    }
    Ok(())
}
