//! The encoded history of a conversation: it grows, is never rewritten, and is sent without being copied.
//!
//! Finished stretches are frozen into shared segments; only the open end (under one segment) is copied per request.

use bytes::Bytes;

/// A stretch is frozen when it has grown to this size. Large enough that ten megabytes are few writes, small enough
/// that copying the open end costs microseconds.
const SEGMENT: usize = 64 * 1024;

/// Bytes that only grow.
#[derive(Debug, Default)]
pub(crate) struct History {
    frozen: Vec<Bytes>,
    frozen_bytes: usize,
    open: Vec<u8>,
}

impl History {
    /// Appends through a closure, then freezes the open end if it has grown enough.
    pub(crate) fn append(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        write(&mut self.open);
        if self.open.len() >= SEGMENT {
            // The boxed slice gives unused capacity back.
            let segment = Bytes::from(std::mem::take(&mut self.open).into_boxed_slice());
            self.frozen_bytes += segment.len();
            self.frozen.push(segment);
        }
    }

    /// Bytes so far.
    pub(crate) fn len(&self) -> usize {
        self.frozen_bytes + self.open.len()
    }

    /// Everything so far, with `tail` after it, ready to be sent.
    pub(crate) fn with_tail(&self, tail: &[u8]) -> Vec<Bytes> {
        let mut parts = Vec::with_capacity(self.frozen.len() + 1);
        parts.extend(self.frozen.iter().cloned());
        let mut end = Vec::with_capacity(self.open.len() + tail.len());
        end.extend_from_slice(&self.open);
        end.extend_from_slice(tail);
        parts.push(Bytes::from(end));
        parts
    }
}
