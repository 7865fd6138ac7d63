//! The door to the network: a port inside at which programs find a proxy, which is on the host.

use std::net::{Ipv4Addr, SocketAddrV4};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::event::{PollFd, PollFlags};
use rustix::net::{AddressFamily, SocketFlags, SocketType};
use sandbox::{CONNECTION, Frame, FrameKind};

use crate::carried::{Carried, Going};
use crate::channel::Channel;

/// The port inside.
const PORT: u16 = 3128;
/// Connections carried at a time; one more waits to be accepted.
const CONNECTIONS: usize = 128;
/// Connections that wait.
const QUEUE: i32 = 128;

/// What tells programs of the proxy. Those that read none of these have no network.
pub(crate) const VARIABLES: [(&str, &str); 16] = [
    ("http_proxy", ADDRESS),
    ("https_proxy", ADDRESS),
    ("all_proxy", ADDRESS),
    ("HTTP_PROXY", ADDRESS),
    ("HTTPS_PROXY", ADDRESS),
    ("ALL_PROXY", ADDRESS),
    ("no_proxy", NEAR),
    ("NO_PROXY", NEAR),
    ("PIP_PROXY", ADDRESS),
    ("npm_config_proxy", ADDRESS),
    ("npm_config_https_proxy", ADDRESS),
    ("npm_config_noproxy", NEAR),
    ("YARN_HTTP_PROXY", ADDRESS),
    ("YARN_HTTPS_PROXY", ADDRESS),
    ("CARGO_HTTP_PROXY", ADDRESS),
    ("NODE_USE_ENV_PROXY", "1"),
];
const ADDRESS: &str = "http://127.0.0.1:3128";
const NEAR: &str = "localhost,127.0.0.1";

/// The port and the connections through it.
pub(crate) struct Proxy {
    listener: OwnedFd,
    carried: Vec<Carried>,
    last: u32,
}

impl Proxy {
    /// Takes the port before any command can.
    pub(crate) fn open() -> rustix::io::Result<Self> {
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        let listener = rustix::net::socket_with(AddressFamily::INET, SocketType::STREAM, flags, None)?;
        rustix::net::bind(&listener, &SocketAddrV4::new(Ipv4Addr::LOCALHOST, PORT))?;
        rustix::net::listen(&listener, QUEUE)?;
        Ok(Self { listener, carried: Vec::new(), last: 0 })
    }

    /// What is worth waiting for: the connections, and the port while there is room.
    pub(crate) fn waits<'a>(&'a self, channel: &'a Channel) -> Vec<PollFd<'a>> {
        let one = |socket: BorrowedFd<'a>, wanted| PollFd::from_borrowed_fd(socket, wanted);
        // One with nothing wanted would still report that its program is gone, again and again: it is left out.
        let mut waits: Vec<_> = self
            .carried
            .iter()
            .map(|carried| (carried.socket(), carried.wanted(channel)))
            .filter(|(_, wanted)| !wanted.is_empty())
            .map(|(socket, wanted)| one(socket, wanted))
            .collect();
        if self.carried.len() < CONNECTIONS {
            waits.push(one(self.listener.as_fd(), PollFlags::IN));
        }
        waits
    }

    /// Takes in a frame of the host.
    pub(crate) fn accept(&mut self, frame: Frame) {
        let at = self.carried.iter().position(|carried| carried.stream == frame.stream);
        // One that is over may still be spoken of.
        let Some(at) = at else { return };
        let over = self.carried.get_mut(at).is_some_and(|carried| carried.accept(frame) == Going::Over);
        if over {
            self.carried.swap_remove(at);
        }
    }

    /// Carries what can be carried now.
    pub(crate) fn settle(&mut self, channel: &mut Channel, buffer: &mut [u8]) {
        self.take_in(channel);
        self.carried.retain_mut(|carried| carried.carry(channel, buffer) == Going::On);
    }

    fn take_in(&mut self, channel: &mut Channel) {
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        while self.carried.len() < CONNECTIONS {
            // Nobody waits, or the one who did is gone.
            let Ok(socket) = rustix::net::accept_with(&self.listener, flags) else { return };
            let stream = self.free_stream();
            channel.push(&Frame::new(stream, FrameKind::Open, Vec::new()));
            self.carried.push(Carried::new(stream, socket));
        }
    }

    fn free_stream(&mut self) -> u32 {
        loop {
            self.last = self.last.wrapping_add(1);
            let stream = self.last | CONNECTION;
            if !self.carried.iter().any(|carried| carried.stream == stream) {
                return stream;
            }
        }
    }
}
