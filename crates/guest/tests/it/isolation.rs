//! What of the host a machine must not see or reach, and the kernel calls it must not make.

use std::net::TcpListener;
use std::os::unix::net::UnixListener;

use crate::world::{bare, bash, python, says, scratch};

#[tokio::test]
async fn the_hosts_network_cannot_be_reached() {
    let (_directory, root) = scratch();
    let machine = bare().await;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let path = root.join("socket");
    let _unix = UnixListener::bind(&path).unwrap();
    let script = format!(
        "import socket\n\
         def connect(family, address):\n\
         \x20try:\n\
         \x20 s = socket.socket(family); s.settimeout(5); s.connect(address); return 'connected'\n\
         \x20except OSError as error: return error.strerror\n\
         print(connect(socket.AF_INET, ('127.0.0.1', {port})))\n\
         print(connect(socket.AF_INET, ('192.0.2.1', 80)))\n\
         print(connect(socket.AF_INET6, ('2001:db8::1', 80)))\n\
         print(connect(socket.AF_UNIX, {path:?}))\n\
         print(connect(socket.AF_UNIX, '/var/run/docker.sock'), connect(socket.AF_UNIX, '/run/docker.sock'))\n\
         print([name for _, name in socket.if_nameindex()])\n\
         try: socket.gethostbyname('example.com'); print('resolved')\n\
         except OSError: print('unknown')\n"
    );
    let expected = "Connection refused\nNetwork is unreachable\nNetwork is unreachable\nNo such file or directory\n\
        No such file or directory No such file or directory\n['lo']\nunknown\n";
    assert_eq!(says(machine.as_ref(), python(&script)).await, expected);
}

#[tokio::test]
async fn the_hosts_files_and_processes_are_not_there() {
    let (_directory, root) = scratch();
    std::fs::write(root.join("canary"), "canary").unwrap();
    let machine = bare().await;
    let ls = says(machine.as_ref(), bash("ls -1 /; echo; ls -A /etc | sort | tr '\\n' ' '")).await;
    let (top, etc) = ls.split_once("\n\n").unwrap();
    let allowed = ["bin", "dev", "etc", "lib", "lib32", "lib64", "libx32", "opt", "proc", "sbin", "tmp", "usr", "var"];
    let places = ["outputs", "uploads", "work"];
    for name in top.lines() {
        assert!(allowed.contains(&name) || places.contains(&name), "/{name} is visible");
    }
    for name in ["shadow", "sudoers", "machine-id", "gitconfig", "environment", "profile", "ssh", "NetworkManager"] {
        assert!(!etc.split(' ').any(|entry| entry == name), "/etc/{name} is visible");
    }
    let script = format!(
        "cat '{}/canary' /root/.bashrc /etc/shadow /proc/1/environ 2>/dev/null; ls -A /home /root /run /mnt /media /srv /sys 2>/dev/null; \
         ls /opt /var; cat /etc/resolv.conf; cut -d: -f1 /etc/passwd; true",
        root.display()
    );
    assert_eq!(
        says(machine.as_ref(), bash(&script)).await,
        "/opt:\ndeskhand\n\n/var:\ncache\ntmp\nroot\ndesk\nnobody\n"
            .replace("cache\n", if std::path::Path::new("/var/cache/fontconfig").exists() { "cache\n" } else { "" })
    );
    let processes = says(machine.as_ref(), bash("cat /proc/[0-9]*/comm")).await;
    assert_eq!(processes, "deskhand\nbash\ncat\n".replace("bash\n", ""));
    // The host's process ids mean nothing inside.
    let kill = format!("kill -9 {} 2>/dev/null || echo no such process", std::process::id());
    assert_eq!(says(machine.as_ref(), bash(&kill)).await, "no such process\n");
    let devices = says(machine.as_ref(), bash("find /dev -type c -o -type b | sort | tr '\\n' ' '")).await;
    for device in devices.split_whitespace() {
        let known = ["full", "null", "ptmx", "random", "tty", "urandom", "zero", "console", "fuse"];
        let name = device.rsplit('/').next().unwrap();
        assert!(known.contains(&name), "{device} is visible");
    }
}

#[tokio::test]
async fn system_software_calls_are_refused() {
    let machine = bare().await;
    // Numbers of x86-64 and of the table that newer architectures share.
    let script = "import ctypes, os, errno, platform\n\
        libc = ctypes.CDLL(None, use_errno=True)\n\
        x86 = platform.machine() == 'x86_64'\n\
        def call(name, number, *arguments):\n\
        \x20r = libc.syscall(number, *arguments)\n\
        \x20print(name, 'done' if r >= 0 else errno.errorcode[ctypes.get_errno()])\n\
        call('mount', 165 if x86 else 40, b'none', b'/tmp', b'tmpfs', 0, 0)\n\
        call('unshare', 272 if x86 else 97, 0x10000000)\n\
        call('clone', 56 if x86 else 220, 0x10000000 | 17, 0, 0, 0, 0)\n\
        call('setns', 308 if x86 else 268, 0, 0)\n\
        call('ptrace', 101 if x86 else 117, 0, 0, 0, 0)\n\
        call('bpf', 321 if x86 else 280, 0, 0, 0)\n\
        call('perf_event_open', 298 if x86 else 241, 0, 0, 0, 0, 0)\n\
        call('keyctl', 250 if x86 else 219, 0, 0)\n\
        call('add_key', 248 if x86 else 217, 0, 0, 0, 0, 0)\n\
        call('userfaultfd', 323 if x86 else 282, 0)\n\
        call('io_uring_setup', 425, 1, 0)\n\
        call('open_by_handle_at', 304 if x86 else 265, 0, 0, 0)\n\
        call('open_tree', 428, -100, b'/', 1)\n\
        call('pidfd_getfd', 438, 0, 0, 0)\n\
        call('process_vm_readv', 310 if x86 else 270, 1, 0, 0, 0, 0, 0)\n\
        call('init_module', 175 if x86 else 105, 0, 0, b'')\n\
        call('kexec_load', 246 if x86 else 104, 0, 0, 0, 0)\n\
        call('socket vsock', 41 if x86 else 198, 40, 1, 0)\n\
        call('socket packet', 41 if x86 else 198, 17, 3, 0)\n\
        call('socket alg', 41 if x86 else 198, 38, 5, 0)\n\
        call('socket netfilter', 41 if x86 else 198, 16, 3, 12)\n\
        call('ioctl tiocsti', 16 if x86 else 29, 0, 0x5412, b'x')\n\
        call('ioctl tiocsti high', 16 if x86 else 29, 0, 0x100005412, b'x')\n\
        call('clone3', 435, 0, 0)\n\
        call('second numbering', 0x40000000 + 39 if x86 else 435)\n\
        call('socket route', 41 if x86 else 198, 16, 3, 0)\n\
        call('getpid', 39 if x86 else 172)\n";
    let said = says(machine.as_ref(), python(script)).await;
    let mut lines: Vec<&str> = said.lines().collect();
    let rest = lines.split_off(lines.len() - 4);
    assert_eq!(rest, ["clone3 ENOSYS", "second numbering ENOSYS", "socket route done", "getpid done"]);
    assert_eq!(lines.len(), 23);
    for line in lines {
        assert!(line.ends_with(" EPERM"), "{line}");
    }
    let (output, exit) = crate::world::run(machine.as_ref(), bash("unshare -U true")).await.unwrap();
    assert_eq!((output.contains("Operation not permitted"), exit.code), (true, Some(1)), "{output}");
}
