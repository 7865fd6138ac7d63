//! The ledger of a task: what was decided about its connections.

use std::sync::Arc;

use api_types::{ErrorBody, LedgerLine};
use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::extract::{Asked, OfTask};
use crate::failure::{Failure, blocking};
use crate::router::Front;

/// Lines of one answer where not said.
const USUAL: usize = 1000;
/// Most lines of one answer.
const MOST: usize = 10_000;

/// How much of it.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct LedgerQuery {
    /// At most this many, the latest ones; 1,000 where not said, 10,000 at most.
    limit: Option<usize>,
}

/// Every decision about a connection of the task, oldest first.
#[utoipa::path(
    get, path = "/api/v1/tasks/{id}/ledger", tag = "tasks", operation_id = "read_ledger",
    params(("id" = String, Path, description = "The task"), LedgerQuery),
    responses(
        (status = 200, description = "The decisions", body = Vec<LedgerLine>),
        (status = "default", description = "An error", body = ErrorBody)
    )
)]
pub(crate) async fn ledger(
    State(front): State<Arc<Front>>,
    OfTask(task): OfTask,
    Asked(query): Asked<LedgerQuery>,
) -> Result<Json<Vec<LedgerLine>>, Failure> {
    let limit = query.limit.unwrap_or(USUAL).min(MOST);
    let tasks = Arc::clone(&front.state.tasks);
    Ok(Json(blocking(move || Ok(LedgerLine::last_of(&tasks.ledger(task)?, limit))).await?))
}
