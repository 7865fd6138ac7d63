//! Reading requests, with refusals in the one form of every error.

use api_types::Code;
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use event::TaskId;
use serde::de::DeserializeOwned;

use crate::failure::Failure;

/// A JSON body.
pub(crate) struct Sent<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Sent<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        match Json::from_request(request, state).await {
            Ok(Json(body)) => Ok(Self(body)),
            Err(rejection) => Err(refused(&rejection)),
        }
    }
}

fn refused(rejection: &JsonRejection) -> Failure {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return Failure::new(
            Code::TooLarge,
            "the request is larger than allowed",
            "1 MB for commands, 64 MB for all attachments together",
        );
    }
    if let JsonRejection::MissingJsonContentType(_) = rejection {
        return Failure::new(Code::NotJson, "the body is not JSON", "send it with `Content-Type: application/json`");
    }
    Failure::bad_request(rejection.body_text())
}

/// The query of the address.
pub(crate) struct Asked<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Asked<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        match Query::from_request_parts(parts, state).await {
            Ok(Query(query)) => Ok(Self(query)),
            Err(rejection) => Err(Failure::bad_request(rejection.body_text())),
        }
    }
}

/// The task of the address.
pub(crate) struct OfTask(pub(crate) TaskId);

impl<S: Send + Sync> FromRequestParts<S> for OfTask {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let Path(text) = Path::<String>::from_request_parts(parts, state)
            .await
            .map_err(|rejection| Failure::bad_request(rejection.body_text()))?;
        let no_task = |error: event::IdError| Failure::new(Code::NoTask, error.to_string(), "list the tasks first");
        Ok(Self(TaskId::parse(&text).map_err(no_task)?))
    }
}

/// A name of the address.
pub(crate) struct OfName(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for OfName {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        match Path::<String>::from_request_parts(parts, state).await {
            Ok(Path(name)) => Ok(Self(name)),
            Err(rejection) => Err(Failure::bad_request(rejection.body_text())),
        }
    }
}
