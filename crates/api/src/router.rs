//! All routes under one guard.

use std::net::SocketAddr;
use std::sync::Arc;

use api_types::Code;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::header::{self, HeaderValue};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::failure::Failure;
use crate::guard::{self, Door, Guard};
use crate::house::{ApiState, Page, PageLife, WindowAddress};
use crate::routes::{files, folders, house, journal, keeping, ledger, setup, stream, tasks};
use crate::{document, openapi_json};

/// Bytes of a body without attachments.
const MAX_BODY: usize = 1024 * 1024;
/// Bytes of a body with attachments: 64 MiB in base 64, and the rest of the request.
const MAX_BODY_WITH_FILES: usize = crate::routes::MAX_ATTACHED / 3 * 4 + MAX_BODY;
/// The content policy of the UI: it loads nothing from elsewhere and cannot be framed.
const UI_POLICY: &str = "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; \
                         form-action 'none'; frame-ancestors 'none'";

/// What every route works with.
pub(crate) struct Front {
    pub(crate) state: ApiState,
    /// One seat for each stream.
    pub(crate) seats: Arc<Semaphore>,
    /// The loopback address, where there is one.
    pub(crate) address: Option<SocketAddr>,
    /// Cancelled when the server ends.
    pub(crate) stop: CancellationToken,
}

/// All routes for one door.
pub(crate) fn router(front: &Arc<Front>, door: Door) -> Router {
    let (routes, _document) = routes().split_for_parts();
    let guard = Arc::new(Guard::new(door, front.state.token.clone(), front.state.tickets.clone()));
    let routes = match door {
        // Whoever comes through the socket may open the window too, and end the daemon.
        Door::Socket => routes
            .route("/api/v1/address", axum::routing::get(address))
            .route("/api/v1/quit", axum::routing::post(quit)),
        Door::Tcp { .. } => routes,
    };
    routes
        .route("/api/openapi.json", axum::routing::get(openapi))
        .fallback(elsewhere)
        .method_not_allowed_fallback(wrong_method)
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(Arc::clone(front))
        .layer(from_fn_with_state(guard, guard::stand))
}

/// What the routes say of themselves.
pub(crate) fn document() -> OpenApi {
    routes().into_openapi()
}

fn routes() -> OpenApiRouter<Arc<Front>> {
    let with_files = OpenApiRouter::new()
        .routes(routes!(tasks::create))
        .routes(routes!(tasks::say))
        .layer(DefaultBodyLimit::max(MAX_BODY_WITH_FILES));
    OpenApiRouter::with_openapi(document::opening())
        .merge(with_files)
        .routes(routes!(tasks::list))
        .routes(routes!(tasks::view))
        .routes(routes!(tasks::events))
        .routes(routes!(stream::stream))
        .routes(routes!(tasks::command))
        .routes(routes!(tasks::undo_plan))
        .routes(routes!(ledger::ledger))
        .routes(routes!(journal::usage))
        .routes(routes!(journal::empty))
        .routes(routes!(files::content))
        .routes(routes!(files::listing))
        .routes(routes!(tasks::approvals))
        .routes(routes!(tasks::search))
        .routes(routes!(house::settings))
        .routes(routes!(house::models))
        .routes(routes!(house::doctor))
        .routes(routes!(house::grants))
        .routes(routes!(house::revoke))
        .routes(routes!(folders::folders))
        .routes(routes!(keeping::remove))
        .routes(routes!(keeping::restore))
        .routes(routes!(keeping::export))
        .routes(routes!(keeping::changes))
        .routes(routes!(setup::change))
        .routes(routes!(setup::set_provider))
        .routes(routes!(setup::remove_provider))
        .routes(routes!(setup::test_provider))
        .routes(routes!(setup::example))
        .routes(routes!(setup::reveal))
}

/// The addresses of the window; none where no port is open.
async fn address(State(front): State<Arc<Front>>) -> Result<Json<Option<WindowAddress>>, Failure> {
    let Some(port) = front.address else { return Ok(Json(None)) };
    let once = front.state.tickets.address(port).map_err(|error| {
        Failure::new(
            Code::Internal,
            format!("cannot make a ticket: {error}"),
            "check that the system has a random source",
        )
    })?;
    Ok(Json(Some(WindowAddress { lasting: front.state.token.address(port), once })))
}

/// Ends the server. This answer still goes out, like everything under way.
async fn quit(State(front): State<Arc<Front>>) -> StatusCode {
    front.stop.cancel();
    StatusCode::ACCEPTED
}

async fn openapi() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], openapi_json()).into_response()
}

/// Everything that is no route: a page of the UI, or nothing.
async fn elsewhere(State(front): State<Arc<Front>>, request: Request) -> Response {
    let path = request.uri().path();
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let beneath_api = path == "/api" || path.starts_with("/api/");
    let page = front.state.web.as_ref().filter(|_| reads && !beneath_api).and_then(|web| web.page(path));
    match page {
        Some(page) => show(page),
        None => Failure::new(
            Code::NoRoute,
            format!("there is nothing at `{path}`"),
            "see /api/openapi.json for what there is",
        )
        .into_response(),
    }
}

fn show(page: Page) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(page.media));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(UI_POLICY));
    let life = match page.life {
        PageLife::Fresh => "no-store",
        PageLife::Forever => "private, max-age=31536000, immutable",
    };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(life));
    if let Some(encoding) = page.encoding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    (headers, page.bytes.into_owned()).into_response()
}

async fn wrong_method(request: Request) -> Failure {
    let message = format!("`{}` does not know the method {}", request.uri().path(), request.method());
    Failure::new(Code::WrongMethod, message, "see /api/openapi.json for what it knows")
}
