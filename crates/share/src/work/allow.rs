//! What permission bits allow, seen as the owner whom every file is shown to have. A kernel that checks them itself asks
//! for a directory's attributes anew after every change in it, so in the namespace tier this is the one place.
//!
//! They keep a program from its own mistakes; they guard nothing. Where Deskhand is not root, the system checks them
//! once more at every opening.

use std::time::{Duration, Instant};

use rustix::io::Errno;

use super::{Purpose, VALID_SECONDS, Work};
use crate::attr::Attr;
use crate::tree::Whereabouts;

/// To read a file, or the names of a directory.
pub(super) const READ: u32 = 4;
/// To change a file, or the names of a directory.
pub(super) const WRITE: u32 = 2;
/// To run a file, or to pass through a directory.
pub(super) const PASS: u32 = 1;

/// A directory's permission bits, and when they were looked at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bits {
    mode: u32,
    since: Instant,
}

impl Bits {
    pub(super) fn of(attr: &Attr) -> Self {
        Self { mode: attr.mode(), since: Instant::now() }
    }

    /// As long as a kernel may go on with them.
    fn are_fresh(&self) -> bool {
        self.since.elapsed() < Duration::from_secs(VALID_SECONDS)
    }
}

impl Work<'_> {
    /// Refuses what the bits of a file do not allow.
    pub(super) fn allow(&self, attr: &Attr, wants: u32) -> Result<(), Errno> {
        self.allow_mode(attr.mode(), wants)
    }

    /// Refuses what the bits of a directory do not allow. They are remembered for a moment.
    pub(super) fn allow_in(&mut self, node: u64, wants: u32) -> Result<(), Errno> {
        if self.head.user == 0 {
            return Ok(());
        }
        if let Some(bits) = self.tree.bits(node).filter(Bits::are_fresh) {
            return self.allow_mode(bits.mode, wants);
        }
        if !matches!(self.tree.whereabouts(node)?, Whereabouts::Beneath(..)) {
            // Nobody may change these, which is said elsewhere.
            return Ok(());
        }
        let (_, attr) = self.spot(node, Purpose::Look)?.look()?;
        self.tree.keep_bits(node, Bits::of(&attr));
        self.allow(&attr, wants)
    }

    fn allow_mode(&self, mode: u32, wants: u32) -> Result<(), Errno> {
        if self.head.user == 0 || (mode >> 6) & wants == wants { Ok(()) } else { Err(Errno::ACCESS) }
    }
}
