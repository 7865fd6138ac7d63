//! The page of a first visit: it brings the session cookie and goes on to the window by itself.
//!
//! A page and no redirect: a redirect that began at a link of another page counts as coming from there to its end, and
//! is refused. This page is ours, so what follows from it comes from us.

use axum::http::header;
use axum::response::{IntoResponse, Response};

use crate::locked::POLICY;

/// Sets the cookie and goes on to `path`, of which the guard has let through only letters that mean themselves in HTML.
pub(crate) fn page(cookie: String, path: &str) -> Response {
    let page = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Deskhand</title>\
<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><meta name=\"color-scheme\" content=\"light dark\">\
<meta http-equiv=\"refresh\" content=\"0; url={path}\"></head>\
<body><p><a href=\"{path}\">Go on to Deskhand</a></p></body></html>"
    );
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8".to_owned()),
        (header::CONTENT_SECURITY_POLICY, POLICY.to_owned()),
        (header::SET_COOKIE, cookie),
    ];
    (headers, page).into_response()
}
