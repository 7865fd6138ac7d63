//! From every error to its code, status and one form.

use api_types::{Code, ErrorBody};
use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use store::StoreError;
use tasks::TaskError;
use tool::Refusal;

/// An error on its way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure(pub(crate) ErrorBody);

impl Failure {
    pub(crate) fn new(code: Code, message: impl Into<String>, hint: impl Into<String>) -> Self {
        let hint = hint.into();
        Self(ErrorBody { code, message: message.into(), hint: (!hint.is_empty()).then_some(hint) })
    }

    pub(crate) fn status(&self) -> StatusCode {
        status(self.0.code)
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(Code::BadRequest, message, "see /api/openapi.json for what is expected")
    }

    pub(crate) fn refusal(code: Code, refusal: Refusal) -> Self {
        Self::new(code, refusal.message, refusal.hint)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        (self.status(), Json(self.0)).into_response()
    }
}

/// The status of each code. A program looks at the code; the status is for everything between.
fn status(code: Code) -> StatusCode {
    match code {
        Code::BadRequest => StatusCode::BAD_REQUEST,
        Code::Unauthorized => StatusCode::UNAUTHORIZED,
        Code::WrongHost => StatusCode::MISDIRECTED_REQUEST,
        Code::WrongOrigin => StatusCode::FORBIDDEN,
        Code::NoRoute | Code::NoTask | Code::NoFile | Code::NoGrant | Code::NoProvider => StatusCode::NOT_FOUND,
        Code::WrongMethod => StatusCode::METHOD_NOT_ALLOWED,
        Code::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Code::NotJson => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Code::TooManyStreams | Code::Closing => StatusCode::SERVICE_UNAVAILABLE,
        Code::TaskExists | Code::Refused | Code::Undo => StatusCode::CONFLICT,
        Code::TaskBusy => StatusCode::LOCKED,
        Code::DiskFull => StatusCode::INSUFFICIENT_STORAGE,
        Code::FolderRefused | Code::Script | Code::Model | Code::Attachment | Code::Settings | Code::Desktop => {
            StatusCode::UNPROCESSABLE_ENTITY
        }
        Code::LogDamaged | Code::Storage | Code::Standing | Code::Internal | Code::Unknown => {
            StatusCode::INTERNAL_SERVER_ERROR
        }
    }
}

impl From<TaskError> for Failure {
    fn from(error: TaskError) -> Self {
        Self::new(code_of(&error), error.to_string(), error.hint())
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        TaskError::from(error).into()
    }
}

fn code_of(error: &TaskError) -> Code {
    match error {
        TaskError::Store(StoreError::NoTask(_)) => Code::NoTask,
        TaskError::Store(StoreError::Exists(_)) => Code::TaskExists,
        TaskError::Store(StoreError::Leased { .. }) => Code::TaskBusy,
        TaskError::Store(StoreError::Damaged { .. }) => Code::LogDamaged,
        TaskError::Store(StoreError::Full { .. }) => Code::DiskFull,
        TaskError::Store(_) | TaskError::Storage { .. } => Code::Storage,
        TaskError::Refused(_) => Code::Refused,
        TaskError::Folder(_) => Code::FolderRefused,
        TaskError::Model(error) if error.kind == model::ErrorKind::Script => Code::Script,
        TaskError::Model(_) => Code::Model,
        TaskError::Attachment { .. } => Code::Attachment,
        TaskError::Undo(_) => Code::Undo,
        TaskError::Standing { .. } => Code::Standing,
        TaskError::Closing => Code::Closing,
        // Foreign and non-exhaustive.
        _ => Code::Internal,
    }
}

/// Does what blocks (reading logs, opening files) off the threads that serve.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|_stopped| Err(Failure::new(Code::Internal, "the work was cut off in the middle", "try again")))
}
