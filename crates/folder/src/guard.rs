//! The guard: opens what a task may reach, and nothing else. Reading side; changes are in `writer`.

use std::collections::HashSet;
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::OnceLock;

use event::Digest;

use crate::beneath::{self, Handle};
use crate::mask::{is_temporary, masked};
use crate::place::{Located, locate};
use crate::{FileKind, FolderError, Look, Mark, Meta, Moment, OpenFile, Root, Seen, Trust, name_of, text_of};

/// The places of one task. Making one costs nothing; a place is opened at its first use and kept open from then on,
/// so that everything one guard does happens in the same directory, whatever is renamed meanwhile.
pub struct Guard {
    roots: Vec<Root>,
    handles: Vec<OnceLock<Handle>>,
}

/// One name of a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The name; bytes that are not UTF-8 are replaced.
    pub name: String,
    /// What it is.
    pub kind: FileKind,
}

impl Guard {
    /// A guard over these places.
    pub fn new(roots: impl IntoIterator<Item = Root>) -> Self {
        let roots: Vec<_> = roots.into_iter().collect();
        let handles = roots.iter().map(|_| OnceLock::new()).collect();
        Self { roots, handles }
    }

    /// The places.
    pub fn roots(&self) -> &[Root] {
        &self.roots
    }

    /// Opens a regular file for reading.
    pub fn open(&self, path: &str) -> Result<OpenFile, FolderError> {
        let located = self.locate(path)?;
        let (file, meta) = self.open_located(&located)?;
        OpenFile::regular(located.path, file, meta)
    }

    /// What a path stands for. Symbolic links are an error, as everywhere.
    pub fn look(&self, path: &str) -> Result<Meta, FolderError> {
        let located = self.locate(path)?;
        Ok(self.open_located(&located)?.1)
    }

    /// The state of a path as the journal knows it: absent, a file with this content, or a directory. Symbolic links
    /// are an error, as everywhere.
    pub fn mark(&self, path: &str) -> Result<Mark, FolderError> {
        let seen = self.see(path)?;
        match seen.mark {
            Mark::Absent | Mark::File(_) | Mark::Directory if !seen.sealed => Ok(seen.mark),
            Mark::Absent | Mark::File(_) | Mark::Directory => {
                Err(FolderError::Denied { action: "read", path: path.to_owned() })
            }
            Mark::Link(_) => Err(FolderError::SymbolicLink { path: path.to_owned(), at: path.to_owned() }),
        }
    }

    /// What is at a path, all of it that the journal compares. A file that this user may not read is sealed: its
    /// content is not known, and its mark is that of an empty file.
    pub(crate) fn see(&self, path: &str) -> Result<Seen, FolderError> {
        let located = self.locate(path)?;
        let handle = self.handle(&located)?;
        let (file, meta) = match beneath::open_any(handle, &located.relative()) {
            Ok(file) => {
                let meta = beneath::look(&file).map_err(|error| self.explain("read", &located, error))?;
                (file, meta)
            }
            // Nothing can be beneath a file.
            Err(error) if is_nothing(&error) => return Ok(Seen::nothing()),
            Err(error) => return self.see_closed(handle, &located, error),
        };
        let look = Some(Look { mode: meta.mode, mtime_ns: Some(meta.mtime_ns) });
        if meta.kind == FileKind::Directory {
            return Ok(Seen { mark: Mark::Directory, look, sealed: false });
        }
        let digest = OpenFile::regular(located.path, file, meta)?.digest()?;
        Ok(Seen { mark: Mark::File(digest), look, sealed: false })
    }

    /// As [`Self::see`], for what could not be opened: a link, or something without the right to read it.
    fn see_closed(&self, handle: &Handle, located: &Located, why: io::Error) -> Result<Seen, FolderError> {
        let Ok(place) = beneath::open_place(handle, &located.relative()) else {
            return Err(self.explain("read", located, why));
        };
        let meta = beneath::look(&place).map_err(|error| self.explain("read", located, error))?;
        let look = Some(Look { mode: meta.mode, mtime_ns: Some(meta.mtime_ns) });
        match meta.kind {
            FileKind::Link => {
                let target = beneath::link_target(&place).map_err(|error| self.explain("read", located, error))?;
                Ok(Seen { mark: Mark::Link(Digest::of(text_of(&target).as_bytes())), look: None, sealed: false })
            }
            FileKind::Directory => Ok(Seen { mark: Mark::Directory, look, sealed: true }),
            FileKind::File if why.kind() == io::ErrorKind::PermissionDenied => {
                Ok(Seen { mark: Mark::File(Digest::of(b"")), look, sealed: true })
            }
            FileKind::File | FileKind::Special => Err(self.explain("read", located, why)),
        }
    }

    /// The time a directory shows; none where that cannot be seen.
    pub(crate) fn moment(&self, path: &str) -> Option<Moment> {
        let located = self.locate(path).ok()?;
        let found = beneath::open_place(self.handle(&located).ok()?, &located.relative());
        match found.and_then(|place| beneath::look(&place)) {
            Ok(meta) if meta.kind == FileKind::Directory => Some(Moment::At(meta.mtime_ns)),
            Ok(_) => Some(Moment::Gone),
            Err(error) => (is_nothing(&error) || beneath::is_link_error(&error)).then_some(Moment::Gone),
        }
    }

