//! Small acts on the file system, each with Deskhand's permissions and error words.
//! Does not know what the files mean.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use store::StoreError;

/// Turns what the system said into an error of the store.
pub(crate) fn failed(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> StoreError {
    let path = path.to_owned();
    move |source| match source.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => StoreError::Full { path },
        _ => StoreError::Disk { action, path, source },
    }
}

/// Makes a directory, with its parents, that only the user can enter. One that exists is left as it is.
pub(crate) fn make_directory(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Options for a file that only the user can read.
pub(crate) fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.mode(0o600);
    options
}

/// Appends bytes with one write, all or none: what arrived of a failed write is cut away again.
///
/// `file` is open for appending and `former` is its length. Where cutting fails as well the file is left longer; the
/// caller cuts it to `former` before it writes again.
pub(crate) fn append_whole(mut file: &File, bytes: &[u8], former: u64) -> io::Result<()> {
    let error = loop {
        match file.write(bytes) {
            Ok(count) if count == bytes.len() => return Ok(()),
            // The system writes less than asked to a file only where space or a quota ends.
            Ok(_) => break ErrorKind::StorageFull.into(),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => break error,
        }
    };
    // The first error is the one to tell; the caller cuts again before the next write.
    let _cut_again_later = file.set_len(former);
    Err(error)
}

/// Writes a whole file through a neighbour and a rename, so that no reader ever sees half of it.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}-{:?}", std::process::id(), std::thread::current().id()));
    let neighbour = path.with_file_name(name);
    let written = private()
        .write(true)
        .create(true)
        .truncate(true)
        .open(&neighbour)
        .and_then(|mut file| file.write_all(bytes))
        .and_then(|()| std::fs::rename(&neighbour, path));
    if written.is_err() {
        // Nothing refers to the neighbour; failing to remove it costs only its space.
        let _left_behind = std::fs::remove_file(&neighbour);
    }
    written
}

/// Reads a file from an offset to its end, without moving anybody's position in it.
pub(crate) fn read_from(file: &File, offset: u64) -> io::Result<Vec<u8>> {
    let length = file.metadata()?.len();
    let mut bytes = vec![0; usize::try_from(length.saturating_sub(offset)).map_err(io::Error::other)?];
    let mut filled = 0;
    while let Some(rest) = bytes.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match file.read_at(rest, offset + filled as u64) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    bytes.truncate(filled);
    Ok(bytes)
}

/// Puts a directory's entries on the disk.
pub(crate) fn sync_directory(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// Locks; what a panicking thread leaves behind is taken as it is, because every change made under the locks of this
/// crate is a single step.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
