//! Open files: opening, making, reading, writing. A file is written in place only after its old content is kept and
//! only while it has no other name.

use std::ffi::OsStr;
use std::fs::File;
use std::io::Seek;
use std::os::fd::OwnedFd;

use folder::{FileKind, temporary_name};
use rustix::fs::{self, FallocateFlags, Mode, OFlags, SeekFrom, Timespec, Timestamps};
use rustix::io::{self, Errno};

use super::allow::{PASS, READ, WRITE};
use super::{Purpose, Work};
use crate::answer::Answer;
use crate::asking::Halt;
use crate::attr::{Attr, SHOWN_MODE};
use crate::disk::Spot;
use crate::message::Span;
use crate::tree::OpenFile;

/// Most bytes copied in one request; programs ask again for the rest.
const COPY_CAP: u64 = 16 << 20;
/// The flag (`__FMODE_EXEC`) with which a kernel opens a program to run it.
const TO_RUN: u32 = 0x20;
const SEEK_DATA: u32 = 3;
const SEEK_HOLE: u32 = 4;

impl Work<'_> {
    pub(super) fn open(&mut self, flags: u32) -> Result<Answer, Halt> {
        let handle = self.open_node(self.head.node, flags)?;
        let mut answer = Answer::with_room(16);
        answer.u64(handle).u32(0).u32(0);
        Ok(answer)
    }

    pub(super) fn create(&mut self, name: &OsStr, flags: u32, mode: u32) -> Result<Answer, Halt> {
        let parent = self.head.node;
        let spot = self.spot_in(parent, name, Purpose::Change)?;
        self.allow_in(parent, WRITE | PASS)?;
        let Some((file, attr)) = self.make_file(&spot, mode)? else {
            if OFlags::from_bits_retain(flags).contains(OFlags::EXCL) {
                return Err(Errno::EXIST.into());
            }
            let (_, attr) = spot.look()?;
            let mut answer = self.entry(parent, name, &attr)?;
            let node = self.tree.enter(parent, name, (attr.device(), attr.inode()))?;
            self.tree.forget(node, 1);
            let opened = self.open_node(node, flags).inspect_err(|_| self.tree.forget(node, 1))?;
            answer.u64(opened).u32(0).u32(0);
            return Ok(answer);
        };
        let mut answer = Answer::with_room(144);
        let node = self.put_entry(&mut answer, parent, name, &attr)?;
        let recorded = self.parts.record.errand();
        let file = OpenFile { file, node, place: spot.place, writable: true, recorded };
        let handle = self.tree.keep_file(file).inspect_err(|_| self.tree.forget(node, 1))?;
        answer.u64(handle).u32(0).u32(0);
        Ok(answer)
    }

    /// Makes a file, once the journal says that there was none; none where there is something.
    pub(super) fn make_file(&mut self, spot: &Spot, mode: u32) -> Result<Option<(OwnedFd, Attr)>, Errno> {
        let known = spot.known();
        let record = &mut self.parts.record;
        record.note_time(&known, spot);
        let fresh = !record.is_touched(&known);
        if fresh {
            record.touch_absent(&known)?;
        }
        let mode = mode & SHOWN_MODE;
        let file = match spot.create(mode) {
            Ok(file) => file,
            Err(error) => {
                if fresh {
                    record.untouch(&known);
                }
                return if error == Errno::EXIST { Ok(None) } else { Err(error) };
            }
        };
        let mut attr = Attr::of(&file)?;
        if attr.mode() != mode {
            fs::fchmod(&file, Mode::from_raw_mode(mode))?;
            attr = Attr::of(&file)?;
        }
        record.made(&known, &attr);
        Ok(Some((file, attr)))
    }

    fn open_node(&mut self, node: u64, flags: u32) -> Result<u64, Halt> {
        let flags = OFlags::from_bits_retain(flags);
        let access = flags & OFlags::ACCMODE;
        let truncates = flags.contains(OFlags::TRUNC);
        let writable = access != OFlags::RDONLY;
        let purpose = if writable || truncates { Purpose::Change } else { Purpose::Look };
        let spot = self.spot(node, purpose)?;
        let mut file = open_regular(&spot, purpose)?;
        let mut attr = Attr::of(&file)?;
        if let Some(known) = self.tree.file_of(node)
            && known != (attr.device(), attr.inode())
        {
            return Err(Errno::STALE.into());
        }
        self.allow(&attr, wanted_by(flags))?;
        if truncates {
            self.touch_found(&spot, &file, &attr)?;
            if attr.links() > 1 {
                self.give_own_copy(node, &spot, &attr)?;
                file = open_regular(&spot, purpose)?;
                attr = Attr::of(&file)?;
            }
            if attr.size() > 0 {
                fs::ftruncate(&file, 0)?;
            }
        }
        let is_recorded = truncates && attr.links() == 1;
        let recorded = if is_recorded { self.parts.record.errand() } else { 0 };
        let place = spot.place;
        Ok(self.tree.keep_file(OpenFile { file, node, place, writable, recorded })?)
    }

    pub(super) fn read(&mut self, span: Span) -> Result<Answer, Errno> {
        let open = self.file(span.handle)?;
        let size = span.size.min(self.data_bytes) as usize;
        let mut answer = Answer::with_room(size);
        answer.pad(size);
        let mut filled = 0;
        while let Some(rest) = answer.body().get_mut(filled..).filter(|rest| !rest.is_empty()) {
            match io::pread(&open.file, rest, span.offset.saturating_add(filled as u64)) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(Errno::INTR) => {}
                Err(error) => return Err(error),
            }
        }
        answer.cut(filled);
        Ok(answer)
    }

    pub(super) fn write(&mut self, span: Span, data: &[u8]) -> Result<Answer, Halt> {
        self.prepare(span.handle)?;
        let open = self.file(span.handle)?;
        let appends = OFlags::from_bits_retain(span.flags).contains(OFlags::APPEND);
        // The kernel's idea of the end may be old, and what the user appended since must stay.
        let start = if appends { Attr::of(&open.file)?.size() } else { span.offset };
        let mut written = 0;
        while let Some(rest) = data.get(written..).filter(|rest| !rest.is_empty()) {
            match io::pwrite(&open.file, rest, start.saturating_add(written as u64)) {
                Ok(0) => break,
                Ok(count) => written += count,
                Err(Errno::INTR) => {}
                Err(_) if written > 0 => break,
                Err(error) => return Err(error.into()),
            }
        }
        Ok(sized(written))
    }

    pub(super) fn sync(&mut self, handle: u64) -> Result<Answer, Errno> {
        // First what was there before, then what is there now.
        self.parts.record.settle()?;
        fs::fsync(&self.file(handle)?.file)?;
        Ok(Answer::empty())
    }

    pub(super) fn sync_directory(&mut self) -> Result<Answer, Errno> {
        self.parts.record.settle()?;
        if let Ok(spot) = self.spot(self.head.node, Purpose::Look) {
            match fs::fsync(spot.open(OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NONBLOCK)?) {
                // File systems that cannot are taken as they are.
                Ok(()) | Err(Errno::INVAL | Errno::NOTSUP) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Answer::empty())
    }

    pub(super) fn allocate(&mut self, handle: u64, range: (u64, u64), mode: u32) -> Result<Answer, Halt> {
        self.prepare(handle)?;
        let open = self.file(handle)?;
        fs::fallocate(&open.file, FallocateFlags::from_bits_retain(mode), range.0, range.1)?;
        Ok(Answer::empty())
    }

    pub(super) fn seek(&mut self, handle: u64, offset: u64, whence: u32) -> Result<Answer, Errno> {
        let open = self.file(handle)?;
        let to = match whence {
            SEEK_DATA => SeekFrom::Data(offset),
            SEEK_HOLE => SeekFrom::Hole(offset),
            _ => return Err(Errno::INVAL),
        };
        let mut answer = Answer::with_room(8);
        answer.u64(fs::seek(&open.file, to)?);
        Ok(answer)
    }

    pub(super) fn copy_range(&mut self, from: Span, to: (u64, u64), length: u64) -> Result<Answer, Halt> {
        self.prepare(to.0)?;
        let (source, target) = (self.file(from.handle)?, self.file(to.0)?);
        let (mut start, mut end) = (from.offset, to.1);
        let length = usize::try_from(length.min(COPY_CAP)).unwrap_or(0);
        Ok(sized(fs::copy_file_range(&source.file, Some(&mut start), &target.file, Some(&mut end), length)?))
    }

    /// An open file of a directory that is still in the share.
    pub(super) fn file(&self, handle: u64) -> Result<&OpenFile, Errno> {
        let open = self.tree.files.get(&handle).ok_or(Errno::BADF)?;
        self.parts.places.check(open.place)?;
        Ok(open)
    }

    /// Makes sure that what an open file holds is in the journal before it is changed through this handle.
    pub(super) fn prepare(&mut self, handle: u64) -> Result<(), Halt> {
        let errand = self.parts.record.errand();
        let open = self.file(handle)?;
        let (node, recorded, place) = (open.node, open.recorded, open.place);
        if !open.writable {
            return Err(Errno::BADF.into());
        }
        let attr = if recorded == errand { None } else { Some(Attr::of(&open.file)?) };
        if !self.parts.places.place(place)?.is_writable() {
            return Err(Errno::ROFS.into());
        }
        let Some(attr) = attr else { return Ok(()) };
        // A file without a name is nobody's any more.
        if attr.links() > 0 {
            let spot = self.spot(node, Purpose::Change)?;
            let (file, there) = spot.look()?;
            if !there.same_file(&attr) {
                return Err(Errno::STALE.into());
            }
            self.touch_found(&spot, &file, &there)?;
            if attr.links() > 1 {
                self.give_own_copy(node, &spot, &there)?;
            }
        }
        if let Some(open) = self.tree.files.get_mut(&handle) {
            open.recorded = errand;
        }
        Ok(())
    }

    /// Puts a copy in the place of a file that has other names, which may lie outside: those keep what they have.
    pub(super) fn give_own_copy(&mut self, node: u64, spot: &Spot, attr: &Attr) -> Result<(), Errno> {
        let name = temporary_name().map_err(|_| Errno::IO)?;
        let above = spot.above()?;
        self.parts.record.note_time(&spot.known(), spot);
        let temporary = Spot { beneath: spot.beneath.with_file_name(&name), ..spot.clone() };
        let made = copy_file(spot, &temporary, attr)
            .and_then(|copy| fs::renameat(&above, &name, &above, spot.name()?).map(|()| copy));
        if made.is_err() {
            // What is left of it would only take space.
            let _gone = fs::unlinkat(&above, &name, fs::AtFlags::empty()).is_ok();
        }
        let copy = Attr::of(&made?)?;
        self.parts.record.own(&copy);
        self.tree.became(node, (copy.device(), copy.inode()));
        for handle in self.tree.handles(node) {
            if let Some(open) = self.tree.files.get_mut(&handle) {
                open.file = open_regular(spot, if open.writable { Purpose::Change } else { Purpose::Look })?;
            }
        }
        Ok(())
    }
}

