//! The append-only file of the journal, safe with several writers: each takes the file's lock, reads what others
//! added, and only then chooses a number.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;

use super::JournalError;
use super::entry::Line;

/// When a line has to be on the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sync {
    /// Before the call returns.
    Now,
    /// With the next line that is synced.
    Later,
}

/// The open file.
pub(super) struct Ledger {
    path: PathBuf,
    file: File,
    /// Everything before this is known.
    read_to: u64,
    /// Number of the next entry.
    next: u64,
}

impl Ledger {
    /// Opens the file, making it if it is missing.
    pub(super) fn open(path: PathBuf) -> Result<Self, JournalError> {
        let mut options = OpenOptions::new();
        options.read(true).append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path).map_err(|error| JournalError::of("open", &path, error))?;
        Ok(Self { path, file, read_to: 0, next: 1 })
    }

    /// Appends the line that `make` gives for the next number; gives that number.
    pub(super) fn append(&mut self, make: &mut dyn FnMut(u64) -> Line, sync: Sync) -> Result<u64, JournalError> {
        let failed = |path: &PathBuf, error| JournalError::of("write", path, error);
        self.file.lock().map_err(|error| failed(&self.path, error))?;
        let appended = self.append_locked(make, sync);
        self.file.unlock().map_err(|error| failed(&self.path, error))?;
        appended.map_err(|error| failed(&self.path, error))
    }

    fn append_locked(&mut self, make: &mut dyn FnMut(u64) -> Line, sync: Sync) -> io::Result<u64> {
        self.catch_up()?;
        let number = self.next;
        let line = make(number);
        let mut text = serde_json::to_vec(&line)?;
        text.push(b'\n');
        if let Err(error) = self.file.write_all(&text) {
            // Half a line would only be cut by the next writer; cutting it here keeps the file clean.
            self.file.set_len(self.read_to)?;
            return Err(error);
        }
        match sync {
            Sync::Now => self.file.sync_data()?,
            Sync::Later => {}
        }
        self.read_to += text.len() as u64;
        self.count(&line);
        Ok(number)
    }

    /// Reads what others appended and cuts a torn last line: its change was never made, because the line was not
    /// synced.
    fn catch_up(&mut self) -> io::Result<()> {
        let length = self.file.metadata()?.len();
        if length == self.read_to {
            return Ok(());
        }
        if length < self.read_to {
            (self.read_to, self.next) = (0, 1);
        }
        let mut text = Vec::new();
        self.file.seek(SeekFrom::Start(self.read_to))?;
        self.file.read_to_end(&mut text)?;
        let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        if whole < text.len() {
            self.file.set_len(self.read_to + whole as u64)?;
        }
        for line in text.get(..whole).unwrap_or_default().split(|byte| *byte == b'\n') {
            if let Ok(line) = serde_json::from_slice(line) {
                self.count(&line);
            }
        }
        self.read_to += whole as u64;
        Ok(())
    }

    fn count(&mut self, line: &Line) {
        match line {
            Line::Began { number, .. } => self.next = self.next.max(number + 1),
            Line::Done { .. } | Line::Void { .. } => {}
        }
    }
}
