//! The one writer of a task: appending to the log, and the files beside it.

use std::fs::File;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Arc;

use event::{Chain, Delta, Digest, Event, Fact, Seq, TaskId, Timestamp};
use futures_util::future::BoxFuture;
use store::{Draft, Opened, Places, StoreError, TaskLog};

use crate::blob;
use crate::disk::{append_whole, failed, make_directory, private, read_from, replace};
use crate::draft::DraftFile;
use crate::flush::{Before, Flusher, LogFlush};
use crate::index::Index;
use crate::layout::{self, LOG, SCRATCHPAD};
use crate::lease::Lease;
use crate::live::Live;
use crate::log_file::{self, Cursor};

/// What every writer of this process uses.
pub(crate) struct Around {
    pub(crate) flusher: Flusher,
    pub(crate) index: Index,
}

/// The lease of a task, and the right to append.
pub(crate) struct DiskLog {
    task: TaskId,
    root: Arc<Path>,
    file: Arc<File>,
    end: Cursor,
    /// Whether bytes of a failed write may stand behind `end`.
    torn: bool,
    draft: DraftFile,
    flush: Arc<LogFlush>,
    live: Arc<Live>,
    around: Arc<Around>,
    // Last, so that the lease is given back when everything else is done.
    _lease: Lease,
}

impl DiskLog {
    /// The writer of a folder that was just made at `root`; `file` is its empty log, leased.
    pub(crate) fn made(
        task: TaskId,
        root: Arc<Path>,
        lease: (Arc<File>, Lease),
        live: Arc<Live>,
        around: Arc<Around>,
    ) -> Result<Self, StoreError> {
        let (file, lease) = lease;
        let (draft, _none) = DraftFile::open(&root)?;
        lease.sign();
        let flush = Arc::new(LogFlush::new(Arc::clone(&file), root.join(LOG), entries(&root)));
        live.writer_begins();
        Ok(Self { task, root, file, end: Cursor::default(), torn: false, draft, flush, live, around, _lease: lease })
    }

    /// Takes the lease of the task in the folder `root`, cuts a torn tail, and reads everything.
    pub(crate) fn open(
        task: TaskId,
        root: Arc<Path>,
        live: Arc<Live>,
        around: Arc<Around>,
    ) -> Result<Opened, StoreError> {
        let path = root.join(LOG);
        let file = private().read(true).append(true).open(&path).map_err(failed("open", &path))?;
        let file = Arc::new(file);
        let lease = Lease::take(task, Arc::clone(&file), &root)?;
        // Between opening and locking the folder may have gone into the trash.
        if !is_still_there(&file, &path) {
            return Err(StoreError::NoTask(task));
        }
        let bytes = read_from(&file, 0).map_err(failed("read", &path))?;
        let scan = log_file::scan(&bytes, task, Cursor::default());
        if scan.damaged {
            return Err(log_file::first_damage(&bytes, task, scan.end));
        }
        drop(bytes);
        if scan.rest > 0 {
            file.set_len(scan.end.offset).map_err(failed("cut", &path))?;
        }
        for directory in layout::inner(&layout::places(&root)) {
            make_directory(directory).map_err(failed("make", directory))?;
        }
        let (draft, text) = DraftFile::open(&root)?;
        let crashed = lease.sign();
        let before = if crashed { entries(&root) } else { Vec::new() };
        let flush = Arc::new(LogFlush::new(Arc::clone(&file), path, before));
        live.writer_begins();
        let log = Self { task, root, file, end: scan.end, torn: false, draft, flush, live, around, _lease: lease };
        Ok(Opened { log: Box::new(log), events: scan.events, draft: text, cut: scan.rest })
    }

