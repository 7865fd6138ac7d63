//! The wire of one mount: whole requests in, whole answers out. It is `/dev/fuse` or a socket that keeps messages apart.

use std::os::fd::OwnedFd;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::{self, Errno};
use rustix::net::sockopt;

/// Most bytes of data in one message on the device.
const DEVICE_DATA: u32 = 1 << 20;
/// Most bytes of data in one message on a socket: a message has to fit its buffer.
const SOCKET_DATA: u32 = 128 << 10;
/// Room for the heads of a message.
const HEADS: usize = 4096;

/// An open wire.
#[derive(Debug)]
pub(crate) struct Wire {
    end: OwnedFd,
    data: u32,
}

impl Wire {
    pub(crate) fn new(end: OwnedFd) -> Self {
        let data = if sockopt::socket_type(&end).is_ok() { SOCKET_DATA } else { DEVICE_DATA };
        Self { end, data }
    }

    /// Most bytes of data in one message.
    pub(crate) fn data_bytes(&self) -> u32 {
        self.data
    }

    /// A buffer for the largest request.
    pub(crate) fn buffer(&self) -> Vec<u8> {
        vec![0; self.data as usize + HEADS]
    }

    /// Waits for the next request; none when the wire has ended.
    pub(crate) fn read(&self, buffer: &mut [u8]) -> Option<usize> {
        loop {
            match io::read(&self.end, &mut *buffer) {
                Ok(0) => return None,
                Ok(length) => return Some(length),
                // A request that was taken back before it was read.
                Err(Errno::NOENT | Errno::INTR) => {}
                Err(Errno::AGAIN) => {
                    let mut waits = [PollFd::new(&self.end, PollFlags::IN)];
                    match poll(&mut waits, None) {
                        Ok(_) | Err(Errno::INTR) => {}
                        Err(_) => return None,
                    }
                }
                Err(_) => return None,
            }
        }
    }

    /// Sends one message. A request that was taken back meanwhile needs no answer, so failures mean nothing.
    pub(crate) fn send(&self, message: &[u8]) {
        while io::write(&self.end, message) == Err(Errno::INTR) {}
    }
}
