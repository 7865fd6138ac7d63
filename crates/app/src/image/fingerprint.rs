//! SHA-256 of what is read, which manifests are written in.

use std::io::{self, Read, Write};

use ring::digest::{Context, SHA256};

/// A SHA-256 digest.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Fingerprint(pub(super) [u8; 32]);

impl Fingerprint {
    /// Reads to the end or to one byte more than `most`; gives the digest and the number of bytes.
    pub(super) fn of(from: &mut impl Read, most: u64) -> io::Result<(Self, u64)> {
        copy(from, &mut io::sink(), most).map_err(|(CopyError::Read(error) | CopyError::Write(error))| error)
    }

    /// The digest of bytes.
    pub(super) fn of_bytes(bytes: &[u8]) -> Self {
        let mut context = Context::new(&SHA256);
        context.update(bytes);
        Self::finish(context)
    }

    fn finish(context: Context) -> Self {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(context.finish().as_ref());
        Self(bytes)
    }
}

/// Which side of a copy failed.
#[derive(Debug)]
pub(super) enum CopyError {
    /// What is read.
    Read(io::Error),
    /// What is written.
    Write(io::Error),
}

/// Copies, and gives the digest of exactly what was written and how many bytes that were. Ends one byte after `most`:
/// what is longer is wrong anyway.
pub(super) fn copy(from: &mut impl Read, to: &mut impl Write, most: u64) -> Result<(Fingerprint, u64), CopyError> {
    let mut context = Context::new(&SHA256);
    let mut buffer = vec![0; 1 << 20];
    let mut limited = from.take(most.saturating_add(1));
    let mut copied = 0;
    loop {
        let count = match limited.read(&mut buffer) {
            Ok(0) => return Ok((Fingerprint::finish(context), copied)),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(CopyError::Read(error)),
        };
        let bytes = buffer.get(..count).unwrap_or_default();
        context.update(bytes);
        to.write_all(bytes).map_err(CopyError::Write)?;
        copied += count as u64;
    }
}

impl std::fmt::Display for Fingerprint {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl std::fmt::Debug for Fingerprint {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Fingerprint({self})")
    }
}
