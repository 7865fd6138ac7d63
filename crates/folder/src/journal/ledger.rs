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
    /// Whether there are lines of ours that may not be on the disk yet.
    dirty: bool,
}

impl Ledger {
    /// Opens the file, making it if it is missing.
    pub(super) fn open(path: PathBuf) -> Result<Self, JournalError> {
        let mut options = OpenOptions::new();
        options.read(true).append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path).map_err(|error| JournalError::of("open", &path, error))?;
        Ok(Self { path, file, read_to: 0, next: 1, dirty: false })
    }

    /// Appends the line that `make` gives for the next number; gives that number.
    pub(super) fn append(&mut self, make: &mut dyn FnMut(u64) -> Line, sync: Sync) -> Result<u64, JournalError> {
        self.append_all(&mut |first| vec![make(first)], sync)
    }

    /// Appends the lines that `make` gives from the next number on, in one write; gives that number.
    pub(super) fn append_all(
        &mut self,
        make: &mut dyn FnMut(u64) -> Vec<Line>,
        sync: Sync,
    ) -> Result<u64, JournalError> {
        self.locked(|ledger| ledger.append_locked(make, sync))
    }

    /// Does something while no other writer, in this process or another, can append.
    pub(super) fn locked<T>(&mut self, act: impl FnOnce(&mut Self) -> io::Result<T>) -> Result<T, JournalError> {
        let failed = |path: &PathBuf, error| JournalError::of("write", path, error);
        self.file.lock().map_err(|error| failed(&self.path, error))?;
        let acted = act(self);
        self.file.unlock().map_err(|error| failed(&self.path, error))?;
        acted.map_err(|error| failed(&self.path, error))
    }

    /// The file, where lines of it have to be synced; they count as synced from here on.
    pub(super) fn take_dirty(&mut self) -> Result<Option<File>, JournalError> {
        if !self.dirty {
            return Ok(None);
        }
        let file = self.file.try_clone().map_err(|error| JournalError::of("sync", &self.path, error))?;
        self.dirty = false;
        Ok(Some(file))
    }

    /// Takes back that everything is synced.
    pub(super) fn mark_dirty(&mut self) {
        self.dirty = true;
    }

    pub(super) fn append_locked(&mut self, make: &mut dyn FnMut(u64) -> Vec<Line>, sync: Sync) -> io::Result<u64> {
        self.catch_up()?;
        let first = self.next;
        let lines = make(first);
        let mut text = Vec::new();
        for line in &lines {
            serde_json::to_writer(&mut text, line)?;
            text.push(b'\n');
        }
        if let Err(error) = self.file.write_all(&text) {
            // Half a line would only be cut by the next writer; cutting it here keeps the file clean.
            self.file.set_len(self.read_to)?;
            return Err(error);
        }
        self.dirty = true;
        self.read_to += text.len() as u64;
        for line in &lines {
            self.count(line);
        }
        match sync {
            Sync::Now => {
                self.file.sync_data()?;
                self.dirty = false;
            }
            Sync::Later => {}
        }
        Ok(first)
    }

    /// Reads what others appended and cuts a torn last line: its change was never made, because the line was not
    /// synced.
    fn catch_up(&mut self) -> io::Result<()> {
        // Cheaper than asking for all that is known of the file.
        let length = self.file.seek(SeekFrom::End(0))?;
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
            Line::Done { .. }
            | Line::Void { .. }
            | Line::Gave { .. }
            | Line::Noted { .. }
            | Line::Left { .. }
            | Line::Linked { .. }
            | Line::Renewed { .. } => {}
        }
    }
}
