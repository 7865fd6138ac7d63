//! What a fake server answers: a turn, a status, given bytes, or a flood; and how it misbehaves while doing so.

use std::time::Duration;

use bytes::Bytes;

use crate::asked::{Asked, Dialect};
use crate::delivery::{Delivery, End};
use crate::turn::Turn;
use crate::{anthropic_events, openai_events};

/// One answer. The builders after the first can be combined.
#[derive(Debug, Clone)]
pub struct Answer {
    content: Content,
    headers: Vec<(String, String)>,
    error_after: Option<(usize, String, String)>,
    delay: Duration,
    events_per_write: usize,
    piece: Option<usize>,
    splits: Vec<usize>,
    end: End,
}

#[derive(Debug, Clone)]
enum Content {
    Turn(Turn),
    Bytes { status: u16, media: String, body: Bytes },
    Flood(usize),
}

impl From<Turn> for Answer {
    fn from(turn: Turn) -> Self {
        Self::turn(turn)
    }
}

impl Answer {
    /// A streamed reply in the dialect of the request.
    pub fn turn(turn: Turn) -> Self {
        Self::of(Content::Turn(turn))
    }

    /// A status with a JSON body.
    pub fn status(status: u16, body: impl Into<Bytes>) -> Self {
        Self::of(Content::Bytes { status, media: "application/json".to_owned(), body: body.into() })
    }

    /// Exactly these bytes, as a stream of events.
    pub fn recorded(body: impl Into<Bytes>) -> Self {
        Self::of(Content::Bytes { status: 200, media: "text/event-stream".to_owned(), body: body.into() })
    }

    /// Exactly these bytes with success and this media type.
    pub fn document(media: impl Into<String>, body: impl Into<Bytes>) -> Self {
        Self::of(Content::Bytes { status: 200, media: media.into(), body: body.into() })
    }

    /// A well-formed reply whose text has at least so many bytes; made while it is sent, never held whole.
    pub fn flood(bytes: usize) -> Self {
        Self::of(Content::Flood(bytes))
    }

    fn of(content: Content) -> Self {
        Self {
            content,
            headers: Vec::new(),
            error_after: None,
            delay: Duration::ZERO,
            events_per_write: 64,
            piece: None,
            splits: Vec::new(),
            end: End::Clean,
        }
    }

    /// With a further header.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// An error event after so many events, and then the end.
    pub fn error_after(mut self, events: usize, kind: impl Into<String>, message: impl Into<String>) -> Self {
        self.error_after = Some((events, kind.into(), message.into()));
        self
    }

    /// The connection is cut after so many bytes of the body.
    pub fn cut_after(mut self, bytes: usize) -> Self {
        self.end = End::Cut(bytes);
        self
    }

    /// Nothing more comes after so many bytes of the body, but the connection stays open.
    pub fn hang_after(mut self, bytes: usize) -> Self {
        self.end = End::Hang(bytes);
        self
    }

    /// Waits this long before each piece but the first.
    pub fn every(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// So many events travel in one piece. 64 where nothing is said.
    pub fn events_per_write(mut self, events: usize) -> Self {
        self.events_per_write = events.max(1);
        self
    }

    /// The body travels in pieces of so many bytes, without regard to events.
    pub fn in_pieces(mut self, bytes: usize) -> Self {
        self.piece = Some(bytes.max(1));
        self
    }

    /// The body travels in pieces that end at these places.
    pub fn split_at(mut self, places: impl Into<Vec<usize>>) -> Self {
        self.splits = places.into();
        self
    }

    /// The status of the answer.
    pub(crate) fn code(&self) -> u16 {
        match &self.content {
            Content::Bytes { status, .. } => *status,
            Content::Turn(_) | Content::Flood(_) => 200,
        }
    }

    /// The headers of the answer.
    pub(crate) fn all_headers(&self) -> Vec<(String, String)> {
        let media = match &self.content {
            Content::Bytes { media, .. } => media.as_str(),
            Content::Turn(_) | Content::Flood(_) => "text/event-stream",
        };
        let mut headers = vec![("content-type".to_owned(), media.to_owned())];
        headers.extend(self.headers.iter().cloned());
        headers
    }

    /// The whole body that this answer would send to a request of a dialect, faults left aside.
    pub fn body(&self, dialect: Dialect, replies: usize) -> Bytes {
        self.events(dialect, replies).concat().into()
    }

    /// What is sent, piece by piece.
    pub(crate) fn delivery(&self, asked: &Asked) -> Delivery {
        if let Content::Flood(bytes) = self.content {
            return Delivery::flood(asked.dialect, bytes, self.end);
        }
        let events = self.events(asked.dialect, asked.replies);
        let pieces = if let Some(size) = self.piece {
            let body: Bytes = events.concat().into();
            let places = (1..body.len().div_ceil(size)).map(|number| number * size).collect::<Vec<_>>();
            cut_at(&body, &places)
        } else if self.splits.is_empty() {
            events.chunks(self.events_per_write).map(|events| Bytes::from(events.concat())).collect()
        } else {
            cut_at(&events.concat().into(), &self.splits)
        };
        Delivery::pieces(pieces, self.delay, self.end)
    }

    fn events(&self, dialect: Dialect, replies: usize) -> Vec<Bytes> {
        let mut events = match (&self.content, dialect) {
            (Content::Turn(turn), Dialect::Anthropic) => anthropic_events::render(turn, replies + 1),
            (Content::Turn(turn), Dialect::OpenAi) => openai_events::render(turn, replies + 1),
            (Content::Bytes { body, .. }, _) => vec![body.clone()],
            (Content::Flood(_), _) => Vec::new(),
        };
        if let Some((after, kind, message)) = &self.error_after {
            events.truncate(*after);
            events.push(match dialect {
                Dialect::Anthropic => anthropic_events::error(kind, message),
                Dialect::OpenAi => openai_events::error(kind, message),
            });
        }
        events
    }
}

fn cut_at(body: &Bytes, places: &[usize]) -> Vec<Bytes> {
    let mut pieces = Vec::new();
    let mut start = 0;
    for place in places.iter().copied().filter(|place| *place < body.len()).chain([body.len()]) {
        if place > start {
            pieces.push(body.slice(start..place));
            start = place;
        }
    }
    pieces
}
