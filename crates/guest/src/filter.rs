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
    libc::SYS_clock_adjtime,
    libc::SYS_clock_settime,
    libc::SYS_delete_module,
    libc::SYS_fanotify_init,
    libc::SYS_finit_module,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fsopen,
    libc::SYS_fspick,
    libc::SYS_init_module,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_io_uring_setup,
    libc::SYS_kexec_file_load,
    libc::SYS_kexec_load,
    libc::SYS_keyctl,
    libc::SYS_lookup_dcookie,
    libc::SYS_mount,
    libc::SYS_mount_setattr,
    libc::SYS_move_mount,
    libc::SYS_name_to_handle_at,
    libc::SYS_nfsservctl,
    libc::SYS_open_by_handle_at,
    libc::SYS_open_tree,
    libc::SYS_perf_event_open,
    libc::SYS_pidfd_getfd,
    libc::SYS_pivot_root,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_ptrace,
    libc::SYS_quotactl,
    libc::SYS_quotactl_fd,
    libc::SYS_reboot,
    libc::SYS_request_key,
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
const REFUSED_HERE: &[libc::c_long] = &[libc::SYS_ioperm, libc::SYS_iopl, libc::SYS_modify_ldt, libc::SYS__sysctl];
/// Calls of this processor family refused beside those.
#[cfg(not(target_arch = "x86_64"))]
const REFUSED_HERE: &[libc::c_long] = &[];

/// `TIOCSTI` and `TIOCLINUX`; their type differs between C libraries.
const TYPING: [u64; 2] = [0x5412, 0x541c];

/// Filters this process and all it will start.
pub(crate) fn install() -> Result<(), String> {
    let architecture = TargetArch::try_from(std::env::consts::ARCH).map_err(|error| error.to_string())?;
    let program = refusals(architecture).map_err(|error| error.to_string())?;
    // The last one installed is asked first; all are asked, and the strictest answer counts.
    seccompiler::apply_filter(&program).map_err(|error| error.to_string())?;
    seccompiler::apply_filter(&unknown_calls()).map_err(|error| error.to_string())
}

type Refusals = Result<BpfProgram, seccompiler::BackendError>;

fn refusals(architecture: TargetArch) -> Refusals {
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> =
        REFUSED.iter().chain(REFUSED_HERE).map(|&call| (call, Vec::new())).collect();
    // New user namespaces hand out capabilities inside them, which is how most kernel flaws are reached.
    let new_user = libc::CLONE_NEWUSER as u64;
    rules.insert(libc::SYS_clone, vec![rule(&[(0, Length::Qword, Op::MaskedEq(new_user), new_user)])?]);
    // Typing into a terminal, and selecting on a console.
    let typing: Result<Vec<_>, _> = TYPING.iter().map(|&call| rule(&[(1, Length::Dword, Op::Eq, call)])).collect();
    rules.insert(libc::SYS_ioctl, typing?);
    rules.insert(libc::SYS_socket, socket_rules()?);
    let refuse = SeccompAction::Errno(libc::EPERM as u32);
    SeccompFilter::new(rules, SeccompAction::Allow, refuse, architecture)?.try_into()
}

/// Unix and internet sockets are open (there is nobody to reach), and the netlink family that lists interfaces.
fn socket_rules() -> Result<Vec<SeccompRule>, seccompiler::BackendError> {
    let not = |family: i32| (0, Length::Dword, Op::Ne, family as u64);
    let other_family = rule(&[not(libc::AF_UNIX), not(libc::AF_INET), not(libc::AF_INET6), not(libc::AF_NETLINK)])?;
    let other_netlink = rule(&[
        (0, Length::Dword, Op::Eq, libc::AF_NETLINK as u64),
        (2, Length::Dword, Op::Ne, libc::NETLINK_ROUTE as u64),
    ])?;
    Ok(vec![other_family, other_netlink])
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