    fn encode(&self, at: Timestamp, facts: Vec<Draft>) -> Result<Batch, StoreError> {
        let mut batch = Batch { events: Vec::with_capacity(facts.len()), bytes: Vec::new(), chain: self.end.chain };
        for (actor, fact) in facts {
            let (seq, prev) = (batch.chain.head.next(), batch.chain.digest);
            let event = Event { seq, at, task: self.task, actor, prev, fact };
            let line = event.to_line().map_err(|error| failed("encode", &self.root.join(LOG))(error.into()))?;
            batch.chain.advance(&line);
            batch.bytes.extend_from_slice(line.as_bytes());
            batch.bytes.push(b'\n');
            batch.events.push(Arc::new(event));
        }
        Ok(batch)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        let former = self.end.offset;
        if self.torn {
            self.file.set_len(former).map_err(failed("cut", &self.root.join(LOG)))?;
            self.torn = false;
        }
        append_whole(&self.file, bytes, former).map_err(|error| {
            self.torn = true;
            failed("write", &self.root.join(LOG))(error)
        })
    }

    /// Shows the newest notes to people.
    fn show_notes(&self, events: &[Arc<Event>]) {
        let notes = events.iter().rev().find_map(|event| match &event.fact {
            Fact::NoteSet { text } => Some(text),
            _ => None,
        });
        if let Some(text) = notes {
            // The log has the notes; a copy that cannot be written takes nothing from anybody.
            let _only_for_people = replace(&self.root.join(SCRATCHPAD), text.as_bytes());
        }
    }
}

struct Batch {
    events: Vec<Arc<Event>>,
    bytes: Vec<u8>,
    chain: Chain,
}

/// Whether `path` still names this file.
fn is_still_there(file: &File, path: &Path) -> bool {
    let place = |metadata: std::fs::Metadata| (metadata.dev(), metadata.ino());
    let (here, there) = (file.metadata().map(place), std::fs::metadata(path).map(place));
    matches!((here, there), (Ok(here), Ok(there)) if here == there)
}

/// The directories that have to name a new folder before its log counts as kept.
fn entries(root: &Path) -> Vec<Before> {
    root.ancestors().take(3).map(|path| Before::Directory(path.to_owned())).collect()
}

impl TaskLog for DiskLog {
    fn task(&self) -> TaskId {
        self.task
    }

    fn head(&self) -> Seq {
        self.end.chain.head
    }

    fn append(&mut self, at: Timestamp, facts: Vec<Draft>) -> Result<Vec<Arc<Event>>, StoreError> {
        if facts.is_empty() {
            return Ok(Vec::new());
        }
        let batch = self.encode(at, facts)?;
        store::fail_point("store.append.before_write");
        self.write(&batch.bytes)?;
        store::fail_point("store.append.written");
        self.end = Cursor { offset: self.end.offset + batch.bytes.len() as u64, chain: batch.chain };
        self.flush.written();
        self.show_notes(&batch.events);
        for event in &batch.events {
            self.live.fanout.event(event);
        }
        self.around.index.appended(self.task, &self.root, &batch.events, self.end.offset);
        Ok(batch.events)
    }

    fn sync(&self) -> BoxFuture<'static, Result<(), StoreError>> {
        self.around.flusher.sync(&self.flush)
    }

    fn tell(&self, delta: Delta) {
        self.live.fanout.delta(delta);
    }

    fn keep_draft(&mut self, text: &str) -> Result<(), StoreError> {
        self.draft.keep(text)
    }

    fn drop_draft(&mut self) -> Result<(), StoreError> {
        self.draft.forget()
    }

    fn put_blob(&self, bytes: &[u8]) -> Result<Digest, StoreError> {
        let blobs = layout::places(&self.root).blobs;
        let (digest, written) = blob::put(&blobs, bytes)?;
        if let Some(file) = written {
            // An event that names the blob must not reach the disk before the blob does.
            self.flush.add([Before::File(file), Before::Directory(blobs)]);
        }
        Ok(digest)
    }

    fn blob(&self, digest: Digest) -> Result<Vec<u8>, StoreError> {
        blob::read(&layout::places(&self.root).blobs, digest)
    }

    fn places(&self) -> Places {
        layout::places(&self.root)
    }
}

impl Drop for DiskLog {
    fn drop(&mut self) {
        self.around.index.closed(self.task);
        self.live.writer_ended();
    }
}
