//! The loop: one thread that waits for the host, for output, for ended children and for the clock.

use std::time::Instant;

use rustix::event::{PollFd, PollFlags, Timespec};
use sandbox::{CONNECTION, Command, Frame, FrameKind};

use crate::channel::{Channel, Closed};
use crate::clock::Clock;
use crate::family::{self, ChildSignals, Head};
use crate::pipe::PIECE;
use crate::proxy::Proxy;
use crate::running::{Running, exit_frame};
use crate::spawn::{Terms, spawn};
use crate::ward::{Memory, Ward};

/// Commands at a time; one more is refused.
const COMMANDS: usize = 64;
/// Bytes of a question at most; a longer one is not answered.
const QUESTION: usize = 64;

/// Everything the guest knows.
pub(crate) struct Agent {
    channel: Channel,
    signals: ChildSignals,
    terms: Terms,
    ward: Box<dyn Ward>,
    proxy: Option<Proxy>,
    clock: Clock,
    running: Vec<Running>,
    buffer: Vec<u8>,
}

impl Agent {
    /// `terms.domain` must stay open as long as this lives.
    pub(crate) fn new(channel: Channel, signals: ChildSignals, terms: Terms, ward: Box<dyn Ward>) -> Self {
        let (clock, running) = (Clock::default(), Vec::new());
        Self { channel, signals, terms, ward, proxy: None, clock, running, buffer: vec![0; PIECE] }
    }

    /// Carries connections as well.
    pub(crate) fn with_proxy(mut self, proxy: Proxy) -> Self {
        self.proxy = Some(proxy);
        self
    }

    /// Serves until the host is gone; then ends everybody.
    pub(crate) fn serve(mut self) {
        while self.round() == Ok(()) {}
        family::end_everybody();
    }

    fn round(&mut self) -> Result<(), Closed> {
        self.channel.flush()?;
        self.wait()?;
        for frame in self.channel.receive()? {
            self.accept(frame);
        }
        for (pid, status) in self.signals.reap() {
            if let Some(command) = self.running.iter_mut().find(|command| command.head.main == pid) {
                command.ended(status);
            }
        }
        self.settle();
        Ok(())
    }

    /// Sleeps until there is something to do.
    fn wait(&self) -> Result<(), Closed> {
        let now = self.clock.at(Instant::now());
        let due = self.running.iter().filter_map(|command| command.due(now, self.clock.ticking())).min();
        let timeout = due.map(|due| Timespec::try_from(due.saturating_duration_since(now)).unwrap_or_default());
        let host = if self.channel.backlog() > 0 { PollFlags::IN | PollFlags::OUT } else { PollFlags::IN };
        let mut ends = vec![PollFd::from_borrowed_fd(self.channel.socket(), host)];
        ends.push(PollFd::from_borrowed_fd(self.signals.ready(), PollFlags::IN));
        let pipes = self.running.iter().flat_map(|command| command.readable(&self.channel));
        ends.extend(pipes.map(|pipe| PollFd::from_borrowed_fd(pipe, PollFlags::IN)));
        ends.extend(self.proxy.iter().flat_map(|proxy| proxy.waits(&self.channel)));
        match rustix::event::poll(&mut ends, timeout.as_ref()) {
            Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
            Err(_) => Err(Closed),
        }
    }

    fn accept(&mut self, frame: Frame) {
        if frame.stream & CONNECTION != 0 {
            if let Some(proxy) = &mut self.proxy {
                proxy.accept(frame);
            }
            return;
        }
        let command = self.running.iter_mut().find(|command| command.head.stream == frame.stream);
        match (frame.kind, command) {
            (Some(FrameKind::Exec), None) => self.start(frame.stream, &frame.payload),
            (Some(FrameKind::Kill), Some(command)) => command.kill(),
            (Some(FrameKind::Credit), Some(command)) => {
                if let Ok(bytes) = <[u8; 4]>::try_from(frame.payload.as_slice()) {
                    command.grant(u32::from_be_bytes(bytes));
                }
            }
            (Some(FrameKind::Hold), None) => self.clock.hold(Instant::now()),
            (Some(FrameKind::Release), None) => {
                self.ward.resumed();
                self.clock.release(Instant::now());
            }
            (Some(FrameKind::Ping), None) if frame.payload.len() <= QUESTION => {
                self.channel.push(&Frame::new(0, FrameKind::Pong, frame.payload));
            }
            // A kill or credit for a command that has just ended, what makes no sense on this stream, or a kind only
            // the guest sends.
            (Some(_) | None, _) => {}
        }
    }

    fn start(&mut self, stream: u32, payload: &[u8]) {
        match self.try_start(stream, payload) {
            Ok(command) => self.running.push(command),
            Err(reason) => self.channel.push(&Frame::new(stream, FrameKind::Refused, reason)),
        }
    }

    fn try_start(&mut self, stream: u32, payload: &[u8]) -> Result<Running, String> {
        if self.running.len() >= COMMANDS {
            return Err(format!("{COMMANDS} commands run at once already"));
        }
        let command: Command = serde_json::from_slice(payload).map_err(|error| error.to_string())?;
        let entry = self.ward.admit(stream)?;
        let started = spawn(&command, stream, self.terms, entry).and_then(|spawned| {
            let now = self.clock.at(Instant::now());
            Running::new(stream, spawned, command.timeout, now).map_err(|error| error.to_string())
        });
        if started.is_err() {
            self.ward.dismiss(stream);
        }
        started
    }

    fn settle(&mut self) {
        let now = self.clock.at(Instant::now());
        let heads: Vec<Head> = self.running.iter().map(|command| command.head).collect();
        for command in &mut self.running {
            command.carry(&mut self.channel, &mut self.buffer, now);
        }
        if let Some(proxy) = &mut self.proxy {
            proxy.settle(&mut self.channel, &mut self.buffer);
        }
        let (channel, ward) = (&mut self.channel, &mut self.ward);
        self.running.retain_mut(|command| {
            let others: Vec<Head> = heads.iter().copied().filter(|head| *head != command.head).collect();
            let Some(mut exit) = command.settle(now, |head| ward.end(head, &others)) else { return true };
            exit.out_of_memory = ward.dismiss(command.head.stream) == Memory::RanOut;
            channel.push(&exit_frame(command.head.stream, &exit));
            false
        });
    }
}
