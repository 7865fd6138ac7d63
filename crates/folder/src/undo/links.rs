//! Hard links: a file that had other names comes back as one of them again, where one of them still stands for the very
//! file with the very content. Otherwise, and where the names all went, those that come back share a new file.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs::File;
use std::path::{Path, PathBuf};

use event::Digest;

use super::Plan;
use super::seen::FILE_MODE;
use crate::beneath::{self, Handle};
use crate::mask::is_hidden;
use crate::writer::spot::Spot;
use crate::{FileKind, Guard, Identity, Meta, identity_of};

/// Most names looked at to find a file again; with more, what is not found by then comes back as a file of its own.
const NAMES_CAP: usize = 1_000_000;

/// Where a file is to be found; by its name, which is believed only where it still stands for that file.
struct Place {
    /// The place of the task it is in.
    root: String,
    /// The names it may have beneath.
    names: Vec<PathBuf>,
    /// The file, which is a new one where all names went.
    identity: Identity,
}

/// The files that get one more name.
#[derive(Default)]
pub(super) struct Links {
    known: HashMap<Identity, Place>,
    /// Which files a path stood for.
    wanted: HashMap<String, Vec<Identity>>,
}

impl Links {
    /// Looks in all places for the files that a plan brings back names of.
    pub(super) fn find(guard: &Guard, plan: &Plan) -> Self {
        if plan.links.is_empty() {
            return Self::default();
        }
        let wanted = plan.links.iter().map(|(path, files)| (path.clone(), files.clone())).collect();
        let mut search = Search { left: HashMap::new(), known: HashMap::new(), names: 0 };
        for identity in plan.links.values().flatten() {
            search.left.insert((identity.device, identity.inode), *identity);
        }
        for root in guard.roots() {
            search.place(guard, &root.known);
        }
        Self { known: search.known, wanted }
    }

    /// Gives a file that stood at a path this name as well, if it is as it was; none where it is not. That is not looked
    /// at again: other names are then made names of what is written for this one.
    pub(super) fn make(
        &mut self,
        guard: &Guard,
        spot: &Spot,
        temporary: &str,
        was: (Digest, u32, i64),
    ) -> Option<Meta> {
        for identity in self.wanted.get(spot.path())? {
            let Some(place) = self.known.get(identity) else { continue };
            let made = open(guard, place).and_then(|file| link(&file, spot, temporary, was));
            if made.is_some() {
                return made;
            }
            self.known.remove(identity);
        }
        None
    }

    /// A new file was written for a path: other names of the old one that come back later are made names of it. Gives
    /// which files it stands for.
    pub(super) fn wrote(
        &mut self,
        guard: &Guard,
        spot: &Spot,
        temporary: &str,
        file: &File,
    ) -> Vec<(Identity, Identity)> {
        let Some(files) = self.wanted.get(spot.path()) else { return Vec::new() };
        let (Some(root), Ok(identity)) = (guard.root(&spot.located), identity_of(file)) else { return Vec::new() };
        let name = spot.located.relative();
        let names = vec![name.with_file_name(temporary), name];
        for wanted in files {
            let place = || Place { root: root.known.clone(), names: names.clone(), identity };
            self.known.entry(*wanted).or_insert_with(place);
        }
        files.iter().map(|was| (*was, identity)).collect()
    }
}

fn link(file: &Handle, spot: &Spot, temporary: &str, (digest, mode, mtime_ns): (Digest, u32, i64)) -> Option<Meta> {
    let meta = beneath::look(file).ok()?;
    let same_look = meta.mode & FILE_MODE == mode & FILE_MODE && meta.mtime_ns == mtime_ns;
    if meta.kind != FileKind::File || !same_look {
        return None;
    }
    beneath::link_place(file, &spot.parent, temporary.as_ref()).ok()?;
    let content = beneath::open_any(&spot.parent, temporary.as_ref()).ok();
    let is_it = |content: &File| beneath::look(content).is_ok_and(|now| now.same_file(&meta));
    let found = content.filter(is_it).and_then(|content| Digest::of_reader(content).ok());
    if found != Some(digest) {
        // What is left of it would be one name too many; sweeping removes it too.
        let _gone = beneath::unlink(&spot.parent, temporary).is_ok();
        return None;
    }
    beneath::look(file).ok()
}

fn open(guard: &Guard, place: &Place) -> Option<Handle> {
    let handle = guard.handle(&guard.locate(&place.root).ok()?).ok()?;
    let files = place.names.iter().filter_map(|name| beneath::open_place(handle, name).ok());
    files.into_iter().find(|file| identity_of(file).is_ok_and(|identity| identity == place.identity))
}

struct Search {
    left: HashMap<(u64, u64), Identity>,
    known: HashMap<Identity, Place>,
    names: usize,
}

impl Search {
    fn place(&mut self, guard: &Guard, root: &str) {
        let Ok(handle) = guard.locate(root).and_then(|located| guard.handle(&located)) else { return };
        let mut open = vec![PathBuf::new()];
        while let Some(path) = open.pop() {
            let at = if path.as_os_str().is_empty() { Path::new(".") } else { &path };
            let Ok(directory) = beneath::open_directory(handle, at) else { continue };
            for (name, kind) in beneath::entries(&directory).unwrap_or_default() {
                self.names += 1;
                if self.left.is_empty() || self.names > NAMES_CAP {
                    return;
                }
                match kind {
                    _ if is_hidden(&name) => {}
                    FileKind::Directory => open.push(path.join(&name)),
                    FileKind::File => self.file(&directory, &name, root, &path),
                    FileKind::Link | FileKind::Special => {}
                }
            }
        }
    }

    fn file(&mut self, directory: &Handle, name: &OsStr, root: &str, path: &Path) {
        let Ok(meta) = beneath::look_at(directory, name) else { return };
        let Some(wanted) = self.left.get(&(meta.device, meta.inode)).copied() else { return };
        let found = beneath::open_place(directory, Path::new(name)).and_then(|place| identity_of(&place));
        if found.is_ok_and(|identity| identity == wanted) {
            self.left.remove(&(meta.device, meta.inode));
            let names = vec![path.join(name)];
            self.known.insert(wanted, Place { root: root.to_owned(), names, identity: wanted });
        }
    }
}
