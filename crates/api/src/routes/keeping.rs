//! Keeping tasks: removing and restoring, exporting, and the stream of what changes among them.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use api_types::{Code, ErrorBody, Headline};
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt, stream};
use store::News;
use tokio_util::io::ReaderStream;

use crate::disposition::{Disposition, disposition};
use crate::extract::OfTask;
use crate::failure::{Failure, blocking};
use crate::router::Front;
use crate::serve::MAX_STREAMS;

/// How long nothing may be sent before a comment is, so that both ends notice a dead connection.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// Removes a task. It is stopped first; its folder goes into the trash, from where `restore` takes it out again.
#[utoipa::path(
    delete, path = "/api/v1/tasks/{id}", tag = "tasks", operation_id = "remove_task",
    params(("id" = String, Path, description = "The task")),
    responses(
        (status = 204, description = "It is in the trash"),
        (status = "default", description = "An error", body = ErrorBody)
    )
)]
pub(crate) async fn remove(State(front): State<Arc<Front>>, OfTask(task): OfTask) -> Result<StatusCode, Failure> {
    front.state.tasks.remove(task).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes a removed task out of the trash.
#[utoipa::path(
    post, path = "/api/v1/tasks/{id}/restore", tag = "tasks", operation_id = "restore_task",
    params(("id" = String, Path, description = "The task")),
    responses(
        (status = 204, description = "It is back"),
        (status = "default", description = "An error", body = ErrorBody)
    )
)]
pub(crate) async fn restore(State(front): State<Arc<Front>>, OfTask(task): OfTask) -> Result<StatusCode, Failure> {
    let tasks = Arc::clone(&front.state.tasks);
    blocking(move || Ok(tasks.restore(task)?)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The whole task as one archive file, which `deskhand import` reads.
#[utoipa::path(
    get, path = "/api/v1/tasks/{id}/export", tag = "tasks", operation_id = "export_task",
    params(("id" = String, Path, description = "The task")),
    responses(
        (status = 200, description = "The archive", body = String, content_type = "application/octet-stream"),
        (status = "default", description = "An error", body = ErrorBody)
    )
)]
pub(crate) async fn export(State(front): State<Arc<Front>>, OfTask(task): OfTask) -> Result<Response, Failure> {
    let (name, file, bytes) = blocking(move || {
        let (name, file) = front.state.tasks.export(task)?;
        let bytes = file.metadata().map_err(|error| Failure::new(Code::Storage, error.to_string(), ""))?.len();
        Ok((name, file, bytes))
    })
    .await?;
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_LENGTH, bytes.to_string()),
        (header::CONTENT_DISPOSITION, disposition(Disposition::Save, &name)),
    ];
    let reader = tokio::fs::File::from_std(file);
    Ok((headers, Body::from_stream(ReaderStream::with_capacity(reader, 64 * 1024))).into_response())
}

/// What changes among all tasks from now on, as server-sent events; each `data:` is a headline.
#[utoipa::path(
    get, path = "/api/v1/changes", tag = "tasks", operation_id = "stream_changes",
    responses(
        (status = 200, description = "The stream", body = Headline, content_type = "text/event-stream"),
        (status = "default", description = "An error", body = ErrorBody)
    )
)]
pub(crate) async fn changes(State(front): State<Arc<Front>>) -> Result<Response, Failure> {
    let seat = Arc::clone(&front.seats).try_acquire_owned().map_err(|_full| {
        Failure::new(
            Code::TooManyStreams,
            format!("{MAX_STREAMS} streams are open already"),
            "close a window and try again",
        )
    })?;
    let tasks = Arc::clone(&front.state.tasks);
    let news = blocking(move || Ok(tasks.headlines()?)).await?;
    let stop = front.stop.clone();
    // A comment first, so that the reader knows it misses nothing from here on.
    let opening = stream::once(async { Ok(Bytes::from_static(b":\n\n")) });
    let frames = stream::unfold((news, stop, seat), |(mut news, stop, seat)| async move {
        let next = tokio::select! {
            biased;
            () = stop.cancelled() => return None,
            next = tokio::time::timeout(HEARTBEAT, news.next()) => next,
        };
        let bytes = match next {
            Ok(news) => frame(news?)?,
            Err(_quiet) => Bytes::from_static(b":\n\n"),
        };
        Some((Ok::<_, Infallible>(bytes), (news, stop, seat)))
    });
    let headers = [(header::CONTENT_TYPE, "text/event-stream"), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, Body::from_stream(opening.chain(frames))).into_response())
}

fn frame(news: News) -> Option<Bytes> {
    let headline = match news {
        News::Task(summary) => Headline::Task((*summary).into()),
        News::Gone(id) => Headline::Gone { id },
        News::Missed => Headline::Missed,
    };
    let line = serde_json::to_string(&headline).ok()?;
    Some(Bytes::from(format!("data: {line}\n\n")))
}
