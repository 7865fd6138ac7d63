//! Ways out of a machine that were found elsewhere, tried from within over the user's real files: none may succeed.

use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener};

use sandbox::Sandbox;

use crate::guarded::desk;
use crate::still::Still;
use crate::world::{bash, bwrap, guest, order, python, run, says, scratch};

/// Begins every script: `attempt(name, function)` says the name where the function does not fail, and `call` makes a
/// system call by its number on x86-64 and elsewhere.
const TRIES: &str = r"
import ctypes, os, platform, socket, stat, struct
libc = ctypes.CDLL(None, use_errno=True)
x86 = platform.machine() == 'x86_64'
def call(numbers, *arguments):
    result = libc.syscall(numbers[0] if x86 else numbers[1], *arguments)
    if result < 0: raise OSError(ctypes.get_errno(), 'refused')
    return result
def attempt(name, function):
    try:
        result = function()
    except (OSError, ValueError): return
    print(name, result)
def read(path):
    with open(path, 'rb') as file: return file.read(64)
def write(path, text):
    with open(path, 'w') as file: file.write(text)
def connect(family, address):
    with socket.socket(family) as s: s.settimeout(2); s.connect(address); return 'connected'
";

/// Runs the attempts of a script over the user's files. What it gives is what succeeded.
async fn tried(root: &std::path::Path, script: &str) -> String {
    let desk = desk(root).await;
    let (output, exit) = run(desk.machine.as_ref(), python(&format!("{TRIES}\n{script}"))).await.unwrap();
    desk.files.end();
    assert_eq!(exit.code, Some(0), "{output}");
    output
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_kernel_gives_no_new_namespaces_mounts_or_privileges() {
    let (_directory, root) = scratch();
    let script = r"
for flag in [0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000]:
    attempt(f'unshare {flag:x}', lambda: call((272, 97), flag))
    attempt(f'clone {flag:x}', lambda: call((56, 220), flag | 17, 0, 0, 0, 0))
for kind in ['mnt', 'user', 'net', 'pid', 'ipc', 'uts', 'cgroup']:
    attempt(f'setns {kind}', lambda: call((308, 268), os.open(f'/proc/1/ns/{kind}', os.O_RDONLY), 0))
    attempt(f'setns own {kind}', lambda: call((308, 268), os.open(f'/proc/self/ns/{kind}', os.O_RDONLY), 0))
attempt('mount tmpfs', lambda: call((165, 40), b'none', b'/work', b'tmpfs', 0, 0))
attempt('remount', lambda: call((165, 40), b'none', b'/', b'', 32, 0))
attempt('bind', lambda: call((165, 40), b'/', b'/tmp', b'', 4096, 0))
attempt('umount work', lambda: call((166, 39), b'/work', 2))
attempt('move_mount', lambda: call((429, 429), -100, b'/work', -100, b'/tmp', 0))
attempt('fsopen', lambda: call((430, 430), b'tmpfs', 0))
attempt('open_tree_attr', lambda: call((467, 467), -100, b'/', 1, 0, 0))
attempt('pivot_root', lambda: call((155, 41), b'/tmp', b'/tmp'))
attempt('chroot', lambda: os.chroot('/tmp'))
attempt('personality', lambda: call((135, 92), 0x0040000))
attempt('fuse', lambda: stat.S_ISCHR(os.stat('/dev/fuse').st_mode) and os.major(os.stat('/dev/fuse').st_rdev) == 10 or os.listdir('/absent'))
attempt('setuid', lambda: os.setuid(0))
attempt('setgroups', lambda: os.setgroups([0]))
attempt('uid_map', lambda: write('/proc/self/uid_map', '0 0 1'))
attempt('chown', lambda: (write('/tmp/own', ''), os.chown('/tmp/own', 0, 0)))
attempt('sctp', lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM, 132))
attempt('mptcp', lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262))
attempt('raw', lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1))
attempt('tipc pair', lambda: call((53, 199), 30, 1, 0, ctypes.create_string_buffer(8)))
attempt('vsock', lambda: socket.socket(40, socket.SOCK_STREAM))
attempt('line discipline', lambda: call((16, 29), 0, 0x5423, struct.pack('i', 21)))
attempt('add_key', lambda: call((248, 217), b'user', b'k', b'v', 1, -3))
attempt('keyctl', lambda: call((250, 219), 0, -3, 0))
attempt('bpf', lambda: call((321, 280), 0, 0, 0))
attempt('io_uring', lambda: call((425, 425), 8, ctypes.create_string_buffer(256)))
attempt('handle', lambda: call((304, 265), 3, 0, 0))
for place in ['/tmp', '/work/desk', '/outputs', '/dev/shm', '/dev']:
    for kind, device in [(stat.S_IFBLK, os.makedev(254, 0)), (stat.S_IFCHR, os.makedev(1, 1)), (stat.S_IFCHR, os.makedev(10, 229))]:
        attempt(f'node in {place}', lambda: (os.mknod(f'{place}/node', kind | 0o666, device), read(f'{place}/node')))
