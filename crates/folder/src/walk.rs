//! Walking a directory tree through the guard, leaving out what ignore files name.
//!
//! The walk goes from handle to handle, so it cannot leave the folder; symbolic links are shown and not followed.

use std::ffi::OsStr;
use std::io::Read;
use std::ops::ControlFlow;
use std::path::Path;

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use crate::beneath::{self, Handle};
use crate::mask::{is_temporary, masked};
use crate::{FileKind, FolderError, Guard, Meta, OpenFile, name_of};

/// Directories deeper than this are not entered; each level keeps one handle open.
const DEPTH: usize = 64;
/// Bytes of an ignore file that are looked at.
const IGNORE_FILE_CAP: u64 = 256 * 1024;
/// Ignore files, the later one stronger.
const IGNORE_FILES: &[&str] = &[".gitignore", ".ignore"];
/// Directories that hold a version control system's own data.
const VERSION_CONTROL: &[&str] = &[".git", ".hg", ".svn", ".jj"];

/// Something the walk came to: a file or a symbolic link.
pub struct Found<'w> {
    /// Its path as the model knows it; bytes that are not UTF-8 are replaced.
    pub path: &'w str,
    /// The same, relative to where the walk began.
    pub relative: &'w str,
    /// What it is.
    pub kind: FileKind,
    directory: &'w Handle,
    name: &'w OsStr,
}

impl Found<'_> {
    /// What it is at this moment.
    pub fn look(&self) -> Result<Meta, FolderError> {
        beneath::look_at(self.directory, self.name).map_err(|error| FolderError::of_io("look at", self.path, error))
    }

    /// Opens it, as [`Guard::open`] would.
    pub fn open(&self) -> Result<OpenFile, FolderError> {
        let path = self.path.to_owned();
        let file = match beneath::open_any(self.directory, Path::new(self.name)) {
            Ok(file) => file,
            Err(error) if beneath::is_link_error(&error) => {
                return Err(FolderError::SymbolicLink { at: path.clone(), path });
            }
            Err(error) => return Err(FolderError::of_io("read", self.path, error)),
        };
        let meta = beneath::look(&file).map_err(|error| FolderError::of_io("read", self.path, error))?;
        OpenFile::regular(path, file, meta)
    }
}

/// How a walk went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Walked {
    /// Directories that could not be listed.
    pub unreadable: usize,
    /// Directories left out because they lie too deep.
    pub too_deep: usize,
}

impl Guard {
    /// Shows every file and link beneath a directory to `visit`, in the order of names, until it says to stop. What
    /// ignore files name, version control data and what is refused everywhere are left out.
    pub fn walk(
        &self,
        path: &str,
        visit: &mut dyn FnMut(&Found<'_>) -> ControlFlow<()>,
    ) -> Result<Walked, FolderError> {
        let located = self.locate(path)?;
        let mut directory = beneath::open_directory(self.handle(&located)?, Path::new("."))
            .map_err(|error| self.explain("list", &located, error))?;
        let mut rules = Rules::default();
        // Ignore files between the place and the start count, unless they name the start itself: it was asked for.
        for (depth, name) in located.names.iter().enumerate() {
            rules.enter(&directory, located.names.get(..depth).unwrap_or_default().join("/"));
            directory = beneath::open_directory(&directory, Path::new(&name_of(name)))
                .map_err(|error| self.explain("list", &located, error))?;
        }
        let above = located.names.join("/");
        if rules.names(&above, true) {
            rules = Rules::default();
        }
        let mut walk =
            Walk { visit, rules, above, path: located.path, relative: String::new(), walked: Walked::default() };
        // A stop asked for by `visit` is an end like any other.
        match walk.directory(&directory, 0) {
            ControlFlow::Continue(()) | ControlFlow::Break(()) => Ok(walk.walked),
        }
    }
}

struct Walk<'v> {
    visit: &'v mut dyn FnMut(&Found<'_>) -> ControlFlow<()>,
    rules: Rules,
    /// From the place to where the walk began.
    above: String,
    path: String,
    relative: String,
    walked: Walked,
}

