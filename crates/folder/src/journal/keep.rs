//! The old contents: each under its digest in `objects/`, written beside it first. And waiting for the disk.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::path::Path;
use std::sync::{MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use event::Digest;

use super::{Journal, JournalError, sync_directory};
use crate::beneath;
use crate::mask::temporary_name;

/// Up to this size a content is held in memory between reading and writing it.
const HELD: u64 = 256 * 1024;
/// Up to this many objects are synced each on its own; beyond it the whole file system is, which costs as much once.
const EACH: usize = 8;
/// A kept content whose time is older than this is made young again when it is kept once more, so that it does not
/// expire while it is needed.
pub(super) const YOUNG: Duration = Duration::from_mins(10);

/// Whether an object had to be written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kept {
    /// It is new.
    Fresh,
    /// It was there.
    Known,
}

/// Writes an object into a new file; gives digest and size where it knows them.
type WriteObject<'a> = &'a mut dyn FnMut(&File) -> io::Result<Option<(Digest, u64)>>;

impl Journal {
    /// Keeps the content of an open file, from its beginning, and gives its digest and size. On the disk when this
    /// returns. Content that is kept already is not written again.
    pub fn keep(&self, file: &mut File) -> Result<(Digest, u64), JournalError> {
        let (digest, bytes, _) = self.keep_or_find(file)?;
        let place = self.object_path(digest);
        // Also what is known already: it may have been kept through a handle that has not settled yet.
        File::open(&place)
            .and_then(|object| object.sync_all())
            .map_err(|error| JournalError::of("sync", &place, error))?;
        sync_directory(&self.directory.join("objects"))?;
        Ok((digest, bytes))
    }

    /// As [`Self::keep`]; on the disk after the next [`Self::settle`].
    pub fn keep_soon(&self, file: &mut File) -> Result<(Digest, u64), JournalError> {
        let (digest, bytes, kept) = self.keep_or_find(file)?;
        if kept == Kept::Fresh {
            self.fresh().push(digest);
        }
        Ok((digest, bytes))
    }

    /// Waits until all that was kept, begun and finished through this handle is on the disk. Costs nothing where that
    /// is so already.
    pub fn settle(&self) -> Result<(), JournalError> {
        let _alone = self.settling.lock().unwrap_or_else(PoisonError::into_inner);
        let ledger = self.lock().take_dirty()?;
        let objects = std::mem::take(&mut *self.fresh());
        let settled = self.sync_all(&objects, ledger.as_ref());
        if settled.is_err() {
            self.fresh().extend(objects);
            if ledger.is_some() {
                self.lock().mark_dirty();
            }
        }
        settled
    }

    /// Opens an old content, after checking that it is what was kept.
    pub fn object(&self, digest: Digest) -> Result<File, JournalError> {
        let path = self.object_path(digest);
        let lost = |what: String| JournalError::Lost { digest, what };
        let mut file = File::open(&path).map_err(|error| lost(error.to_string()))?;
        let found = Digest::of_reader(&file).map_err(|error| lost(error.to_string()))?;
        if found != digest {
            return Err(lost("its bytes were altered".to_owned()));
        }
        file.rewind().map_err(|error| lost(error.to_string()))?;
        Ok(file)
    }

    /// Whether there is an old content of that digest; its bytes are not looked at.
    pub(crate) fn has_object(&self, digest: Digest) -> bool {
        self.object_path(digest).exists()
    }

    fn sync_all(&self, objects: &[Digest], ledger: Option<&File>) -> Result<(), JournalError> {
        let failed = |error| JournalError::of("sync", &self.directory, error);
        if objects.len() > EACH {
            let directory = File::open(&self.directory).map_err(failed)?;
            return beneath::sync_file_system(&directory).map_err(failed);
        }
        for digest in objects {
            match File::open(self.object_path(*digest)) {
                Ok(object) => object.sync_all().map_err(failed)?,
                // Given up meanwhile.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(failed(error)),
            }
        }
        if !objects.is_empty() {
            sync_directory(&self.directory.join("objects"))?;
        }
        ledger.map_or(Ok(()), File::sync_data).map_err(failed)
    }

    fn keep_or_find(&self, file: &mut File) -> Result<(Digest, u64, Kept), JournalError> {
        let objects = self.directory.join("objects");
        let failed = |error| JournalError::of("write", &objects, error);
        file.rewind().map_err(failed)?;
        let mut held = Vec::new();
        let length = file.metadata().map_err(failed)?.len();
        if length <= HELD {
            // The size is only what it was just now: a file that grows is copied instead.
            (&*file).take(HELD + 1).read_to_end(&mut held).map_err(failed)?;
            if held.len() as u64 <= HELD {
                let (digest, bytes) = (Digest::of(&held), held.len() as u64);
                if self.find(digest, bytes)? {
                    return Ok((digest, bytes, Kept::Known));
                }
                return self.place(&mut |mut copy| copy.write_all(&held).map(|()| Some((digest, bytes))));
            }
        }
        self.place(&mut |mut copy| {
            if beneath::clone_content(file, copy).is_err() {
                file.rewind()?;
                io::copy(file, &mut copy)?;
            }
            Ok(None)
        })
    }

    /// Writes an object under a temporary name, then gives it the name of its digest.
    fn place(&self, write: WriteObject<'_>) -> Result<(Digest, u64, Kept), JournalError> {
        let objects = self.directory.join("objects");
        let name = temporary_name().map_err(|error| JournalError::of("write", &objects, error))?;
        let temporary = objects.join(name);
        let placed = self.place_as(&temporary, write);
        if placed.is_err() {
            // What is left of it would only take space; the failure itself is what counts.
            let _gone = std::fs::remove_file(&temporary).is_ok();
        }
        placed
    }

    fn place_as(&self, temporary: &Path, write: WriteObject<'_>) -> Result<(Digest, u64, Kept), JournalError> {
        let failed = |error| JournalError::of("write", temporary, error);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut copy = options.open(temporary).map_err(failed)?;
        let (digest, bytes) = match write(&copy).map_err(failed)? {
            Some(known) => known,
            // The digest is that of the copy, which nobody else can change: that is what Undo will give back.
            None => {
                copy.rewind().map_err(failed)?;
                (Digest::of_reader(&copy).map_err(failed)?, copy.metadata().map_err(failed)?.len())
            }
        };
        if self.find(digest, bytes)? {
            std::fs::remove_file(temporary).map_err(failed)?;
            return Ok((digest, bytes, Kept::Known));
        }
        std::fs::rename(temporary, self.object_path(digest)).map_err(failed)?;
        Ok((digest, bytes, Kept::Fresh))
    }

    /// Whether this content is kept already. If it is, it will not expire soon.
    fn find(&self, digest: Digest, bytes: u64) -> Result<bool, JournalError> {
        let place = self.object_path(digest);
        let is_it = |meta: &std::fs::Metadata| meta.len() == bytes;
        let Some(meta) = std::fs::metadata(&place).ok().filter(is_it) else { return Ok(false) };
        let is_young = meta.modified().is_ok_and(|time| time.elapsed().is_ok_and(|age| age < YOUNG));
        if is_young {
            return Ok(true);
        }
        // Expiry holds the same lock, so what is made young here was not removed before.
        self.lock().locked(|_| match OpenOptions::new().write(true).open(&place) {
            Ok(object) => object.set_modified(SystemTime::now()).map(|()| true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        })
    }

    fn fresh(&self) -> MutexGuard<'_, Vec<Digest>> {
        // Each change of it is one call, so a panic elsewhere leaves it whole.
        self.fresh.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
