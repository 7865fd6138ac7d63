//! A body on its way: pieces, pauses, and the end it comes to.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;

use crate::asked::Dialect;
use crate::turn::Turn;
use crate::{anthropic_events, openai_events};

/// How a body ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// Properly.
    Clean,
    /// The connection is cut after so many bytes.
    Cut(usize),
    /// Nothing more comes after so many bytes.
    Hang(usize),
}

/// A body being sent.
#[derive(Debug)]
pub(crate) struct Delivery {
    pieces: VecDeque<Bytes>,
    /// Text still to be made up, for floods.
    flood: Option<(Bytes, usize, VecDeque<Bytes>)>,
    delay: Duration,
    end: End,
    sent: usize,
    begun: bool,
}

/// What comes next.
pub(crate) enum Step {
    /// These bytes, after this pause.
    Send(Bytes, Duration),
    /// The proper end.
    Finish,
    /// The connection breaks.
    Break,
    /// Nothing, for ever.
    Silence,
}

impl Delivery {
    /// A body in given pieces.
    pub(crate) fn pieces(pieces: Vec<Bytes>, delay: Duration, end: End) -> Self {
        Self { pieces: pieces.into(), flood: None, delay, end, sent: 0, begun: false }
    }

    /// A reply whose text has at least so many bytes.
    pub(crate) fn flood(dialect: Dialect, bytes: usize, end: End) -> Self {
        const PIECE: usize = 16 * 1024;
        let turn = Turn::text("x".repeat(PIECE));
        let mut events: VecDeque<Bytes> = match dialect {
            Dialect::Anthropic => anthropic_events::render(&turn, 1),
            Dialect::OpenAi => openai_events::render(&turn, 1),
        }
        .into();
        // The one event with the text is repeated; what stands before and after it is sent once.
        let place = events.iter().position(|event| event.len() > PIECE).unwrap_or(0);
        let after = events.split_off(place + 1);
        let text = events.pop_back().unwrap_or_default();
        let flood = Some((text, bytes.div_ceil(PIECE), after));
        Self { pieces: events, flood, delay: Duration::ZERO, end, sent: 0, begun: false }
    }

    /// The next step.
    pub(crate) fn next(&mut self) -> Step {
        let limit = match self.end {
            End::Clean => usize::MAX,
            End::Cut(bytes) | End::Hang(bytes) => bytes,
        };
        let room = limit.saturating_sub(self.sent);
        let piece = if room == 0 { None } else { self.piece() };
        let Some(piece) = piece else {
            return match self.end {
                End::Clean => Step::Finish,
                End::Cut(_) => Step::Break,
                End::Hang(_) => Step::Silence,
            };
        };
        let piece = piece.slice(..piece.len().min(room));
        self.sent += piece.len();
        let pause = if self.begun { self.delay } else { Duration::ZERO };
        self.begun = true;
        Step::Send(piece, pause)
    }

    fn piece(&mut self) -> Option<Bytes> {
        if let Some(piece) = self.pieces.pop_front() {
            return Some(piece);
        }
        let (text, left, after) = self.flood.as_mut()?;
        if *left > 0 {
            *left -= 1;
            return Some(text.clone());
        }
        self.pieces = std::mem::take(after);
        self.flood = None;
        self.pieces.pop_front()
    }

    /// Whether the piece just given was the last one of a proper body.
    pub(crate) fn is_over(&self) -> bool {
        self.pieces.is_empty() && self.flood.is_none() && self.end == End::Clean
    }
}
