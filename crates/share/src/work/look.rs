//! Requests that change nothing: the first of all, names, attributes, links, directories.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use folder::FileKind;
use rustix::fs::{fstatvfs, readlinkat};
use rustix::io::Errno;

use super::allow::{PASS, READ};
use super::{Purpose, VALID_SECONDS, Work, attributes, put_entry_head};
use crate::answer::Answer;
use crate::asking::Halt;
use crate::attr::{Attr, put_place};
use crate::disk::{Listed, Spot, number};
use crate::message::Span;
use crate::mounts::Above;
use crate::tree::{OpenDirectory, ROOT, WORK, Whereabouts};

/// The protocol spoken.
const MAJOR: u32 = 7;
/// Newer kernels speak this one too, and leave out what came later.
const MINOR: u32 = 31;
/// What is asked of the kernel where it can (`FUSE_*` of INIT): reading ahead in several requests, truncating while
/// opening, large writes, noticing by time and size that content changed, directories together with attributes, several
/// requests in one directory, long requests. Not among them: a cache of writes, in which data would wait unseen.
const WANTED: u32 = 1 | 1 << 3 | 1 << 5 | 1 << 12 | 1 << 13 | 1 << 14 | 1 << 18 | 1 << 22;
/// Requests the kernel may have on the way in the background.
const BACKGROUND: u16 = 64;
/// Type bits of a directory and of a file.
const DIRECTORY: u32 = 0o040_000;
const FILE: u32 = 0o100_000;

