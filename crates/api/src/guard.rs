//! Who may come in: judged from host, origin and token before anything else looks at a request. Every answer, refusals
//! included, leaves with the same protective headers.

use std::sync::Arc;

use api_types::Code;
use axum::extract::{Request, State};
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::http::{Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::Token;
use crate::failure::Failure;

/// The session cookie.
pub(crate) const COOKIE: &str = "deskhand_session";

/// Where a request came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Door {
    /// The loopback port.
    Tcp {
        /// Its number.
        port: u16,
    },
    /// The socket; its file rights and the peer's user id are the token.
    Socket,
}

/// The guard of one door.
#[derive(Debug)]
pub(crate) struct Guard {
    door: Door,
    token: Token,
}

/// The judgement.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Judged {
    /// Come in.
    Pass,
    /// The first visit with the token in the address: gets the cookie and is sent on without it.
    Welcome,
    /// Stay out.
    Refused(Failure),
}

impl Guard {
    pub(crate) fn new(door: Door, token: Token) -> Self {
        Self { door, token }
    }

    /// Looks only at what it is given: the same request is always judged the same.
    pub(crate) fn judge(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> Judged {
        let found = match self.door {
            Door::Socket => judge_socket(headers).map(|()| Judged::Pass),
            Door::Tcp { port } => self.judge_tcp(port, method, uri, headers),
        };
        found.unwrap_or_else(Judged::Refused)
    }

    fn judge_tcp(&self, port: u16, method: &Method, uri: &Uri, headers: &HeaderMap) -> Result<Judged, Failure> {
        let host = exact_host(port, uri, headers)?;
        let origin = matching_origin(host, headers)?;
        if *method == Method::GET
            && uri.path() == "/"
            && let Some(token) = token_in_address(uri)
        {
            return if self.token.is(token) { Ok(Judged::Welcome) } else { Err(unauthorized()) };
        }
        refuse_other_sites(headers)?;
        match self.credential(headers)? {
            Credential::Bearer => Ok(Judged::Pass),
            // A browser sends the cookie by itself; only a page of ours can also name our origin.
            Credential::Cookie if reads_only(method) || origin == Origin::Ours => Ok(Judged::Pass),
            Credential::Cookie => Err(wrong_origin("a change from a browser must name its origin")),
        }
    }

    fn credential(&self, headers: &HeaderMap) -> Result<Credential, Failure> {
        let mut bearers = headers.get_all(header::AUTHORIZATION).iter();
        if let Some(bearer) = bearers.next() {
            let token = bearer.to_str().ok().and_then(|text| text.strip_prefix("Bearer "));
            let right = bearers.next().is_none() && token.is_some_and(|token| self.token.is(token));
            return if right { Ok(Credential::Bearer) } else { Err(unauthorized()) };
        }
        let right = cookies(headers).any(|session| self.token.is_session(session));
        if right { Ok(Credential::Cookie) } else { Err(unauthorized()) }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Credential {
    Bearer,
    Cookie,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    Absent,
    Ours,
}

/// No browser can reach the socket; a tunnel that lets one in is refused.
fn judge_socket(headers: &HeaderMap) -> Result<(), Failure> {
    let browser = headers.contains_key(header::ORIGIN) || headers.contains_key("sec-fetch-site");
    if browser {
        return Err(wrong_origin("the socket is not for browsers"));
    }
    let host = only(headers, header::HOST).and_then(|value| value.to_str().ok());
    if !matches!(host, Some("deskhand" | "localhost")) {
        return Err(wrong_host());
    }
    Ok(())
}

fn exact_host<'h>(port: u16, uri: &Uri, headers: &'h HeaderMap) -> Result<&'h str, Failure> {
    let host = only(headers, header::HOST).and_then(|value| value.to_str().ok()).ok_or_else(wrong_host)?;
    let exact = host
        .rsplit_once(':')
        .is_some_and(|(name, number)| matches!(name, "127.0.0.1" | "localhost") && number == port.to_string());
    // An address in absolute form names the host a second time; the two must agree.
    let agrees = uri.authority().is_none_or(|authority| authority.as_str() == host);
    if exact && agrees { Ok(host) } else { Err(wrong_host()) }
}

fn matching_origin(host: &str, headers: &HeaderMap) -> Result<Origin, Failure> {
    if !headers.contains_key(header::ORIGIN) {
        return Ok(Origin::Absent);
    }
    let origin = only(headers, header::ORIGIN).and_then(|value| value.to_str().ok());
    if origin.and_then(|origin| origin.strip_prefix("http://")) == Some(host) {
        Ok(Origin::Ours)
    } else {
        Err(wrong_origin("the request comes from another page"))
    }
}

/// Browsers say on their own where a request comes from (W3C Fetch Metadata). Another port of this computer counts as
/// the same site for cookies, so `same-site` is not enough.
fn refuse_other_sites(headers: &HeaderMap) -> Result<(), Failure> {
    let ours =
        headers.get_all("sec-fetch-site").iter().all(|value| matches!(value.as_bytes(), b"same-origin" | b"none"));
    if ours { Ok(()) } else { Err(wrong_origin("the request comes from another page")) }
}

fn only(headers: &HeaderMap, name: HeaderName) -> Option<&HeaderValue> {
    let mut values = headers.get_all(name).iter();
    let first = values.next()?;
    values.next().is_none().then_some(first)
}

fn cookies(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(name, _)| *name == COOKIE)
        .map(|(_, value)| value)
}

/// The token as `/?token=…` carries it. Tokens are hexadecimal digits: nothing in them is ever escaped.
fn token_in_address(uri: &Uri) -> Option<&str> {
    uri.query()?.split('&').find_map(|pair| pair.strip_prefix("token="))
}

fn reads_only(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
}

fn wrong_host() -> Failure {
    Failure::new(Code::WrongHost, "this is not the host the request names", "use the address that Deskhand printed")
}

fn wrong_origin(message: &str) -> Failure {
    Failure::new(Code::WrongOrigin, message, "use the address that Deskhand printed")
}

fn unauthorized() -> Failure {
    Failure::new(
        Code::Unauthorized,
        "the token of this launch is missing or wrong",
        "open the address with the token that Deskhand printed",
    )
}

/// The guard as axum's outermost layer.
pub(crate) async fn stand(State(guard): State<Arc<Guard>>, request: Request, next: Next) -> Response {
    let mut response = match guard.judge(request.method(), request.uri(), request.headers()) {
        Judged::Pass => next.run(request).await,
        Judged::Welcome => welcome(&guard.token),
        Judged::Refused(failure) => failure.into_response(),
    };
    protect(response.headers_mut());
    response
}

fn welcome(token: &Token) -> Response {
    let cookie = format!("{COOKIE}={}; HttpOnly; SameSite=Strict; Path=/", token.session());
    let headers = [(header::LOCATION, "/".to_owned()), (header::SET_COOKIE, cookie)];
    (StatusCode::SEE_OTHER, headers).into_response()
}

/// What every answer carries; a route that has set one of these keeps its own.
fn protect(headers: &mut HeaderMap) {
    const ALWAYS: [(&str, &str); 6] = [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-resource-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cache-control", "no-store"),
        ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
    ];
    for (name, value) in ALWAYS {
        headers.entry(HeaderName::from_static(name)).or_insert(HeaderValue::from_static(value));
    }
}
