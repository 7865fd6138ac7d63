//! A request to the model under way: its stream, the text so far, and when to keep that text on the disk.

use std::time::Duration;

use event::{Delta, Reply, Seq};
use futures_util::StreamExt;
use model::{Chunk, ErrorKind, ModelError, ReplyStream};
use tokio::time::Instant;

/// Streamed text older than this is kept on the disk, so that a crash loses no more.
const KEEP_EVERY: Duration = Duration::from_millis(100);

/// What a request is for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Purpose {
    /// A reply of the conversation.
    Reply { step: u32 },
    /// A summary of everything up to an event.
    Summary { through: Seq, shortened: bool },
}

/// What came of it.
pub(super) enum Heard {
    /// A piece for the readers.
    Delta(Delta),
    /// It is time to keep the text.
    KeepDraft,
    /// The reply is whole.
    Replied { reply: Box<Reply>, ms: u64 },
    /// It failed.
    Failed { error: ModelError, partial: String },
    /// The summary is there, or not.
    Summarised { through: Seq, shortened: bool, summary: Result<String, ModelError> },
}

/// A request under way.
pub(super) struct Asking {
    stream: ReplyStream,
    purpose: Purpose,
    begun: Instant,
    partial: String,
    /// Bytes of `partial` that are on the disk.
    kept: usize,
    keep_at: Option<Instant>,
}

impl Asking {
    pub(super) fn new(stream: ReplyStream, purpose: Purpose) -> Self {
        Self { stream, purpose, begun: Instant::now(), partial: String::new(), kept: 0, keep_at: None }
    }

    /// A request that failed before it was sent.
    pub(super) fn failed(error: ModelError, purpose: Purpose) -> Self {
        Self::new(Box::pin(futures_util::stream::once(std::future::ready(Err(error)))), purpose)
    }

    /// The text so far.
    pub(super) fn partial(&self) -> &str {
        &self.partial
    }

    /// Whether some of the text was kept.
    pub(super) fn kept_any(&self) -> bool {
        self.kept > 0
    }

    /// The text that is not on the disk yet; it counts as kept from now on.
    pub(super) fn take_unkept(&mut self) -> String {
        let text = self.partial.get(self.kept..).unwrap_or_default().to_owned();
        self.kept = self.partial.len();
        self.keep_at = None;
        text
    }

    /// Waits for the next thing to happen; for ever where nothing is under way.
    pub(super) async fn hear(asking: &mut Option<Self>) -> Heard {
        match asking {
            Some(asking) => asking.next().await,
            None => std::future::pending().await,
        }
    }

    async fn next(&mut self) -> Heard {
        loop {
            let chunk = match self.keep_at {
                Some(at) if at <= Instant::now() => return Heard::KeepDraft,
                Some(at) => tokio::select! {
                    biased;
                    chunk = self.stream.next() => chunk,
                    () = tokio::time::sleep_until(at) => return Heard::KeepDraft,
                },
                None => self.stream.next().await,
            };
            if let Some(heard) = self.digest(chunk) {
                return heard;
            }
        }
    }

    /// What a chunk means; none where nobody needs to hear of it.
    fn digest(&mut self, chunk: Option<Result<Chunk, ModelError>>) -> Option<Heard> {
        let step = match self.purpose {
            Purpose::Reply { step } => step,
            Purpose::Summary { through, shortened } => {
                let summary = digest_summary(chunk)?;
                return Some(Heard::Summarised { through, shortened, summary });
            }
        };
        match chunk {
            Some(Ok(Chunk::Text(text))) => {
                self.partial.push_str(&text);
                self.keep_at.get_or_insert_with(|| Instant::now() + KEEP_EVERY);
                Some(Heard::Delta(Delta::Text { step, text }))
            }
            Some(Ok(Chunk::Thinking(text))) => Some(Heard::Delta(Delta::Thinking { step, text })),
            Some(Ok(Chunk::CallBegun { tool })) => Some(Heard::Delta(Delta::CallBegun { step, tool })),
            Some(Ok(Chunk::Done(reply))) => Some(Heard::Replied { reply, ms: self.elapsed() }),
            Some(Err(error)) => Some(Heard::Failed { error, partial: std::mem::take(&mut self.partial) }),
            None => Some(Heard::Failed { error: ended_early(), partial: std::mem::take(&mut self.partial) }),
        }
    }

    fn elapsed(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

/// The summary a chunk ends in, or why there is none; nothing while it is still coming.
fn digest_summary(chunk: Option<Result<Chunk, ModelError>>) -> Option<Result<String, ModelError>> {
    let summary = match chunk {
        Some(Ok(Chunk::Text(_) | Chunk::Thinking(_) | Chunk::CallBegun { .. })) => return None,
        Some(Ok(Chunk::Done(reply))) => match reply.text() {
            text if text.trim().is_empty() => Err(ModelError::new(
                ErrorKind::BadRequest,
                "the model gave no summary",
                "resume to try again, or choose another model",
            )),
            text => Ok(text),
        },
        Some(Err(error)) => Err(error),
        None => Err(ended_early()),
    };
    Some(summary)
}

fn ended_early() -> ModelError {
    ModelError::new(ErrorKind::Cut, "the reply ended in the middle", "it is asked for again")
}
