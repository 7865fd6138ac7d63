//! The live stream of one task as server-sent events (WHATWG HTML, section 9.2).
//!
//! A reader that is slow is not read for: its mailbox in the store joins deltas and rereads events, and at most one
//! batch of text waits here.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use api_types::{Code, ErrorBody};
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

/// Stored events after a sequence, then live ones and deltas, until the reader goes or the server ends.
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
    let feed = Feed { watch, stop: front.stop.clone(), over: false, _seat: seat };
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
    over: bool,
    /// Given back when the reader has gone.
    _seat: OwnedSemaphorePermit,
}

impl Feed {
    fn frames(self) -> impl Stream<Item = Result<Bytes, Infallible>> {
        stream::unfold(self, |mut feed| async move {
            let bytes = feed.next().await?;
            Some((Ok(bytes), feed))
        })
    }

    async fn next(&mut self) -> Option<Bytes> {
        if self.over {
            return None;
        }
        let first = tokio::select! {
            biased;
            () = self.stop.cancelled() => return None,
            first = tokio::time::timeout(HEARTBEAT, self.watch.next()) => first,
        };
        let Ok(first) = first else { return Some(Bytes::from_static(b":\n\n")) };
        let mut text = String::new();
        self.take(&mut text, first);
        while !self.over && text.len() < BATCH {
            let Some(ready) = self.watch.next().now_or_never() else { break };
            self.take(&mut text, ready);
        }
        (!text.is_empty()).then(|| Bytes::from(text))
    }

    fn take(&mut self, text: &mut String, signal: Option<Result<Signal, StoreError>>) {
        match signal {
            Some(Ok(signal)) => {
                if let Err(error) = write(text, &signal) {
                    self.fail(text, Failure::new(Code::Internal, error.to_string(), ""));
                }
            }
            Some(Err(error)) => self.fail(text, error.into()),
            None => self.over = true,
        }
    }

    fn fail(&mut self, text: &mut String, failure: Failure) {
        self.over = true;
        if let Ok(body) = serde_json::to_string(&failure.0) {
            text.push_str("event: error\ndata: ");
            text.push_str(&body);
            text.push_str("\n\n");
        }
    }
}

/// Writes a frame. Stored lines and deltas are one line of JSON each, so one `data:` line holds them.
fn write(text: &mut String, signal: &Signal) -> Result<(), serde_json::Error> {
    match signal {
        Signal::Event(event) => {
            text.push_str("id: ");
            text.push_str(&event.seq.to_string());
            text.push_str("\nevent: event\ndata: ");
            text.push_str(&event.to_line()?);
        }
        Signal::Delta(delta) => {
            text.push_str("event: delta\ndata: ");
            text.push_str(&serde_json::to_string(delta)?);
        }
    }
    text.push_str("\n\n");
    Ok(())
}
