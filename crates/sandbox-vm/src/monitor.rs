//! QEMU's control language (QMP): commands, their answers, and events, one line of JSON each.

use std::collections::VecDeque;
use std::fs::File;
use std::io::IoSlice;
use std::mem::MaybeUninit;
use std::os::fd::AsFd;
use std::time::Duration;

use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt, Interest};
use tokio::net::UnixStream;

/// Bytes of a line at most. QEMU is confined because it may be taken over: it must not fill our memory.
const LINE: usize = 64 << 10;
/// Bytes taken from the socket at once.
const CHUNK: usize = 4 << 10;
/// Bytes of an event that is kept; those that are waited for are shorter.
const EVENT: usize = 1 << 10;
/// Events that nobody has waited for yet; the oldest are dropped first.
const EVENTS: usize = 64;
/// How long a command may take to be answered.
const PATIENCE: Duration = Duration::from_secs(20);

/// The connection.
pub(crate) struct Monitor {
    socket: UnixStream,
    incoming: Vec<u8>,
    events: VecDeque<Value>,
    /// Commands given so far; each is answered under its number.
    given: u64,
}

impl Monitor {
    /// Waits until QEMU is there and ready for commands.
    pub(crate) async fn open(socket: UnixStream) -> Result<Self, String> {
        let mut monitor = Self { socket, incoming: Vec::new(), events: VecDeque::new(), given: 0 };
        let (greeting, _) = monitor.line().await?;
        if greeting.get("QMP").is_none() {
            return Err("its monitor does not greet".to_owned());
        }
        monitor.run("qmp_capabilities", &json!({})).await?;
        Ok(monitor)
    }

    /// Runs a command and gives its answer.
    pub(crate) async fn run(&mut self, command: &str, arguments: &Value) -> Result<Value, String> {
        let answer = tokio::time::timeout(PATIENCE, self.ask(command, arguments)).await;
        answer.map_err(|_| format!("`{command}` was not answered"))?
    }

    /// Gives QEMU a file under a name.
    pub(crate) async fn give(&mut self, file: &File, name: &str) -> Result<(), String> {
        let answer = tokio::time::timeout(PATIENCE, self.hand_over(file, name)).await;
        answer.map_err(|_| "`getfd` was not answered".to_owned())?
    }

    async fn hand_over(&mut self, file: &File, name: &str) -> Result<(), String> {
        let line = self.command("getfd", &json!({ "fdname": name }));
        let send = || send_with(&self.socket, line.as_bytes(), file);
        self.socket.async_io(Interest::WRITABLE, send).await.map_err(|error| error.to_string())?;
        self.answer("getfd").await.map(drop)
    }

    async fn ask(&mut self, command: &str, arguments: &Value) -> Result<Value, String> {
        let line = self.command(command, arguments);
        self.socket.write_all(line.as_bytes()).await.map_err(|error| error.to_string())?;
        self.answer(command).await
    }

    fn command(&mut self, name: &str, arguments: &Value) -> String {
        self.given += 1;
        format!("{}\n", json!({ "execute": name, "arguments": arguments, "id": self.given }))
    }

    async fn answer(&mut self, command: &str) -> Result<Value, String> {
        loop {
            let (mut answer, length) = self.line().await?;
            if answer.get("event").is_some() {
                self.keep(answer, length);
                continue;
            }
            if answer.get("id").is_some_and(|number| *number != self.given) {
                // Of a command that was given up.
                continue;
            }
            if let Some(value) = answer.get_mut("return") {
                return Ok(value.take());
            }
            let error = answer.get("error").and_then(|error| error.get("desc")).and_then(Value::as_str);
            return Err(format!("`{command}`: {}", error.unwrap_or("it failed")));
        }
    }

    fn keep(&mut self, event: Value, length: usize) {
        if length > EVENT {
            return;
        }
        self.events.push_back(event);
        if self.events.len() > EVENTS {
            self.events.pop_front();
        }
    }

    /// Waits for an event of this name for which `wanted` gives something. Waits for ever where none comes.
    pub(crate) async fn wait<T>(&mut self, name: &str, wanted: impl Fn(&Value) -> Option<T>) -> Result<T, String> {
        loop {
            let event = match self.events.pop_front() {
                Some(event) => event,
                None => self.line().await?.0,
            };
            if event["event"] == name
                && let Some(found) = wanted(&event["data"])
            {
                return Ok(found);
            }
        }
    }

    /// The next line, and how long it was.
    async fn line(&mut self) -> Result<(Value, usize), String> {
        let mut seen = 0;
        loop {
            let unseen = self.incoming.get(seen..).unwrap_or_default();
            if let Some(end) = unseen.iter().position(|&byte| byte == b'\n') {
                let line: Vec<u8> = self.incoming.drain(..=seen + end).collect();
                let value = serde_json::from_slice(&line);
                return value
                    .map(|value| (value, line.len()))
                    .map_err(|error| format!("its monitor speaks no JSON: {error}"));
            }
            seen = self.incoming.len();
            if seen > LINE {
                return Err("its monitor sent a line without end".to_owned());
            }
            let mut chunk = [0; CHUNK];
            match self.socket.read(&mut chunk).await {
                Ok(0) => return Err("it ended".to_owned()),
                Ok(count) => self.incoming.extend_from_slice(chunk.get(..count).unwrap_or_default()),
                Err(error) => return Err(error.to_string()),
            }
        }
    }
}

/// The line is short enough to be taken whole.
fn send_with(socket: &UnixStream, line: &[u8], file: &File) -> std::io::Result<()> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    let files = [file.as_fd()];
    if !control.push(SendAncillaryMessage::ScmRights(&files)) {
        return Err(std::io::Error::from(std::io::ErrorKind::OutOfMemory));
    }
    let sent = rustix::net::sendmsg(socket, &[IoSlice::new(line)], &mut control, SendFlags::NOSIGNAL)?;
    if sent == line.len() { Ok(()) } else { Err(std::io::Error::from(std::io::ErrorKind::WriteZero)) }
}

#[cfg(test)]
#[path = "monitor_tests.rs"]
mod tests;
