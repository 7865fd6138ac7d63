//! The system-call filter of everything in a machine: calls that only matter to system software and attackers fail
//! with "operation not permitted". It narrows what a flaw in the kernel can be reached through.

use std::collections::BTreeMap;

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen as Length, SeccompCmpOp as Op, SeccompCondition, SeccompFilter,
    SeccompRule, TargetArch, sock_filter,
};

/// Calls refused whatever their arguments. None of them works without privileges, or they open large or old parts
/// of the kernel that no desk program needs.
const REFUSED: &[libc::c_long] = &[
    libc::SYS_acct,
    libc::SYS_add_key,
    libc::SYS_bpf,
    libc::SYS_chroot,
    libc::SYS_clock_adjtime,
    libc::SYS_clock_settime,
    libc::SYS_delete_module,
    libc::SYS_fanotify_init,
    libc::SYS_fanotify_mark,
    libc::SYS_finit_module,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fsopen,
    libc::SYS_fspick,
    libc::SYS_init_module,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_io_uring_setup,
    libc::SYS_kcmp,
    libc::SYS_kexec_file_load,
    libc::SYS_kexec_load,
    libc::SYS_keyctl,
    libc::SYS_lookup_dcookie,
    libc::SYS_migrate_pages,
    libc::SYS_mount,
    libc::SYS_mount_setattr,
    libc::SYS_move_pages,
    libc::SYS_move_mount,
    libc::SYS_name_to_handle_at,
    libc::SYS_nfsservctl,
    libc::SYS_open_by_handle_at,
    libc::SYS_open_tree,
    libc::SYS_perf_event_open,
    libc::SYS_pidfd_getfd,
    libc::SYS_pivot_root,
    libc::SYS_process_madvise,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_ptrace,
    libc::SYS_quotactl,
    libc::SYS_quotactl_fd,
    libc::SYS_reboot,
    libc::SYS_request_key,
    libc::SYS_setdomainname,
    libc::SYS_sethostname,
    libc::SYS_setns,
    libc::SYS_settimeofday,
    libc::SYS_swapoff,
    libc::SYS_swapon,
    libc::SYS_syslog,
    libc::SYS_umount2,
    libc::SYS_unshare,
    libc::SYS_userfaultfd,
    libc::SYS_vhangup,
];

/// Calls of this processor family refused beside those.
#[cfg(target_arch = "x86_64")]
const REFUSED_HERE: &[libc::c_long] = &[
    libc::SYS_ioperm,
    libc::SYS_iopl,
    libc::SYS_modify_ldt,
    libc::SYS__sysctl,
    libc::SYS_sysfs,
    libc::SYS_uselib,
    libc::SYS_ustat,
];
/// Calls of this processor family refused beside those.
#[cfg(not(target_arch = "x86_64"))]
const REFUSED_HERE: &[libc::c_long] = &[];

/// Calls newer than the library's names, the same everywhere: `listmount`, `statmount` and `open_tree_attr`.
const REFUSED_NEW: [libc::c_long; 3] = [457, 458, 467];

/// `TIOCSTI`, `TIOCLINUX` and `TIOCSETD`; their type differs between C libraries.
const TERMINAL: [u64; 3] = [0x5412, 0x541c, 0x5423];
/// New namespaces of every sort that `clone` makes.
const NAMESPACES: [libc::c_int; 7] = [
    libc::CLONE_NEWCGROUP,
    libc::CLONE_NEWIPC,
    libc::CLONE_NEWNET,
    libc::CLONE_NEWNS,
    libc::CLONE_NEWPID,
    libc::CLONE_NEWUSER,
    libc::CLONE_NEWUTS,
];
/// Personalities a program may take: the usual one, and none (which asks for the present one).
const PERSONALITIES: [u64; 2] = [0, 0xffff_ffff];
/// Protocols of internet sockets: unnamed, ICMP, TCP, UDP, ICMPv6.
const PROTOCOLS: [i32; 5] = [0, libc::IPPROTO_ICMP, libc::IPPROTO_TCP, libc::IPPROTO_UDP, libc::IPPROTO_ICMPV6];

/// Filters this process and all it will start.
pub(crate) fn install() -> Result<(), String> {
    Filter::build()?.apply().map_err(|error| error.to_string())
}

/// A filter that is ready to be put on.
pub(crate) struct Filter {
    refusals: BpfProgram,
    unknown: BpfProgram,
}

impl Filter {
    /// Prepares it.
    pub(crate) fn build() -> Result<Self, String> {
        let architecture = TargetArch::try_from(std::env::consts::ARCH).map_err(|error| error.to_string())?;
        let refusals = refusals(architecture).map_err(|error| error.to_string())?;
        Ok(Self { refusals, unknown: unknown_calls() })
    }

