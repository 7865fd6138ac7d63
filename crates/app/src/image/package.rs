//! Where an image comes from: a folder, or an archive (tar) of one. Each file is opened once, without following links;
//! what is checked is what was read from that opening.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags};

use super::failure::ImageError;
use super::manifest::{MANIFEST, MOST};

/// Most entries of an archive.
const MOST_ENTRIES: usize = 1_000;

/// An image as it was handed over.
pub(super) struct Package {
    path: PathBuf,
    holds: Holds,
}

enum Holds {
    Folder(OwnedFd),
    Archive { file: File, entries: BTreeMap<String, Entry> },
}

/// An entry of an archive.
#[derive(Clone, Copy)]
struct Entry {
    is_file: bool,
    at: u64,
    size: u64,
}

impl Package {
    /// Opens a folder, the manifest in it, or an archive.
    pub(super) fn open(path: &Path) -> Result<Self, ImageError> {
        let found = std::fs::metadata(path).map_err(ImageError::read(path))?;
        if found.is_dir() {
            let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
            let folder = rustix::fs::open(path, flags, Mode::empty());
            let folder = folder.map_err(|error| ImageError::read(path)(error.into()))?;
            return Ok(Self { path: path.to_owned(), holds: Holds::Folder(folder) });
        }
        if path.file_name().is_some_and(|name| name == MANIFEST) {
            let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty());
            return Self::open(folder.unwrap_or(Path::new(".")));
        }
        if !found.is_file() {
            return Err(ImageError::NoManifest(path.to_owned()));
        }
        let mut file = File::open(path).map_err(ImageError::read(path))?;
        let entries = entries(&mut file).map_err(|_| ImageError::NoManifest(path.to_owned()))?;
        Ok(Self { path: path.to_owned(), holds: Holds::Archive { file, entries } })
    }

    /// Where it lies.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// A short file whole; none where there is none of this name.
    pub(super) fn short(&mut self, name: &str) -> Result<Option<Vec<u8>>, ImageError> {
        let path = self.path.join(name);
        let mut content = Vec::new();
        match self.file(name) {
            Ok(file) => file.take(MOST + 1).read_to_end(&mut content).map_err(ImageError::read(&path))?,
            Err(ImageError::Missing(_)) => return Ok(None),
            Err(error) => return Err(error),
        };
        if content.len() as u64 > MOST {
            return Err(ImageError::Manifest(format!("`{name}` is longer than {MOST} bytes")));
        }
        Ok(Some(content))
    }

    /// A file to read.
    pub(super) fn file(&mut self, name: &str) -> Result<Box<dyn Read + '_>, ImageError> {
        let path = self.path.join(name);
        match &mut self.holds {
            Holds::Folder(folder) => Ok(Box::new(beneath(folder, name, &path)?)),
            Holds::Archive { file, entries } => {
                let Some(entry) = entries.get(name) else { return Err(ImageError::Missing(name.to_owned())) };
                if !entry.is_file {
                    return Err(ImageError::Kind(name.to_owned()));
                }
                file.seek(SeekFrom::Start(entry.at)).map_err(ImageError::read(&path))?;
                Ok(Box::new(file.take(entry.size)))
            }
        }
    }
}

/// An ordinary file of a folder; a link is none, and a pipe must not make anybody wait.
fn beneath(folder: &OwnedFd, name: &str, path: &Path) -> Result<File, ImageError> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = match rustix::fs::openat(folder, name, flags, Mode::empty()) {
        Ok(file) => File::from(file),
        Err(rustix::io::Errno::NOENT) => return Err(ImageError::Missing(name.to_owned())),
        Err(rustix::io::Errno::LOOP) => return Err(ImageError::Kind(name.to_owned())),
        Err(error) => return Err(ImageError::read(path)(error.into())),
    };
    if !file.metadata().map_err(ImageError::read(path))?.is_file() {
        return Err(ImageError::Kind(name.to_owned()));
    }
    Ok(file)
}

/// What an archive holds, by the names in its headers. Names and sizes that stand before a file as entries of their own
/// are not read: they can be as long as their maker likes, and no file of an image needs them.
fn entries(file: &mut File) -> io::Result<BTreeMap<String, Entry>> {
    let mut archive = tar::Archive::new(file);
    let mut found = BTreeMap::new();
    for entry in archive.entries_with_seek()?.raw(true).take(MOST_ENTRIES) {
        let entry = entry?;
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let name = name.strip_prefix("./").unwrap_or(&name).to_owned();
        let known = Entry {
            is_file: entry.header().entry_type().is_file(),
            at: entry.raw_file_position(),
            size: entry.header().entry_size()?,
        };
        // Of two with one name it could not be said which is meant.
        let twice = found.insert(name.clone(), known).is_some();
        if twice {
            found.insert(name, Entry { is_file: false, ..known });
        }
    }
    Ok(found)
}
