//! Reading server-sent events (WHATWG HTML, section 9.2), as far as this API writes them.

use std::collections::VecDeque;

use api_types::ErrorBody;
use event::{Delta, Event};
use http_body_util::BodyExt;
use hyper::StatusCode;

use super::ClientError;
use super::call::Reply;

/// Bytes of one frame. The longest is a stored event, and those are far shorter.
const MAX_FRAME: usize = 64 * 1024 * 1024;

/// One piece of a task's stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StreamLine {
    /// A stored event.
    Event {
        /// The event.
        event: Box<Event>,
        /// Its line exactly as it stands in the log.
        line: String,
    },
    /// Something unfinished.
    Delta(Delta),
}

/// A task's stream, read piece by piece.
pub struct Lines {
    reply: Reply,
    parser: Parser,
    ready: VecDeque<StreamLine>,
}

impl Lines {
    pub(super) fn new(reply: Reply) -> Self {
        Self { reply, parser: Parser::default(), ready: VecDeque::new() }
    }

    /// The next piece; none where the server has ended the stream.
    pub async fn next(&mut self) -> Option<Result<StreamLine, ClientError>> {
        loop {
            if let Some(line) = self.ready.pop_front() {
                return Some(Ok(line));
            }
            let frame = match self.reply.body.frame().await? {
                Ok(frame) => frame,
                Err(error) => return Some(Err(error.into())),
            };
            let Ok(bytes) = frame.into_data() else { continue };
            if let Err(error) = self.parser.feed(&bytes, &mut self.ready) {
                return Some(Err(error));
            }
        }
    }
}

/// Finds frames in bytes that come in any pieces.
#[derive(Default)]
struct Parser {
    line: Vec<u8>,
    kind: String,
    data: String,
}

impl Parser {
    fn feed(&mut self, mut bytes: &[u8], ready: &mut VecDeque<StreamLine>) -> Result<(), ClientError> {
        while let Some(end) = bytes.iter().position(|byte| *byte == b'\n') {
            let (line, rest) = bytes.split_at(end);
            self.line.extend_from_slice(line);
            bytes = rest.get(1..).unwrap_or_default();
            let line = std::mem::take(&mut self.line);
            let line = String::from_utf8(line).map_err(|_| unreadable("the stream is not UTF-8"))?;
            if let Some(piece) = self.take(&line)? {
                ready.push_back(piece);
            }
        }
        self.line.extend_from_slice(bytes);
        if self.line.len() + self.data.len() > MAX_FRAME {
            return Err(unreadable("a frame of the stream is too long"));
        }
        Ok(())
    }

    fn take(&mut self, line: &str) -> Result<Option<StreamLine>, ClientError> {
        if line.is_empty() {
            let (kind, data) = (std::mem::take(&mut self.kind), std::mem::take(&mut self.data));
            return piece(&kind, data);
        }
        if let Some(kind) = line.strip_prefix("event: ") {
            kind.clone_into(&mut self.kind);
        } else if let Some(data) = line.strip_prefix("data: ") {
            self.data.push_str(data);
        }
        Ok(None)
    }
}

fn piece(kind: &str, data: String) -> Result<Option<StreamLine>, ClientError> {
    let wrong = |error: serde_json::Error| ClientError::Unreadable(error.to_string());
    match kind {
        "event" => {
            let event = Box::new(serde_json::from_str(&data).map_err(wrong)?);
            Ok(Some(StreamLine::Event { event, line: data }))
        }
        "delta" => Ok(Some(StreamLine::Delta(serde_json::from_str(&data).map_err(wrong)?))),
        "error" => {
            let body: ErrorBody = serde_json::from_str(&data).map_err(wrong)?;
            Err(ClientError::Refused { status: StatusCode::INTERNAL_SERVER_ERROR, body })
        }
        // Comments end in an empty line too, and a newer server may send more kinds.
        _ => Ok(None),
    }
}

fn unreadable(what: &str) -> ClientError {
    ClientError::Unreadable(what.to_owned())
}
