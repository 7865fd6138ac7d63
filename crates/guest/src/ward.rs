//! What a tier does for each command beyond starting it. The namespace tier does nothing more; a machine with a kernel
//! of its own keeps each command in a control group and gives up its own rights there.

use std::io;

use crate::family::{self, Head, Left};

/// What the new process does to itself before it becomes the program: runs between fork and exec, so it may make system
/// calls on integers and prepared bytes only, and must not allocate or lock.
pub(crate) type Entry = Box<dyn FnMut() -> io::Result<()> + Send + Sync>;

/// How memory was for a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Memory {
    /// Enough, as far as is known.
    Enough,
    /// A process was ended because it ran out.
    RanOut,
}

/// Who looks after each command.
pub(crate) trait Ward {
    /// A command on this stream is about to start. The error says why it cannot, for the model.
    fn admit(&mut self, stream: u32) -> Result<Entry, String>;

    /// It has ended and nobody of it is left, or it did not start.
    fn dismiss(&mut self, stream: u32) -> Memory;

    /// Kills everybody of a command and says whether somebody was still there. `others` are the other commands.
    fn end(&mut self, command: Head, others: &[Head]) -> Left {
        family::end(command, others)
    }

    /// The machine may have stood still until now.
    fn resumed(&mut self) {}
}

/// The namespace tier: the whole machine was confined before.
pub(crate) struct Confined;

impl Ward for Confined {
    fn admit(&mut self, _: u32) -> Result<Entry, String> {
        Ok(Box::new(|| Ok(())))
    }

    fn dismiss(&mut self, _: u32) -> Memory {
        Memory::Enough
    }
}