/// The permission bits an opening needs.
fn wanted_by(flags: OFlags) -> u32 {
    let access = flags & OFlags::ACCMODE;
    let reads = match access {
        OFlags::WRONLY => 0,
        _ if flags.bits() & TO_RUN != 0 => PASS,
        _ => READ,
    };
    let writes = access != OFlags::RDONLY || flags.contains(OFlags::TRUNC);
    reads | if writes { WRITE } else { 0 }
}

/// Opens a regular file, for writing also for reading where that is allowed.
pub(super) fn open_regular(spot: &Spot, purpose: Purpose) -> Result<OwnedFd, Errno> {
    let careful = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
    let file = match purpose {
        Purpose::Look => spot.open(OFlags::RDONLY | careful)?,
        Purpose::Change => match spot.open(OFlags::RDWR | careful) {
            Err(Errno::ACCESS) => spot.open(OFlags::WRONLY | careful)?,
            other => other?,
        },
    };
    match Attr::of(&file)?.kind() {
        FileKind::File => Ok(file),
        FileKind::Directory => Err(Errno::ISDIR),
        FileKind::Link => Err(Errno::LOOP),
        FileKind::Special => Err(Errno::NXIO),
    }
}

fn copy_file(from: &Spot, into: &Spot, attr: &Attr) -> Result<OwnedFd, Errno> {
    let failed = |error: std::io::Error| Errno::from_io_error(&error).unwrap_or(Errno::IO);
    let mut source = from.open_readable(attr)?;
    let mut copy = File::from(into.create(0o600)?);
    if folder::clone_content(&source, &copy).is_err() {
        source.rewind().map_err(failed)?;
        std::io::copy(&mut source, &mut copy).map_err(failed)?;
    }
    let (user, group) = attr.owner();
    // The owner stays where this user may not change it.
    let _owned = std::os::unix::fs::fchown(&copy, Some(user), Some(group)).is_ok();
    fs::fchmod(&copy, Mode::from_raw_mode(attr.mode()))?;
    let time = attr.mtime_ns();
    let last_modification =
        Timespec { tv_sec: time.div_euclid(1_000_000_000), tv_nsec: time.rem_euclid(1_000_000_000) };
    let last_access = Timespec { tv_sec: 0, tv_nsec: fs::UTIME_OMIT };
    fs::futimens(&copy, &Timestamps { last_access, last_modification })?;
    Ok(copy.into())
}

fn sized(bytes: usize) -> Answer {
    let mut answer = Answer::with_room(8);
    answer.u32(u32::try_from(bytes).unwrap_or(u32::MAX)).u32(0);
    answer
}
