//! Reading heads and bodies off a byte stream with bounded memory, and passing bodies on.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use crate::head::{self, Framing};

/// Bytes read at a time.
const PIECE: usize = 16 << 10;
/// Most bytes of a chunk's first line, and of all lines after the last chunk.
const LONGEST_LINE: usize = 4 << 10;

/// A stream with what was read too far.
pub(crate) struct Incoming<R> {
    stream: R,
    kept: Vec<u8>,
}

/// Why a message could not be read.
#[derive(Debug)]
pub(crate) enum Broken {
    /// The stream ended, before anything or in the middle.
    Ended,
    /// It is not what HTTP allows.
    Wrong(head::Wrong),
    /// The stream failed.
    Failed,
}

impl From<io::Error> for Broken {
    fn from(_: io::Error) -> Self {
        Self::Failed
    }
}

impl<R: AsyncRead + Unpin> Incoming<R> {
    pub(crate) fn new(stream: R) -> Self {
        Self { stream, kept: Vec::new() }
    }

    /// Whether bytes are there already.
    pub(crate) fn has_kept(&self) -> bool {
        !self.kept.is_empty()
    }

    /// Waits for more bytes; false at the end.
    pub(crate) async fn more(&mut self) -> io::Result<bool> {
        let mut piece = [0; PIECE];
        let read = self.stream.read(&mut piece).await?;
        self.kept.extend_from_slice(&piece[..read]);
        Ok(read > 0)
    }

    /// Waits until the other side has said that nothing more comes. What comes before is kept, up to the size of a head;
    /// beyond that nobody can say.
    pub(crate) async fn ended(&mut self) {
        while self.kept.len() < head::LARGEST_HEAD {
            if !matches!(self.more().await, Ok(true)) {
                return;
            }
        }
        std::future::pending::<()>().await;
    }

    /// What has been read and not been taken.
    pub(crate) fn kept(&self) -> &[u8] {
        &self.kept
    }

    /// Takes everything that has been read.
    pub(crate) fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.kept)
    }

    /// The next bytes, at most a piece; empty at the end.
    pub(crate) async fn piece(&mut self) -> io::Result<Vec<u8>> {
        if self.kept.is_empty() {
            self.more().await?;
        }
        Ok(self.take())
    }

    /// The next head, whole.
    pub(crate) async fn head(&mut self) -> Result<Vec<u8>, Broken> {
        let mut seen = 0;
        loop {
            if let Some(end) = head::end(&self.kept, seen).map_err(Broken::Wrong)? {
                let rest = self.kept.split_off(end);
                return Ok(std::mem::replace(&mut self.kept, rest));
            }
            seen = self.kept.len();
            if !self.more().await? {
                return Err(Broken::Ended);
            }
        }
    }

    /// The next line without its end.
    async fn line(&mut self) -> Result<Vec<u8>, Broken> {
        loop {
            if let Some(at) = self.kept.iter().position(|&byte| byte == b'\n') {
                let rest = self.kept.split_off(at + 1);
                let mut line = std::mem::replace(&mut self.kept, rest);
                line.truncate(at);
                return match line.pop() {
                    Some(b'\r') if !line.contains(&b'\r') => Ok(line),
                    _ => Err(Broken::Wrong("a line of a chunk does not end properly")),
                };
            }
            if self.kept.len() > LONGEST_LINE {
                return Err(Broken::Wrong("a line of a chunk is too long"));
            }
            if !self.more().await? {
                return Err(Broken::Ended);
            }
        }
    }

    /// Up to `most` of the next bytes, at least one.
    async fn some(&mut self, most: u64) -> Result<Vec<u8>, Broken> {
        if self.kept.is_empty() && !self.more().await? {
            return Err(Broken::Ended);
        }
        let end = usize::try_from(most).unwrap_or(usize::MAX).min(self.kept.len());
        let rest = self.kept.split_off(end);
        Ok(std::mem::replace(&mut self.kept, rest))
    }
}