impl Walk<'_> {
    fn directory(&mut self, directory: &Handle, depth: usize) -> ControlFlow<()> {
        let Ok(mut entries) = beneath::entries(directory) else {
            self.walked.unreadable += 1;
            return ControlFlow::Continue(());
        };
        entries.sort_by(|(one, _), (other, _)| one.cmp(other));
        let kept_rules = self.rules.enter(directory, joined(&self.above, &self.relative));
        for (name, kind) in &entries {
            let (path_end, relative_end) = (self.path.len(), self.relative.len());
            let text = name.to_string_lossy();
            if self.left_out(&text, *kind) {
                continue;
            }
            self.path = joined(&self.path, &text);
            self.relative = joined(&self.relative, &text);
            let flow = match kind {
                FileKind::Directory => self.enter(directory, name, depth),
                FileKind::File | FileKind::Link => {
                    (self.visit)(&Found { path: &self.path, relative: &self.relative, kind: *kind, directory, name })
                }
                FileKind::Special => ControlFlow::Continue(()),
            };
            self.path.truncate(path_end);
            self.relative.truncate(relative_end);
            flow?;
        }
        self.rules.leave(kept_rules);
        ControlFlow::Continue(())
    }

    fn enter(&mut self, directory: &Handle, name: &OsStr, depth: usize) -> ControlFlow<()> {
        if depth >= DEPTH {
            self.walked.too_deep += 1;
            return ControlFlow::Continue(());
        }
        match beneath::open_directory(directory, Path::new(name)) {
            Ok(inner) => self.directory(&inner, depth + 1),
            Err(_) => {
                self.walked.unreadable += 1;
                ControlFlow::Continue(())
            }
        }
    }

    fn left_out(&self, name: &str, kind: FileKind) -> bool {
        let is_directory = kind == FileKind::Directory;
        masked(name).is_some()
            || is_temporary(name)
            || (is_directory && VERSION_CONTROL.contains(&name))
            || self.rules.names(&joined(&joined(&self.above, &self.relative), name), is_directory)
    }
}

fn joined(start: &str, name: &str) -> String {
    match (start.is_empty(), name.is_empty()) {
        (true, _) => name.to_owned(),
        (false, true) => start.to_owned(),
        (false, false) => format!("{start}/{name}"),
    }
}

/// The ignore files on the way from the place to where the walk is, outermost first.
#[derive(Default)]
struct Rules(Vec<(String, Gitignore)>);

impl Rules {
    /// Reads the ignore files of a directory; gives how many rules there were before.
    fn enter(&mut self, directory: &Handle, at: String) -> usize {
        let before = self.0.len();
        for name in IGNORE_FILES {
            let Ok(file) = beneath::open_any(directory, Path::new(name)) else { continue };
            if !beneath::look(&file).is_ok_and(|meta| meta.kind == FileKind::File) {
                continue;
            }
            let mut bytes = Vec::new();
            if file.take(IGNORE_FILE_CAP).read_to_end(&mut bytes).is_err() {
                continue;
            }
            let mut builder = GitignoreBuilder::new("");
            for line in String::from_utf8_lossy(&bytes).lines() {
                // A line that is no pattern names nothing, as in git.
                let _no_pattern = builder.add_line(None, line).is_err();
            }
            if let Ok(rules) = builder.build() {
                self.0.push((at.clone(), rules));
            }
        }
        before
    }

    fn leave(&mut self, before: usize) {
        self.0.truncate(before);
    }

    /// Whether a path, relative to the place, is named; the innermost rule that says anything decides.
    fn names(&self, path: &str, is_directory: bool) -> bool {
        for (at, rules) in self.0.iter().rev() {
            let Some(inside) = path.strip_prefix(at.as_str()) else { continue };
            match rules.matched(inside.trim_start_matches('/'), is_directory) {
                ignore::Match::Ignore(_) => return true,
                ignore::Match::Whitelist(_) => return false,
                ignore::Match::None => {}
            }
        }
        false
    }
}
