//! Doing what one request asks: from its node to a path, from there to the disk. The parts: `look` for what changes
//! nothing, `allow` for permission bits, `open` for open files, `edit` for making and changing, `remove` for deleting, `rename` for moving.

mod allow;
mod edit;
mod look;
mod open;
mod remove;
mod rename;

use std::collections::HashMap;
use std::ffi::OsStr;
use std::os::fd::OwnedFd;
use std::sync::Arc;

use folder::{FileKind, State, is_hidden, text_of};
use rustix::fs::readlinkat;
use rustix::io::Errno;

use crate::answer::Answer;
use crate::asking::{Asking, Halt, Matter, Victim};
use crate::attr::Attr;
use crate::disk::{Spot, number};
use crate::message::{Header, Request};
use crate::mounts::Places;
use crate::record::Record;
use crate::tree::{Tree, Whereabouts};
pub(crate) use allow::Bits;

/// How long the kernel may go on with a name or an attribute: the user's own edits are seen after it.
const VALID_SECONDS: u64 = 1;

/// What a share is made of, apart from its mounts.
pub(crate) struct Parts {
    pub(crate) places: Places,
    pub(crate) record: Record,
    pub(crate) asking: Asking,
    /// Larger files are kept only where they can be without copying.
    pub(crate) copy_cap: u64,
    /// The journal's directory, to try out whether a file's content can be shared with it.
    pub(crate) journal: Arc<OwnedFd>,
    /// What came of that, by device.
    pub(crate) shares_content: HashMap<u64, bool>,
}

/// One request at work.
pub(crate) struct Work<'a> {
    pub(crate) parts: &'a mut Parts,
    pub(crate) tree: &'a mut Tree,
    /// Whose request it is.
    pub(crate) head: Header,
    /// Most bytes of data in an answer.
    pub(crate) data_bytes: u32,
}

/// What a path is wanted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Look,
    Change,
}