/// A body being read. Gives the content; chunks are put together and what follows the last one is dropped.
pub(crate) struct Body {
    state: State,
}

enum State {
    Counted(u64),
    ChunkNext { first: bool },
    InChunk(u64),
    UntilClose,
    Over,
}

impl Body {
    pub(crate) fn new(framing: Framing) -> Self {
        let state = match framing {
            Framing::Empty | Framing::Length(0) => State::Over,
            Framing::Length(length) => State::Counted(length),
            Framing::Chunked => State::ChunkNext { first: true },
            Framing::Close => State::UntilClose,
        };
        Self { state }
    }

    /// The next piece of content; none at the end.
    pub(crate) async fn next<R: AsyncRead + Unpin>(
        &mut self,
        from: &mut Incoming<R>,
    ) -> Result<Option<Vec<u8>>, Broken> {
        loop {
            match self.state {
                State::Over => return Ok(None),
                State::UntilClose => {
                    let piece = from.piece().await?;
                    if piece.is_empty() {
                        self.state = State::Over;
                        return Ok(None);
                    }
                    return Ok(Some(piece));
                }
                State::Counted(left) => {
                    let piece = from.some(left).await?;
                    let left = left - piece.len() as u64;
                    self.state = if left == 0 { State::Over } else { State::Counted(left) };
                    return Ok(Some(piece));
                }
                State::InChunk(left) => {
                    let piece = from.some(left).await?;
                    let left = left - piece.len() as u64;
                    self.state = if left == 0 { State::ChunkNext { first: false } } else { State::InChunk(left) };
                    return Ok(Some(piece));
                }
                State::ChunkNext { first } => self.open_chunk(first, from).await?,
            }
        }
    }

    async fn open_chunk<R: AsyncRead + Unpin>(&mut self, first: bool, from: &mut Incoming<R>) -> Result<(), Broken> {
        if !first && !from.line().await?.is_empty() {
            return Err(Broken::Wrong("a chunk is longer than it says"));
        }
        let size = chunk_size(&from.line().await?).ok_or(Broken::Wrong("the size of a chunk is not a plain number"))?;
        if size > 0 {
            self.state = State::InChunk(size);
            return Ok(());
        }
        let mut left = LONGEST_LINE;
        loop {
            let line = from.line().await?;
            if line.is_empty() {
                self.state = State::Over;
                return Ok(());
            }
            left = left.checked_sub(line.len()).ok_or(Broken::Wrong("too much follows the last chunk"))?;
        }
    }
}

/// The size in a chunk's first line; extensions after `;` are dropped.
fn chunk_size(line: &[u8]) -> Option<u64> {
    let digits = line.split(|&byte| byte == b';').next()?;
    let is_plain = (1..=15).contains(&digits.len()) && digits.iter().all(u8::is_ascii_hexdigit);
    let is_printable = line.iter().all(|byte| (b' '..=b'~').contains(byte));
    if !is_plain || !is_printable {
        return None;
    }
    u64::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

/// Passes a body on, in the framing it is announced with; `seen` is told how many bytes go.
pub(crate) async fn pass<R: AsyncRead + Unpin, W: AsyncWrite + Unpin>(
    from: &mut Incoming<R>,
    to: &mut W,
    (framing, announced): (Framing, Framing),
    seen: impl Fn(usize),
) -> Result<(), Broken> {
    let mut body = Body::new(framing);
    while let Some(piece) = body.next(from).await? {
        if announced == Framing::Chunked {
            to.write_all(format!("{:x}\r\n", piece.len()).as_bytes()).await?;
        }
        to.write_all(&piece).await?;
        if announced == Framing::Chunked {
            to.write_all(b"\r\n").await?;
        }
        to.flush().await?;
        seen(piece.len());
    }
    if announced == Framing::Chunked {
        to.write_all(b"0\r\n\r\n").await?;
    }
    to.flush().await?;
    Ok(())
}
