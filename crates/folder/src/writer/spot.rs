//! One name in one open directory, and the steps that exchange what stands there without losing anything.

use std::io;
use std::path::Path;

use event::{Access, Digest};

use super::Failed;
use crate::beneath::{self, Handle};
use crate::place::Located;
use crate::{FileKind, FolderError, Guard, JournalError, Meta, OpenFile};

/// What to do about missing directories above a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Parents {
    /// Make them.
    Make,
    /// Say that the path does not exist.
    Keep,
}

/// A name whose directory is open. Everything is done relative to that directory.
pub(super) struct Spot {
    pub(super) located: Located,
    pub(super) parent: Handle,
}

/// The file that stands there now.
pub(super) struct Old {
    pub(super) file: OpenFile,
}

impl Spot {
    /// Finds the place of a path that is to be changed; `make` makes one missing directory.
    pub(super) fn find(
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
        let Some((above, leaf)) = located.split() else {
            return Err(FolderError::IsADirectory { path: located.path });
        };
        if leaf.chars().any(char::is_control) {
            return Err(FolderError::BadName {
                path: located.path.escape_default().to_string(),
                what: "it holds control characters",
            });
        }
        let joined = if above.is_empty() { ".".to_owned() } else { above.join("/") };
        match beneath::open_directory(guard.handle(&located)?, Path::new(&joined)) {
            Ok(parent) => Ok(Self { located, parent }),
            Err(error) if error.kind() == io::ErrorKind::NotFound && parents == Parents::Make => {
                let parent = make_parents(guard, &located, above, make)?;
                Ok(Self { located, parent })
            }
            Err(error) => Err(guard.explain("change", &located, error)),
        }
    }

    /// The path in its one normal form.
    pub(super) fn path(&self) -> &str {
        &self.located.path
    }

    /// The name in the directory.
    pub(super) fn leaf(&self) -> &str {
        self.located.names.last().map_or("", String::as_str)
    }

    /// Puts a journal's failure in the words of the guard.
    pub(super) fn journal_error(&self, source: JournalError) -> FolderError {
        FolderError::Journal { path: self.path().to_owned(), source }
    }

    /// Opens the file that is there; none where there is nothing.
    pub(super) fn old(&self, guard: &Guard) -> Result<Option<Old>, FolderError> {
        let path = self.path().to_owned();
        if self.located.directory {
            return Err(FolderError::BadName {
                path: format!("{path}/"),
                what: "a slash at its end means a directory",
            });
        }
        let file = match beneath::open_any(&self.parent, Path::new(self.leaf())) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(guard.explain("read", &self.located, error)),
        };
        let meta = beneath::look(&file).map_err(|error| guard.explain("read", &self.located, error))?;
        Ok(Some(Old { file: OpenFile::regular(path, file, meta)? }))
    }

    /// Gives the temporary file the name. Where something stands there, the two names are exchanged first and what
    /// came out is compared with what was kept; anything else is put back.
    pub(super) fn place(&self, temporary: &str, old: Option<(&mut Old, Digest)>, mine: &Meta) -> Result<(), Failed> {
        let Some((old, digest)) = old else {
            return self.place_new(temporary);
        };
        match beneath::exchange(&self.parent, temporary, self.leaf()) {
            Ok(()) => {
                if !self.is_unchanged(temporary, old, digest) {
                    return Err(self.put_back(temporary, mine));
                }
                // Should this fail, the old content is a leftover under a temporary name, and in the journal.
                let _gone = beneath::unlink(&self.parent, temporary).is_ok();
                Ok(())
            }
            Err(error) if cannot_rename_so(&error) => {
                if !self.is_unchanged(self.leaf(), old, digest) {
                    return Err(self.changed());
                }
                beneath::rename_over(&self.parent, temporary, self.leaf()).map_err(|error| self.failed(error))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(self.changed()),
            Err(error) => Err(self.failed(error)),
        }
    }

    /// Takes the file's name away and removes the file, if it still is what was kept; puts it back otherwise.
    pub(super) fn take_away(&self, temporary: &str, old: Option<&mut Old>, digest: Digest) -> Result<(), Failed> {
        let Some(old) = old else { return Ok(()) };
        match beneath::rename_new(&self.parent, self.leaf(), temporary) {
            // The temporary name is random, so nothing can stand there.
            Err(error) if cannot_rename_so(&error) => {
                beneath::rename_over(&self.parent, self.leaf(), temporary).map_err(|error| self.failed(error))?;
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(self.changed()),
            Err(error) => return Err(self.failed(error)),
            Ok(()) => {}
        }
        if !self.is_unchanged(temporary, old, digest) {
            return Err(self.restore_name(temporary, self.changed_error()));
        }
        beneath::unlink(&self.parent, temporary)
            .map_err(|error| self.restore_name(temporary, FolderError::of_io("delete", self.path(), error)))
    }

    /// Reads the file back.
    pub(super) fn verify(&self, guard: &Guard, wanted: Digest) -> Result<(), FolderError> {
        let found = self.old(guard)?.map(|mut old| old.file.digest()).transpose()?;
        if found == Some(wanted) { Ok(()) } else { Err(self.changed_error()) }
    }

    fn place_new(&self, temporary: &str) -> Result<(), Failed> {
        match beneath::rename_new(&self.parent, temporary, self.leaf()) {
            Ok(()) => Ok(()),
            Err(error) if cannot_rename_so(&error) => {
                if beneath::look_at(&self.parent, self.leaf().as_ref()).is_ok() {
                    return Err(self.changed());
                }
                beneath::rename_over(&self.parent, temporary, self.leaf()).map_err(|error| self.failed(error))
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(self.changed()),
            Err(error) => Err(self.failed(error)),
        }
    }

    /// Whether a name stands for the very file that was kept, with the same content still.
    fn is_unchanged(&self, name: &str, old: &mut Old, digest: Digest) -> bool {
        beneath::look_at(&self.parent, name.as_ref())
            .is_ok_and(|meta| meta.kind == FileKind::File && meta.same_file(&old.file.meta))
            && old.file.digest().is_ok_and(|found| found == digest)
    }

    /// After an exchange brought out something foreign: gives it its name back.
    fn put_back(&self, temporary: &str, mine: &Meta) -> Failed {
        match beneath::exchange(&self.parent, temporary, self.leaf()) {
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
        match beneath::rename_new(&self.parent, temporary, self.leaf()) {
            Ok(()) => Failed::Before(error),
            Err(_) => Failed::After(error),
        }
    }

    fn changed(&self) -> Failed {
        Failed::Before(self.changed_error())
    }

    fn changed_error(&self) -> FolderError {
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
) -> Result<Handle, FolderError> {
    let explain = |error| guard.explain("make", located, error);
    let root = guard.root(located).map_or("", |root| root.known.as_str());
    let mut parent = beneath::open_directory(guard.handle(located)?, Path::new(".")).map_err(explain)?;
    for (depth, name) in above.iter().enumerate() {
        let inner = match beneath::open_directory(&parent, Path::new(name)) {
            Ok(inner) => inner,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let names = above.get(..=depth).unwrap_or_default().to_vec();
                let path = format!("{root}/{}", names.join("/"));
                let spot = Spot { located: Located { path, root: located.root, names, directory: false }, parent };
                make(&spot)?;
                beneath::open_directory(&spot.parent, Path::new(name)).map_err(explain)?
            }
            Err(error) => return Err(explain(error)),
        };
        parent = inner;
    }
    Ok(parent)
}
