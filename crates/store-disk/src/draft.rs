//! The sidecar of streamed text: what of a reply had arrived when the process ended.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use store::StoreError;

use crate::disk::{append_whole, failed, private};
use crate::layout::DRAFT;

/// The draft of one task. Opened for each piece, so that a thousand quiet tasks hold no file.
pub(crate) struct DraftFile {
    path: PathBuf,
    kept: bool,
}

impl DraftFile {
    /// The draft in the folder `root`, and the text an earlier process left in it.
    pub(crate) fn open(root: &Path) -> Result<(Self, String), StoreError> {
        let path = root.join(DRAFT);
        let (kept, bytes) = match std::fs::read(&path) {
            Ok(bytes) => (true, bytes),
            Err(error) if error.kind() == ErrorKind::NotFound => (false, Vec::new()),
            Err(error) => return Err(failed("read", &path)(error)),
        };
        Ok((Self { path, kept }, whole_letters(bytes)))
    }

    /// Adds text.
    pub(crate) fn keep(&mut self, text: &str) -> Result<(), StoreError> {
        self.kept = true;
        self.append(text.as_bytes()).map_err(failed("write", &self.path))
    }

    /// Removes the text.
    pub(crate) fn forget(&mut self) -> Result<(), StoreError> {
        if self.kept {
            match std::fs::remove_file(&self.path) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(failed("remove", &self.path)(error)),
                Ok(()) | Err(_) => self.kept = false,
            }
        }
        Ok(())
    }

    fn append(&self, text: &[u8]) -> io::Result<()> {
        let file = private().append(true).create(true).open(&self.path)?;
        append_whole(&file, text, file.metadata()?.len())
    }
}

/// The text up to a letter that was torn apart.
fn whole_letters(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| {
        let whole = error.utf8_error().valid_up_to();
        String::from_utf8_lossy(error.as_bytes().get(..whole).unwrap_or_default()).into_owned()
    })
}
