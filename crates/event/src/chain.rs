//! Digests, and the hash chain that shows whether a log was altered.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Event, Seq};

/// The first 16 bytes of a BLAKE3 hash, written as 32 hexadecimal digits.
///
/// 128 bits: forging a line with a wanted digest costs about 2^128 tries, and logs stay short.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(value_type = String))]
pub struct Digest([u8; 16]);

impl Digest {
    /// Digest of some bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self::cut(&blake3::hash(bytes))
    }

    /// Digest of everything a reader gives.
    pub fn of_reader(mut reader: impl std::io::Read) -> std::io::Result<Self> {
        let mut hasher = blake3::Hasher::new();
        let mut buffer = vec![0; 64 * 1024];
        loop {
            match reader.read(&mut buffer) {
                Ok(0) => return Ok(Self::cut(&hasher.finalize())),
                Ok(count) => {
                    hasher.update(buffer.get(..count).unwrap_or_default());
                }
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Reads 32 hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.as_bytes();
        if text.len() != 32 {
            return None;
        }
        let mut bytes = [0; 16];
        for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
            let high = char::from(pair[0]).to_digit(16)?;
            let low = char::from(pair[1]).to_digit(16)?;
            *byte = (high * 16 + low) as u8;
        }
        Some(Self(bytes))
    }

    /// The first eight bytes, for making ids from.
    pub fn seed(&self) -> [u8; 8] {
        let mut seed = [0; 8];
        seed.copy_from_slice(&self.0[..8]);
        seed
    }

    fn cut(hash: &blake3::Hash) -> Self {
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hash.as_bytes()[..16]);
        Self(bytes)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        const HEX: &[u8; 16] = b"0123456789abcdef";
        let mut text = [0; 32];
        for (pair, byte) in text.chunks_exact_mut(2).zip(self.0) {
            pair[0] = HEX[usize::from(byte >> 4)];
            pair[1] = HEX[usize::from(byte & 15)];
        }
        formatter.write_str(std::str::from_utf8(&text).unwrap_or_default())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Digest({self})")
    }
}

impl Serialize for Digest {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("a digest has 32 hexadecimal digits"))
    }
}

/// Why a line does not continue a chain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChainError {
    /// The line's number is not the one that follows.
    #[error("event {found} stands where event {expected} belongs")]
    OutOfOrder {
        /// The number that belongs here.
        expected: Seq,
        /// The number found.
        found: Seq,
    },
    /// The line before is not the one this line was written after.
    #[error("event {0} does not follow the line before it: one of the two was altered")]
    Broken(Seq),
}

/// The state of a chain while a log is written or checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chain {
    /// Number of the last event; `Seq(0)` at the start.
    pub head: Seq,
    /// Digest of the last line; of the empty text at the start.
    pub digest: Digest,
}

impl Default for Chain {
    fn default() -> Self {
        Self { head: Seq(0), digest: Digest::of(b"") }
    }
}

impl Chain {
    /// Steps over a line that was just written.
    pub fn advance(&mut self, line: &str) {
        self.head = self.head.next();
        self.digest = Digest::of(line.as_bytes());
    }

    /// Checks that `event`, decoded from `line`, follows; then steps over it.
    pub fn check(&mut self, event: &Event, line: &str) -> Result<(), ChainError> {
        let expected = self.head.next();
        if event.seq != expected {
            return Err(ChainError::OutOfOrder { expected, found: event.seq });
        }
        if event.prev != self.digest {
            return Err(ChainError::Broken(event.seq));
        }
        self.advance(line);
        Ok(())
    }
}
