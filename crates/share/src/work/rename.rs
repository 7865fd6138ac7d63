//! Moving: allowed without asking, because nothing is lost by it. Both ends are in the journal, with every file
//! beneath them, and what was the user's stays the user's under its new name.

use std::ffi::OsStr;
use std::os::fd::OwnedFd;
use std::path::PathBuf;

use folder::{FileKind, is_hidden};
use rustix::fs::{OFlags, RenameFlags, renameat_with};
use rustix::io::Errno;

use super::allow::{PASS, WRITE};
use super::{Purpose, Work};
use crate::answer::Answer;
use crate::asking::Halt;
use crate::attr::Attr;
use crate::disk::Spot;

/// Most files and directories moved at once; with more, programs copy and delete.
const MOVED_CAP: usize = 200_000;

impl Work<'_> {
    pub(super) fn rename(&mut self, name: &OsStr, to: (u64, &OsStr), flags: u32) -> Result<Answer, Halt> {
        let flags = RenameFlags::from_bits(flags).ok_or(Errno::INVAL)?;
        let (no_replace, exchange) = (RenameFlags::NOREPLACE, RenameFlags::EXCHANGE);
        if !(flags.is_empty() || flags == no_replace || flags == exchange) {
            return Err(Errno::INVAL.into());
        }
        let parent = self.head.node;
        let from = self.spot_in(parent, name, Purpose::Change)?;
        let into = self.spot_in(to.0, to.1, Purpose::Change)?;
        if from.place != into.place {
            return Err(Errno::XDEV.into());
        }
        self.allow_in(parent, WRITE | PASS)?;
        self.allow_in(to.0, WRITE | PASS)?;
        let (_, moved) = from.look()?;
        if moved.kind() == FileKind::Directory && parent != to.0 {
            // Its `..` changes.
            self.allow(&moved, WRITE)?;
        }
        let target = match into.look() {
            Ok((_, attr)) => Some(attr),
            Err(Errno::NOENT) => None,
            Err(error) => return Err(error.into()),
        };
        match &target {
            Some(_) if flags == no_replace => return Err(Errno::EXIST.into()),
            None if flags == exchange => return Err(Errno::NOENT.into()),
            // Two names of one file: nothing happens, as everywhere.
            Some(target) if target.same_file(&moved) && from.beneath == into.beneath => return Ok(Answer::empty()),
            Some(_) | None => {}
        }
        check_kinds(&moved, target.as_ref(), flags)?;
        if into.beneath.starts_with(&from.beneath) && into.beneath != from.beneath {
            return Err(Errno::INVAL.into());
        }
        self.ask_for_moved(&from, &moved, &into)?;
        if let Some(target) = target.as_ref().filter(|_| flags == exchange) {
            self.ask_for_moved(&into, target, &from)?;
        }
        self.touch_both(&from, &moved, &into, target.as_ref())?;
        let (above_from, above_into) = (from.above()?, into.above()?);
        self.parts.record.note_time(&from.known(), &from);
        self.parts.record.note_time(&into.known(), &into);
        check_same(&above_into, into.name()?, target.as_ref())?;
        let names = (from.name()?, into.name()?);
        match renameat_with(&above_from, names.0, &above_into, names.1, flags_of(flags, target.as_ref())) {
            // A file system that knows no flags.
            Err(Errno::INVAL | Errno::NOSYS) if flags.is_empty() => {
                renameat_with(&above_from, names.0, &above_into, names.1, flags)?;
            }
            // By the user, just now.
            Err(Errno::EXIST) if flags.is_empty() && target.is_none() => return Err(Errno::STALE.into()),
            renamed => renamed?,
        }
        self.account(&from, &into, target.as_ref(), flags);
        if flags == exchange {
            self.tree.exchanged((parent, name), to);
        } else {
            self.tree.moved((parent, name), to);
        }
        Ok(Answer::empty())
    }

    /// A yes to a deletion is not for what comes to its place afterwards. A file the task made goes freely anyway.
    fn ask_for_moved(&mut self, here: &Spot, attr: &Attr, there: &Spot) -> Result<(), Halt> {
        let known = here.known();
        if attr.kind() != FileKind::Directory && self.parts.record.is_made(&known, attr) {
            return Ok(());
        }
        self.parts.asking.moves(&known, &there.known())
    }

    /// Everything at and beneath both ends is journalled, under each path it has before or after.
    fn touch_both(&mut self, from: &Spot, moved: &Attr, into: &Spot, target: Option<&Attr>) -> Result<(), Halt> {
        let mut ends = vec![(from, into, walk(from, moved)?)];
        if let Some(target) = target {
            ends.push((into, from, walk(into, target)?));
        }
        for (here, there, paths) in &ends {
            for path in paths {
                self.touch(&here.join_path(path))?;
                self.touch(&there.join_path(path))?;
            }
        }
        Ok(())
    }

    /// Whose the files are at their new names.
    fn account(&mut self, from: &Spot, into: &Spot, target: Option<&Attr>, flags: RenameFlags) {
        let (from, into) = (from.known(), into.known());
        let record = &mut self.parts.record;
        if flags == RenameFlags::EXCHANGE {
            // Where the user had something, nothing may be deleted freely.
            record.drop_made(&from);
            record.drop_made(&into);
            return;
        }
        let was_users = target.is_some_and(|target| !record.is_made(&into, target));
        record.made_moved(&from, &into);
        if was_users {
            record.unmade(&into);
        }
    }
}

