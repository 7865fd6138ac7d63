//! The reading end of a command's output.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::io::Errno;

/// Bytes of output in one frame at most.
pub(crate) const PIECE: usize = 64 * 1024;

/// A pipe that is read without blocking until everybody has closed its other end.
pub(crate) struct Pipe(Option<OwnedFd>);

/// What reading gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Taken {
    /// This many bytes.
    Bytes(usize),
    /// Nothing now.
    Nothing,
    /// Nothing any more.
    End,
}

impl Pipe {
    pub(crate) fn new(end: OwnedFd) -> rustix::io::Result<Self> {
        rustix::io::ioctl_fionbio(&end, true)?;
        Ok(Self(Some(end)))
    }

    pub(crate) fn open(&self) -> Option<BorrowedFd<'_>> {
        self.0.as_ref().map(AsFd::as_fd)
    }

    pub(crate) fn close(&mut self) {
        self.0 = None;
    }

    pub(crate) fn read(&mut self, buffer: &mut [u8]) -> Taken {
        let Some(end) = &self.0 else { return Taken::End };
        loop {
            return match rustix::io::read(end, &mut *buffer) {
                Ok(count) if count > 0 => Taken::Bytes(count),
                Err(Errno::AGAIN) => Taken::Nothing,
                Err(Errno::INTR) => continue,
                Ok(_) | Err(_) => {
                    self.close();
                    Taken::End
                }
            };
        }
    }
}
