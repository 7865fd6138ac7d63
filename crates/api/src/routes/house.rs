//! What concerns the installation: settings, models, readiness, standing permissions.

use std::sync::Arc;

use api_types::{Check, Code, ErrorBody, ProviderModels, Settings, StandingGrant};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use event::GrantId;

use crate::extract::OfName;
use crate::failure::{Failure, blocking};
use crate::router::Front;

/// What this installation is set up with.
#[utoipa::path(
    get, path = "/api/v1/settings", tag = "house", operation_id = "read_settings",
    responses(
        (status = 200, description = "The settings", body = Settings),
        (status = "default", description = "An error", body = ErrorBody)
    )
)]
pub(crate) async fn settings(State(front): State<Arc<Front>>) -> Json<Settings> {
    Json(front.state.installation.settings())
}

/// Asks every provider which models it offers.
#[utoipa::path(
    get, path = "/api/v1/models", tag = "house", operation_id = "list_models",
    responses(
        (status = 200, description = "The providers with their models", body = Vec<ProviderModels>),
        (status = "default", description = "An error", body = ErrorBody)
    )
)]
pub(crate) async fn models(State(front): State<Arc<Front>>) -> Json<Vec<ProviderModels>> {
    let offers = front.state.tasks.parts().models.offers().await;
    Json(offers.into_iter().map(ProviderModels::from).collect())
}

/// Every check of readiness with its result and the one next step.
#[utoipa::path(
    get, path = "/api/v1/doctor", tag = "house", operation_id = "check_readiness",
    responses(
        (status = 200, description = "The checks", body = Vec<Check>),
        (status = "default", description = "An error", body = ErrorBody)
    )
)]
pub(crate) async fn doctor(State(front): State<Arc<Front>>) -> Json<Vec<Check>> {
    Json(front.state.installation.checks().await)
}

/// Permissions given for folders, which count for later tasks too.
#[utoipa::path(
    get, path = "/api/v1/grants", tag = "house", operation_id = "list_grants",
    responses(
        (status = 200, description = "The permissions", body = Vec<StandingGrant>),
        (status = "default", description = "An error", body = ErrorBody)
    )
)]
pub(crate) async fn grants(State(front): State<Arc<Front>>) -> Result<Json<Vec<StandingGrant>>, Failure> {
    let tasks = Arc::clone(&front.state.tasks);
    let standing = blocking(move || Ok(tasks.standing().list()?)).await?;
    let grant = |it: tasks::Standing| StandingGrant { id: it.id, folder: it.folder, allows: it.allows };
    Ok(Json(standing.into_iter().map(grant).collect()))
}

/// Takes a standing permission back; what runs with it is cut at once.
#[utoipa::path(
    delete, path = "/api/v1/grants/{id}", tag = "house", operation_id = "revoke_grant",
    params(("id" = String, Path, description = "The permission")),
    responses(
        (status = 204, description = "It is taken back"),
        (status = "default", description = "An error", body = ErrorBody)
    )
)]
pub(crate) async fn revoke(State(front): State<Arc<Front>>, OfName(id): OfName) -> Result<StatusCode, Failure> {
    let tasks = Arc::clone(&front.state.tasks);
    let id = GrantId(id);
    if !tasks.revoke_standing(&id).await? {
        let message = format!("there is no standing permission `{id}`");
        return Err(Failure::new(Code::NoGrant, message, "list them first"));
    }
    Ok(StatusCode::NO_CONTENT)
}
