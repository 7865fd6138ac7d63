//! The whole command line for one machine, and which mounts are writable.

use std::path::PathBuf;

use event::Access;
use sandbox::{Mount, ResourceLimits};

use super::{Files, Plan, arguments, is_writable};
use crate::bwrap::GuestProgram;
use crate::layout::Layout;

fn mount(host: &str, inside: &str, access: Access, guarded: bool) -> Mount {
    Mount { host: PathBuf::from(host), inside: PathBuf::from(inside), access, guarded }
}

fn line(files: Files<'_>) -> String {
    let layout = Layout {
        links: vec![("usr/bin".into(), "/bin".into())],
        shown: vec![("/image/usr".into(), "/usr".into()), ("/image/etc/ssl".into(), "/etc/ssl".into())],
        shielded: vec!["/proc/sys".into()],
    };
    let guest = GuestProgram { path: PathBuf::from("/usr/bin/deskhand"), args: vec!["inside".into()] };
    let limits = ResourceLimits { memory: 7, ..ResourceLimits::default() };
    let plan = Plan { layout: &layout, written: &[("/etc/passwd", 9)], files, limits, guest: &guest };
    let words: Vec<String> = arguments(&plan).into_iter().map(|word| word.into_string().unwrap()).collect();
    words.join(" ").replace(" --", "\n--")
}

const SHARED: &str = "\
--unshare-all
--unshare-user
--die-with-parent
--new-session
--as-pid-1
--cap-drop ALL
--cap-add CAP_SYS_ADMIN
--cap-add CAP_SETPCAP
--uid 1000
--gid 1000
--hostname deskhand
--clearenv
--ro-bind /image/usr /usr
--ro-bind /image/etc/ssl /etc/ssl
--symlink usr/bin /bin
--perms 0444
--file 9 /etc/passwd
--proc /proc
--dev /dev
--ro-bind /proc/sys /proc/sys
--perms 1777
--size 7
--tmpfs /tmp
--perms 1777
--size 7
--tmpfs /dev/shm
--symlink ../tmp /var/tmp
--ro-bind /usr/bin/deskhand /opt/deskhand
--dir /work
--dir /outputs
--dir /uploads
--dev-bind /dev/fuse /dev/fuse
--remount-ro /dev
--remount-ro /
--chdir /
-- /opt/deskhand inside";

#[test]
fn the_whole_command_line() {
    assert_eq!(line(Files::Shared), SHARED);
    let mounts = [
        mount("/home/ann/Reports", "/work/Reports", Access::ReadWrite, true),
        mount("/home/ann/Taxes", "/work/Taxes", Access::ReadOnly, true),
        mount("/data/t/outputs", "/outputs", Access::ReadWrite, false),
    ];
    let bound = SHARED.replace("--cap-add CAP_SYS_ADMIN\n--cap-add CAP_SETPCAP\n", "").replace(
        "--dev-bind /dev/fuse /dev/fuse\n",
        "--ro-bind /home/ann/Reports /work/Reports\n--ro-bind /home/ann/Taxes /work/Taxes\n--bind /data/t/outputs /outputs\n",
    );
    assert_eq!(line(Files::Bound(&mounts)), bound);
}

#[test]
fn without_a_share_only_what_is_not_the_users_is_writable() {
    use Access::{ReadOnly, ReadWrite};
    for (access, guarded, expected) in
        [(ReadWrite, true, false), (ReadWrite, false, true), (ReadOnly, true, false), (ReadOnly, false, false)]
    {
        assert_eq!(is_writable(&mount("/a", "/work/a", access, guarded)), expected, "{access:?} guarded {guarded}");
    }
}
