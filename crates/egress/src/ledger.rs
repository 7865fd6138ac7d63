//! The ledger of a task: one line of JSON for every decision about the network. Never a secret, never a path or query.
//!
//! What is allowed is written twice under one id: when it is decided, before a byte leaves, and marked `open`; and when
//! it is over, with its bytes. Readers show the two as one. A refusal is one line without an id.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use event::CallId;
use serde::Serialize;

/// Most bytes of a ledger. A program that reaches it by force gets no further connection.
const LARGEST: u64 = 64 << 20;
/// Most characters of a host that is no host.
const LONGEST_HOST: usize = 300;

/// A ledger file, opened at the first decision.
pub(crate) struct Ledger {
    path: PathBuf,
    file: Mutex<Option<File>>,
    traffic: Mutex<Traffic>,
}

/// What has passed for a task, in connections that are over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Traffic {
    /// Bytes sent.
    pub bytes_up: u64,
    /// Bytes received.
    pub bytes_down: u64,
    /// Decisions that allowed something.
    pub allowed: u64,
    /// Decisions that refused something.
    pub refused: u64,
}

/// What was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Decided {
    Allowed,
    Refused,
}

#[derive(Serialize)]
struct Line<'l> {
    at: u64,
    host: &'l str,
    port: u16,
    verdict: Decided,
    rule: &'l str,
    bytes_up: u64,
    bytes_down: u64,
    call: &'l str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'l str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    open: bool,
}

/// Whether a line is a decision's last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Written {
    AtFirst,
    AtLast,
}

/// Bytes of one connection, counted as they pass.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    up: AtomicU64,
    down: AtomicU64,
}

impl Counts {
    pub(crate) fn add_up(&self, bytes: usize) {
        self.up.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    pub(crate) fn add_down(&self, bytes: usize) {
        self.down.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    pub(crate) fn up(&self) -> u64 {
        self.up.load(Ordering::Relaxed)
    }

    pub(crate) fn down(&self) -> u64 {
        self.down.load(Ordering::Relaxed)
    }
}

impl Ledger {
    pub(crate) fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), file: Mutex::new(None), traffic: Mutex::default() }
    }

    /// Begins a decision. Until something else is said it is a refusal, for this reason.
    ///
    /// Fails where nothing can be written: what leaves no trace does not happen.
    pub(crate) fn begin(self: &Arc<Self>, host: &str, port: u16, call: Option<&CallId>) -> io::Result<Entry> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let open = match file.take() {
            Some(open) => open,
            None => open(&self.path)?,
        };
        if open.metadata()?.len() >= LARGEST {
            return Err(io::Error::new(io::ErrorKind::StorageFull, "the ledger of this task is full"));
        }
        *file = Some(open);
        drop(file);
        Ok(Entry {
            ledger: Arc::clone(self),
            at: now(),
            host: shown(place(host)),
            port,
            decided: Decided::Refused,
            rule: "cut short".to_owned(),
            id: None,
            call: call.map(|call| call.as_str().to_owned()).unwrap_or_default(),
            counts: Arc::new(Counts::default()),
        })
    }

    pub(crate) fn traffic(&self) -> Traffic {
        *self.traffic.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn count(&self, decided: Decided, up: u64, down: u64) {
        let mut traffic = self.traffic.lock().unwrap_or_else(PoisonError::into_inner);
        traffic.bytes_up += up;
        traffic.bytes_down += down;
        match decided {
            Decided::Allowed => traffic.allowed += 1,
            Decided::Refused => traffic.refused += 1,
        }
    }

    /// Writes a line: it survives the end of this process, not that of power.
    fn write(&self, line: &Line<'_>) -> io::Result<()> {
        let mut text = serde_json::to_vec(line)?;
        text.push(b'\n');
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let written = match file.as_mut() {
            // A fetch of the same task may have torn its line meanwhile.
            Some(file) => end_torn(file).and_then(|()| file.write_all(&text)),
            None => open(&self.path)?.write_all(&text),
        };
        if written.is_err() {
            // The file was writable when the decision began. The next one finds out that it is not and is refused.
            file.take();
        }
        written
    }
}

fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    end_torn(&mut file)?;
    Ok(file)
}

/// Ends a last line that was torn, by a full disk or a crash, so that it takes no other with it.
fn end_torn(file: &mut File) -> io::Result<()> {
    if file.metadata()?.len() == 0 {
        return Ok(());
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    if last == *b"\n" { Ok(()) } else { file.write_all(b"\n") }
}

/// One decision under way. Its last line is written when it is dropped, so that nothing ends without one.
pub(crate) struct Entry {
    ledger: Arc<Ledger>,
    at: u64,
    host: String,
    port: u16,
    decided: Decided,
    rule: String,
    /// Set once it is written that it was allowed.
    id: Option<String>,
    call: String,
    counts: Arc<Counts>,
}

impl Entry {
    /// It was allowed by this rule, which is written down now. Fails where that cannot be; it is then no more allowed.
    pub(crate) fn allow(&mut self, rule: &str) -> io::Result<()> {
        self.decided = Decided::Allowed;
        rule.clone_into(&mut self.rule);
        self.id = Some(fresh(self.at));
        self.write(Written::AtFirst).inspect_err(|error| {
            self.id = None;
            self.refuse(&format!("the ledger cannot be written: {error}"));
        })
    }

    fn write(&self, written: Written) -> io::Result<()> {
        self.ledger.write(&Line {
            at: self.at,
            host: &self.host,
            port: self.port,
            verdict: self.decided,
            rule: &self.rule,
            bytes_up: self.counts.up(),
            bytes_down: self.counts.down(),
            call: &self.call,
            id: self.id.as_deref(),
            open: written == Written::AtFirst,
        })
    }

    /// It was refused, for this reason.
    pub(crate) fn refuse(&mut self, reason: &str) {
        self.decided = Decided::Refused;
        self.rule = shown(reason);
    }

    /// The host it is about, as it is shown.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// Where its bytes are counted.
    pub(crate) fn counts(&self) -> Arc<Counts> {
        Arc::clone(&self.counts)
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.ledger.count(self.decided, self.counts.up(), self.counts.down());
        // Where it fails the ledger is opened anew for the next decision, which is refused if that fails too.
        self.write(Written::AtLast).unwrap_or_default();
    }
}

/// An id that no other decision of a ledger has, whichever process writes it.
fn fresh(at: u64) -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    format!("{at:x}-{:x}-{:x}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}

/// What names the place in an address that may be none: without user, password, path and query, which may be secret.
fn place(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let (place, behind) = rest.split_at(rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len()));
    match place.rsplit_once('@') {
        Some((_, host)) => host,
        // What stands here may be a user, and what comes next a password that has a slash.
        None if behind.contains('@') => place.split(':').next().unwrap_or_default(),
        None => place,
    }
}

/// A text that may come from a program, in printable ASCII and of bounded length.
fn shown(text: &str) -> String {
    let escaped = text.chars().flat_map(|letter| {
        let plain = (letter == ' ' || letter.is_ascii_graphic()).then_some(letter);
        plain.into_iter().chain(plain.is_none().then(|| letter.escape_default()).into_iter().flatten())
    });
    escaped.take(LONGEST_HOST).collect()
}

/// Milliseconds since 1970.
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |passed| passed.as_millis() as u64)
}
