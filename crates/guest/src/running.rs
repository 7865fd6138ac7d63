//! One command under way: its output, its time, and the steps of its end.

use std::time::{Duration, Instant};

use rustix::process::WaitStatus;
use sandbox::{Exit, Frame, FrameKind, OUTPUT_WINDOW};

use crate::channel::Channel;
use crate::family::{Head, Left};
use crate::pipe::{PIECE, Pipe, Taken};
use crate::spawn::Spawned;

/// Background processes may keep writing this long after their last output once the main process has ended,
const QUIET: Duration = Duration::from_millis(100);
/// and this long in all.
const LINGER: Duration = Duration::from_secs(1);
/// How often a family that is being ended is looked at, beside the signals of its members.
const ENDING_TICK: Duration = Duration::from_millis(5);
/// Bytes waiting for the host above which no more output is taken.
const BACKLOG: usize = 256 * 1024;

/// Where a command stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Its main process runs.
    Working,
    /// Its main process has ended; others hold its output open.
    Lingering { quiet_at: Instant, over_at: Instant },
    /// Everybody of it is being ended.
    Ending,
    /// Nobody of it is left; what it wrote may still have to be carried.
    Gone,
}

/// Whether the clock of commands goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ticking {
    Yes,
    No,
}

/// A command under way.
pub(crate) struct Running {
    pub(crate) head: Head,
    out: Pipe,
    error: Pipe,
    /// Bytes the host still takes.
    credit: usize,
    /// None where the time is too far away to name.
    deadline: Option<Instant>,
    timed_out: bool,
    status: Option<WaitStatus>,
    phase: Phase,
}

impl Running {
    /// `now` here and below is the agent's clock, which stands still while the user is being asked.
    pub(crate) fn new(stream: u32, spawned: Spawned, timeout: Duration, now: Instant) -> rustix::io::Result<Self> {
        Ok(Self {
            head: Head { stream, main: spawned.main },
            out: Pipe::new(spawned.out)?,
            error: Pipe::new(spawned.error)?,
            credit: OUTPUT_WINDOW as usize,
            deadline: now.checked_add(timeout),
            timed_out: false,
            status: None,
            phase: Phase::Working,
        })
    }

    /// The host takes this many more bytes.
    pub(crate) fn grant(&mut self, bytes: u32) {
        self.credit = self.credit.saturating_add(bytes as usize).min(OUTPUT_WINDOW as usize);
    }

    /// The main process ended.
    pub(crate) fn ended(&mut self, status: WaitStatus) {
        self.status = Some(status);
    }

    /// The host wants it gone and its output no longer.
    pub(crate) fn kill(&mut self) {
        self.out.close();
        self.error.close();
        self.phase = Phase::Ending;
    }

    /// The pipes worth waiting for.
    pub(crate) fn readable(&self, channel: &Channel) -> impl Iterator<Item = rustix::fd::BorrowedFd<'_>> {
        let wanted = self.credit > 0 && channel.backlog() < BACKLOG;
        [&self.out, &self.error].into_iter().filter_map(Pipe::open).filter(move |_| wanted)
    }

    /// When something is to be done even if nothing happens. A clock that stands still brings no time nearer; only
    /// ending goes on then.
    pub(crate) fn due(&self, now: Instant, clock: Ticking) -> Option<Instant> {
        match self.phase {
            Phase::Working | Phase::Lingering { .. } if clock == Ticking::No => None,
            Phase::Working => self.deadline,
            Phase::Lingering { quiet_at, over_at } => Some(quiet_at.min(over_at)),
            Phase::Ending => Some(now + ENDING_TICK),
            Phase::Gone => None,
        }
    }

    /// Carries output to the host, as far as it has credit.
    pub(crate) fn carry(&mut self, channel: &mut Channel, buffer: &mut [u8], now: Instant) {
        for (pipe, kind) in [(&mut self.out, FrameKind::Out), (&mut self.error, FrameKind::Error)] {
            while self.credit > 0 && channel.backlog() < BACKLOG {
                let room = self.credit.min(PIECE).min(buffer.len());
                let piece = buffer.get_mut(..room).unwrap_or_default();
                let Taken::Bytes(count) = pipe.read(piece) else { break };
                self.credit -= count;
                channel.push_bytes(self.head.stream, kind, piece.get(..count).unwrap_or_default());
                if let Phase::Lingering { quiet_at, .. } = &mut self.phase {
                    *quiet_at = now + QUIET;
                }
                // Less than was asked for: the pipe is empty now.
                if count < room {
                    break;
                }
            }
        }
    }

    /// Steps through the end of the command. Says how it ended once nobody and nothing is left; `end` kills everybody of
    /// it and says whether somebody was.
    pub(crate) fn settle(&mut self, now: Instant, end: impl FnOnce(Head) -> Left) -> Option<Exit> {
        if self.phase != Phase::Gone && self.deadline.is_some_and(|deadline| now >= deadline) {
            // One that ended by itself in the same moment was in time.
            self.timed_out |= self.phase == Phase::Working && self.status.is_none();
            self.phase = Phase::Ending;
        }
        if self.phase == Phase::Working && self.status.is_some() {
            self.phase = Phase::Lingering { quiet_at: now + QUIET, over_at: now + LINGER };
        }
        if let Phase::Lingering { quiet_at, over_at } = self.phase
            && (self.is_drained() || now >= over_at || (now >= quiet_at && self.credit > 0))
        {
            self.phase = Phase::Ending;
        }
        if self.phase == Phase::Ending && end(self.head) == Left::Nobody && self.status.is_some() {
            self.phase = Phase::Gone;
        }
        (self.phase == Phase::Gone && self.is_drained()).then(|| self.exit())
    }

    fn is_drained(&self) -> bool {
        self.out.open().is_none() && self.error.open().is_none()
    }

    fn exit(&self) -> Exit {
        let code = self.status.and_then(WaitStatus::exit_status);
        let signal = self.status.and_then(WaitStatus::terminating_signal);
        Exit { code, signal, timed_out: self.timed_out, out_of_memory: false }
    }
}

/// The frame that says how a command ended.
pub(crate) fn exit_frame(stream: u32, exit: &Exit) -> Frame {
    Frame::new(stream, FrameKind::Exit, serde_json::to_vec(exit).unwrap_or_default())
}