impl Spot {
    fn join_path(&self, path: &PathBuf) -> Self {
        if path.as_os_str().is_empty() { self.clone() } else { self.join(path) }
    }
}

/// Where nothing was, nothing may be replaced.
fn flags_of(flags: RenameFlags, target: Option<&Attr>) -> RenameFlags {
    if target.is_none() { RenameFlags::NOREPLACE } else { flags }
}

/// Refuses where the user put something else there meanwhile, which was not kept.
fn check_same(above: &OwnedFd, name: &OsStr, target: Option<&Attr>) -> Result<(), Errno> {
    match (Attr::at(above, name), target) {
        (Ok(now), Some(target)) if now.same_file(target) => Ok(()),
        (Err(Errno::NOENT), None) => Ok(()),
        (Err(error), Some(_)) if error != Errno::NOENT => Err(error),
        (Ok(_) | Err(_), _) => Err(Errno::STALE),
    }
}

fn check_kinds(moved: &Attr, target: Option<&Attr>, flags: RenameFlags) -> Result<(), Errno> {
    let Some(target) = target.filter(|_| flags != RenameFlags::EXCHANGE) else { return Ok(()) };
    match (moved.kind() == FileKind::Directory, target.kind() == FileKind::Directory) {
        (true, false) => Err(Errno::NOTDIR),
        (false, true) => Err(Errno::ISDIR),
        (true, true) | (false, false) => Ok(()),
    }
}

/// The path itself, as the empty one, and all paths beneath it. What nobody is shown cannot be moved along.
fn walk(top: &Spot, attr: &Attr) -> Result<Vec<PathBuf>, Errno> {
    let mut paths = vec![PathBuf::new()];
    if attr.kind() != FileKind::Directory {
        return Ok(paths);
    }
    let mut open = vec![PathBuf::new()];
    while let Some(directory) = open.pop() {
        let spot = top.join_path(&directory);
        let file = spot.open(OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NONBLOCK)?;
        for entry in rustix::fs::Dir::new(file)? {
            let entry = entry?;
            let name: &OsStr = std::os::unix::ffi::OsStrExt::from_bytes(entry.file_name().to_bytes());
            if name == "." || name == ".." {
                continue;
            }
            if is_hidden(name) {
                return Err(Errno::ACCESS);
            }
            let path = directory.join(name);
            if top.join_path(&path).look()?.1.kind() == FileKind::Directory {
                open.push(path.clone());
            }
            paths.push(path);
            if paths.len() > MOVED_CAP {
                return Err(Errno::XDEV);
            }
        }
    }
    Ok(paths)
}
