//! A regular file that was opened through the guard: everything about it is asked of the handle, never of its name.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use event::Digest;

use crate::{FileKind, FolderError, Meta};

/// An open regular file. Reading starts at its beginning.
#[derive(Debug)]
pub struct OpenFile {
    pub(crate) file: File,
    pub(crate) meta: Meta,
    pub(crate) path: String,
}

impl OpenFile {
    /// Takes an open handle whose kind was asked of the handle itself; only a regular file is accepted.
    pub(crate) fn regular(path: String, file: File, meta: Meta) -> Result<Self, FolderError> {
        match meta.kind {
            FileKind::File => Ok(Self { file, meta, path }),
            FileKind::Directory => Err(FolderError::IsADirectory { path }),
            FileKind::Link => Err(FolderError::SymbolicLink { at: path.clone(), path }),
            FileKind::Special => Err(FolderError::Special { path }),
        }
    }

    /// What it was when it was opened.
    pub fn meta(&self) -> &Meta {
        &self.meta
    }

    /// Its path as the model knows it, in its one normal form.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The open file itself, for passing it on.
    pub fn into_file(self) -> File {
        self.file
    }

    /// The whole content, from the beginning; refused where it is more than `cap` bytes.
    pub fn read_all(&mut self, cap: u64) -> Result<Vec<u8>, FolderError> {
        let too_large = |bytes| FolderError::TooLarge { path: self.path.clone(), bytes, cap };
        if self.meta.bytes > cap {
            return Err(too_large(self.meta.bytes));
        }
        let mut bytes = Vec::with_capacity(usize::try_from(self.meta.bytes).unwrap_or(0) + 1);
        let failed = |error| FolderError::of_io("read", &self.path, error);
        self.file.rewind().map_err(failed)?;
        // The size is only what it was at opening: a file may grow, or not tell its size at all.
        (&self.file).take(cap.saturating_add(1)).read_to_end(&mut bytes).map_err(failed)?;
        if bytes.len() as u64 > cap { Err(too_large(bytes.len() as u64)) } else { Ok(bytes) }
    }

    /// Digest of the whole content. Reading starts at the beginning again afterwards.
    pub fn digest(&mut self) -> Result<Digest, FolderError> {
        let failed = |error| FolderError::of_io("read", &self.path, error);
        self.file.rewind().map_err(failed)?;
        let digest = Digest::of_reader(&self.file).map_err(failed)?;
        self.file.rewind().map_err(failed)?;
        Ok(digest)
    }
}

impl Read for OpenFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.file.read(buffer)
    }
}

impl Seek for OpenFile {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        self.file.seek(position)
    }
}
