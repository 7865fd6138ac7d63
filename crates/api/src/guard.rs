//! Who may come in: judged from host, origin and token before anything else looks at a request. Every answer, refusals
//! included, leaves with the same protective headers.

use std::sync::Arc;

use api_types::Code;
use axum::extract::{Request, State};
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::http::{Method, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::failure::Failure;
use crate::{Tickets, Token, locked, welcome};

/// What the name of the session cookie begins with. Cookies know no ports: the name ends with the port, or two
/// Deskhands on one computer would overwrite each other's.
pub(crate) const COOKIE: &str = "deskhand_session_";
/// Bytes of the address to go on to after the first visit, at most.
const MAX_NEXT: usize = 500;

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
    tickets: Tickets,
}

/// The judgement.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Judged {
    /// Come in.
    Pass,
    /// The first visit with the token or a ticket in the address: gets the cookie and goes on to this path without it.
    Welcome(String),
    /// Stay out.
    Refused(Failure),
}

impl Guard {
    pub(crate) fn new(door: Door, token: Token, tickets: Tickets) -> Self {
        Self { door, token, tickets }
    }

    /// Looks only at what it is given: the same request is always judged the same, but for a ticket, which is used up.
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
            && is_page(uri.path())
            && let Some(good) = self.right_in_address(uri)
        {
            return if good { Ok(Judged::Welcome(next_path(uri))) } else { Err(unauthorized()) };
        }
        refuse_other_sites(headers)?;
        match self.credential(port, headers)? {
            Credential::Bearer => Ok(Judged::Pass),
            // A browser sends the cookie by itself; only a page of ours can also name our origin.
            Credential::Cookie if reads_only(method) || origin == Origin::Ours => Ok(Judged::Pass),
            Credential::Cookie => Err(wrong_origin("a change from a browser must name its origin")),
        }
    }

    /// Whether the token or the ticket that an address carries is right; none where it carries neither.
    fn right_in_address(&self, uri: &Uri) -> Option<bool> {
        match (in_address(uri, "token="), in_address(uri, "ticket=")) {
            (Some(token), _) => Some(self.token.is(token)),
            (None, Some(ticket)) => Some(self.tickets.take(ticket)),
            (None, None) => None,
        }
    }

    /// The session cookie for a browser that was let in.
    fn cookie(&self) -> String {
        let port = match self.door {
            Door::Tcp { port } => port.to_string(),
            Door::Socket => String::new(),
        };
        format!("{COOKIE}{port}={}; HttpOnly; SameSite=Strict; Path=/", self.token.session())
    }

    fn credential(&self, port: u16, headers: &HeaderMap) -> Result<Credential, Failure> {
        let mut bearers = headers.get_all(header::AUTHORIZATION).iter();
        if let Some(bearer) = bearers.next() {
            let token = bearer.to_str().ok().and_then(|text| text.strip_prefix("Bearer "));
            let right = bearers.next().is_none() && token.is_some_and(|token| self.token.is(token));
            return if right { Ok(Credential::Bearer) } else { Err(unauthorized()) };
        }
        let right = cookies(port, headers).any(|session| self.token.is_session(session));
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

fn cookies(port: u16, headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let ours = move |name: &str| name.strip_prefix(COOKIE).is_some_and(|rest| rest == port.to_string());
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(move |(name, _)| ours(name))
        .map(|(_, value)| value)
}

/// Whether an address is a page that a first visit may open. One that begins with two slashes names another host to a
/// browser that is sent there.
fn is_page(path: &str) -> bool {
    let beneath_api = path == "/api" || path.starts_with("/api/");
    path.starts_with('/') && !path.starts_with("//") && !path.contains('\\') && !beneath_api
}

/// What `/?NAME=…` carries. Tokens and tickets are hexadecimal digits: nothing in them is ever escaped.
fn in_address<'u>(uri: &'u Uri, name: &str) -> Option<&'u str> {
    uri.query()?.split('&').find_map(|pair| pair.strip_prefix(name))
}

/// Where the first visit goes on to: the path that `next=…` names at the root, where it is a plain path of this server;
/// else the page itself. Nothing in it is unescaped, and only characters that mean themselves are let through, in an
/// address as in HTML; a page whose own path has others goes on to the root.
fn next_path(uri: &Uri) -> String {
    let next = in_address(uri, "next=");
    let plain = |letter: u8| letter.is_ascii_alphanumeric() || matches!(letter, b'/' | b'-' | b'_' | b'.' | b'~');
    let fits = |path: &&str| path.len() <= MAX_NEXT && is_page(path) && path.bytes().all(plain);
    let own = |path: &&str| path.bytes().all(|letter| plain(letter) || letter == b'%');
    let own = Some(uri.path()).filter(own).unwrap_or("/");
    next.filter(|_| uri.path() == "/").filter(fits).unwrap_or(own).to_owned()
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
        Judged::Welcome(path) => welcome::page(guard.cookie(), &path),
        Judged::Refused(failure) if is_locked(failure.0.code, request.method(), request.headers()) => {
            locked::page(failure.status())
        }
        Judged::Refused(failure) => failure.into_response(),
    };
    protect(response.headers_mut());
    response
}

/// Whether a person is refused and not a program: without a session, or by a link of another page.
fn is_locked(code: Code, method: &Method, headers: &HeaderMap) -> bool {
    let by_link = code == Code::WrongOrigin && locked::is_navigation(headers);
    (code == Code::Unauthorized || by_link) && locked::is_for_a_person(method, headers)
}

/// What every answer carries; a route that has set one of these keeps its own.
fn protect(headers: &mut HeaderMap) {
    const ALWAYS: [(&str, &str); 7] = [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-resource-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("x-dns-prefetch-control", "off"),
        ("cache-control", "no-store"),
        ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
    ];
    for (name, value) in ALWAYS {
        headers.entry(HeaderName::from_static(name)).or_insert(HeaderValue::from_static(value));
    }
}
