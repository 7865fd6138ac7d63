//! Requests that mean something else to some servers than what the rules were asked about. Where requests are looked at
//! one by one they are refused: a rule about a method or a path holds only if the server reads the same ones.
//!
//! Not seen: what stands in a body, such as a form's `_method`.

use crate::head::Headers;

/// Headers by which servers take another method, path or host than the ones of the request's first lines.
const HEADERS: &[&str] = &[
    "forwarded",
    "x-forwarded-host",
    "x-forwarded-path",
    "x-forwarded-prefix",
    "x-forwarded-server",
    "x-forwarded-uri",
    "x-host",
    "x-http-host-override",
    "x-http-method",
    "x-http-method-override",
    "x-method",
    "x-method-override",
    "x-original-host",
    "x-original-method",
    "x-original-uri",
    "x-original-url",
    "x-override-url",
    "x-rewrite-uri",
    "x-rewrite-url",
];

/// Names in a query by which servers take another method.
const QUERY: &[&str] = &["_http_method", "_method", "x_http_method_override"];

/// Refuses a request that some server reads as another one.
pub(crate) fn check(headers: &Headers, path: &str) -> Result<(), &'static str> {
    let is_disguise = |name: &str| HEADERS.contains(&name.to_ascii_lowercase().replace('_', "-").as_str());
    if headers.0.iter().any(|header| is_disguise(&header.name)) {
        return Err("a header of the request changes its method, path or host; leave it out");
    }
    if names(path).any(|name| QUERY.contains(&name.as_str())) {
        return Err("the query changes the request's method; leave that out");
    }
    Ok(())
}

/// The names in the query of a path, as servers may read them: decoded, in lower case, cut at `;` as well as at `&`, and
/// in the form in which some servers hand them on (`api.key[]` as `api_key`).
pub(crate) fn names(path: &str) -> impl Iterator<Item = String> {
    let query = path.split_once('?').map_or("", |(_, query)| query).replace(';', "&");
    let names: Vec<String> = url::form_urlencoded::parse(query.as_bytes()).map(|(name, _)| regular(&name)).collect();
    names.into_iter()
}

fn regular(name: &str) -> String {
    let name = name.trim_start().split('[').next().unwrap_or_default();
    name.to_ascii_lowercase().replace(['.', '-', ' '], "_")
}
