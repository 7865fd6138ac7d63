//! Content kept under its digest: pictures and whatever else is too large for the log.

use std::io;
use std::path::{Path, PathBuf};

use event::Digest;
use store::StoreError;

use crate::disk::{failed, make_directory, replace};

/// Stores bytes in the directory `blobs`, once. Gives the file where it was written just now; it is not on the disk yet.
pub(crate) fn put(blobs: &Path, bytes: &[u8]) -> Result<(Digest, Option<PathBuf>), StoreError> {
    let digest = Digest::of(bytes);
    let path = blobs.join(digest.to_string());
    // The end of power may have left a file of the right name and the wrong content.
    if std::fs::read(&path).is_ok_and(|stored| stored == bytes) {
        return Ok((digest, None));
    }
    make_directory(blobs).map_err(failed("make", blobs))?;
    replace(&path, bytes).map_err(failed("write", &path))?;
    Ok((digest, Some(path)))
}

/// Reads stored bytes and checks that they are what their name says.
pub(crate) fn read(blobs: &Path, digest: Digest) -> Result<Vec<u8>, StoreError> {
    let path = blobs.join(digest.to_string());
    let bytes = std::fs::read(&path).map_err(failed("read", &path))?;
    if Digest::of(&bytes) != digest {
        let what = io::Error::new(io::ErrorKind::InvalidData, "the content is not what its name says");
        return Err(failed("read", &path)(what));
    }
    Ok(bytes)
}
