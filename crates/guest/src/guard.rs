//! The deletion guard: a Landlock domain in which files can be removed and moved only where that is harmless.
//!
//! Landlock rights are inherited down the tree, so the domain handles removal and grants it beneath every place that
//! is not guarded; a guarded folder then needs no rule. Moving a file counts as removing it, so it cannot be used
//! to delete. Making, overwriting and truncating are not handled: they stay possible, and undoable by the host.
//! A second domain, for commands that may delete, only keeps them from signalling this program.

use std::os::fd::{AsRawFd, OwnedFd, RawFd};

use landlock::{
    AccessFs, BitFlags, CompatLevel, Compatible, PathBeneath, PathFd, Ruleset, RulesetAttr, RulesetCreatedAttr,
    RulesetError, Scope,
};
use sandbox::GuestSetup;

/// The two domains a command can be put into, prepared so that the child process only makes one system call.
pub(crate) struct Guard {
    guarded: Option<OwnedFd>,
    free: Option<OwnedFd>,
    needed: bool,
}

/// Which domain a command gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Domain {
    /// This prepared one.
    Prepared(RawFd),
    /// None: the kernel has no Landlock and nothing here needs it.
    Open,
    /// The command may not delete and nothing could stop it.
    Missing,
}

impl Guard {
    pub(crate) fn build(setup: &GuestSetup) -> Self {
        let guarded = guarded_ruleset(&setup.deletable).ok().flatten();
        let free = free_ruleset().ok().flatten();
        Self { guarded, free, needed: setup.guards }
    }

    pub(crate) fn domain(&self, may_delete: bool) -> Domain {
        let prepared = if may_delete { &self.free } else { &self.guarded };
        match prepared {
            Some(ruleset) => Domain::Prepared(ruleset.as_raw_fd()),
            None if self.needed && !may_delete => Domain::Missing,
            None => Domain::Open,
        }
    }
}

fn guarded_ruleset(deletable: &[String]) -> Result<Option<OwnedFd>, RulesetError> {
    let removal = AccessFs::RemoveFile | AccessFs::RemoveDir;
    let mut ruleset = Ruleset::default()
        .set_compatibility(CompatLevel::HardRequirement)
        .handle_access(removal)?
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::Refer)?
        .scope(Scope::Signal)?
        .create()?;
    let rights: BitFlags<AccessFs> = removal | AccessFs::Refer;
    // A place that does not exist needs no rule.
    for place in deletable.iter().filter_map(|place| PathFd::new(place).ok()) {
        ruleset = ruleset.add_rule(PathBeneath::new(place, rights))?;
    }
    Ok(ruleset.into())
}

fn free_ruleset() -> Result<Option<OwnedFd>, RulesetError> {
    let ruleset = Ruleset::default().set_compatibility(CompatLevel::HardRequirement).scope(Scope::Signal)?.create()?;
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
