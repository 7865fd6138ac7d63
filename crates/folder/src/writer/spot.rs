//! One name in one open directory, and the steps that exchange what stands there without losing anything.

use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::sync::Arc;

use event::{Access, Digest};

use super::Failed;
use crate::beneath::{self, Handle};
use crate::place::Located;
use crate::{FileKind, FolderError, Guard, JournalError, Meta, OpenFile, name_of};

/// What to do about missing directories above a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Parents {
    /// Make them.
    Make,
    /// Say that the path does not exist.
    Keep,
}

/// A name whose directory is open. Everything is done relative to that directory.
pub(crate) struct Spot {
    pub(crate) located: Located,
    pub(crate) parent: Arc<Handle>,
}

/// The file that stands there now.
pub(crate) struct Old {
    pub(crate) file: OpenFile,
}

/// Whether a name stands for the very thing that was kept, unchanged since.
pub(crate) type IsOld<'a> = &'a mut dyn FnMut(&Spot, &OsString) -> bool;

impl Old {
    /// Whether a name stands for this file, with this content still.
    pub(crate) fn is(&mut self, spot: &Spot, name: &OsString, digest: Digest) -> bool {
        beneath::look_at(&spot.parent, name)
            .is_ok_and(|meta| meta.kind == FileKind::File && meta.same_file(&self.file.meta))
            && self.file.digest().is_ok_and(|found| found == digest)
    }
}

impl Spot {
    /// Finds the place of a path that is to be changed; `make` makes one missing directory.
    pub(crate) fn find(
        guard: &Guard,
        path: &str,
        parents: Parents,
        make: &dyn Fn(&Self) -> Result<(), FolderError>,
    ) -> Result<Self, FolderError> {
        let located = guard.locate(path)?;
        if let Some(root) = guard.root(&located)
            && root.access == Access::ReadOnly
        {
            return Err(FolderError::ReadOnly { path: located.path.clone(), place: root.known.clone() });
        }
        let Some((above, _)) = located.split() else {
            return Err(FolderError::IsADirectory { path: located.path });
        };
        match beneath::open_directory(guard.handle(&located)?, &located.above()) {
            Ok(parent) => Ok(Self { located, parent: Arc::new(parent) }),
            Err(error) if error.kind() == io::ErrorKind::NotFound && parents == Parents::Make => {
                let parent = make_parents(guard, &located, above, make)?;
                Ok(Self { located, parent })
            }
            Err(error) => Err(guard.explain("change", &located, error)),
        }
    }

    /// The path in its one normal form.
    pub(crate) fn path(&self) -> &str {
        &self.located.path
    }

    /// The name in the directory.
    pub(crate) fn leaf(&self) -> OsString {
        self.located.leaf()
    }

    /// Puts a journal's failure in the words of the guard.
    pub(crate) fn journal_error(&self, source: JournalError) -> FolderError {
        FolderError::Journal { path: self.path().to_owned(), source }
    }

