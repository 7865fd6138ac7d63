//! The identity a host is used with: only the gate's own, so that nobody is somebody else through an allowed host.

use crate::disguise::names;
use crate::head::{Header, Headers};
use crate::rules::Identity;

/// Parts of a header's name, between its hyphens, that tell of an identity.
const PARTS: &[&str] = &[
    "apikey",
    "auth",
    "authenticate",
    "authentication",
    "authorization",
    "bearer",
    "cookie",
    "credential",
    "credentials",
    "jwt",
    "key",
    "oauth",
    "passwd",
    "password",
    "secret",
    "session",
    "sessionid",
    "signature",
    "token",
];

/// Whole names that tell of an identity although no part of them does.
const WHOLE: &[&str] = &["x-apikey", "x-client-id"];

/// Names that are no identity although a part of them looks like one.
const HARMLESS: &[&str] = &["idempotency-key", "x-idempotency-key"];

/// Names in a query by which services know who asks, with `_` for `-`.
const QUERY: &[&str] = &[
    "access_key",
    "access_key_id",
    "access_token",
    "accesskey",
    "api_key",
    "api_token",
    "apikey",
    "app_key",
    "appid",
    "appkey",
    "auth",
    "auth_token",
    "authorization",
    "awsaccesskeyid",
    "bearer",
    "client_secret",
    "googleaccessid",
    "hapikey",
    "id_token",
    "job_token",
    "jwt",
    "key",
    "license_key",
    "oauth_token",
    "passwd",
    "password",
    "private_token",
    "refresh_token",
    "secret",
    "session",
    "session_id",
    "sessionid",
    "sig",
    "signature",
    "subscription_key",
    "token",
    "user_key",
    "x_amz_credential",
    "x_amz_security_token",
    "x_amz_signature",
    "x_api_key",
    "x_goog_credential",
    "x_goog_signature",
];

/// Refuses a request that brings an identity of its own.
pub(crate) fn check(headers: &Headers, path: &str, identity: &Identity) -> Result<(), &'static str> {
    if headers.0.iter().any(|header| is_known(&header.name, identity)) {
        return Err("the request brings an identity of its own; leave it out, the gate adds the right one");
    }
    if names(path).any(|name| QUERY.contains(&name.as_str())) {
        return Err("the query brings an identity of its own; leave it out, the gate adds the right one");
    }
    Ok(())
}

/// Whether a header tells who asks. Some servers read `_` in a header's name as `-`.
fn is_known(name: &str, identity: &Identity) -> bool {
    let name = name.to_ascii_lowercase().replace('_', "-");
    name == identity.header.to_ascii_lowercase().replace('_', "-")
        || WHOLE.contains(&name.as_str())
        || (!HARMLESS.contains(&name.as_str()) && name.split('-').any(|part| PARTS.contains(&part)))
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
