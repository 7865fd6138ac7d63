//! Setting this installation up: settings, providers and their keys, the example that comes with it.

use std::sync::Arc;

use api_types::{
    Code, ErrorBody, ProviderRequest, ProviderTest, RevealRequest, Settings, SettingsChange, TaskCreatedResponse,
};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use tool::Refusal;

use crate::extract::{OfName, OfTask, Sent};
use crate::failure::{Failure, blocking};
use crate::router::Front;

type Shown<T> = Result<Json<T>, Failure>;

/// Characters of a provider's name.
const MAX_NAME: usize = 40;

/// Changes settings; what is not named stays as it is.
#[utoipa::path(
    patch, path = "/api/v1/settings", tag = "house", operation_id = "change_settings", request_body = SettingsChange,
    responses(
        (status = 200, description = "All settings as they are now", body = Settings),
        (status = "default", description = "An error", body = ErrorBody)
    )
)]
pub(crate) async fn change(State(front): State<Arc<Front>>, Sent(change): Sent<SettingsChange>) -> Shown<Settings> {
    settled(front.state.installation.change(change).await)
}

/// Adds or changes a provider.
#[utoipa::path(
    put, path = "/api/v1/providers/{name}", tag = "house", operation_id = "set_provider",
    request_body = ProviderRequest, params(("name" = String, Path, description = "The provider")),
    responses(
        (status = 200, description = "All settings as they are now", body = Settings),
        (status = "default", description = "An error", body = ErrorBody)
    )
)]
pub(crate) async fn set_provider(
    State(front): State<Arc<Front>>,
    OfName(name): OfName,
    Sent(provider): Sent<ProviderRequest>,
) -> Shown<Settings> {
    settled(front.state.installation.set_provider(check_name(name)?, provider).await)
}

/// Forgets a provider's settings and its key.
#[utoipa::path(
    delete, path = "/api/v1/providers/{name}", tag = "house", operation_id = "remove_provider",
    params(("name" = String, Path, description = "The provider")),
    responses(
        (status = 200, description = "All settings as they are now", body = Settings),
        (status = "default", description = "An error", body = ErrorBody)
    )
)]
pub(crate) async fn remove_provider(State(front): State<Arc<Front>>, OfName(name): OfName) -> Shown<Settings> {
    let installation = &front.state.installation;
    if !installation.settings().providers.iter().any(|known| known.name == name) {
        return Err(Failure::new(Code::NoProvider, format!("there is no provider `{name}`"), "list them first"));
    }
    settled(installation.remove_provider(name).await)
}

/// Asks a provider for its models without storing anything; a stored key is used where none is given.
#[utoipa::path(
    post, path = "/api/v1/providers/{name}/test", tag = "house", operation_id = "test_provider",
    request_body = ProviderRequest, params(("name" = String, Path, description = "The provider")),
    responses(
        (status = 200, description = "What came of it", body = ProviderTest),
        (status = "default", description = "An error", body = ErrorBody)
    )
)]
pub(crate) async fn test_provider(
    State(front): State<Arc<Front>>,
    OfName(name): OfName,
    Sent(provider): Sent<ProviderRequest>,
) -> Shown<ProviderTest> {
    Ok(Json(front.state.installation.try_provider(check_name(name)?, provider).await))
}

/// Makes the task of the example that comes with Deskhand: no account, no key.
#[utoipa::path(
    post, path = "/api/v1/example", tag = "house", operation_id = "try_example",
    responses(
        (status = 201, description = "The task was made", body = TaskCreatedResponse),
        (status = "default", description = "An error", body = ErrorBody)
    )
)]
pub(crate) async fn example(
    State(front): State<Arc<Front>>,
) -> Result<(StatusCode, Json<TaskCreatedResponse>), Failure> {
    let id = front.state.installation.example().await.map_err(|it| Failure::refusal(Code::Settings, it))?;
    Ok((StatusCode::CREATED, Json(TaskCreatedResponse { id })))
}

/// Shows a file of a task on this computer's desktop.
#[utoipa::path(
    post, path = "/api/v1/tasks/{id}/reveal", tag = "files", operation_id = "reveal_file",
    request_body = RevealRequest, params(("id" = String, Path, description = "The task")),
    responses(
        (status = 204, description = "The desktop was asked to show it"),
        (status = "default", description = "An error", body = ErrorBody)
    )
)]
pub(crate) async fn reveal(
    State(front): State<Arc<Front>>,
    OfTask(task): OfTask,
    Sent(request): Sent<RevealRequest>,
) -> Result<StatusCode, Failure> {
    blocking(move || {
        let desk = front.state.tasks.desk(task)?;
        let shown = front.state.installation.reveal(&desk, &request.path, request.how);
        shown.map_err(|it| Failure::refusal(Code::Desktop, it))
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

fn settled(settings: Result<Settings, Refusal>) -> Shown<Settings> {
    settings.map(Json).map_err(|it| Failure::refusal(Code::Settings, it))
}

/// A provider's name is the first part of its models' names and a table of the settings file.
fn check_name(name: String) -> Result<String, Failure> {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.');
    if name.is_empty() || name.len() > MAX_NAME || !name.chars().all(fits) || name == "script" {
        return Err(Failure::bad_request(format!(
            "a provider's name has 1 to {MAX_NAME} letters, digits, `-`, `_` or `.`, and is not `script`"
        )));
    }
    Ok(name)
}
