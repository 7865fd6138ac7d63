//! What is under way on a link: commands, connections, questions, and bytes to be written. No input or output.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::{Semaphore, oneshot};
use tokio::task::AbortHandle;

use super::queue::{Inlet, Outlet, queue};
use crate::{CONNECTION, CONNECTION_WINDOW, Exit, Frame, FrameKind, OUTPUT_WINDOW, SandboxError, Stream};

/// Connections carried at a time. The guest opens half as many; those that end have time to.
const CONNECTIONS: usize = 256;
/// Bytes of a question at most.
const QUESTION: usize = 64;

/// How a command ended, for its reader.
pub(super) type Ending = Result<Exit, SandboxError>;

#[derive(Default)]
pub(super) struct State {
    pub(super) outgoing: Vec<u8>,
    commands: HashMap<u32, Lane>,
    connections: HashMap<u32, Carried>,
    /// Held once by every connection whose task has not ended.
    slots: Arc<()>,
    pings: HashMap<u64, oneshot::Sender<()>>,
    asked: u64,
    last: u32,
    /// Why the connection is over.
    lost: Option<String>,
}

/// One command under way.
struct Lane {
    /// Never longer than the credit the guest was given.
    reader: Inlet<Ending>,
    /// Bytes the guest may still send.
    window: u32,
    program: String,
}

/// One connection of a program inside.
struct Carried {
    /// Never longer than the credit the guest was given. None once the guest said it was all.
    bytes: Option<Inlet<()>>,
    /// Bytes the guest may still send.
    window: u32,
    /// Bytes the guest still takes.
    credit: Arc<Semaphore>,
    /// Whether this side has said that it was all.
    closed: bool,
    task: Option<AbortHandle>,
}

/// What a frame asks of the link.
pub(super) enum Asked {
    Nothing,
    Answer(Frame),
    Connection(u32),
}

/// The ends of a connection that its task works with.
pub(super) struct Ends {
    pub(super) bytes: Outlet<()>,
    pub(super) credit: Arc<Semaphore>,
    pub(super) slot: Arc<()>,
}

impl State {
    pub(super) fn is_lost(&self) -> bool {
        self.lost.is_some()
    }

    pub(super) fn reason(&self) -> String {
        self.lost.clone().unwrap_or_default()
    }

    fn check(&self) -> Result<(), SandboxError> {
        self.lost.as_ref().map_or(Ok(()), |reason| Err(SandboxError::Lost(reason.clone())))
    }

    pub(super) fn add_command(&mut self, program: String) -> Result<(u32, Outlet<Ending>), SandboxError> {
        self.check()?;
        let (reader, items) = queue();
        let stream = self.free_stream();
        self.commands.insert(stream, Lane { reader, window: OUTPUT_WINDOW, program });
        Ok((stream, items))
    }

    /// Whether it was still under way.
    pub(super) fn forget_command(&mut self, stream: u32) -> bool {
        self.commands.remove(&stream).is_some()
    }

    /// Whether it is still under way.
    pub(super) fn widen_command(&mut self, stream: u32, bytes: u32) -> bool {
        let Some(lane) = self.commands.get_mut(&stream) else { return false };
        lane.window += bytes;
        true
    }

    pub(super) fn add_ping(&mut self) -> Result<([u8; 8], oneshot::Receiver<()>), SandboxError> {
        self.check()?;
        let (sender, answer) = oneshot::channel();
        self.pings.retain(|_, waiting| !waiting.is_closed());
        self.asked += 1;
        self.pings.insert(self.asked, sender);
        Ok((self.asked.to_be_bytes(), answer))
    }

    fn free_stream(&mut self) -> u32 {
        loop {
            self.last = self.last.wrapping_add(1) & !CONNECTION;
            if self.last != 0 && !self.commands.contains_key(&self.last) {
                return self.last;
            }
        }
    }

    pub(super) fn sent(&mut self, count: usize) {
        self.outgoing.drain(..count.min(self.outgoing.len()));
        if self.outgoing.is_empty() {
            self.outgoing = Vec::new();
        }
    }

    pub(super) fn lose(&mut self, reason: &str) {
        let reason = self.lost.get_or_insert_with(|| reason.to_owned()).clone();
        self.outgoing = Vec::new();
        self.pings.clear();
        for (_, carried) in self.connections.drain() {
            carried.cut();
        }
        for (_, lane) in self.commands.drain() {
            lane.reader.end(Err(SandboxError::Lost(reason.clone())));
        }
    }

    /// Takes in a frame. An error says what is wrong with the guest.
    pub(super) fn deliver(&mut self, frame: Frame) -> Result<Asked, String> {
        let carries = matches!(frame.kind, Some(FrameKind::Out | FrameKind::Error | FrameKind::Data));
        if carries && frame.payload.is_empty() {
            // It would cost the guest no credit and yet be kept here until somebody reads.
            return Ok(Asked::Nothing);
        }
        if frame.stream & CONNECTION != 0 {
            return self.deliver_to_connection(frame);
        }
        match frame.kind {
            Some(FrameKind::Ping) if frame.payload.len() > QUESTION => Err("its question is too long".to_owned()),
            Some(FrameKind::Ping) => Ok(Asked::Answer(Frame::new(0, FrameKind::Pong, frame.payload))),
            Some(FrameKind::Pong) => {
                let number = <[u8; 8]>::try_from(frame.payload.as_slice()).map(u64::from_be_bytes);
                if let Some(waiting) = number.ok().and_then(|number| self.pings.remove(&number)) {
                    waiting.send(()).ok();
                }
                Ok(Asked::Nothing)
            }
            Some(_) | None => self.deliver_to_command(frame).map(|()| Asked::Nothing),
        }
    }

