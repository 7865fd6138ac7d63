//! The guard as a table.

use api_types::Code;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};

use crate::Token;
use crate::guard::{Door, Guard, Judged};

fn judge(door: Door, method: &Method, uri: &str, headers: &[(&'static str, &str)]) -> Result<&'static str, Code> {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
    }
    match Guard::new(door, Token::new("secret")).judge(method, &Uri::try_from(uri).unwrap(), &map) {
        Judged::Pass => Ok("pass"),
        Judged::Welcome => Ok("welcome"),
        Judged::Refused(failure) => Err(failure.0.code),
    }
}

fn session() -> String {
    format!("deskhand_session={}", Token::new("secret").session())
}

#[test]
fn requests_at_the_port() {
    let door = Door::Tcp { port: 4000 };
    let host = ("host", "127.0.0.1:4000");
    let bearer = ("authorization", "Bearer secret");
    let session = session();
    let cookie = ("cookie", session.as_str());
    let two = format!("a=b; deskhand_session=wrong; {session}");
    let origin = ("origin", "http://127.0.0.1:4000");
    let get = |uri, headers: &[_]| judge(door, &Method::GET, uri, headers);
    let post = |headers: &[_]| judge(door, &Method::POST, "/x", headers);

    // the token in the address counts at the root alone, and only for reading
    assert_eq!(get("/?token=secret", &[host]), Ok("welcome"));
    assert_eq!(get("/?a=b&token=secret", &[host]), Ok("welcome"));
    assert_eq!(get("/?token=", &[host]), Err(Code::Unauthorized));
    assert_eq!(get("/?token=secre", &[host]), Err(Code::Unauthorized));
    assert_eq!(get("/?token=wrong", &[host, bearer]), Err(Code::Unauthorized));
    assert_eq!(get("/x?token=secret", &[host]), Err(Code::Unauthorized));
    assert_eq!(judge(door, &Method::POST, "/?token=secret", &[host]), Err(Code::Unauthorized));
    assert_eq!(get("/?token=secret", &[("host", "evil:4000")]), Err(Code::WrongHost));
    assert_eq!(get("/?token=secret", &[host, ("origin", "http://evil")]), Err(Code::WrongOrigin));
    assert_eq!(get("/?token=secret", &[host, ("sec-fetch-site", "cross-site")]), Ok("welcome"));

    // credentials
    assert_eq!(get("/x", &[host, bearer]), Ok("pass"));
    assert_eq!(get("/x", &[host, cookie]), Ok("pass"));
    assert_eq!(get("/x", &[host, ("cookie", &two)]), Ok("pass"));
    assert_eq!(get("/x", &[host, ("cookie", "deskhand_session=secret")]), Err(Code::Unauthorized));
    assert_eq!(get("/x", &[host, ("authorization", "bearer secret")]), Err(Code::Unauthorized));
    assert_eq!(get("/x", &[host, ("authorization", "Bearer nope"), cookie]), Err(Code::Unauthorized));
    assert_eq!(get("/x", &[host, bearer, bearer]), Err(Code::Unauthorized));

    // one host, once, and the same in an absolute address
    assert_eq!(get("/x", &[host, host, bearer]), Err(Code::WrongHost));
    assert_eq!(get("http://127.0.0.1:4000/x", &[host, bearer]), Ok("pass"));
    assert_eq!(get("http://evil:4000/x", &[host, bearer]), Err(Code::WrongHost));
    assert_eq!(get("http://localhost:4000/x", &[host, bearer]), Err(Code::WrongHost));

    // the origin of changes, and of other pages
    assert_eq!(post(&[host, cookie]), Err(Code::WrongOrigin));
    assert_eq!(post(&[host, cookie, origin]), Ok("pass"));
    assert_eq!(post(&[host, cookie, origin, origin]), Err(Code::WrongOrigin));
    assert_eq!(post(&[host, bearer]), Ok("pass"));
    assert_eq!(get("/x", &[host, cookie, ("origin", "http://localhost:4000")]), Err(Code::WrongOrigin));
    for (site, expected) in [
        ("none", Ok("pass")),
        ("same-origin", Ok("pass")),
        ("same-site", Err(Code::WrongOrigin)),
        ("cross-site", Err(Code::WrongOrigin)),
    ] {
        assert_eq!(get("/x", &[host, cookie, ("sec-fetch-site", site)]), expected, "{site}");
    }
}

#[test]
fn requests_at_the_socket() {
    let get = |headers: &[_]| judge(Door::Socket, &Method::GET, "/x", headers);
    assert_eq!(get(&[("host", "deskhand")]), Ok("pass"));
    assert_eq!(get(&[("host", "localhost")]), Ok("pass"));
    assert_eq!(get(&[("host", "evil")]), Err(Code::WrongHost));
    assert_eq!(get(&[]), Err(Code::WrongHost));
    assert_eq!(get(&[("host", "deskhand"), ("origin", "http://deskhand")]), Err(Code::WrongOrigin));
    assert_eq!(get(&[("host", "deskhand"), ("sec-fetch-site", "none")]), Err(Code::WrongOrigin));
}

#[test]
fn an_empty_token_opens_nothing() {
    let guard = Guard::new(Door::Tcp { port: 1 }, Token::new(""));
    let mut headers = HeaderMap::new();
    headers.insert("host", HeaderValue::from_static("127.0.0.1:1"));
    headers.insert("authorization", HeaderValue::from_static("Bearer "));
    let judged = guard.judge(&Method::GET, &Uri::from_static("/x"), &headers);
    assert!(matches!(judged, Judged::Refused(failure) if failure.0.code == Code::Unauthorized));
}

#[test]
fn a_token_is_long_and_never_shown() {
    let (one, other) = (Token::random().unwrap(), Token::random().unwrap());
    assert_eq!(one.expose().len(), 32);
    assert_ne!(one.expose(), other.expose());
    assert_eq!(format!("{one:?}"), "Token(…)");
    assert!(one.is(one.expose()) && !one.is(other.expose()));
}
