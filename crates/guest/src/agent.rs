//! The loop: one thread that waits for the host, for output, for ended children and for the clock.

use std::time::Instant;

use rustix::event::{PollFd, PollFlags, Timespec};
use sandbox::{Command, Frame, FrameKind, ResourceLimits};

use crate::channel::{Channel, Closed};
use crate::family::{self, ChildSignals, Head};
use crate::guard::Guard;
use crate::pipe::PIECE;
use crate::running::{Running, exit_frame};
use crate::spawn::spawn;

/// Commands at a time; one more is refused.
const COMMANDS: usize = 64;

/// Everything the guest knows.
pub(crate) struct Agent {
    channel: Channel,
    signals: ChildSignals,
    guard: Guard,
    limits: ResourceLimits,
    running: Vec<Running>,
    buffer: Vec<u8>,
}

impl Agent {
    pub(crate) fn new(channel: Channel, signals: ChildSignals, guard: Guard, limits: ResourceLimits) -> Self {
        Self { channel, signals, guard, limits, running: Vec::new(), buffer: vec![0; PIECE] }
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
        let now = Instant::now();
        let due = self.running.iter().filter_map(|command| command.due(now)).min();
        let timeout = due.map(|due| Timespec::try_from(due.saturating_duration_since(now)).unwrap_or_default());
        let host = if self.channel.backlog() > 0 { PollFlags::IN | PollFlags::OUT } else { PollFlags::IN };
        let mut ends = vec![PollFd::from_borrowed_fd(self.channel.socket(), host)];
        ends.push(PollFd::from_borrowed_fd(self.signals.ready(), PollFlags::IN));
        let pipes = self.running.iter().flat_map(|command| command.readable(&self.channel));
        ends.extend(pipes.map(|pipe| PollFd::from_borrowed_fd(pipe, PollFlags::IN)));
        match rustix::event::poll(&mut ends, timeout.as_ref()) {
            Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
            Err(_) => Err(Closed),
        }
    }

    fn accept(&mut self, frame: Frame) {
        let command = self.running.iter_mut().find(|command| command.head.stream == frame.stream);
        match (frame.kind, command) {
            (Some(FrameKind::Exec), None) => self.start(frame.stream, &frame.payload),
            (Some(FrameKind::Kill), Some(command)) => command.kill(),
            (Some(FrameKind::Credit), Some(command)) => {
                if let Ok(bytes) = <[u8; 4]>::try_from(frame.payload.as_slice()) {
                    command.grant(u32::from_be_bytes(bytes));
                }
            }
            // A kill or credit for a command that has just ended, or a kind only the guest sends.
            (
                Some(
                    FrameKind::Exec
                    | FrameKind::Kill
                    | FrameKind::Credit
                    | FrameKind::Hello
                    | FrameKind::Setup
                    | FrameKind::Out
                    | FrameKind::Error
                    | FrameKind::Exit
                    | FrameKind::Refused,
                )
                | None,
                _,
            ) => {}
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
        let domain = self.guard.domain(command.may_delete);
        let spawned = spawn(&command, stream, self.limits, domain)?;
        Running::new(stream, spawned, command.timeout).map_err(|error| error.to_string())
    }

    fn settle(&mut self) {
        let now = Instant::now();
        let heads: Vec<Head> = self.running.iter().map(|command| command.head).collect();
        for command in &mut self.running {
            command.carry(&mut self.channel, &mut self.buffer, now);
        }
        let channel = &mut self.channel;
        self.running.retain_mut(|command| {
            let others: Vec<Head> = heads.iter().copied().filter(|head| *head != command.head).collect();
            let Some(exit) = command.settle(&others, now) else { return true };
            channel.push(&exit_frame(command.head.stream, &exit));
            false
        });
    }
}
