//! Deleting: what the task made goes at once, what the user had only with consent, and all of it stays in the journal.

use std::ffi::OsStr;
use std::os::fd::OwnedFd;

use folder::FileKind;
use rustix::fs::{self, AtFlags};
use rustix::io::Errno;

use super::allow::{PASS, WRITE};
use super::{Purpose, Work};
use crate::answer::Answer;
use crate::asking::{Halt, Matter};
use crate::attr::Attr;
use crate::disk::Spot;

impl Work<'_> {
    pub(super) fn unlink(&mut self, name: &OsStr) -> Result<Answer, Halt> {
        let spot = self.spot_in(self.head.node, name, Purpose::Change)?;
        self.allow_in(self.head.node, WRITE | PASS)?;
        let found = spot.look()?;
        if found.1.kind() == FileKind::Directory {
            return Err(Errno::ISDIR.into());
        }
        self.remove(&spot, &found, AtFlags::empty())
    }

    pub(super) fn remove_directory(&mut self, name: &OsStr) -> Result<Answer, Halt> {
        let spot = self.spot_in(self.head.node, name, Purpose::Change)?;
        self.allow_in(self.head.node, WRITE | PASS)?;
        let found = spot.look()?;
        if found.1.kind() != FileKind::Directory {
            return Err(Errno::NOTDIR.into());
        }
        if !is_empty(&spot)? {
            return Err(Errno::NOTEMPTY.into());
        }
        self.remove(&spot, &found, AtFlags::REMOVEDIR)
    }

    fn remove(&mut self, spot: &Spot, (file, attr): &(OwnedFd, Attr), flags: AtFlags) -> Result<Answer, Halt> {
        let known = spot.known();
        self.parts.record.drop_edited(&known, attr);
        if spot.guarded && !self.parts.record.is_made(&known, attr) {
            self.permit(Matter::Deletion, spot)?;
        }
        let above = spot.above()?;
        self.parts.record.note_time(&known, spot);
        self.touch_found(spot, file, attr)?;
        // Exchanged by the user in the meantime: that one was neither asked about nor kept.
        if !Attr::at(&above, spot.name()?)?.same_file(attr) {
            return Err(Errno::STALE.into());
        }
        fs::unlinkat(&above, spot.name()?, flags)?;
        self.parts.record.drop_made(&known);
        self.tree.detach(self.head.node, spot.name()?);
        Ok(Answer::empty())
    }
}

/// Whether a directory holds nothing at all, shown or not.
fn is_empty(spot: &Spot) -> Result<bool, Errno> {
    use rustix::fs::{Dir, OFlags};
    let directory = spot.open(OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NONBLOCK)?;
    for entry in Dir::new(directory)? {
        let entry = entry?;
        if !matches!(entry.file_name().to_bytes(), b"." | b"..") {
            return Ok(false);
        }
    }
    Ok(true)
}