    /// Puts it on, for this thread and what comes of it. Makes system calls only.
    pub(crate) fn apply(&self) -> Result<(), seccompiler::Error> {
        // The last one installed is asked first; all are asked, and the strictest answer counts.
        seccompiler::apply_filter(&self.refusals)?;
        seccompiler::apply_filter(&self.unknown)
    }
}

type Refusals = Result<BpfProgram, seccompiler::BackendError>;

fn refusals(architecture: TargetArch) -> Refusals {
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> =
        REFUSED.iter().chain(REFUSED_HERE).chain(&REFUSED_NEW).map(|&call| (call, Vec::new())).collect();
    // New user namespaces hand out capabilities inside them, which is how most kernel flaws are reached; the others
    // need such capabilities.
    let namespaces: Result<Vec<_>, _> =
        NAMESPACES.iter().map(|&flag| rule(&[(0, Length::Qword, Op::MaskedEq(flag as u64), flag as u64)])).collect();
    rules.insert(libc::SYS_clone, namespaces?);
    // Typing into a terminal, selecting on a console, and old line disciplines.
    let terminal: Result<Vec<_>, _> = TERMINAL.iter().map(|&call| rule(&[(1, Length::Dword, Op::Eq, call)])).collect();
    rules.insert(libc::SYS_ioctl, terminal?);
    rules.insert(libc::SYS_personality, vec![rule(&PERSONALITIES.map(|value| (0, Length::Dword, Op::Ne, value)))?]);
    rules.insert(libc::SYS_socket, socket_rules()?);
    rules.insert(libc::SYS_socketpair, vec![rule(&[(0, Length::Dword, Op::Ne, libc::AF_UNIX as u64)])?]);
    let refuse = SeccompAction::Errno(libc::EPERM as u32);
    SeccompFilter::new(rules, SeccompAction::Allow, refuse, architecture)?.try_into()
}

/// Unix sockets and the usual internet sockets are open (there is nobody to reach), and the netlink family that lists
/// interfaces.
fn socket_rules() -> Result<Vec<SeccompRule>, seccompiler::BackendError> {
    let not = |family: i32| (0, Length::Dword, Op::Ne, family as u64);
    let other_family = rule(&[not(libc::AF_UNIX), not(libc::AF_INET), not(libc::AF_INET6), not(libc::AF_NETLINK)])?;
    let other_netlink = rule(&[
        (0, Length::Dword, Op::Eq, libc::AF_NETLINK as u64),
        (2, Length::Dword, Op::Ne, libc::NETLINK_ROUTE as u64),
    ])?;
    let mut refused = vec![other_family, other_netlink];
    // Rare transports bring kernel modules of their own.
    for family in [libc::AF_INET, libc::AF_INET6] {
        let mut other_protocol = vec![(0, Length::Dword, Op::Eq, family as u64)];
        other_protocol.extend(PROTOCOLS.iter().map(|&protocol| (2, Length::Dword, Op::Ne, protocol as u64)));
        refused.push(rule(&other_protocol)?);
    }
    Ok(refused)
}

fn rule(conditions: &[(u8, Length, Op, u64)]) -> Result<SeccompRule, seccompiler::BackendError> {
    let conditions: Result<Vec<_>, _> = conditions
        .iter()
        .map(|(argument, length, operator, value)| {
            SeccompCondition::new(*argument, length.clone(), operator.clone(), *value)
        })
        .collect();
    SeccompRule::new(conditions?)
}

/// Answers "no such call" to `clone3`, whose arguments a filter cannot read (programs then use `clone`), and to the
/// second numbering of x86-64, which would pass by the first filter.
fn unknown_calls() -> BpfProgram {
    const LOAD: u16 = 0x20; // BPF_LD | BPF_W | BPF_ABS
    const AT_LEAST: u16 = 0x35; // BPF_JMP | BPF_JGE | BPF_K
    const EQUAL: u16 = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
    const ANSWER: u16 = 0x06; // BPF_RET | BPF_K
    const SECOND_NUMBERING: u32 = 0x4000_0000;
    let step = |code, jt, jf, k| sock_filter { code, jt, jf, k };
    vec![
        step(LOAD, 0, 0, 0),
        step(AT_LEAST, 1, 0, SECOND_NUMBERING),
        step(EQUAL, 0, 1, libc::SYS_clone3 as u32),
        step(ANSWER, 0, 0, libc::SECCOMP_RET_ERRNO | libc::ENOSYS as u32),
        step(ANSWER, 0, 0, libc::SECCOMP_RET_ALLOW),
    ]
}
