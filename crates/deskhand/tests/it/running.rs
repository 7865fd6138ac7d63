//! The binary while it runs: its lines as they come, and signals to it.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};

use rustix::process::{Pid, Signal};

use crate::stage::Ended;

/// A running program. Ended by force when it is dropped.
pub(crate) struct Running {
    child: Child,
    stdout: BufReader<ChildStdout>,
    stderr: Option<ChildStderr>,
    /// Lines read so far.
    pub(crate) lines: Vec<String>,
}

impl Running {
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let stderr = child.stderr.take();
        Self { child, stdout, stderr, lines: Vec::new() }
    }

    /// Its process.
    pub(crate) fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// The next line of standard output; none at its end.
    pub(crate) fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        if self.stdout.read_line(&mut line).unwrap() == 0 {
            return None;
        }
        let line = line.trim_end_matches('\n').to_owned();
        self.lines.push(line.clone());
        Some(line)
    }

    /// Reads until a line holds this text, and gives that line.
    #[track_caller]
    pub(crate) fn until(&mut self, text: &str) -> String {
        while let Some(line) = self.line() {
            if line.contains(text) {
                return line;
            }
        }
        panic!("ended without `{text}`:\n{}", self.lines.join("\n"));
    }

    /// Sends a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        rustix::process::kill_process(self.pid(), signal).unwrap();
    }

    /// Waits for the end. Standard output is whole, what was read before included.
    pub(crate) fn end(mut self) -> Ended {
        while self.line().is_some() {}
        let mut stderr = String::new();
        self.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        let code = self.child.wait().unwrap().code();
        let mut stdout = self.lines.join("\n");
        if !stdout.is_empty() {
            stdout.push('\n');
        }
        Ended { code, stdout, stderr }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // One that has ended is not killed again; what it was is reaped.
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}
