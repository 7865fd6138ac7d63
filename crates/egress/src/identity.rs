//! The identity a host is used with: only the gate's own, so that nobody is somebody else through an allowed host.

use crate::head::{Header, Headers};
use crate::rules::Identity;

/// Headers by which services know who asks.
const HEADERS: &[&str] = &[
    "api-key",
    "authentication",
    "authorization",
    "cookie",
    "ocp-apim-subscription-key",
    "private-token",
    "x-access-token",
    "x-amz-security-token",
    "x-api-key",
    "x-api-token",
    "x-auth-key",
    "x-auth-token",
    "x-client-id",
    "x-csrf-token",
    "x-goog-api-key",
    "x-session-token",
    "x-token",
];

/// Names in a query by which services know who asks.
const QUERY: &[&str] = &[
    "access_key",
    "access_token",
    "accesskey",
    "api-key",
    "api_key",
    "api_token",
    "apikey",
    "auth",
    "auth_token",
    "key",
    "sig",
    "signature",
    "subscription-key",
    "token",
    "x-amz-credential",
    "x-amz-signature",
    "x-api-key",
    "x-goog-credential",
    "x-goog-signature",
];

/// Refuses a request that brings an identity of its own.
pub(crate) fn check(headers: &Headers, path: &str, identity: &Identity) -> Result<(), &'static str> {
    let is_known = |name: &str| {
        name.eq_ignore_ascii_case(&identity.header) || HEADERS.iter().any(|known| name.eq_ignore_ascii_case(known))
    };
    // Some servers read `_` in a header's name as `-`.
    if headers.0.iter().any(|header| is_known(&header.name) || is_known(&header.name.replace('_', "-"))) {
        return Err("the request brings an identity of its own; leave it out, the gate adds the right one");
    }
    let query = path.split_once('?').map_or("", |(_, query)| query);
    let mut names = url::form_urlencoded::parse(query.as_bytes()).map(|(name, _)| name.to_ascii_lowercase());
    if names.any(|name| QUERY.contains(&name.as_str())) {
        return Err("the query brings an identity of its own; leave it out, the gate adds the right one");
    }
    Ok(())
}

/// The header that proves the identity.
pub(crate) fn header(identity: &Identity, secret: Option<String>) -> Result<Header, String> {
    let secret = secret.ok_or_else(|| format!("the key `{}` is not there", identity.secret))?;
    let value = format!("{}{}", identity.prefix, secret.trim());
    let is_sound = value.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
    let is_name = !identity.header.is_empty()
        && identity.header.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    if !is_sound || !is_name {
        return Err(format!("the key `{}` cannot be sent in a header", identity.secret));
    }
    Ok(Header { name: identity.header.clone(), value: value.into_bytes() })
}
