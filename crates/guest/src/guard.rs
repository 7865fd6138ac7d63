//! Landlock for every command: reading and running everywhere, changing only where there is something to change.
//!
//! The mounts say the same already; this holds where one of them is wrong. What may be deleted is not decided here
//! but by whoever serves the files. Kernels without Landlock, and those whose Landlock cannot let files be moved
//! between directories, run commands without it.

use std::os::fd::{AsRawFd, OwnedFd, RawFd};

use landlock::{
    ABI, AccessFs, BitFlags, CompatLevel, Compatible, PathBeneath, PathFd, Ruleset, RulesetAttr, RulesetCreatedAttr,
    RulesetError, Scope,
};

/// Where files are made, changed and removed.
const CHANGEABLE: [&str; 4] = ["/work", "/outputs", "/tmp", "/dev/shm"];
/// Where what is there may be written to: null and terminals. Nothing of `/proc` is: what can be changed there are
/// settings of processes, those of the first one among them.
const WRITABLE: [&str; 1] = ["/dev"];

/// The domain, prepared so that a new process only makes one system call.
pub(crate) struct Guard(Option<OwnedFd>);

impl Guard {
    pub(crate) fn build() -> Self {
        Self(ruleset().ok().flatten())
    }

    /// The domain for commands; none where the kernel has none.
    pub(crate) fn domain(&self) -> Option<RawFd> {
        self.0.as_ref().map(AsRawFd::as_raw_fd)
    }
}

fn ruleset() -> Result<Option<OwnedFd>, RulesetError> {
    let changes = AccessFs::from_write(ABI::V3);
    let mut ruleset = Ruleset::default()
        .set_compatibility(CompatLevel::HardRequirement)
        .handle_access(AccessFs::from_write(ABI::V2))?
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::Truncate)?
        .scope(Scope::Signal)?
        .scope(Scope::AbstractUnixSocket)?
        .create()?;
    let writing: BitFlags<AccessFs> = AccessFs::WriteFile | AccessFs::Truncate;
    let places = CHANGEABLE.map(|place| (place, changes)).into_iter().chain(WRITABLE.map(|place| (place, writing)));
    for (place, rights) in places {
        // A place that does not exist needs no rule.
        if let Ok(opened) = PathFd::new(place) {
            ruleset = ruleset.add_rule(PathBeneath::new(opened, rights))?;
        }
    }
    Ok(ruleset.into())
}

/// The kernel's Landlock version; 0 without Landlock.
#[expect(unsafe_code, reason = "the version has no safe door")]
pub(crate) fn version() -> u32 {
    const ASK_VERSION: u32 = 1;
    // SAFETY: with this flag the call takes no pointer and only returns a number.
    let answer =
        unsafe { libc::syscall(libc::SYS_landlock_create_ruleset, std::ptr::null::<u8>(), 0_usize, ASK_VERSION) };
    u32::try_from(answer).unwrap_or(0)
}

/// Puts the calling process into a domain. Allocates nothing: it runs between fork and exec.
#[expect(unsafe_code, reason = "the library's door allocates")]
pub(crate) fn enter(ruleset: RawFd) -> std::io::Result<()> {
    // SAFETY: the call takes two integers; a wrong descriptor is answered with an error.
    let answer = unsafe { libc::syscall(libc::SYS_landlock_restrict_self, ruleset, 0_u32) };
    if answer == 0 { Ok(()) } else { Err(std::io::Error::last_os_error()) }
}
