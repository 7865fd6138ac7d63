//! The host's end of the connection to one guest: many commands over one socket.
//!
//! Sending writes at once and from anywhere, also from `drop`; one task reads and finishes what could not be
//! written. The guest is not trusted: what it sends beyond its credit or out of shape ends the machine.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustix::net::{SendFlags, Shutdown};
use sandbox::{Exit, Frame, FrameKind, OUTPUT_WINDOW, Output, SandboxError, Stream};
use tokio::io::Interest;
use tokio::net::UnixStream;
use tokio::sync::{Notify, mpsc};

/// Bytes waiting to be written at most; a guest that lets more pile up does not read.
const BACKLOG: usize = 8 << 20;
/// Bytes taken from the socket at once.
const CHUNK: usize = 64 * 1024;

/// What a command's reader gets.
pub(crate) type Item = Result<Output, SandboxError>;

/// The connection.
pub(crate) struct Link {
    socket: UnixStream,
    /// Wakes the task that reads, so that it also writes.
    more: Notify,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    outgoing: Vec<u8>,
    lanes: HashMap<u32, Lane>,
    last: u32,
    /// Why the connection is over.
    lost: Option<String>,
}

/// One command under way.
struct Lane {
    /// Unbounded, but never longer than the credit the guest was given.
    reader: mpsc::UnboundedSender<Item>,
    /// Bytes the guest may still send.
    window: u32,
    program: String,
}

