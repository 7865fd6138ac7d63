//! Requests of a FUSE wire taken apart (`include/uapi/linux/fuse.h`, protocol 7.31). Nothing in them is trusted: every
//! length is checked against the bytes there are, every name is one component.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use rustix::io::Errno;

/// Bytes before the body of a request.
pub(crate) const HEADER_BYTES: usize = 40;
/// Longest name of one component.
const NAME_MAX: usize = 255;
/// Longest target of a symbolic link.
const TARGET_MAX: usize = 4095;

/// The head of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) opcode: u32,
    pub(crate) unique: u64,
    pub(crate) node: u64,
    /// The user who asks, as the machine numbers users.
    pub(crate) user: u32,
    pub(crate) pid: u32,
}

/// Which fields a SETATTR sets (`FATTR_*`).
pub(crate) mod fattr {
    pub(crate) const MODE: u32 = 1;
    pub(crate) const UID: u32 = 1 << 1;
    pub(crate) const GID: u32 = 1 << 2;
    pub(crate) const SIZE: u32 = 1 << 3;
    pub(crate) const ATIME: u32 = 1 << 4;
    pub(crate) const MTIME: u32 = 1 << 5;
    pub(crate) const FH: u32 = 1 << 6;
    pub(crate) const ATIME_NOW: u32 = 1 << 7;
    pub(crate) const MTIME_NOW: u32 = 1 << 8;
}

/// The fields of a SETATTR that mean something here.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SetAttr {
    pub(crate) valid: u32,
    pub(crate) handle: u64,
    pub(crate) size: u64,
    pub(crate) atime: (u64, u32),
    pub(crate) mtime: (u64, u32),
    pub(crate) mode: u32,
    pub(crate) uid: u32,
    pub(crate) gid: u32,
}

/// A range of an open file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    pub(crate) handle: u64,
    pub(crate) offset: u64,
    pub(crate) size: u32,
    /// The flags the file was opened with.
    pub(crate) flags: u32,
}

/// One request.
#[derive(Debug)]
pub(crate) enum Request<'a> {
    Init {
        major: u32,
        minor: u32,
        readahead: u32,
        flags: u32,
    },
    Destroy,
    Lookup {
        name: &'a OsStr,
    },
    Forget {
        forgets: Vec<(u64, u64)>,
    },
    GetAttr {
        handle: Option<u64>,
    },
    SetAttr(SetAttr),
    ReadLink,
    Symlink {
        name: &'a OsStr,
        target: &'a OsStr,
    },
    MakeNode {
        name: &'a OsStr,
        mode: u32,
    },
    MakeDirectory {
        name: &'a OsStr,
        mode: u32,
    },
    Unlink {
        name: &'a OsStr,
    },
    RemoveDirectory {
        name: &'a OsStr,
    },
    Rename {
        name: &'a OsStr,
        into: u64,
        to: &'a OsStr,
        flags: u32,
    },
    Open {
        flags: u32,
    },
    Create {
        name: &'a OsStr,
        flags: u32,
        mode: u32,
    },
    Read(Span),
    Write {
        span: Span,
        data: &'a [u8],
    },
    Release {
        handle: u64,
    },
    Sync {
        handle: u64,
    },
    OpenDirectory,
    ReadDirectory {
        span: Span,
        plus: bool,
    },
    ReleaseDirectory {
        handle: u64,
    },
    SyncDirectory,
    StatFs,
    Access {
        mask: u32,
    },
    Allocate {
        handle: u64,
        offset: u64,
        length: u64,
        mode: u32,
    },
    Seek {
        handle: u64,
        offset: u64,
        whence: u32,
    },
    CopyRange {
        from: Span,
        to: u64,
        to_offset: u64,
        length: u64,
    },
    Interrupt {
        unique: u64,
    },
    Link,
    /// Known to the protocol, not offered here.
    Other,
}

