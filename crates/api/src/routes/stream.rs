//! The live stream of one task as server-sent events (WHATWG HTML, section 9.2).
//!
//! A reader that is slow is not read for: its mailbox in the store joins deltas and rereads events, and at most one
//! batch of text waits here.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use api_types::{Code, ErrorBody, Live};
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use event::Seq;
use futures_util::{FutureExt, Stream, StreamExt, stream};
use serde::Deserialize;
use store::{Signal, StoreError, Watch};
use tokio::sync::OwnedSemaphorePermit;
use tokio_util::sync::CancellationToken;
use utoipa::IntoParams;

use crate::extract::{Asked, OfTask};
use crate::failure::{Failure, blocking};
use crate::router::Front;
use crate::serve::MAX_STREAMS;

/// How long nothing may be sent before a comment is, so that both ends notice a dead connection.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// Bytes after which a batch is sent even if more is ready.
const BATCH: usize = 32 * 1024;

/// Where to start.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct StreamQuery {
    /// After this sequence; 0 or nothing starts at the first. The header `Last-Event-ID` goes before.
    #[serde(default)]
    after: u64,
}

/// Stored events after a sequence, then live ones and deltas, until the reader goes or the server ends. Between the two
/// comes one frame `live`, so that a screen knows it has caught up.
#[utoipa::path(
    get, path = "/api/v1/tasks/{id}/stream", tag = "tasks", operation_id = "stream_task",
    params(
        ("id" = String, Path, description = "The task"),
        StreamQuery,
        ("Last-Event-ID" = Option<u64>, Header, description = "The last sequence a reader has seen")
    ),
    responses(
        (status = 200, description = "The stream", body = String, content_type = "text/event-stream"),
        (status = "default", description = "An error", body = ErrorBody)
    )
)]
pub(crate) async fn stream(
    State(front): State<Arc<Front>>,
    OfTask(task): OfTask,
    Asked(query): Asked<StreamQuery>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let after = Seq(last_seen(&headers)?.unwrap_or(query.after));
    let seat = Arc::clone(&front.seats).try_acquire_owned().map_err(|_full| {
        Failure::new(
            Code::TooManyStreams,
            format!("{MAX_STREAMS} streams are open already"),
            "close a window or a `deskhand follow` and try again",
        )
    })?;
    let tasks = Arc::clone(&front.state.tasks);
    let watch = blocking(move || Ok(tasks.watch(task, after)?)).await?;
    let feed = Feed { watch, stop: front.stop.clone(), stage: Stage::Opening, last: after, _seat: seat };
    let headers = [(header::CONTENT_TYPE, "text/event-stream"), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, Body::from_stream(feed.frames())).into_response())
}

fn last_seen(headers: &HeaderMap) -> Result<Option<u64>, Failure> {
    let Some(value) = headers.get("last-event-id") else { return Ok(None) };
    let number = value.to_str().ok().and_then(|text| text.parse().ok());
    number.map(Some).ok_or_else(|| Failure::bad_request("`Last-Event-ID` is not a sequence"))
}

struct Feed {
    watch: Watch,
    stop: CancellationToken,
    stage: Stage,
    /// The last event sent.
    last: Seq,
    /// Given back when the reader has gone.
    _seat: OwnedSemaphorePermit,
}

/// How far a stream has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Nothing was sent yet.
    Opening,
    /// What was stored is being sent.
    Stored,
    /// What happens is sent as it happens.
    Live,
    /// The last frame was sent.
    Over,
}

impl Feed {
    fn frames(self) -> impl Stream<Item = Result<Bytes, Infallible>> {
        stream::unfold(self, |mut feed| async move {
            let bytes = feed.next().await?;
            Some((Ok(bytes), feed))
        })
    }

    async fn next(&mut self) -> Option<Bytes> {
        let mut text = String::new();
        match self.stage {
            // A comment at once: some browsers and proxies show nothing of a stream before its first bytes.
            Stage::Opening => {
                text.push_str(":\n\n");
                self.stage = Stage::Stored;
            }
            Stage::Stored => {}
            Stage::Live => {
                let first = tokio::select! {
                    biased;
                    () = self.stop.cancelled() => return None,
                    first = tokio::time::timeout(HEARTBEAT, self.watch.next()) => first,
                };
                let Ok(first) = first else { return Some(Bytes::from_static(b":\n\n")) };
                self.take(&mut text, first);
            }
            Stage::Over => return None,
        }
        if self.stop.is_cancelled() {
            return None;
        }
        self.take_ready(&mut text);
        (!text.is_empty()).then(|| Bytes::from(text))
    }

    /// Takes what is there without waiting, up to a batch.
    fn take_ready(&mut self, text: &mut String) {
        while self.stage != Stage::Over && text.len() < BATCH {
            // Unconstrained: nothing there must mean just that, and not that it is another task's turn.
            let Some(ready) = tokio::task::unconstrained(self.watch.next()).now_or_never() else {
                // Stored events never have to be waited for.
                self.caught_up(text);
                return;
            };
            self.take(text, ready);
        }
    }

    /// Says once that everything stored was sent.
    fn caught_up(&mut self, text: &mut String) {
        if self.stage == Stage::Stored {
            self.stage = Stage::Live;
            let head = self.last;
            self.say(text, "live", serde_json::to_string(&Live { head }));
        }
    }

    fn take(&mut self, text: &mut String, signal: Option<Result<Signal, StoreError>>) {
        match signal {
            Some(Ok(Signal::Event(event))) => {
                self.last = event.seq;
                text.push_str("id: ");
                text.push_str(&event.seq.to_string());
                text.push('\n');
                self.say(text, "event", event.to_line());
            }
            Some(Ok(Signal::Delta(delta))) => {
                // What is under way comes after everything that was stored.
                self.caught_up(text);
                self.say(text, "delta", serde_json::to_string(&delta));
            }
            Some(Err(error)) => self.fail(text, error.into()),
            None => self.stage = Stage::Over,
        }
    }

    /// Writes a frame. Stored lines and everything else are one line of JSON each, so one `data:` line holds them.
    fn say(&mut self, text: &mut String, name: &str, data: Result<String, serde_json::Error>) {
        match data {
            Ok(data) => {
                for piece in ["event: ", name, "\ndata: ", &data, "\n\n"] {
                    text.push_str(piece);
                }
            }
            Err(error) => self.fail(text, Failure::new(Code::Internal, error.to_string(), "")),
        }
    }

    fn fail(&mut self, text: &mut String, failure: Failure) {
        self.stage = Stage::Over;
        if let Ok(body) = serde_json::to_string(&failure.0) {
            text.push_str("event: error\ndata: ");
            text.push_str(&body);
            text.push_str("\n\n");
        }
    }
}
