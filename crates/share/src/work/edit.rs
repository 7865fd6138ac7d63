//! Making directories, links and files by name, and setting attributes.

use std::ffi::OsStr;

use folder::FileKind;
use rustix::fs::{self, AtFlags, Mode, Timespec, Timestamps};
use rustix::io::Errno;

use super::allow::{Bits, PASS, WRITE};
use super::open::open_regular;
use super::{Purpose, Work};
use crate::answer::Answer;
use crate::asking::Halt;
use crate::attr::{Attr, OWNER, SHOWN_MODE};
use crate::disk::{Spot, set_mode};
use crate::message::{SetAttr, fattr};

/// Type bits of a mode.
const TYPE_BITS: u32 = 0o170_000;
const FILE: u32 = 0o100_000;

impl Work<'_> {
    pub(super) fn make_node(&mut self, name: &OsStr, mode: u32) -> Result<Answer, Halt> {
        if !matches!(mode & TYPE_BITS, 0 | FILE) {
            return Err(Errno::PERM.into());
        }
        let spot = self.spot_in(self.head.node, name, Purpose::Change)?;
        self.allow_in(self.head.node, WRITE | PASS)?;
        let (_, attr) = self.make_file(&spot, mode)?.ok_or(Errno::EXIST)?;
        Ok(self.entry(self.head.node, name, &attr)?)
    }

    pub(super) fn make_directory(&mut self, name: &OsStr, mode: u32) -> Result<Answer, Halt> {
        let mode = Mode::from_raw_mode(mode & SHOWN_MODE);
        self.make(name, |spot, above| {
            fs::mkdirat(above, spot.name()?, mode)?;
            let (made, attr) = spot.look()?;
            if attr.mode() == mode.as_raw_mode() { Ok(()) } else { set_mode(&made, mode.as_raw_mode()) }
        })
    }

    pub(super) fn make_link(&mut self, name: &OsStr, target: &OsStr) -> Result<Answer, Halt> {
        self.make(name, |spot, above| fs::symlinkat(target, above, spot.name()?))
    }

    fn make(
        &mut self,
        name: &OsStr,
        make: impl FnOnce(&Spot, &std::os::fd::OwnedFd) -> Result<(), Errno>,
    ) -> Result<Answer, Halt> {
        let spot = self.spot_in(self.head.node, name, Purpose::Change)?;
        self.allow_in(self.head.node, WRITE | PASS)?;
        let (known, above) = (spot.known(), spot.above()?);
        match spot.look() {
            Err(Errno::NOENT) => {}
            Ok(_) => return Err(Errno::EXIST.into()),
            Err(error) => return Err(error.into()),
        }
        self.parts.record.note_time(&known, &spot);
        let fresh = !self.parts.record.is_touched(&known);
        self.touch(&spot)?;
        if let Err(error) = make(&spot, &above) {
            if fresh {
                self.parts.record.untouch(&known);
            }
            return Err(error.into());
        }
        let (_, attr) = spot.look()?;
        self.parts.record.made(&known, &attr);
        Ok(self.entry(self.head.node, name, &attr)?)
    }

    pub(super) fn set_attributes(&mut self, set: &SetAttr) -> Result<Answer, Halt> {
        let has = |bit| set.valid & bit != 0;
        let foreign = |bit, id: u32| has(bit) && id != OWNER && id != u32::MAX;
        if foreign(fattr::UID, set.uid) || foreign(fattr::GID, set.gid) {
            return Err(Errno::PERM.into());
        }
        if has(fattr::SIZE) {
            self.set_size(set)?;
        }
        let changes = has(fattr::MODE) || has(fattr::MTIME) || has(fattr::ATIME);
        if changes && !self.is_nameless(set)? {
            self.set_look(set)?;
        }
        Ok(self.attributes(has(fattr::FH).then_some(set.handle))?)
    }

    /// Whether it is about an open file whose name is gone: what it shows is of no interest any more.
    fn is_nameless(&mut self, set: &SetAttr) -> Result<bool, Errno> {
        if self.tree.whereabouts(self.head.node).is_ok() {
            return Ok(false);
        }
        let handles = self.tree.handles(self.head.node);
        let open = if set.valid & fattr::FH == 0 { handles.first().copied() } else { Some(set.handle) };
        Attr::of(&self.file(open.ok_or(Errno::STALE)?)?.file).map(|attr| attr.links() == 0)
    }

    fn set_size(&mut self, set: &SetAttr) -> Result<(), Halt> {
        if set.valid & fattr::FH != 0 {
            self.prepare(set.handle)?;
            return Ok(fs::ftruncate(&self.file(set.handle)?.file, set.size)?);
        }
        let node = self.head.node;
        let spot = self.spot(node, Purpose::Change)?;
        let attr = self.look_same(&spot)?;
        let (file, _) = spot.look()?;
        if attr.kind() != FileKind::File {
            return Err(Errno::INVAL.into());
        }
        self.allow(&attr, WRITE)?;
        let mut open = open_regular(&spot, Purpose::Change)?;
        if !Attr::of(&open)?.same_file(&attr) {
            return Err(Errno::STALE.into());
        }
        self.touch_found(&spot, &file, &attr)?;
        if attr.links() > 1 {
            self.give_own_copy(node, &spot, &attr)?;
            open = open_regular(&spot, Purpose::Change)?;
        }
        Ok(fs::ftruncate(open, set.size)?)
    }

    fn set_look(&mut self, set: &SetAttr) -> Result<(), Halt> {
        let has = |bit| set.valid & bit != 0;
        let node = self.head.node;
        let spot = self.spot(node, Purpose::Change)?;
        let mut attr = self.look_same(&spot)?;
        let (mut file, _) = spot.look()?;
        if has(fattr::MODE) || has(fattr::MTIME) {
            self.touch_found(&spot, &file, &attr)?;
            if attr.links() > 1 && attr.kind() == FileKind::File {
                self.give_own_copy(node, &spot, &attr)?;
                (file, attr) = spot.look()?;
            }
        }
        if has(fattr::MODE) {
            if attr.kind() == FileKind::Link {
                return Err(Errno::OPNOTSUPP.into());
            }
            // What the owner outside set beyond the shown bits goes with the first change.
            set_mode(&file, set.mode & SHOWN_MODE)?;
            if attr.kind() == FileKind::Directory {
                self.tree.keep_bits(node, Bits::of(&Attr::of(&file)?));
            }
        }
        let last_access = time(has(fattr::ATIME), has(fattr::ATIME_NOW), set.atime);
        let last_modification = time(has(fattr::MTIME), has(fattr::MTIME_NOW), set.mtime);
        if !(has(fattr::ATIME) || has(fattr::MTIME)) {
            return Ok(());
        }
        let times = Timestamps { last_access, last_modification };
        if spot.beneath.as_os_str().is_empty() {
            return Ok(fs::utimensat(&file, "", &times, AtFlags::EMPTY_PATH)?);
        }
        Ok(fs::utimensat(spot.above()?, spot.name()?, &times, AtFlags::SYMLINK_NOFOLLOW)?)
    }
}

fn time(set: bool, now: bool, to: (u64, u32)) -> Timespec {
    match (set, now) {
        (false, _) => Timespec { tv_sec: 0, tv_nsec: fs::UTIME_OMIT },
        (true, true) => Timespec { tv_sec: 0, tv_nsec: fs::UTIME_NOW },
        (true, false) => Timespec { tv_sec: to.0.cast_signed(), tv_nsec: i64::from(to.1.min(999_999_999)) },
    }
}