with open('/proc/self/status') as status:
    for line in status:
        if line.startswith('Cap') and int(line.split()[1], 16) != 0: print(line)
";
    assert_eq!(tried(&root, script).await, "");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_process_and_the_kernels_settings_are_closed() {
    let (_directory, root) = scratch();
    let script = r"
for name in ['environ', 'mem', 'maps', 'auxv', 'stack', 'syscall', 'io']:
    attempt(f'/proc/1/{name}', lambda: read(f'/proc/1/{name}'))
for name in ['root', 'cwd', 'exe', 'fd/0', 'fd/3']:
    attempt(f'/proc/1/{name}', lambda: os.readlink(f'/proc/1/{name}'))
attempt('/proc/1/root/', lambda: os.listdir('/proc/1/root/'))
attempt('trace', lambda: call((101, 117), 16, 1, 0, 0))
attempt('seize', lambda: call((101, 117), 0x4206, 1, 0, 0))
attempt('readv', lambda: call((310, 270), 1, 0, 0, 0, 0, 0))
attempt('pidfd', lambda: call((438, 438), call((434, 434), 1, 0), 0, 0))
attempt('kill', lambda: os.kill(1, 0))
for name in ['kernel/core_pattern', 'kernel/modprobe', 'kernel/hostname', 'vm/drop_caches', 'fs/binfmt_misc/register']:
    attempt(name, lambda: write(f'/proc/sys/{name}', '/tmp/x'))
for name in ['/proc/sysrq-trigger', '/proc/1/oom_score_adj', '/proc/self/loginuid', '/proc/irq/default_smp_affinity']:
    attempt(name, lambda: write(name, '0'))
for name in ['/proc/kcore', '/dev/mem', '/dev/kmem', '/dev/kvm', '/dev/vda', '/dev/sda', '/dev/net/tun', '/dev/vsock', '/dev/vhost-vsock']:
    attempt(name, lambda: read(name))
for name in ['/sys/kernel', '/sys/fs/cgroup', '/run/systemd', '/var/run', '/run/user', '/run/dbus', '/home', '/root', '/boot', '/media', '/mnt']:
    attempt(name, lambda: os.listdir(name))
";
    assert_eq!(tried(&root, script).await, "");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sockets_of_the_host_are_out_of_reach() {
    let (_directory, root) = scratch();
    let tcp = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = tcp.local_addr().unwrap().port();
    let name = format!("deskhand-test-{}", std::process::id());
    let _abstract = UnixListener::bind_addr(&SocketAddr::from_abstract_name(&name).unwrap()).unwrap();
    std::fs::create_dir_all(root.join("desk")).unwrap();
    // Even one that lies in a folder that was given: the mount carries files, not what they lead to.
    let _named = UnixListener::bind(root.join("desk/door")).unwrap();
    let script = format!(
        r"
for path in ['/var/run/docker.sock', '/run/docker.sock', '/run/containerd/containerd.sock', '/run/podman/podman.sock',
    '/run/dbus/system_bus_socket', '/tmp/.X11-unix/X0', '/run/systemd/private', '/work/desk/door']:
    attempt(path, lambda: connect(socket.AF_UNIX, path))
attempt('abstract', lambda: connect(socket.AF_UNIX, '\0{name}'))
attempt('x11', lambda: connect(socket.AF_UNIX, '\0/tmp/.X11-unix/X0'))
for address in ['127.0.0.1', '0.0.0.0', '127.0.0.2']:
    attempt(address, lambda: connect(socket.AF_INET, (address, {port})))
attempt('localhost6', lambda: connect(socket.AF_INET6, ('::1', {port})))
attempt('metadata', lambda: connect(socket.AF_INET, ('169.254.169.254', 80)))
attempt('proxy', lambda: connect(socket.AF_INET, ('127.0.0.1', 3128)))
"
    );
    assert_eq!(tried(&root, &script).await, "");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn links_and_names_do_not_lead_out_of_the_folders() {
    let (_directory, root) = scratch();
    let canary = root.join("canary");
    std::fs::write(&canary, "canary").unwrap();
    std::fs::create_dir_all(root.join("desk")).unwrap();
    std::fs::write(root.join("desk/a"), "a").unwrap();
    // What the user has in the folder may lead out of it on the host.
    std::os::unix::fs::symlink(&canary, root.join("desk/out")).unwrap();
    std::os::unix::fs::symlink("..", root.join("desk/up")).unwrap();
    let path = canary.display();
    let script = format!(
        r"
for path in ['{path}', '/work/desk/out', '/work/desk/../canary', '/work/desk/../../canary', '/work/desk/up/canary', '/work/canary',
    '/outputs/../canary', '/work/desk/a/../../canary', '/proc/self/root{path}', '/proc/self/cwd/../canary']:
    attempt(path, lambda: read(path))
def made(target):
    os.symlink(target, '/work/desk/made')
    try: return read('/work/desk/made')
    finally: os.unlink('/work/desk/made')
for target in ['{path}', '../canary', '../../canary', '/proc/1/root{path}', '/etc/shadow']:
    attempt(f'link to {{target}}', lambda: made(target))
attempt('hard link out', lambda: os.link('/work/desk/a', '/tmp/a'))
attempt('hard link across', lambda: os.link('/work/desk/a', '/outputs/a'))
attempt('hard link in', lambda: os.link('/usr/bin/env', '/work/desk/env'))
attempt('hard link within', lambda: os.link('/work/desk/a', '/work/desk/b'))
attempt('write through', lambda: write('/work/desk/out', 'x'))
attempt('root of work', lambda: write('/work/new', 'x'))
attempt('rename over', lambda: os.rename('/work/desk', '/work/other'))
attempt('top', lambda: os.mkdir('/new'))
for place in ['/usr/bin/x', '/etc/x', '/opt/x', '/opt/deskhand']:
    attempt(place, lambda: write(place, 'x'))
def setuid():
    write('/work/desk/s', ''); os.chmod('/work/desk/s', 0o6777)
    mode = os.stat('/work/desk/s').st_mode
    if mode & 0o6000: return oct(mode)
    raise ValueError
attempt('setuid file', setuid)
for line in open('/proc/self/mountinfo'):
    fields = line.split()
    if fields[4] in ('/work', '/outputs', '/uploads') and not {{'nosuid', 'nodev'}} <= set(fields[5].split(',')): print(line)
    if '{root}' in fields[3]: print(line)
",
        root = root.display()
    );
    assert_eq!(tried(&root, &script).await, "");
    assert_eq!(std::fs::read_to_string(&canary).unwrap(), "canary");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn machines_of_other_tasks_are_out_of_reach() {
    let (_directory, root) = scratch();
    std::fs::create_dir_all(root.join("one/desk")).unwrap();
    std::fs::create_dir_all(root.join("two/desk")).unwrap();
    std::fs::write(root.join("one/desk/secret-of-one"), "secret").unwrap();
    let (one, two) = (desk(&root.join("one")).await, desk(&root.join("two")).await);
    says(one.machine.as_ref(), bash("echo secret > /tmp/secret-of-one; cat /work/desk/secret-of-one")).await;
    let look = "ls -R /work /outputs /uploads /tmp /dev/shm; cat /proc/*/mountinfo /proc/*/cmdline 2>/dev/null | tr '\\000' ' '";
    let seen = says(two.machine.as_ref(), bash(look)).await;
    assert!(!seen.contains("secret-of-one"), "{seen}");
    assert!(!seen.contains(&root.join("one").display().to_string()), "{seen}");
    // What ends one leaves the other.
    one.machine.stop().await;
    assert_eq!(says(two.machine.as_ref(), bash("echo on; ls /work")).await, "on\ndesk\n");
}

#[tokio::test]
async fn programs_of_an_unpacked_image_are_used_instead_of_the_hosts() {
    // The host's own programs, unpacked as an image of links would be; a mark tells it apart.
    let (_directory, root) = scratch();
    std::fs::create_dir_all(root.join("etc")).unwrap();
    std::fs::create_dir_all(root.join("usr/bin")).unwrap();
    for (target, link) in [("usr/bin", "bin"), ("usr/lib", "lib"), ("usr/lib64", "lib64"), ("/etc/shadow", "etc/trap")]
    {
        std::os::unix::fs::symlink(target, root.join(link)).unwrap();
    }
    std::fs::write(root.join("etc/mark"), "image\n").unwrap();
    std::fs::write(root.join("etc/passwd"), "somebody of the image\n").unwrap();
    let copied = |from: &str| {
        let to = root.join("usr").join(from.trim_start_matches("/usr/"));
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::copy(from, to).unwrap();
    };
    let listed =
        std::process::Command::new("ldd").args(["/usr/bin/cat", "/usr/bin/true"]).arg(guest()).output().unwrap();
    let libraries = String::from_utf8(listed.stdout).unwrap();
    for word in libraries.split_whitespace().filter(|word| word.starts_with("/lib")) {
        copied(&format!("/usr{word}"));
    }
    copied("/usr/bin/cat");
    copied("/usr/bin/true");
    let sandbox = bwrap().with_root(&root);
    let machine = sandbox.start(order(std::sync::Arc::new(Still), None)).await.unwrap();
    let cat = crate::world::command(&["/bin/cat", "/etc/mark", "/etc/passwd"]);
    let said = says(machine.as_ref(), cat).await;
    assert!(said.starts_with("image\nroot:x:0:0") && !said.contains("somebody"), "{said}");
    let (said, exit) = run(machine.as_ref(), crate::world::command(&["/bin/cat", "/etc/trap"])).await.unwrap();
    assert_ne!(exit.code, Some(0), "{said}");
    assert!(run(machine.as_ref(), crate::world::command(&["/usr/bin/env"])).await.is_err());
    let found = sandbox.probe().await;
    let detail = format!("commands run in namespaces of their own with the programs of the image `{}`", root.display());
    assert_eq!((found.ready, found.detail), (true, detail));
}
