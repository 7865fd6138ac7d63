//! One connection of a program inside, between its socket and the frames to the host.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::event::PollFlags;
use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags, Shutdown};
use sandbox::{CONNECTION_WINDOW, Frame, FrameKind};

use crate::channel::Channel;

/// Bytes of one frame.
const PIECE: usize = 32 * 1024;
/// Bytes written to the program after which the host gets new credit, at the latest.
const PORTION: usize = 64 * 1024;
/// Bytes waiting for the host above which no more is taken from programs.
const BACKLOG: usize = 256 * 1024;

/// Whether a connection goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Going {
    On,
    Over,
}

/// A connection under way.
pub(crate) struct Carried {
    pub(crate) stream: u32,
    socket: OwnedFd,
    /// From the host, not yet taken by the program.
    pending: Vec<u8>,
    written: usize,
    /// Bytes written for which the host has got no new credit.
    owed: usize,
    /// Bytes the host still takes.
    credit: usize,
    /// The host has said that it was all.
    host_ended: bool,
    /// The program has been told so.
    told: bool,
    /// The program has ended its side.
    ended: bool,
}

impl Carried {
    /// `socket` must not block.
    pub(crate) fn new(stream: u32, socket: OwnedFd) -> Self {
        Self {
            stream,
            socket,
            pending: Vec::new(),
            written: 0,
            owed: 0,
            credit: CONNECTION_WINDOW as usize,
            host_ended: false,
            told: false,
            ended: false,
        }
    }

    fn waiting(&self) -> usize {
        self.pending.len() - self.written
    }

    /// What is worth waiting for on the socket; empty where nothing is.
    pub(crate) fn wanted(&self, channel: &Channel) -> PollFlags {
        let mut wanted = PollFlags::empty();
        if !self.ended && self.credit > 0 && channel.backlog() < BACKLOG {
            wanted |= PollFlags::IN;
        }
        if self.waiting() > 0 {
            wanted |= PollFlags::OUT;
        }
        wanted
    }

    pub(crate) fn socket(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }

    /// Takes in a frame of the host.
    pub(crate) fn accept(&mut self, frame: Frame) -> Going {
        match frame.kind {
            Some(FrameKind::Data) => {
                if self.host_ended || self.waiting() + frame.payload.len() > CONNECTION_WINDOW as usize {
                    return Going::Over;
                }
                self.pending.extend_from_slice(&frame.payload);
            }
            Some(FrameKind::Credit) => {
                let bytes = <[u8; 4]>::try_from(frame.payload.as_slice()).map_or(0, u32::from_be_bytes);
                self.credit = (self.credit + bytes as usize).min(CONNECTION_WINDOW as usize);
            }
            Some(FrameKind::Close) => self.host_ended = true,
            Some(FrameKind::Reset) => return Going::Over,
            Some(_) | None => {}
        }
        Going::On
    }

    /// Carries what can be carried now.
    pub(crate) fn carry(&mut self, channel: &mut Channel, buffer: &mut [u8]) -> Going {
        let carried = self.write().and_then(|()| self.read(channel, buffer));
        if carried.is_err() {
            channel.push(&Frame::new(self.stream, FrameKind::Reset, Vec::new()));
            return Going::Over;
        }
        if self.owed > 0 && (self.owed >= PORTION || self.waiting() == 0) {
            let owed = u32::try_from(self.owed).unwrap_or(u32::MAX);
            channel.push(&Frame::new(self.stream, FrameKind::Credit, owed.to_be_bytes()));
            self.owed = 0;
        }
        if self.ended && self.told { Going::Over } else { Going::On }
    }

    fn write(&mut self) -> rustix::io::Result<()> {
        while self.waiting() > 0 {
            let rest = self.pending.get(self.written..).unwrap_or_default();
            match rustix::net::send(&self.socket, rest, SendFlags::NOSIGNAL) {
                Ok(count) => {
                    self.written += count;
                    self.owed += count;
                }
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        self.pending = Vec::new();
        self.written = 0;
        if self.host_ended && !self.told {
            self.told = true;
            // A program that has gone already was told enough.
            rustix::net::shutdown(&self.socket, Shutdown::Write).ok();
        }
        Ok(())
    }

    fn read(&mut self, channel: &mut Channel, buffer: &mut [u8]) -> rustix::io::Result<()> {
        while !self.ended && self.credit > 0 && channel.backlog() < BACKLOG {
            let room = self.credit.min(PIECE).min(buffer.len());
            let piece = buffer.get_mut(..room).unwrap_or_default();
            match rustix::net::recv(&self.socket, &mut *piece, RecvFlags::empty()) {
                Ok((_, 0)) => {
                    self.ended = true;
                    channel.push(&Frame::new(self.stream, FrameKind::Close, Vec::new()));
                }
                Ok((_, count)) => {
                    self.credit -= count;
                    channel.push_bytes(self.stream, FrameKind::Data, piece.get(..count).unwrap_or_default());
                    if count < room {
                        return Ok(());
                    }
                }
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}