impl Work<'_> {
    /// Does what is asked; none where no answer is expected.
    pub(crate) fn run(&mut self, request: Request<'_>) -> Result<Option<Answer>, Halt> {
        let answer = match request {
            Request::Init { major, minor, readahead, flags } => self.init((major, minor), readahead, flags)?,
            Request::Destroy => {
                self.parts.record.settle()?;
                Answer::empty()
            }
            Request::SyncDirectory => self.sync_directory()?,
            Request::Lookup { name } => self.lookup(name)?,
            Request::Forget { forgets } => {
                for (node, times) in forgets {
                    self.tree.forget(node, times);
                }
                return Ok(None);
            }
            Request::GetAttr { handle } => self.attributes(handle)?,
            Request::SetAttr(set) => self.set_attributes(&set)?,
            Request::ReadLink => self.read_link()?,
            Request::Symlink { name, target } => self.make_link(name, target)?,
            Request::MakeNode { name, mode } => self.make_node(name, mode)?,
            Request::MakeDirectory { name, mode } => self.make_directory(name, mode)?,
            Request::Unlink { name } => self.unlink(name)?,
            Request::RemoveDirectory { name } => self.remove_directory(name)?,
            Request::Rename { name, into, to, flags } => self.rename(name, (into, to), flags)?,
            Request::Open { flags } => self.open(flags)?,
            Request::Create { name, flags, mode } => self.create(name, flags, mode)?,
            Request::Read(span) => self.read(span)?,
            Request::Write { span, data } => self.write(span, data)?,
            Request::Release { handle } => {
                self.tree.close_file(handle);
                Answer::empty()
            }
            Request::Sync { handle } => self.sync(handle)?,
            Request::OpenDirectory => self.open_directory()?,
            Request::ReadDirectory { span, plus } => self.read_directory(span, plus)?,
            Request::ReleaseDirectory { handle } => {
                self.tree.directories.remove(&handle);
                Answer::empty()
            }
            Request::StatFs => self.space()?,
            Request::Access { mask } => self.access(mask)?,
            Request::Allocate { handle, offset, length, mode } => self.allocate(handle, (offset, length), mode)?,
            Request::Seek { handle, offset, whence } => self.seek(handle, offset, whence)?,
            Request::CopyRange { from, to, to_offset, length } => self.copy_range(from, (to, to_offset), length)?,
            Request::Link => return Err(Errno::PERM.into()),
            // An interrupt is dealt with before it comes here.
            Request::Interrupt { .. } => return Ok(None),
            Request::Other => return Err(Errno::NOSYS.into()),
        };
        Ok(Some(answer))
    }

    /// Where a node is, for this purpose.
    fn spot(&mut self, node: u64, purpose: Purpose) -> Result<Spot, Errno> {
        let Whereabouts::Beneath(number, beneath) = self.tree.whereabouts(node)? else { return Err(Errno::ACCESS) };
        let place = self.parts.places.place(number)?;
        if purpose == Purpose::Change && !place.is_writable() {
            return Err(Errno::ROFS);
        }
        let (root, inside) = (place.root()?, place.inside().to_owned());
        Ok(Spot { place: number, root, inside, beneath, guarded: place.mount.guarded })
    }

    /// Where a name in the request's directory is, for this purpose. What nobody is shown is not there, and cannot be
    /// made.
    fn spot_in(&mut self, node: u64, name: &OsStr, purpose: Purpose) -> Result<Spot, Errno> {
        let mut spot = self.spot(node, purpose)?;
        match purpose {
            Purpose::Look if is_hidden(name) => return Err(Errno::NOENT),
            Purpose::Change if is_hidden(name) => return Err(Errno::ACCESS),
            Purpose::Look | Purpose::Change => {}
        }
        spot.beneath.push(name);
        Ok(spot)
    }

    /// Makes sure that the state of a path is in the journal before this errand changes it first.
    fn touch(&mut self, spot: &Spot) -> Result<(), Halt> {
        let known = spot.known();
        match spot.look() {
            Err(_) if self.parts.record.is_touched(&known) => Ok(()),
            Err(Errno::NOENT) => Ok(self.parts.record.touch_absent(&known)?),
            Err(error) => Err(error.into()),
            Ok((file, attr)) => self.touch_found(spot, &file, &attr),
        }
    }

    /// As [`Self::touch`], for what was looked at.
    fn touch_found(&mut self, spot: &Spot, file: &OwnedFd, attr: &Attr) -> Result<(), Halt> {
        let known = spot.known();
        if self.parts.record.is_touched(&known) {
            if self.parts.record.is_own(attr) {
                return Ok(());
            }
            self.parts.record.part(&known);
        }
        self.parts.record.drop_edited(&known, attr);
        let before = match attr.kind() {
            FileKind::Directory => {
                let mtime_ns = Some(self.parts.record.time_of(&known, attr));
                State::Directory { mode: attr.mode(), mtime_ns }
            }
            FileKind::Link => {
                let target = readlinkat(file, "", Vec::new())?;
                let target: &OsStr = std::os::unix::ffi::OsStrExt::from_bytes(target.as_bytes());
                State::Link { target: text_of(target) }
            }
            FileKind::Special => return self.touch_lost(spot, &known, attr),
            FileKind::File => {
                let mut content = spot.open_readable(attr)?;
                if attr.size() > self.parts.copy_cap && !self.shares_content(&content, attr) {
                    return self.touch_lost(spot, &known, attr);
                }
                let (digest, bytes) = self.parts.record.keep(&mut content)?;
                State::File { digest, mode: attr.mode(), mtime_ns: attr.mtime_ns(), bytes }
            }
        };
        self.parts.record.touch(&known, before)?;
        self.parts.record.note_links(&known, attr);
        self.parts.record.own(attr);
        Ok(())
    }

    /// What cannot be kept changes only with the user's consent.
    fn touch_lost(&mut self, spot: &Spot, known: &str, attr: &Attr) -> Result<(), Halt> {
        self.permit(Matter::Loss, spot)?;
        self.parts.record.touch_lost(known);
        self.parts.record.own(attr);
        Ok(())
    }

    fn permit(&mut self, matter: Matter, spot: &Spot) -> Result<(), Halt> {
        let Parts { asking, record, .. } = &mut *self.parts;
        asking.permit(&Victim { matter, spot, process: self.head.pid }, |tree| {
            record.made_beneath(tree).into_iter().collect()
        })
    }

    /// Whether the journal can keep a file without copying its content.
    fn shares_content(&mut self, content: &std::fs::File, attr: &Attr) -> bool {
        let journal = Arc::clone(&self.parts.journal);
        *self.parts.shares_content.entry(attr.device()).or_insert_with(|| {
            use rustix::fs::{Mode, OFlags};
            let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
            rustix::fs::openat(&journal, ".", flags, Mode::from_raw_mode(0o600))
                .is_ok_and(|trial| folder::clone_content(content, &trial.into()).is_ok())
        })
    }

    /// The answer that tells the kernel of a node.
    fn entry(&mut self, parent: u64, name: &OsStr, attr: &Attr) -> Result<Answer, Errno> {
        let mut answer = Answer::with_room(160);
        self.put_entry(&mut answer, parent, name, attr)?;
        Ok(answer)
    }

    fn put_entry(&mut self, answer: &mut Answer, parent: u64, name: &OsStr, attr: &Attr) -> Result<u64, Errno> {
        let node = self.tree.enter(parent, name, (attr.device(), attr.inode()))?;
        put_entry_head(answer, node);
        attr.put(answer, number(attr.device(), attr.inode()));
        Ok(node)
    }
}

fn put_entry_head(answer: &mut Answer, node: u64) {
    answer.u64(node).u64(0).u64(VALID_SECONDS).u64(VALID_SECONDS).u32(0).u32(0);
}

fn attributes(attr: &Attr) -> Answer {
    let mut answer = Answer::with_room(104);
    answer.u64(VALID_SECONDS).u32(0).u32(0);
    attr.put(&mut answer, number(attr.device(), attr.inode()));
    answer
}
