//! What is at a path now, as far as Undo compares it with what the journal says.

use crate::{Look, Mark, State};

/// Bits of a file's mode that are compared and given back: running as somebody else is not among them.
pub(super) const FILE_MODE: u32 = 0o777;
/// Those of a directory, where names belong to its group or to who made them.
pub(super) const DIRECTORY_MODE: u32 = 0o3777;

/// What is at a path now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// What it is, with its content.
    pub mark: Mark,
    /// Its permission bits and time; none where it has none, or where they cannot be seen.
    pub look: Option<Look>,
    /// Whether rights are missing to see more: then the mark is what the journal says it should be.
    pub sealed: bool,
}

impl Seen {
    /// Nothing of that name.
    pub(crate) fn nothing() -> Self {
        Self { mark: Mark::Absent, look: None, sealed: false }
    }

    /// Whether this is all that a state says, apart from the time of a directory, which `times` looks after.
    pub(crate) fn is(&self, state: &State) -> bool {
        self.mark == state.mark()
            && match (self.look, state.look()) {
                (Some(now), Some(then)) => {
                    let is_directory = self.mark == Mark::Directory;
                    same_mode(self.mark, now, then) && (is_directory || same_time(now.mtime_ns, then.mtime_ns))
                }
                (None, Some(_)) => false,
                (_, None) => true,
            }
    }

    /// Whether mode and time are as a change left them, as far as that is known. The time of a directory is not
    /// asked: it changes with every name in it.
    pub(super) fn looks_like(&self, left: Option<Look>) -> bool {
        let (Some(now), Some(left)) = (self.look, left) else { return true };
        same_mode(self.mark, now, left) && (self.mark == Mark::Directory || same_time(now.mtime_ns, left.mtime_ns))
    }
}

fn same_mode(mark: Mark, one: Look, other: Look) -> bool {
    let bits = match mark {
        Mark::Directory => DIRECTORY_MODE,
        Mark::Absent | Mark::File(_) | Mark::Link(_) => FILE_MODE,
    };
    one.mode & bits == other.mode & bits
}

fn same_time(one: Option<i64>, other: Option<i64>) -> bool {
    one.zip(other).is_none_or(|(one, other)| one == other)
}
