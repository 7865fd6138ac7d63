//! The whole command line for one machine, and which mounts are writable.

use std::path::PathBuf;

use event::Access;
use sandbox::{Mount, ResourceLimits};

use super::{Holding, Plan, arguments, is_writable};
use crate::bwrap::GuestProgram;
use crate::layout::Layout;

fn mount(host: &str, inside: &str, access: Access, guarded: bool) -> Mount {
    Mount { host: PathBuf::from(host), inside: PathBuf::from(inside), access, guarded }
}

fn line(holding: Holding) -> String {
    let layout = Layout {
        links: vec![("usr/bin".into(), "/bin".into())],
        shown: vec!["/usr".into(), "/etc/ssl".into()],
        shielded: vec!["/proc/sys".into()],
    };
    let mounts = [
        mount("/home/ann/Reports", "/work/Reports", Access::ReadWrite, true),
        mount("/home/ann/Taxes", "/work/Taxes", Access::ReadOnly, true),
        mount("/data/t/outputs", "/outputs", Access::ReadWrite, false),
    ];
    let guest = GuestProgram { path: PathBuf::from("/usr/bin/deskhand"), args: vec!["inside".into()] };
    let limits = ResourceLimits { memory: 7, ..ResourceLimits::default() };
    let plan = Plan { layout: &layout, files: &[("/etc/passwd", 9)], mounts: &mounts, holding, limits, guest: &guest };
    let words: Vec<String> = arguments(&plan).into_iter().map(|word| word.into_string().unwrap()).collect();
    words.join(" ").replace(" --", "\n--")
}

#[test]
fn the_whole_command_line() {
    let expected = "\
--unshare-all
--unshare-user
--die-with-parent
--new-session
--as-pid-1
--cap-drop ALL
--uid 1000
--gid 1000
--hostname deskhand
--clearenv
--ro-bind /usr /usr
--ro-bind /etc/ssl /etc/ssl
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
--bind /home/ann/Reports /work/Reports
--ro-bind /home/ann/Taxes /work/Taxes
--bind /data/t/outputs /outputs
--remount-ro /dev
--remount-ro /
--chdir /
-- /opt/deskhand inside";
    assert_eq!(line(Holding::Possible), expected);
    let read_only = expected.replace("--bind /home/ann/Reports", "--ro-bind /home/ann/Reports");
    assert_eq!(line(Holding::Impossible), read_only);
}

#[test]
fn without_a_way_to_hold_back_deletion_guarded_folders_are_read_only() {
    use Access::{ReadOnly, ReadWrite};
    use Holding::{Impossible, Possible};
    let table = [
        (ReadWrite, true, Possible, true),
        (ReadWrite, false, Possible, true),
        (ReadWrite, true, Impossible, false),
        (ReadWrite, false, Impossible, true),
        (ReadOnly, true, Possible, false),
        (ReadOnly, false, Possible, false),
        (ReadOnly, true, Impossible, false),
        (ReadOnly, false, Impossible, false),
    ];
    for (access, guarded, holding, expected) in table {
        let actual = is_writable(&mount("/a", "/work/a", access, guarded), holding);
        assert_eq!(actual, expected, "{access:?} guarded {guarded} {holding:?}");
    }
}