    /// Gives a frame to its reader. A command that was killed has no reader any more.
    fn deliver_to_command(&mut self, frame: Frame) -> Result<(), String> {
        let Some(lane) = self.commands.get_mut(&frame.stream) else { return Ok(()) };
        let ending = match frame.kind {
            Some(FrameKind::Out) => return lane.take(Stream::Out, &frame.payload),
            Some(FrameKind::Error) => return lane.take(Stream::Error, &frame.payload),
            Some(FrameKind::Exit) => Ok(serde_json::from_slice(&frame.payload).map_err(|error| error.to_string())?),
            Some(FrameKind::Refused) => {
                let what = String::from_utf8_lossy(&frame.payload).into_owned();
                Err(SandboxError::Spawn { program: lane.program.clone(), what })
            }
            // Kinds only the host sends, kinds of other streams, and kinds of a later release.
            Some(_) | None => return Ok(()),
        };
        if let Some(lane) = self.commands.remove(&frame.stream) {
            lane.reader.end(ending);
        }
        Ok(())
    }

    fn deliver_to_connection(&mut self, frame: Frame) -> Result<Asked, String> {
        let stream = frame.stream;
        if frame.kind == Some(FrameKind::Open) {
            if self.connections.contains_key(&stream) {
                return Err("it opened a connection twice".to_owned());
            }
            return Ok(Asked::Connection(stream));
        }
        // One that was cut here may still be spoken of.
        let Some(carried) = self.connections.get_mut(&stream) else { return Ok(Asked::Nothing) };
        match frame.kind {
            Some(FrameKind::Data) => {
                let count = u32::try_from(frame.payload.len()).unwrap_or(u32::MAX);
                carried.window =
                    carried.window.checked_sub(count).ok_or("it sent more on a connection than it was allowed to")?;
                let Some(bytes) = &carried.bytes else { return Err("it sent after the end".to_owned()) };
                bytes.add(Stream::Out, &frame.payload);
            }
            Some(FrameKind::Credit) => {
                let bytes = <[u8; 4]>::try_from(frame.payload.as_slice()).map_err(|_| "its credit has no number")?;
                let bytes = u32::from_be_bytes(bytes) as usize;
                if carried.credit.available_permits().saturating_add(bytes) > CONNECTION_WINDOW as usize {
                    return Err("it gave more credit than there is".to_owned());
                }
                carried.credit.add_permits(bytes);
            }
            Some(FrameKind::Close) => {
                carried.bytes = None;
                if carried.closed {
                    self.connections.remove(&stream);
                }
            }
            Some(FrameKind::Reset) => {
                if let Some(carried) = self.connections.remove(&stream) {
                    carried.cut();
                }
            }
            Some(_) | None => {}
        }
        Ok(Asked::Nothing)
    }

    /// Room for one more connection; none where there are too many.
    pub(super) fn add_connection(&mut self, stream: u32) -> Option<Ends> {
        if self.is_lost() || Arc::strong_count(&self.slots) > CONNECTIONS {
            return None;
        }
        let (sender, bytes) = queue();
        let credit = Arc::new(Semaphore::new(CONNECTION_WINDOW as usize));
        let ends = Ends { bytes, credit: Arc::clone(&credit), slot: Arc::clone(&self.slots) };
        let carried = Carried { bytes: Some(sender), window: CONNECTION_WINDOW, credit, closed: false, task: None };
        self.connections.insert(stream, carried);
        Some(ends)
    }

    pub(super) fn own_connection(&mut self, stream: u32, task: AbortHandle) {
        match self.connections.get_mut(&stream) {
            Some(carried) => carried.task = Some(task),
            None => task.abort(),
        }
    }

    /// The guest may send this much more. Whether the connection is still there.
    pub(super) fn widen_connection(&mut self, stream: u32, bytes: u32) -> bool {
        let Some(carried) = self.connections.get_mut(&stream).filter(|carried| carried.bytes.is_some()) else {
            return false;
        };
        carried.window = carried.window.saturating_add(bytes).min(CONNECTION_WINDOW);
        true
    }

    /// This side has sent everything.
    pub(super) fn close_connection(&mut self, stream: u32) {
        let Some(carried) = self.connections.get_mut(&stream) else { return };
        carried.closed = true;
        if carried.bytes.is_none() {
            self.connections.remove(&stream);
        }
    }
}

impl Lane {
    /// Takes in output, as far as there is credit. A reader that is gone has sent or is about to send a kill.
    fn take(&mut self, stream: Stream, bytes: &[u8]) -> Result<(), String> {
        let count = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        self.window = self.window.checked_sub(count).ok_or("it sent more than it was allowed to")?;
        self.reader.add(stream, bytes);
        Ok(())
    }
}

impl Carried {
    fn cut(self) {
        if let Some(task) = self.task {
            task.abort();
        }
    }
}