impl Work<'_> {
    pub(super) fn init(&mut self, version: (u32, u32), readahead: u32, flags: u32) -> Result<Answer, Errno> {
        if version.0 < MAJOR || (version.0 == MAJOR && version.1 < MINOR) {
            return Err(Errno::PROTO);
        }
        let mut answer = Answer::with_room(64);
        answer.u32(MAJOR).u32(MINOR);
        if version.0 > MAJOR {
            // The kernel asks again with this version.
            answer.pad(56);
            return Ok(answer);
        }
        let pages = u16::try_from(self.data_bytes / 4096).unwrap_or(u16::MAX);
        answer.u32(readahead.min(self.data_bytes)).u32(flags & WANTED);
        answer.u16(BACKGROUND).u16(BACKGROUND / 4 * 3).u32(self.data_bytes);
        answer.u32(1).u16(pages).u16(0).pad(32);
        Ok(answer)
    }

    pub(super) fn lookup(&mut self, name: &OsStr) -> Result<Answer, Errno> {
        let above = match self.tree.whereabouts(self.head.node)? {
            Whereabouts::Root if name == "work" => {
                let mut answer = Answer::with_room(128);
                put_entry_head(&mut answer, WORK);
                put_place(&mut answer, u64::MAX - WORK);
                return Ok(answer);
            }
            Whereabouts::Root => Above::Top,
            Whereabouts::Work => Above::Work,
            Whereabouts::Beneath(..) => return self.lookup_beneath(name),
        };
        let place = self.parts.places.find(above, name).ok_or(Errno::NOENT)?;
        let (place, root) = (place.number, place.root()?);
        let attr = Attr::of(&root)?;
        let mut answer = Answer::with_room(128);
        put_entry_head(&mut answer, self.tree.enter_top(place));
        attr.put(&mut answer, number(attr.device(), attr.inode()));
        Ok(answer)
    }

    fn lookup_beneath(&mut self, name: &OsStr) -> Result<Answer, Errno> {
        self.allow_in(self.head.node, PASS)?;
        match self.spot_in(self.head.node, name, Purpose::Look).and_then(|spot| spot.look()) {
            Ok((_, attr)) => self.entry(self.head.node, name, &attr),
            Err(Errno::NOENT) => {
                // That there is nothing may be believed for a while, too.
                let mut answer = Answer::with_room(128);
                put_entry_head(&mut answer, 0);
                answer.pad(128 - answer.len());
                Ok(answer)
            }
            Err(error) => Err(error),
        }
    }

    pub(super) fn attributes(&mut self, handle: Option<u64>) -> Result<Answer, Errno> {
        let node = self.head.node;
        if let Ok(Whereabouts::Root | Whereabouts::Work) = self.tree.whereabouts(node) {
            let mut answer = Answer::with_room(104);
            answer.u64(VALID_SECONDS).u32(0).u32(0);
            put_place(&mut answer, u64::MAX - node);
            return Ok(answer);
        }
        let open = handle.into_iter().chain(self.tree.handles(node)).next();
        self.spot(node, Purpose::Look)
            .and_then(|spot| self.look_same(&spot))
            .or_else(|error| {
                // Gone or replaced, but open still.
                let file = open.and_then(|open| self.tree.files.get(&open)).ok_or(error)?;
                self.parts.places.place(file.place)?;
                Attr::of(&file.file)
            })
            .map(|attr| attributes(&attr))
    }

    /// What is at the request's node, as long as it is the file that the kernel was told of.
    pub(super) fn look_same(&self, spot: &Spot) -> Result<Attr, Errno> {
        let (_, attr) = spot.look()?;
        match self.tree.file_of(self.head.node) {
            Some(file) if file != (attr.device(), attr.inode()) => Err(Errno::STALE),
            Some(_) | None => Ok(attr),
        }
    }

    pub(super) fn read_link(&mut self) -> Result<Answer, Errno> {
        let (file, attr) = self.spot(self.head.node, Purpose::Look)?.look()?;
        if attr.kind() != FileKind::Link {
            return Err(Errno::INVAL);
        }
        let target = readlinkat(&file, "", Vec::new())?;
        let mut answer = Answer::empty();
        answer.bytes(target.as_bytes());
        Ok(answer)
    }

    pub(super) fn access(&mut self, mask: u32) -> Result<Answer, Errno> {
        if let Ok(Whereabouts::Root | Whereabouts::Work) = self.tree.whereabouts(self.head.node) {
            return if mask & 2 == 0 { Ok(Answer::empty()) } else { Err(Errno::ACCESS) };
        }
        let purpose = if mask & 2 == 0 { Purpose::Look } else { Purpose::Change };
        let (_, attr) = self.spot(self.head.node, purpose)?.look()?;
        // Every file is shown as its user's own.
        if mask & 7 & !(attr.mode() >> 6) == 0 { Ok(Answer::empty()) } else { Err(Errno::ACCESS) }
    }

    pub(super) fn space(&mut self) -> Result<Answer, Errno> {
        let mut answer = Answer::with_room(80);
        let Whereabouts::Beneath(place, _) = self.tree.whereabouts(self.head.node)? else {
            answer.pad(40).u32(4096).u32(255).u32(4096).pad(28);
            return Ok(answer);
        };
        let space = fstatvfs(self.parts.places.place(place)?.root()?)?;
        answer.u64(space.f_blocks).u64(space.f_bfree).u64(space.f_bavail).u64(space.f_files).u64(space.f_ffree);
        let small = |value: u64| u32::try_from(value).unwrap_or(u32::MAX);
        answer.u32(small(space.f_bsize)).u32(small(space.f_namemax)).u32(small(space.f_frsize)).pad(28);
        Ok(answer)
    }

    pub(super) fn open_directory(&mut self) -> Result<Answer, Errno> {
        let node = self.head.node;
        if let Whereabouts::Beneath(..) = self.tree.whereabouts(node)? {
            let spot = self.spot(node, Purpose::Look)?;
            let (_, attr) = spot.look()?;
            if attr.kind() != FileKind::Directory {
                return Err(Errno::NOTDIR);
            }
            self.allow(&attr, READ)?;
            if spot.guarded {
                self.parts.asking.opened(self.head.pid, spot.known());
            }
        }
        let handle = self.tree.keep_directory(OpenDirectory { node, names: None })?;
        let mut answer = Answer::with_room(16);
        answer.u64(handle).u32(0).u32(0);
        Ok(answer)
    }

    pub(super) fn read_directory(&mut self, span: Span, plus: bool) -> Result<Answer, Halt> {
        let known = self.tree.directories.get_mut(&span.handle).ok_or(Errno::BADF)?;
        let node = known.node;
        if let Ok(Whereabouts::Beneath(place, _)) = self.tree.whereabouts(node) {
            self.parts.places.check(place)?;
        }
        let known = self.tree.directories.get_mut(&span.handle).ok_or(Errno::BADF)?;
        let names = match known.names.take() {
            Some(names) if span.offset > 0 => names,
            Some(_) | None => self.list(node)?,
        };
        let room = span.size.min(self.data_bytes) as usize;
        let mut answer = Answer::with_room(room);
        let start = usize::try_from(span.offset).unwrap_or(usize::MAX);
        for (at, entry) in names.iter().enumerate().skip(start) {
            let before = answer.len();
            let needed = entry.name.len().next_multiple_of(8) + 24 + if plus { 128 } else { 0 };
            if before + needed > room {
                break;
            }
            if plus && !self.put_listed(&mut answer, node, &entry.name) {
                answer.cut(before);
                continue;
            }
            put_name(&mut answer, entry, at as u64 + 1);
        }
        self.tree.keep_names(span.handle, names);
        Ok(answer)
    }

    /// The node of a listed name; false where the name is gone.
    fn put_listed(&mut self, answer: &mut Answer, node: u64, name: &OsStr) -> bool {
        let is_place = matches!(self.tree.whereabouts(node), Ok(Whereabouts::Root | Whereabouts::Work));
        if is_place || name == "." || name == ".." {
            // Without a node: the kernel looks it up when it is used.
            answer.pad(128);
            return true;
        }
        let Ok((_, attr)) = self.spot_in(node, name, Purpose::Look).and_then(|spot| spot.look()) else { return false };
        self.put_entry(answer, node, name, &attr).is_ok()
    }

    fn list(&mut self, node: u64) -> Result<Vec<Listed>, Errno> {
        let dots = [".", ".."].map(|name| Listed { name: name.into(), inode: node, type_bits: DIRECTORY });
        let named = |name: std::ffi::OsString, inode: u64| Listed { name, inode, type_bits: DIRECTORY };
        let places = |above| self.parts.places.names(above).into_iter();
        let listed: Vec<_> = match self.tree.whereabouts(node) {
            Ok(Whereabouts::Root) => {
                let work = named("work".into(), u64::MAX - WORK);
                std::iter::once(work).chain(places(Above::Top).map(|(at, name)| named(name, u64::from(at)))).collect()
            }
            Ok(Whereabouts::Work) => places(Above::Work).map(|(at, name)| named(name, u64::from(at))).collect(),
            Ok(Whereabouts::Beneath(..)) => {
                let spot = self.spot(node, Purpose::Look)?;
                let device = spot.look()?.1.device();
                let shown = |entry: Listed| Listed { inode: number(device, entry.inode), ..entry };
                spot.list()?.into_iter().map(shown).collect()
            }
            // Removed while it was open: it holds nothing.
            Err(_) => Vec::new(),
        };
        Ok(dots.into_iter().chain(listed).collect())
    }
}

fn put_name(answer: &mut Answer, entry: &Listed, next: u64) {
    let name = entry.name.as_bytes();
    let type_bits = if entry.type_bits == 0 { FILE } else { entry.type_bits };
    answer.u64(entry.inode.max(ROOT)).u64(next).u32(u32::try_from(name.len()).unwrap_or(0)).u32(type_bits >> 12);
    answer.bytes(name).pad(name.len().next_multiple_of(8) - name.len());
}