impl Link {
    pub(crate) fn new(socket: UnixStream) -> Arc<Self> {
        Arc::new(Self { socket, more: Notify::new(), state: Mutex::default() })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // The state is whole between any two statements below, so a panic elsewhere does not spoil it.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a command on a stream of its own.
    pub(crate) fn begin(
        &self,
        program: String,
        command: Vec<u8>,
    ) -> Result<(u32, mpsc::UnboundedReceiver<Item>), SandboxError> {
        let (reader, items) = mpsc::unbounded_channel();
        let mut state = self.state();
        if let Some(reason) = &state.lost {
            return Err(SandboxError::Lost(reason.clone()));
        }
        let stream = state.free_stream();
        state.lanes.insert(stream, Lane { reader, window: OUTPUT_WINDOW, program });
        self.write(&mut state, &Frame::new(stream, FrameKind::Exec, command));
        Ok((stream, items))
    }

    /// Ends a command whose reader is gone.
    pub(crate) fn kill(&self, stream: u32) {
        let mut state = self.state();
        if state.lanes.remove(&stream).is_some() {
            self.write(&mut state, &Frame::new(stream, FrameKind::Kill, Vec::new()));
        }
    }

    /// Lets the guest send this many more bytes.
    pub(crate) fn grant(&self, stream: u32, bytes: u32) {
        let mut state = self.state();
        if let Some(lane) = state.lanes.get_mut(&stream) {
            lane.window += bytes;
            self.write(&mut state, &Frame::new(stream, FrameKind::Credit, bytes.to_be_bytes()));
        }
    }

    /// Ends the connection; the guest then ends itself and everything it started.
    pub(crate) fn close(&self, reason: &str) {
        self.state().lose(reason);
        // It may be closed from the other side already, which is as good.
        rustix::net::shutdown(&self.socket, Shutdown::Both).ok();
        self.more.notify_one();
    }

    fn write(&self, state: &mut State, frame: &Frame) {
        if state.lost.is_some() {
            return;
        }
        state.outgoing.extend_from_slice(&frame.encode());
        let flags = SendFlags::NOSIGNAL | SendFlags::DONTWAIT;
        // Where it fails it is full or gone: the task that reads finds out which.
        if let Ok(sent) = rustix::net::send(&self.socket, &state.outgoing, flags) {
            state.sent(sent);
        }
        if state.outgoing.len() > BACKLOG {
            state.lose("it does not read what it is sent");
            rustix::net::shutdown(&self.socket, Shutdown::Both).ok();
        }
        if !state.outgoing.is_empty() {
            self.more.notify_one();
        }
    }

    /// Reads until the connection is over. Runs as a task of its own.
    pub(crate) async fn read(self: Arc<Self>) {
        let mut incoming = Vec::new();
        let reason = loop {
            let waiting = !self.state().outgoing.is_empty();
            let interest = if waiting { Interest::READABLE | Interest::WRITABLE } else { Interest::READABLE };
            let ready = tokio::select! {
                ready = self.socket.ready(interest) => ready,
                () = self.more.notified() => continue,
            };
            let Ok(ready) = ready else { break "its connection failed".to_owned() };
            if ready.is_writable() && self.finish_writing().is_err() {
                break "its connection failed".to_owned();
            }
            if ready.is_readable()
                && let Err(reason) = self.take_in(&mut incoming)
            {
                break reason;
            }
        };
        self.close(&reason);
    }

    fn finish_writing(&self) -> std::io::Result<()> {
        let mut state = self.state();
        while !state.outgoing.is_empty() {
            match self.socket.try_write(&state.outgoing) {
                Ok(sent) => state.sent(sent),
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn take_in(&self, incoming: &mut Vec<u8>) -> Result<(), String> {
        incoming.reserve(CHUNK);
        match self.socket.try_read_buf(incoming) {
            Ok(0) => return Err("its first process ended".to_owned()),
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => return Ok(()),
            Err(error) => return Err(format!("its connection failed: {error}")),
        }
        let mut used = 0;
        while let Some((frame, length)) =
            Frame::decode(incoming.get(used..).unwrap_or_default()).map_err(|error| error.to_string())?
        {
            used += length;
            self.state().deliver(frame)?;
        }
        incoming.drain(..used);
        if incoming.is_empty() {
            // An idle machine holds no buffer.
            *incoming = Vec::new();
        }
        Ok(())
    }
}

impl State {
    fn free_stream(&mut self) -> u32 {
        loop {
            self.last = self.last.wrapping_add(1);
            if self.last != 0 && !self.lanes.contains_key(&self.last) {
                return self.last;
            }
        }
    }

    fn sent(&mut self, count: usize) {
        self.outgoing.drain(..count.min(self.outgoing.len()));
        if self.outgoing.is_empty() {
            self.outgoing = Vec::new();
        }
    }

    fn lose(&mut self, reason: &str) {
        let reason = self.lost.get_or_insert_with(|| reason.to_owned()).clone();
        self.outgoing = Vec::new();
        for (_, lane) in self.lanes.drain() {
            lane.reader.send(Err(SandboxError::Lost(reason.clone()))).ok();
        }
    }

    /// Gives a frame to its reader. A command that was killed has no reader any more.
    fn deliver(&mut self, frame: Frame) -> Result<(), String> {
        let Some(lane) = self.lanes.get_mut(&frame.stream) else { return Ok(()) };
        let (item, is_last) = match frame.kind {
            Some(FrameKind::Out) => (Ok(Output::Bytes(Stream::Out, lane.spend(frame.payload)?)), false),
            Some(FrameKind::Error) => (Ok(Output::Bytes(Stream::Error, lane.spend(frame.payload)?)), false),
            Some(FrameKind::Exit) => {
                let exit: Exit = serde_json::from_slice(&frame.payload).map_err(|error| error.to_string())?;
                (Ok(Output::Exit(exit)), true)
            }
            Some(FrameKind::Refused) => {
                let what = String::from_utf8_lossy(&frame.payload).into_owned();
                (Err(SandboxError::Spawn { program: lane.program.clone(), what }), true)
            }
            // Kinds only the host sends, and kinds of a later release.
            Some(FrameKind::Hello | FrameKind::Exec | FrameKind::Kill | FrameKind::Credit | FrameKind::Setup)
            | None => {
                return Ok(());
            }
        };
        // A reader that is gone has sent or is about to send a kill.
        lane.reader.send(item).ok();
        if is_last {
            self.lanes.remove(&frame.stream);
        }
        Ok(())
    }
}

impl Lane {
    fn spend(&mut self, bytes: Vec<u8>) -> Result<Vec<u8>, String> {
        let count = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        self.window = self.window.checked_sub(count).ok_or("it sent more than it was allowed to")?;
        Ok(bytes)
    }
}

#[cfg(test)]
#[path = "link_tests.rs"]
mod tests;
