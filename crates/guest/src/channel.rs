//! The framed socket to the host, never blocking: bytes in, frames out, and the other way round.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::io::Errno;
use sandbox::{Frame, FrameKind, HEADER_BYTES};

/// The host is gone or speaks nonsense; there is nothing left to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Closed;

/// The socket with what was read and not understood yet, and what is still to be written.
pub(crate) struct Channel {
    socket: OwnedFd,
    incoming: Vec<u8>,
    outgoing: Vec<u8>,
    /// Bytes at the front of `outgoing` that are written already.
    written: usize,
}

impl Channel {
    /// `incoming` is what was read from the socket already and not understood yet.
    pub(crate) fn new(socket: OwnedFd, incoming: Vec<u8>) -> rustix::io::Result<Self> {
        rustix::io::ioctl_fionbio(&socket, true)?;
        Ok(Self { socket, incoming, outgoing: Vec::new(), written: 0 })
    }

    pub(crate) fn socket(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }

    /// Bytes waiting to be written.
    pub(crate) fn backlog(&self) -> usize {
        self.outgoing.len() - self.written
    }

    pub(crate) fn push(&mut self, frame: &Frame) {
        self.outgoing.extend_from_slice(&frame.encode());
    }

    /// Queues a frame of which this many bytes were written before there was a channel.
    pub(crate) fn push_rest(&mut self, frame: &Frame, written: usize) {
        self.outgoing.extend_from_slice(frame.encode().get(written..).unwrap_or_default());
    }

    /// Queues a frame of output without copying it twice.
    pub(crate) fn push_bytes(&mut self, stream: u32, kind: FrameKind, bytes: &[u8]) {
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        self.outgoing.reserve(HEADER_BYTES + bytes.len());
        self.outgoing.extend_from_slice(&length.to_be_bytes());
        self.outgoing.extend_from_slice(&stream.to_be_bytes());
        self.outgoing.push(kind.code());
        self.outgoing.extend_from_slice(bytes);
    }

    /// Writes what the socket takes now.
    pub(crate) fn flush(&mut self) -> Result<(), Closed> {
        while let Some(rest) = self.outgoing.get(self.written..).filter(|rest| !rest.is_empty()) {
            match rustix::io::write(&self.socket, rest) {
                Ok(0) => return Err(Closed),
                Ok(count) => self.written += count,
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => return Ok(()),
                Err(_) => return Err(Closed),
            }
        }
        self.written = 0;
        self.outgoing.clear();
        // A burst of output must not keep its memory for the rest of the machine's life.
        self.outgoing.shrink_to(64 * 1024);
        Ok(())
    }

    /// Reads what is there and returns the whole frames in it.
    pub(crate) fn receive(&mut self) -> Result<Vec<Frame>, Closed> {
        let mut chunk = [0; 16 * 1024];
        loop {
            match rustix::io::read(&self.socket, &mut chunk) {
                Ok(0) => return Err(Closed),
                Ok(count) => {
                    self.incoming.extend_from_slice(chunk.get(..count).unwrap_or_default());
                    if count < chunk.len() {
                        break;
                    }
                }
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => break,
                Err(_) => return Err(Closed),
            }
        }
        let mut frames = Vec::new();
        let mut used = 0;
        while let Some((frame, length)) =
            Frame::decode(self.incoming.get(used..).unwrap_or_default()).map_err(|_| Closed)?
        {
            frames.push(frame);
            used += length;
        }
        self.incoming.drain(..used);
        self.incoming.shrink_to(16 * 1024);
        Ok(frames)
    }
}
