//! The page for a browser that has no session: it says where to get one. The only page that anybody gets without a
//! token, so it is one constant with nothing of this installation in it.

use axum::http::header::{self, HeaderMap, HeaderValue};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};

const PAGE: &str = "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Deskhand</title>\
<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><meta name=\"color-scheme\" content=\"light dark\">\
</head><body><main><h1>Deskhand is locked</h1>\
<p>Open Deskhand from where it runs: type <code>deskhand</code> in a terminal.</p>\
<p>That opens this page with the key of this launch. Addresses of an earlier launch, and those for one visit, \
no longer work.</p>\
<p>A link on another page opens nothing here: copy it and paste it as an address.</p>\
</main></body></html>";

/// No script, no style, nothing loaded and nothing sent.
pub(crate) const POLICY: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Whether a person looks at the answer: a browser that opens an address.
pub(crate) fn is_for_a_person(method: &Method, headers: &HeaderMap) -> bool {
    let accepts = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    *method == Method::GET
        && accepts
            .flat_map(|line| line.split(','))
            .any(|kind| kind.split(';').next().map(str::trim) == Some("text/html"))
}

/// Whether a browser says that it opens the address in a tab of its own, for whatever page asked it to. Where our own
/// service worker passes such a visit on, its destination is `empty`.
pub(crate) fn is_navigation(headers: &HeaderMap) -> bool {
    let word = |name: &str| headers.get(name).map(HeaderValue::as_bytes);
    word("sec-fetch-mode") == Some(b"navigate") && matches!(word("sec-fetch-dest"), Some(b"document" | b"empty") | None)
}

/// The page itself.
pub(crate) fn page(status: StatusCode) -> Response {
    let headers = [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CONTENT_SECURITY_POLICY, POLICY)];
    (status, headers, PAGE).into_response()
}
