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
const LINE: usize = 1 << 20;
/// Events that nobody has waited for yet; the oldest are dropped first.
const EVENTS: usize = 256;
/// How long a command may take to be answered.
const PATIENCE: Duration = Duration::from_secs(20);

/// The connection.
pub(crate) struct Monitor {
    socket: UnixStream,
    incoming: Vec<u8>,
    events: VecDeque<Value>,
}

impl Monitor {
    /// Waits until QEMU is there and ready for commands.
    pub(crate) async fn open(socket: UnixStream) -> Result<Self, String> {
        let mut monitor = Self { socket, incoming: Vec::new(), events: VecDeque::new() };
        let greeting = monitor.line().await?;
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
        let line = format!("{}\n", json!({ "execute": "getfd", "arguments": { "fdname": name } }));
        let send = || send_with(&self.socket, line.as_bytes(), file);
        self.socket.async_io(Interest::WRITABLE, send).await.map_err(|error| error.to_string())?;
        let answer = tokio::time::timeout(PATIENCE, self.answer("getfd")).await;
        answer.map_err(|_| "`getfd` was not answered".to_owned())?.map(drop)
    }

    async fn ask(&mut self, command: &str, arguments: &Value) -> Result<Value, String> {
        let line = format!("{}\n", json!({ "execute": command, "arguments": arguments }));
        self.socket.write_all(line.as_bytes()).await.map_err(|error| error.to_string())?;
        self.answer(command).await
    }

    async fn answer(&mut self, command: &str) -> Result<Value, String> {
        loop {
            let mut answer = self.line().await?;
            if let Some(value) = answer.get_mut("return") {
                return Ok(value.take());
            }
            if let Some(error) = answer.get("error") {
                return Err(format!("`{command}`: {}", error["desc"].as_str().unwrap_or("it failed")));
            }
            self.events.push_back(answer);
            if self.events.len() > EVENTS {
                self.events.pop_front();
            }
        }
    }

    /// Waits for an event of this name for which `wanted` gives something. Waits for ever where none comes.
    pub(crate) async fn wait<T>(&mut self, name: &str, wanted: impl Fn(&Value) -> Option<T>) -> Result<T, String> {
        loop {
            let event = match self.events.pop_front() {
                Some(event) => event,
                None => self.line().await?,
            };
            if event["event"] == name
                && let Some(found) = wanted(&event["data"])
            {
                return Ok(found);
            }
        }
    }

    async fn line(&mut self) -> Result<Value, String> {
        loop {
            if let Some(end) = self.incoming.iter().position(|&byte| byte == b'\n') {
                let line: Vec<u8> = self.incoming.drain(..=end).collect();
                return serde_json::from_slice(&line).map_err(|error| format!("its monitor speaks no JSON: {error}"));
            }
            if self.incoming.len() > LINE {
                return Err("its monitor sent a line without end".to_owned());
            }
            match self.socket.read_buf(&mut self.incoming).await {
                Ok(0) => return Err("it ended".to_owned()),
                Ok(_) => {}
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