    /// The names of a directory, sorted. What is refused everywhere is left out.
    pub fn list(&self, path: &str) -> Result<Vec<Listed>, FolderError> {
        let located = self.locate(path)?;
        let directory = beneath::open_directory(self.handle(&located)?, &located.relative())
            .map_err(|error| self.explain("list", &located, error))?;
        let mut names: Vec<_> = beneath::entries(&directory)
            .map_err(|error| self.explain("list", &located, error))?
            .into_iter()
            .map(|(name, kind)| Listed { name: name.to_string_lossy().into_owned(), kind })
            .filter(|listed| masked(&listed.name).is_none() && !is_temporary(&listed.name))
            .collect();
        names.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(names)
    }

    /// The names in a directory, as text that stands for exactly these names; none where it cannot be listed.
    pub(crate) fn exact_names(&self, path: &str) -> Option<HashSet<String>> {
        let located = self.locate(path).ok()?;
        let directory = beneath::open_directory(self.handle(&located).ok()?, &located.relative()).ok()?;
        let entries = beneath::entries(&directory).ok()?;
        Some(entries.into_iter().map(|(name, _)| text_of(&name)).collect())
    }

    /// Takes a path apart.
    pub(crate) fn locate(&self, path: &str) -> Result<Located, FolderError> {
        locate(path, &self.roots)
    }

    /// The root a path lies beneath.
    pub(crate) fn root(&self, located: &Located) -> Option<&Root> {
        self.roots.get(located.root)
    }

    /// The open directory of the root a path lies beneath.
    pub(crate) fn handle(&self, located: &Located) -> Result<&Handle, FolderError> {
        let (Some(root), Some(kept)) = (self.roots.get(located.root), self.handles.get(located.root)) else {
            return Err(FolderError::Outside { path: located.path.clone(), places: Vec::new() });
        };
        if let Some(handle) = kept.get() {
            return Ok(handle);
        }
        let opened = match root.trust {
            Trust::Granted => beneath::open_granted(&root.host),
            Trust::Own => beneath::open_own(&root.host),
        };
        let handle = opened.map_err(|error| gone(root, &error))?;
        // Where two threads open at once, the first one's handle is used by both.
        Ok(kept.get_or_init(|| handle))
    }

    /// Puts words to a failure, naming the symbolic link where one stood in the way.
    pub(crate) fn explain(&self, action: &'static str, located: &Located, error: io::Error) -> FolderError {
        let path = located.path.clone();
        if beneath::is_link_error(&error) {
            let at = self.first_link(located).unwrap_or_else(|| path.clone());
            return FolderError::SymbolicLink { path, at };
        }
        if beneath::is_escape_error(&error) {
            let places = self.roots.iter().map(|root| root.known.clone()).collect();
            return FolderError::Outside { path, places };
        }
        if beneath::is_special_error(&error) {
            return FolderError::Special { path };
        }
        FolderError::of_io(action, &path, error)
    }

    fn open_located(&self, located: &Located) -> Result<(File, Meta), FolderError> {
        let explain = |error| self.explain("read", located, error);
        let file = beneath::open_any(self.handle(located)?, &located.relative()).map_err(explain)?;
        let meta = beneath::look(&file).map_err(explain)?;
        located.check_slash(meta.kind)?;
        Ok((file, meta))
    }

    /// The first symbolic link on a path; only for words, nothing is opened by what it finds.
    fn first_link(&self, located: &Located) -> Option<String> {
        let root = self.root(located)?;
        let mut at = beneath::open_directory(self.handle(located).ok()?, Path::new(".")).ok()?;
        let mut known = root.known.clone();
        for name in &located.names {
            known = format!("{known}/{name}");
            if beneath::look_at(&at, &name_of(name)).ok()?.kind == FileKind::Link {
                return Some(known);
            }
            at = beneath::open_directory(&at, Path::new(&name_of(name))).ok()?;
        }
        None
    }
}

/// Whether an error says that there is nothing of that name, nor can be.
fn is_nothing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

fn gone(root: &Root, error: &io::Error) -> FolderError {
    if error.kind() == io::ErrorKind::Unsupported {
        return FolderError::Unguarded;
    }
    let what = if beneath::is_link_error(error) {
        "a symbolic link stands in its path now".to_owned()
    } else {
        match error.kind() {
            io::ErrorKind::NotFound => "it does not exist any more".to_owned(),
            io::ErrorKind::NotADirectory => "it is not a directory any more".to_owned(),
            io::ErrorKind::PermissionDenied => "no permission".to_owned(),
            // Foreign and non-exhaustive: everything else is told in the system's words.
            _ => error.to_string(),
        }
    };
    FolderError::Gone { place: root.known.clone(), host: root.host.clone(), what }
}
