//! The example's own daemon, and the browser that is opened at it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::packages::on_path;

/// How long the daemon may take to say how a browser gets in.
const PATIENCE: Duration = Duration::from_secs(5);

/// `deskhand serve`. Ended when dropped.
pub(super) struct Daemon {
    child: Child,
    address: String,
    socket: PathBuf,
    reader: Option<JoinHandle<()>>,
}

impl Daemon {
    /// Starts it with the example's environment and home, and waits for its address.
    pub(super) fn start(mut deskhand: Command, home: &Path) -> Result<Self> {
        deskhand.arg("serve").stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = deskhand.spawn().context("cannot start `deskhand serve`")?;
        let output = child.stdout.take().context("`deskhand serve` has no output")?;
        let mut daemon = Self { child, address: String::new(), socket: home.join("run/deskhand.sock"), reader: None };
        let mut lines = BufReader::new(output).lines();
        match lines.next() {
            Some(Ok(address)) if address.starts_with("http://") => daemon.address = address,
            Some(_) | None => bail!("`deskhand serve` printed no address"),
        }
        // What it prints later must not fill the pipe.
        daemon.reader = Some(std::thread::spawn(move || lines.for_each(drop)));
        Ok(daemon)
    }

    /// The address of a page, with the token: for the terminal.
    pub(super) fn page(&self, task: Option<&str>) -> String {
        page(&self.address, task)
    }

    /// The address of a page for one visit: for the browser, whose arguments everybody on this computer can read.
    pub(super) fn page_once(&self, task: Option<&str>) -> Result<String> {
        let mut stream = UnixStream::connect(&self.socket).context("the daemon's socket does not answer")?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.write_all(b"GET /api/v1/address HTTP/1.1\r\nHost: deskhand\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(page(&once(&answer).context("the daemon gives no address for one visit")?, task))
    }

    /// Waits until it ends: Ctrl-C reaches it as it reaches this program.
    pub(super) fn wait(&mut self) {
        // Whatever ends it, there is nothing more to wait for.
        drop(self.child.wait());
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // Asked first, so that it closes what it has open; it may also have ended by itself.
        let asked = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).stderr(Stdio::null()).status();
        if !asked.is_ok_and(|status| status.success()) {
            drop(self.child.kill());
        }
        drop(self.child.wait());
        if let Some(reader) = self.reader.take() {
            drop(reader.join());
        }
    }
}

/// The address for one visit, as the daemon's answer has it.
fn once(answer: &str) -> Option<String> {
    let (_head, body) = answer.split_once("\r\n\r\n")?;
    let body: Value = serde_json::from_str(body).ok()?;
    body["once"].as_str().map(str::to_owned)
}

/// An address of the daemon with the path of a task put in.
fn page(address: &str, task: Option<&str>) -> String {
    match (address.split_once("/?"), task) {
        (Some((origin, right)), Some(task)) => format!("{origin}/tasks/{task}?{right}"),
        (Some(_), None) | (None, _) => address.to_owned(),
    }
}

/// Whether a browser can be shown and is wanted.
pub(super) fn has_display() -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let here = cfg!(any(target_os = "macos", windows)) || set("DISPLAY") || set("WAYLAND_DISPLAY");
    here && !set("CI") && !set("DESKHAND_NO_OPEN")
}

/// Opens the user's browser; where there is none, the printed address is enough.
pub(super) fn open_browser(address: &str) {
    let opener = if cfg!(target_os = "macos") {
        "open"
    } else if cfg!(windows) {
        "explorer"
    } else {
        "xdg-open"
    };
    if !on_path(opener) {
        return;
    }
    let mut command = Command::new(opener);
    command.arg(address).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let Ok(mut child) = command.spawn() else { return };
    // It may stay as long as the browser does.
    std::thread::spawn(move || child.wait());
}

#[cfg(test)]
mod tests {
    use super::{once, page};

    #[test]
    fn a_task_has_an_address_of_its_own() {
        let address = "http://127.0.0.1:4000/?token=abc";
        assert_eq!(page(address, Some("k3x")), "http://127.0.0.1:4000/tasks/k3x?token=abc");
        assert_eq!(page(address, None), address);
    }

    #[test]
    fn the_browser_is_given_the_address_for_one_visit() {
        let body = r#"{"lasting":"http://127.0.0.1:4000/?token=abc","once":"http://127.0.0.1:4000/?ticket=def"}"#;
        let answer = format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n{body}");
        let address = once(&answer).unwrap();
        assert_eq!(page(&address, Some("k3x")), "http://127.0.0.1:4000/tasks/k3x?ticket=def");
        assert_eq!(once("HTTP/1.1 200 OK\r\n\r\nnull"), None);
        assert_eq!(once(""), None);
    }
}
