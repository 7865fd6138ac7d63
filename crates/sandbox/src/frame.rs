//! Frames between host and guest: length, stream, kind, payload. One format for every byte channel.
//!
//! Layout, big endian: `u32` payload length, `u32` stream number, `u8` kind, payload. Stream 0 is the machine itself;
//! every command has a stream of its own, numbered by the host. Kinds unknown to a reader are skipped by it.

/// Bytes before the payload.
pub const HEADER_BYTES: usize = 9;
/// Largest payload; a longer one is a broken or hostile peer.
pub const MAX_PAYLOAD: usize = 1 << 20;
/// Bytes of output a command may send before the host has given it more with [`FrameKind::Credit`].
pub const OUTPUT_WINDOW: u32 = 1 << 20;
/// Bytes each side may send on a connection before the other has given it more.
pub const CONNECTION_WINDOW: u32 = 256 << 10;
/// Set in the stream number of every connection; the guest numbers them.
pub const CONNECTION: u32 = 1 << 31;

/// What a frame is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FrameKind {
    /// Guest → host, stream 0: the guest is up, after [`FrameKind::Setup`]. JSON of [`crate::GuestHello`].
    Hello,
    /// Host → guest: run a command on this stream. JSON of [`crate::Command`].
    Exec,
    /// Host → guest: end the command on this stream with all its descendants. Empty.
    Kill,
    /// Guest → host: bytes of standard output.
    Out,
    /// Guest → host: bytes of standard error.
    Error,
    /// Guest → host: the command ended. JSON of [`crate::Exit`]. Nothing follows on the stream.
    Exit,
    /// Guest → host: the command could not be started. The payload says why. Nothing follows on the stream.
    Refused,
    /// Host → guest: this many more bytes of output may be sent on the stream. `u32`, big endian.
    Credit,
    /// Host → guest, stream 0, always the first: what the machine is made of. JSON of [`crate::GuestSetup`].
    Setup,
    /// Guest → host: a program inside connected to the proxy; the stream has bit [`CONNECTION`] set. Empty.
    Open,
    /// Both ways on such a stream: bytes, within the credit the other side gave.
    Data,
    /// Both ways on such a stream: nothing more comes from here. After both have said so the number is free again.
    Close,
    /// Both ways on such a stream: it is over at once, in both directions.
    Reset,
    /// Host → guest, stream 0: the clocks of all commands stop. Empty.
    Hold,
    /// Host → guest, stream 0: they go on. Empty.
    Release,
    /// Both ways, stream 0: whoever gets it sends the same payload back, once. At most 64 bytes.
    Ping,
    /// The answer to [`FrameKind::Ping`].
    Pong,
}

impl FrameKind {
    /// The kind's number on the wire.
    pub fn code(self) -> u8 {
        match self {
            Self::Hello => 1,
            Self::Exec => 2,
            Self::Kill => 3,
            Self::Out => 4,
            Self::Error => 5,
            Self::Exit => 6,
            Self::Refused => 7,
            Self::Credit => 8,
            Self::Setup => 9,
            Self::Open => 10,
            Self::Data => 11,
            Self::Close => 12,
            Self::Reset => 13,
            Self::Hold => 14,
            Self::Release => 15,
            Self::Ping => 16,
            Self::Pong => 17,
        }
    }

    fn from_code(code: u8) -> Option<Self> {
        const ALL: [FrameKind; 17] = [
            FrameKind::Hello,
            FrameKind::Exec,
            FrameKind::Kill,
            FrameKind::Out,
            FrameKind::Error,
            FrameKind::Exit,
            FrameKind::Refused,
            FrameKind::Credit,
            FrameKind::Setup,
            FrameKind::Open,
            FrameKind::Data,
            FrameKind::Close,
            FrameKind::Reset,
            FrameKind::Hold,
            FrameKind::Release,
            FrameKind::Ping,
            FrameKind::Pong,
        ];
        ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// One frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// The stream it belongs to.
    pub stream: u32,
    /// What it is about; none for a kind this side does not know.
    pub kind: Option<FrameKind>,
    /// Its content.
    pub payload: Vec<u8>,
}

/// Why bytes are not a frame.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FrameError {
    /// The announced payload is larger than [`MAX_PAYLOAD`].
    #[error("a frame announces {0} bytes, more than is allowed")]
    TooLong(usize),
}

impl Frame {
    /// A frame of a known kind.
    pub fn new(stream: u32, kind: FrameKind, payload: impl Into<Vec<u8>>) -> Self {
        Self { stream, kind: Some(kind), payload: payload.into() }
    }

    /// Its bytes on the wire. Payloads longer than [`MAX_PAYLOAD`] must be split by the caller.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEADER_BYTES + self.payload.len());
        let length = u32::try_from(self.payload.len()).unwrap_or(u32::MAX);
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(&self.stream.to_be_bytes());
        bytes.push(self.kind.map_or(0, FrameKind::code));
        bytes.extend_from_slice(&self.payload);
        bytes
    }

    /// Takes one whole frame off the front of a buffer; none while it is incomplete.
    pub fn decode(buffer: &[u8]) -> Result<Option<(Self, usize)>, FrameError> {
        let Some((header, rest)) = buffer.split_at_checked(HEADER_BYTES) else { return Ok(None) };
        let number = |at: usize| u32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]);
        let length = number(0) as usize;
        if length > MAX_PAYLOAD {
            return Err(FrameError::TooLong(length));
        }
        let Some(payload) = rest.get(..length) else { return Ok(None) };
        let frame = Self { stream: number(4), kind: FrameKind::from_code(header[8]), payload: payload.to_vec() };
        Ok(Some((frame, HEADER_BYTES + length)))
    }
}