    /// Opens the file that is there; none where there is nothing.
    pub(crate) fn old(&self, guard: &Guard) -> Result<Option<Old>, FolderError> {
        let path = self.path().to_owned();
        if self.located.directory {
            return Err(FolderError::BadName {
                path: format!("{path}/"),
                what: "a slash at its end means a directory",
            });
        }
        let file = match beneath::open_any(&self.parent, Path::new(&self.leaf())) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(guard.explain("read", &self.located, error)),
        };
        let meta = beneath::look(&file).map_err(|error| guard.explain("read", &self.located, error))?;
        Ok(Some(Old { file: OpenFile::regular(path, file, meta)? }))
    }

    /// Gives the temporary file the name. Where something stands there, the two names are exchanged first and what
    /// came out is compared with what was kept; anything else is put back.
    pub(crate) fn place(&self, temporary: &str, is_old: Option<IsOld<'_>>, mine: &Meta) -> Result<(), Failed> {
        let (Some(is_old), leaf) = (is_old, self.leaf()) else {
            return self.place_new(temporary);
        };
        match beneath::exchange(&self.parent, temporary, &leaf) {
            Ok(()) => {
                if !is_old(self, &temporary.into()) {
                    return Err(self.put_back(temporary, mine));
                }
                // Should this fail, the old content is a leftover under a temporary name, and in the journal.
                let _gone = beneath::unlink(&self.parent, temporary).is_ok();
                Ok(())
            }
            Err(error) if cannot_rename_so(&error) => {
                if !is_old(self, &leaf) {
                    return Err(self.changed());
                }
                beneath::rename_over(&self.parent, temporary, &leaf).map_err(|error| self.failed(error))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(self.changed()),
            Err(error) => Err(self.failed(error)),
        }
    }

    /// Takes away the name and what it stands for, if that still is what was kept; puts it back otherwise.
    pub(crate) fn take_away(&self, temporary: &str, is_old: IsOld<'_>) -> Result<(), Failed> {
        let leaf = self.leaf();
        match beneath::rename_new(&self.parent, &leaf, temporary) {
            // The temporary name is random, so nothing can stand there.
            Err(error) if cannot_rename_so(&error) => {
                beneath::rename_over(&self.parent, &leaf, temporary).map_err(|error| self.failed(error))?;
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(self.changed()),
            Err(error) => return Err(self.failed(error)),
            Ok(()) => {}
        }
        if !is_old(self, &temporary.into()) {
            return Err(self.restore_name(temporary, self.changed_error()));
        }
        beneath::unlink(&self.parent, temporary)
            .map_err(|error| self.restore_name(temporary, FolderError::of_io("delete", self.path(), error)))
    }

    /// Reads the file back.
    pub(crate) fn verify(&self, guard: &Guard, wanted: Digest) -> Result<(), FolderError> {
        let found = self.old(guard)?.map(|mut old| old.file.digest()).transpose()?;
        if found == Some(wanted) { Ok(()) } else { Err(self.changed_error()) }
    }

    fn place_new(&self, temporary: &str) -> Result<(), Failed> {
        match beneath::rename_new(&self.parent, temporary, &self.leaf()) {
            Ok(()) => Ok(()),
            Err(error) if cannot_rename_so(&error) => {
                if beneath::look_at(&self.parent, &self.leaf()).is_ok() {
                    return Err(self.changed());
                }
                beneath::rename_over(&self.parent, temporary, &self.leaf()).map_err(|error| self.failed(error))
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(self.changed()),
            Err(error) => Err(self.failed(error)),
        }
    }

    /// After an exchange brought out something foreign: gives it its name back.
    fn put_back(&self, temporary: &str, mine: &Meta) -> Failed {
        match beneath::exchange(&self.parent, temporary, &self.leaf()) {
            Ok(()) => {
                let is_mine = beneath::look_at(&self.parent, temporary.as_ref()).is_ok_and(|meta| meta.same_file(mine));
                if is_mine {
                    return self.changed();
                }
                // Exchanged once more by somebody else: what lies under the temporary name is theirs and stays.
                Failed::After(self.changed_error())
            }
            // Ours was removed meanwhile: the name is free again.
            Err(_) => self.restore_name(temporary, self.changed_error()),
        }
    }

    /// Gives what lies under the temporary name its name back. It stays where it is if the name was taken.
    fn restore_name(&self, temporary: &str, error: FolderError) -> Failed {
        match beneath::rename_new(&self.parent, temporary, &self.leaf()) {
            Ok(()) => Failed::Before(error),
            Err(_) => Failed::After(error),
        }
    }

    fn changed(&self) -> Failed {
        Failed::Before(self.changed_error())
    }

    pub(crate) fn changed_error(&self) -> FolderError {
        FolderError::Changed { path: self.path().to_owned() }
    }

    fn failed(&self, error: io::Error) -> Failed {
        Failed::Before(FolderError::of_io("write", self.path(), error))
    }
}

/// Whether a file system cannot exchange names or keep from renaming over one.
fn cannot_rename_so(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported)
}

fn make_parents(
    guard: &Guard,
    located: &Located,
    above: &[String],
    make: &dyn Fn(&Spot) -> Result<(), FolderError>,
) -> Result<Arc<Handle>, FolderError> {
    let explain = |error| guard.explain("make", located, error);
    let root = guard.root(located).map_or("", |root| root.known.as_str());
    let mut parent = beneath::open_directory(guard.handle(located)?, Path::new(".")).map_err(explain)?;
    for (depth, name) in above.iter().enumerate() {
        let system_name = name_of(name);
        let inner = match beneath::open_directory(&parent, Path::new(&system_name)) {
            Ok(inner) => inner,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let names = above.get(..=depth).unwrap_or_default().to_vec();
                let path = format!("{root}/{}", names.join("/"));
                let located = Located { path, root: located.root, names, directory: false };
                let spot = Spot { located, parent: Arc::new(parent) };
                make(&spot)?;
                beneath::open_directory(&spot.parent, Path::new(&system_name)).map_err(explain)?
            }
            Err(error) => return Err(explain(error)),
        };
        parent = inner;
    }
    Ok(Arc::new(parent))
}
