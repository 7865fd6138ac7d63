//! Answers in the protocol's form, built up in one buffer and sent in one piece.

use rustix::io::Errno;

/// Bytes before the body of an answer.
const HEADER_BYTES: usize = 16;

/// An answer under way: room for its head, then its body.
#[derive(Debug, Clone)]
pub(crate) struct Answer(Vec<u8>);

impl Answer {
    /// Without a body.
    pub(crate) fn empty() -> Self {
        Self::with_room(0)
    }

    /// With room for a body of so many bytes.
    pub(crate) fn with_room(bytes: usize) -> Self {
        let mut buffer = Vec::with_capacity(HEADER_BYTES + bytes);
        buffer.resize(HEADER_BYTES, 0);
        Self(buffer)
    }

    /// Bytes of the body so far.
    pub(crate) fn len(&self) -> usize {
        self.0.len() - HEADER_BYTES
    }

    pub(crate) fn u16(&mut self, value: u16) -> &mut Self {
        self.bytes(&value.to_ne_bytes())
    }

    pub(crate) fn u32(&mut self, value: u32) -> &mut Self {
        self.bytes(&value.to_ne_bytes())
    }

    pub(crate) fn u64(&mut self, value: u64) -> &mut Self {
        self.bytes(&value.to_ne_bytes())
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.extend_from_slice(bytes);
        self
    }

    /// Appends so many zeros.
    pub(crate) fn pad(&mut self, bytes: usize) -> &mut Self {
        self.0.resize(self.0.len() + bytes, 0);
        self
    }

    /// Takes back what was appended after so many bytes of body.
    pub(crate) fn cut(&mut self, length: usize) {
        self.0.truncate(HEADER_BYTES + length);
    }

    /// The body, to be filled in place.
    pub(crate) fn body(&mut self) -> &mut [u8] {
        self.0.get_mut(HEADER_BYTES..).unwrap_or_default()
    }

    /// The message that answers a request.
    pub(crate) fn seal(mut self, unique: u64) -> Vec<u8> {
        put_header(&mut self.0, 0, unique);
        self.0
    }

    /// A message without a request: a notification of this kind.
    pub(crate) fn seal_notice(mut self, kind: i32) -> Vec<u8> {
        put_header(&mut self.0, kind, 0);
        self.0
    }
}

/// The message that refuses a request.
pub(crate) fn refusal(error: Errno, unique: u64) -> Vec<u8> {
    let mut buffer = vec![0; HEADER_BYTES];
    put_header(&mut buffer, -error.raw_os_error(), unique);
    buffer
}

fn put_header(buffer: &mut [u8], error: i32, unique: u64) {
    let length = u32::try_from(buffer.len()).unwrap_or(u32::MAX);
    let head = [&length.to_ne_bytes()[..], &error.to_ne_bytes(), &unique.to_ne_bytes()].concat();
    for (slot, byte) in buffer.iter_mut().zip(head) {
        *slot = byte;
    }
}
