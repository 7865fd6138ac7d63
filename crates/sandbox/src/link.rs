//! The host's end of the connection to one guest: many commands and connections over one socket.
//!
//! Lives here: what every tier with a guest does the same way. Does not live here: starting the machine the guest is
//! in. Sending writes at once and from anywhere, also from `drop`; one task reads and finishes what could not be
//! written. The guest is not trusted: what it sends beyond its credit or out of shape ends the machine.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rustix::net::Shutdown;
use tokio::io::Interest;
use tokio::net::UnixStream;
use tokio::sync::Notify;

use crate::{Command, Execution, Frame, FrameKind, MAX_PAYLOAD, Network, SandboxError};

mod connection;
mod greet;
mod lanes;
mod outputs;
mod queue;

pub use greet::greet;
use lanes::{Asked, State};
use outputs::Outputs;

/// Bytes waiting to be written at most; a guest that lets more pile up does not read.
const BACKLOG: usize = 8 << 20;
/// Bytes waiting to be written above which connections bring no more.
const CROWDED: usize = 1 << 20;
/// Bytes taken from the socket at once.
const CHUNK: usize = 64 * 1024;

/// The connection to one guest. Ends with [`Link::close`], or by itself when the guest is gone.
pub struct Link {
    socket: UnixStream,
    network: Option<Arc<dyn Network>>,
    /// Wakes the task that reads, so that it also writes.
    more: Notify,
    /// Wakes connections that wait until less is to be written.
    less: Notify,
    state: Mutex<State>,
}

impl Link {
    /// Speaks with a guest that has greeted. Its connections go to `network`; without one they are refused. Must be
    /// called within a runtime: one task reads from here on, until the link is over.
    pub fn start(socket: UnixStream, network: Option<Arc<dyn Network>>) -> Arc<Self> {
        let link =
            Arc::new(Self { socket, network, more: Notify::new(), less: Notify::new(), state: Mutex::default() });
        tokio::spawn(Arc::clone(&link).read());
        link
    }

    /// Runs a command. Dropping the execution kills it.
    pub fn exec(self: &Arc<Self>, command: &Command) -> Result<Execution, SandboxError> {
        let program = command.argv.first().cloned().unwrap_or_default();
        let refused = |what: String| SandboxError::Spawn { program: program.clone(), what };
        let payload = serde_json::to_vec(command).map_err(|error| refused(error.to_string()))?;
        if payload.len() > MAX_PAYLOAD {
            return Err(refused(format!("the command is longer than {MAX_PAYLOAD} bytes")));
        }
        let mut state = self.state();
        let (stream, items) = state.add_command(program)?;
        self.write(&mut state, &Frame::new(stream, FrameKind::Exec, payload));
        drop(state);
        Ok(Execution { output: Box::pin(Outputs::new(Arc::clone(self), stream, items)) })
    }

    /// Stops the clocks of all commands.
    pub fn hold(&self) {
        self.send(&Frame::new(0, FrameKind::Hold, Vec::new()));
    }

    /// Lets the clocks go on.
    pub fn release(&self) {
        self.send(&Frame::new(0, FrameKind::Release, Vec::new()));
    }

    /// Asks the guest for an answer and says how long it took. Waits for ever where there is none: the caller knows
    /// how long is too long.
    pub async fn ping(&self) -> Result<Duration, SandboxError> {
        let begun = Instant::now();
        let answer = {
            let mut state = self.state();
            let (payload, answer) = state.add_ping()?;
            self.write(&mut state, &Frame::new(0, FrameKind::Ping, payload));
            answer
        };
        match answer.await {
            Ok(()) => Ok(begun.elapsed()),
            Err(_) => Err(SandboxError::Lost(self.state().reason())),
        }
    }

    /// Ends the connection; the guest then ends itself and everything it started. The first reason counts.
    pub fn close(&self, reason: &str) {
        self.state().lose(reason);
        // It may be closed from the other side already, which is as good.
        rustix::net::shutdown(&self.socket, Shutdown::Both).ok();
        self.more.notify_one();
    }

    /// Ends a command whose reader is gone.
    fn kill(&self, stream: u32) {
        let mut state = self.state();
        if state.forget_command(stream) {
            self.write(&mut state, &Frame::new(stream, FrameKind::Kill, Vec::new()));
        }
    }

    /// Lets the guest send this many more bytes of a command's output.
    fn grant(&self, stream: u32, bytes: u32) {
        let mut state = self.state();
        if state.widen_command(stream, bytes) {
            self.write(&mut state, &Frame::new(stream, FrameKind::Credit, bytes.to_be_bytes()));
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // The state is whole between any two statements below, so a panic elsewhere does not spoil it.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn send(&self, frame: &Frame) {
        self.write(&mut self.state(), frame);
    }

    fn write(&self, state: &mut State, frame: &Frame) {
        if state.is_lost() {
            return;
        }
        state.outgoing.extend_from_slice(&frame.encode());
        // Where it fails it is full or gone: the task that reads finds out which.
        if let Ok(sent) = self.socket.try_write(&state.outgoing) {
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

    /// Waits until little enough is to be written.
    async fn room(&self) {
        loop {
            let less = self.less.notified();
            if self.state().outgoing.len() < CROWDED {
                return;
            }
            less.await;
        }
    }

    /// Reads until the connection is over.
    async fn read(self: Arc<Self>) {
        let mut incoming = Vec::new();
        let reason = loop {
            let (waiting, lost) = {
                let state = self.state();
                (!state.outgoing.is_empty(), state.is_lost())
            };
            if lost {
                break String::new();
            }
            let interest = if waiting { Interest::READABLE | Interest::WRITABLE } else { Interest::READABLE };
            let ready = tokio::select! {
                ready = self.socket.ready(interest) => ready,
                () = self.more.notified() => continue,
            };
            let Ok(ready) = ready else { break "its connection failed".to_owned() };
            if ready.is_writable() && self.finish_writing().is_err() {
                break "its connection failed".to_owned();
            }
            if ready.is_readable() {
                if let Err(reason) = self.take_in(&mut incoming) {
                    break reason;
                }
                // A guest that never stops writing must leave the thread to others.
                tokio::task::yield_now().await;
            }
        };
        self.close(&reason);
        self.less.notify_waiters();
    }

    fn finish_writing(&self) -> std::io::Result<()> {
        let mut state = self.state();
        while !state.outgoing.is_empty() {
            match self.socket.try_write(&state.outgoing) {
                Ok(sent) => state.sent(sent),
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        if state.outgoing.len() < CROWDED {
            self.less.notify_waiters();
        }
        Ok(())
    }

    fn take_in(self: &Arc<Self>, incoming: &mut Vec<u8>) -> Result<(), String> {
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
            self.deliver(frame)?;
        }
        incoming.drain(..used);
        if incoming.is_empty() {
            // An idle machine holds no buffer.
            *incoming = Vec::new();
        }
        Ok(())
    }

    fn deliver(self: &Arc<Self>, frame: Frame) -> Result<(), String> {
        let mut state = self.state();
        match state.deliver(frame)? {
            Asked::Nothing => {}
            Asked::Answer(frame) => self.write(&mut state, &frame),
            Asked::Connection(stream) => connection::begin(self, &mut state, stream),
        }
        Ok(())
    }
}
