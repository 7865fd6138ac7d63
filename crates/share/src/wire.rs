//! The wire of one mount: whole requests in, whole answers out. It is `/dev/fuse` or a socket that keeps messages apart.

use std::collections::VecDeque;
use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex, PoisonError};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use rustix::io::{self, Errno};
use rustix::net::{self, SendFlags, Shutdown, sockopt};

use crate::watch::Watch;

/// Most bytes of data in one message on the device.
const DEVICE_DATA: u32 = 1 << 20;
/// Most bytes of data in one message on a socket: a message has to fit its buffer.
const SOCKET_DATA: u32 = 128 << 10;
/// Most messages, and bytes of them, that wait for room in a socket beside its own answers.
const LATE_CAP: usize = 2048;
const LATE_BYTES: usize = 16 << 20;
/// Room for the heads of a message.
const HEADS: usize = 4096;

/// An open wire.
#[derive(Debug)]
pub(crate) struct Wire {
    end: OwnedFd,
    kind: Kind,
    /// What a socket did not take at once, while a thread passes it on.
    late: Mutex<Option<VecDeque<Vec<u8>>>>,
}

/// What a wire is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// `/dev/fuse`, which takes every answer at once.
    Device,
    /// A socket, which may be full.
    Socket,
}

impl Wire {
    pub(crate) fn new(end: OwnedFd) -> Self {
        let kind = if sockopt::socket_type(&end).is_ok() { Kind::Socket } else { Kind::Device };
        if kind == Kind::Device {
            // Where that fails, reading waits by itself.
            let _set = fcntl_getfl(&end).and_then(|flags| fcntl_setfl(&end, flags | OFlags::NONBLOCK)).is_ok();
        }
        Self { end, kind, late: Mutex::default() }
    }

    /// Most bytes of data in one message.
    pub(crate) fn data_bytes(&self) -> u32 {
        match self.kind {
            Kind::Device => DEVICE_DATA,
            Kind::Socket => SOCKET_DATA,
        }
    }

    /// A buffer for the largest request.
    pub(crate) fn buffer(&self) -> Vec<u8> {
        vec![0; self.data_bytes() as usize + HEADS]
    }

    /// Waits for the next request; none when the wire has ended.
    pub(crate) fn read(&self, buffer: &mut [u8], watch: &mut Watch) -> Option<usize> {
        watch.begin();
        loop {
            if self.kind == Kind::Device && !watch.gives_way() {
                self.sleep();
            }
            match io::read(&self.end, &mut *buffer) {
                Ok(0) => return None,
                Ok(length) => {
                    watch.came();
                    return Some(length);
                }
                // A request that was taken back before it was read.
                Err(Errno::NOENT | Errno::INTR) => {}
                Err(Errno::AGAIN) if self.kind == Kind::Device => {}
                Err(Errno::AGAIN) => self.sleep(),
                Err(_) => return None,
            }
        }
    }

    /// Sleeps until there is something to read, or the wire ends, which reading then says.
    fn sleep(&self) {
        let mut waits = [PollFd::new(&self.end, PollFlags::IN)];
        while poll(&mut waits, None) == Err(Errno::INTR) {}
    }

    /// Sends one message, waiting for room. A request that was taken back meanwhile needs no answer, so failures mean
    /// nothing.
    pub(crate) fn send(&self, message: &[u8]) {
        while io::write(&self.end, message) == Err(Errno::INTR) {}
    }

    /// Sends one message without waiting. What a full socket does not take is passed on by a thread of the wire's own;
    /// where that becomes too much, nobody reads at the other end, and the wire is closed.
    pub(crate) fn post(self: &Arc<Self>, message: Vec<u8>) {
        if self.kind == Kind::Device {
            return self.send(&message);
        }
        let mut late = self.late.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *late {
            Some(queue) => {
                let bytes: usize = queue.iter().map(Vec::len).sum();
                if queue.len() < LATE_CAP && bytes + message.len() <= LATE_BYTES {
                    queue.push_back(message);
                } else {
                    self.close();
                }
            }
            None => {
                if self.try_send(&message) {
                    return;
                }
                let wire = Arc::clone(self);
                let thread = std::thread::Builder::new().name("late".to_owned());
                if thread.spawn(move || wire.pass_on()).is_ok() {
                    *late = Some(VecDeque::from([message]));
                } else {
                    self.close();
                }
            }
        }
    }

    /// False where the socket is full.
    fn try_send(&self, message: &[u8]) -> bool {
        loop {
            match net::send(&self.end, message, SendFlags::DONTWAIT | SendFlags::NOSIGNAL) {
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => return false,
                Ok(_) | Err(_) => return true,
            }
        }
    }

    /// Sends what came late, until nothing is left. Ends with the wire: what is sent to a closed one fails at once.
    fn pass_on(&self) {
        loop {
            let next = {
                let mut late = self.late.lock().unwrap_or_else(PoisonError::into_inner);
                let next = late.as_mut().and_then(VecDeque::pop_front);
                if next.is_none() {
                    *late = None;
                }
                next
            };
            let Some(message) = next else { return };
            while net::send(&self.end, &message, SendFlags::NOSIGNAL) == Err(Errno::INTR) {}
        }
    }

    /// Ends it for both sides.
    fn close(&self) {
        // Where it has ended already there is nothing to do.
        let _closed = net::shutdown(&self.end, Shutdown::Both).is_ok();
    }
}