/// Reads the head of a request; none where not even that is there.
pub(crate) fn header(bytes: &[u8]) -> Option<Header> {
    let mut body = Body(bytes);
    let _length = body.u32().ok()?;
    let opcode = body.u32().ok()?;
    let (unique, node) = (body.u64().ok()?, body.u64().ok()?);
    let (user, _group) = (body.u32().ok()?, body.u32().ok()?);
    let pid = body.u32().ok()?;
    body.u32().ok()?;
    Some(Header { opcode, unique, node, user, pid })
}

/// Takes the body of a request apart.
pub(crate) fn parse(opcode: u32, bytes: &[u8]) -> Result<Request<'_>, Errno> {
    let announced = Body(bytes).u32()? as usize;
    if announced != bytes.len() {
        return Err(Errno::IO);
    }
    let mut body = Body(bytes.get(HEADER_BYTES..).ok_or(Errno::IO)?);
    match opcode {
        1 => Ok(Request::Lookup { name: body.name()? }),
        2 | 42 => forgets(opcode, bytes, &mut body),
        5 => Ok(Request::ReadLink),
        6 => Ok(Request::Symlink { name: body.name()?, target: body.target()? }),
        8 => {
            let mode = body.u32()?;
            body.skip(12)?;
            Ok(Request::MakeNode { mode, name: body.name()? })
        }
        9 => {
            let mode = body.u32()?;
            body.skip(4)?;
            Ok(Request::MakeDirectory { mode, name: body.name()? })
        }
        10 => Ok(Request::Unlink { name: body.name()? }),
        11 => Ok(Request::RemoveDirectory { name: body.name()? }),
        12 | 45 => {
            let into = body.u64()?;
            let flags = if opcode == 45 { body.u32()? } else { 0 };
            body.skip(if opcode == 45 { 4 } else { 0 })?;
            Ok(Request::Rename { into, flags, name: body.name()?, to: body.name()? })
        }
        13 => Ok(Request::Link),
        35 => {
            let (flags, mode) = (body.u32()?, body.u32()?);
            body.skip(8)?;
            Ok(Request::Create { flags, mode, name: body.name()? })
        }
        3 | 4 | 14..=18 | 20 => parse_file(opcode, body),
        26..=30 | 34 | 36 | 38 | 43 | 44 | 46 | 47 => parse_rest(opcode, body),
        _ => Ok(Request::Other),
    }
}

fn parse_file(opcode: u32, mut body: Body<'_>) -> Result<Request<'_>, Errno> {
    match opcode {
        3 => {
            let flags = body.u32()?;
            body.skip(4)?;
            let handle = body.u64()?;
            Ok(Request::GetAttr { handle: (flags & 1 != 0).then_some(handle) })
        }
        4 => Ok(Request::SetAttr(set_attr(&mut body)?)),
        14 => Ok(Request::Open { flags: body.u32()? }),
        15 => Ok(Request::Read(span(&mut body)?)),
        16 => {
            let span = span(&mut body)?;
            let data = body.0.get(..span.size as usize).ok_or(Errno::IO)?;
            Ok(Request::Write { span, data })
        }
        17 => Ok(Request::StatFs),
        18 => Ok(Request::Release { handle: body.u64()? }),
        20 => Ok(Request::Sync { handle: body.u64()? }),
        _ => Ok(Request::Other),
    }
}

fn parse_rest(opcode: u32, mut body: Body<'_>) -> Result<Request<'_>, Errno> {
    match opcode {
        26 => {
            let (major, minor) = (body.u32()?, body.u32()?);
            let (readahead, flags) = (body.u32()?, body.u32()?);
            Ok(Request::Init { major, minor, readahead, flags })
        }
        27 => Ok(Request::OpenDirectory),
        28 | 44 => Ok(Request::ReadDirectory { span: span(&mut body)?, plus: opcode == 44 }),
        29 => Ok(Request::ReleaseDirectory { handle: body.u64()? }),
        30 => Ok(Request::SyncDirectory),
        34 => Ok(Request::Access { mask: body.u32()? }),
        36 => Ok(Request::Interrupt { unique: body.u64()? }),
        38 => Ok(Request::Destroy),
        43 => {
            let (handle, offset, length) = (body.u64()?, body.u64()?, body.u64()?);
            Ok(Request::Allocate { handle, offset, length, mode: body.u32()? })
        }
        46 => {
            let (handle, offset) = (body.u64()?, body.u64()?);
            Ok(Request::Seek { handle, offset, whence: body.u32()? })
        }
        47 => {
            let (handle, offset) = (body.u64()?, body.u64()?);
            let from = Span { handle, offset, size: 0, flags: 0 };
            body.skip(8)?;
            let (to, to_offset) = (body.u64()?, body.u64()?);
            Ok(Request::CopyRange { from, to, to_offset, length: body.u64()? })
        }
        _ => Ok(Request::Other),
    }
}

fn forgets<'a>(opcode: u32, bytes: &[u8], body: &mut Body<'a>) -> Result<Request<'a>, Errno> {
    if opcode == 2 {
        let node = header(bytes).ok_or(Errno::IO)?.node;
        return Ok(Request::Forget { forgets: vec![(node, body.u64()?)] });
    }
    let count = body.u32()? as usize;
    body.skip(4)?;
    // One pair takes 16 bytes, so a count that is a lie ends at the end of the message.
    let forgets = (0..count).map_while(|_| Some((body.u64().ok()?, body.u64().ok()?))).collect();
    Ok(Request::Forget { forgets })
}

