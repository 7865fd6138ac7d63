//! The old contents that Undo needs: what they cost, and giving a task's up.

use std::sync::Arc;

use api_types::{ErrorBody, JournalFreed, JournalUsage};
use axum::Json;
use axum::extract::State;

use crate::extract::OfTask;
use crate::failure::Failure;
use crate::router::Front;

/// What the old contents of all tasks cost, the largest task first.
#[utoipa::path(
    get, path = "/api/v1/journal", tag = "house", operation_id = "read_journal_usage",
    responses(
        (status = 200, description = "What they cost", body = JournalUsage),
        (status = "default", description = "An error", body = ErrorBody)
    )
)]
pub(crate) async fn usage(State(front): State<Arc<Front>>) -> Result<Json<JournalUsage>, Failure> {
    Ok(Json(front.state.installation.journal().await?))
}

/// Gives up all old contents of a task: what it did so far cannot be undone any more. Refused while it is at work.
#[utoipa::path(
    delete, path = "/api/v1/tasks/{id}/journal", tag = "tasks", operation_id = "empty_journal",
    params(("id" = String, Path, description = "The task")),
    responses(
        (status = 200, description = "What was given up", body = JournalFreed),
        (status = "default", description = "An error", body = ErrorBody)
    )
)]
pub(crate) async fn empty(
    State(front): State<Arc<Front>>,
    OfTask(task): OfTask,
) -> Result<Json<JournalFreed>, Failure> {
    Ok(Json(front.state.installation.empty_journal(task).await?))
}