fn span(body: &mut Body<'_>) -> Result<Span, Errno> {
    let (handle, offset, size) = (body.u64()?, body.u64()?, body.u32()?);
    body.skip(12)?;
    let flags = body.u32()?;
    body.skip(4)?;
    Ok(Span { handle, offset, size, flags })
}

fn set_attr(body: &mut Body<'_>) -> Result<SetAttr, Errno> {
    let valid = body.u32()?;
    body.skip(4)?;
    let (handle, size) = (body.u64()?, body.u64()?);
    body.skip(8)?;
    let (atime, mtime) = (body.u64()?, body.u64()?);
    body.skip(8)?;
    let (atime_ns, mtime_ns) = (body.u32()?, body.u32()?);
    body.skip(4)?;
    let mode = body.u32()?;
    body.skip(4)?;
    let (uid, gid) = (body.u32()?, body.u32()?);
    Ok(SetAttr { valid, handle, size, atime: (atime, atime_ns), mtime: (mtime, mtime_ns), mode, uid, gid })
}

/// What is left of a message.
struct Body<'a>(&'a [u8]);

impl<'a> Body<'a> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], Errno> {
        let (head, rest) = self.0.split_first_chunk().ok_or(Errno::IO)?;
        self.0 = rest;
        Ok(*head)
    }

    fn u32(&mut self) -> Result<u32, Errno> {
        self.take().map(u32::from_ne_bytes)
    }

    fn u64(&mut self) -> Result<u64, Errno> {
        self.take().map(u64::from_ne_bytes)
    }

    fn skip(&mut self, bytes: usize) -> Result<(), Errno> {
        self.0 = self.0.get(bytes..).ok_or(Errno::IO)?;
        Ok(())
    }

    fn text(&mut self) -> Result<&'a [u8], Errno> {
        let end = self.0.iter().position(|byte| *byte == 0).ok_or(Errno::IO)?;
        let (text, rest) = self.0.split_at(end);
        self.skip_to(rest);
        Ok(text)
    }

    fn skip_to(&mut self, rest: &'a [u8]) {
        self.0 = rest.get(1..).unwrap_or_default();
    }

    /// A name of one component.
    fn name(&mut self) -> Result<&'a OsStr, Errno> {
        let name = self.text()?;
        if name.len() > NAME_MAX {
            return Err(Errno::NAMETOOLONG);
        }
        if name.is_empty() || name == b"." || name == b".." || name.contains(&b'/') {
            return Err(Errno::INVAL);
        }
        Ok(OsStr::from_bytes(name))
    }

    fn target(&mut self) -> Result<&'a OsStr, Errno> {
        let target = self.text()?;
        if target.is_empty() {
            return Err(Errno::NOENT);
        }
        if target.len() > TARGET_MAX { Err(Errno::NAMETOOLONG) } else { Ok(OsStr::from_bytes(target)) }
    }
}
