//! The guard as a table.

use api_types::Code;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};

use crate::guard::{Door, Guard, Judged};
use crate::{Tickets, Token};

fn judge(door: Door, method: &Method, uri: &str, headers: &[(&'static str, &str)]) -> Result<String, Code> {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
    }
    match Guard::new(door, Token::new("secret"), Tickets::default()).judge(method, &Uri::try_from(uri).unwrap(), &map) {
        Judged::Pass => Ok(pass()),
        Judged::Welcome(next) => Ok(format!("welcome {next}")),
        Judged::Refused(failure) => Err(failure.0.code),
    }
}

fn pass() -> String {
    "pass".to_owned()
}

fn session() -> String {
    format!("deskhand_session_4000={}", Token::new("secret").session())
}

#[test]
fn requests_at_the_port() {
    let door = Door::Tcp { port: 4000 };
    let host = ("host", "127.0.0.1:4000");
    let bearer = ("authorization", "Bearer secret");
    let session = session();
    let cookie = ("cookie", session.as_str());
    let two = format!("a=b; deskhand_session_4000=wrong; deskhand_session=x; {session}");
    let origin = ("origin", "http://127.0.0.1:4000");
    let get = |uri, headers: &[_]| judge(door, &Method::GET, uri, headers);
    let post = |headers: &[_]| judge(door, &Method::POST, "/x", headers);

    // the token in the address counts for pages alone, and only for reading
    assert_eq!(get("/?token=secret", &[host]), Ok("welcome /".to_owned()));
    assert_eq!(get("/?a=b&token=secret", &[host]), Ok("welcome /".to_owned()));
    assert_eq!(get("/?token=", &[host]), Err(Code::Unauthorized));
    assert_eq!(get("/?token=secre", &[host]), Err(Code::Unauthorized));
    assert_eq!(get("/?token=wrong", &[host, bearer]), Err(Code::Unauthorized));
    assert_eq!(get("/tasks/x?token=secret&next=/y", &[host]), Ok("welcome /tasks/x".to_owned()));
    for no_page in ["/api", "/api/v1/tasks", "//evil.example/", "//evil.example", "/\\evil.example"] {
        let uri = format!("{no_page}?token=secret");
        if Uri::try_from(&uri).is_ok() {
            assert_eq!(judge(door, &Method::GET, &uri, &[host]), Err(Code::Unauthorized), "{no_page}");
        }
    }
    assert_eq!(judge(door, &Method::POST, "/?token=secret", &[host]), Err(Code::Unauthorized));
    assert_eq!(get("/?token=secret", &[("host", "evil:4000")]), Err(Code::WrongHost));
    assert_eq!(get("/?token=secret", &[host, ("origin", "http://evil")]), Err(Code::WrongOrigin));
    assert_eq!(get("/?token=secret", &[host, ("sec-fetch-site", "cross-site")]), Ok("welcome /".to_owned()));

    // credentials
    assert_eq!(get("/x", &[host, bearer]), Ok(pass()));
    assert_eq!(get("/x", &[host, cookie]), Ok(pass()));
    assert_eq!(get("/x", &[host, ("cookie", &two)]), Ok(pass()));
    assert_eq!(get("/x", &[host, ("cookie", "deskhand_session_4000=secret")]), Err(Code::Unauthorized));
    assert_eq!(get("/x", &[host, ("authorization", "bearer secret")]), Err(Code::Unauthorized));
    assert_eq!(get("/x", &[host, ("authorization", "Bearer nope"), cookie]), Err(Code::Unauthorized));
    assert_eq!(get("/x", &[host, bearer, bearer]), Err(Code::Unauthorized));

    // a cookie of another Deskhand on this computer is not ours
    let elsewhere = session.replace("_4000", "_4001");
    assert_eq!(get("/x", &[host, ("cookie", &elsewhere)]), Err(Code::Unauthorized));
    let nameless = session.replace("_4000", "");
    assert_eq!(get("/x", &[host, ("cookie", &nameless)]), Err(Code::Unauthorized));

    // one host, once, and the same in an absolute address
    assert_eq!(get("/x", &[host, host, bearer]), Err(Code::WrongHost));
    assert_eq!(get("http://127.0.0.1:4000/x", &[host, bearer]), Ok(pass()));
    assert_eq!(get("http://evil:4000/x", &[host, bearer]), Err(Code::WrongHost));
    assert_eq!(get("http://localhost:4000/x", &[host, bearer]), Err(Code::WrongHost));

    // the origin of changes, and of other pages
    assert_eq!(post(&[host, cookie]), Err(Code::WrongOrigin));
    assert_eq!(post(&[host, cookie, origin]), Ok(pass()));
    assert_eq!(post(&[host, cookie, origin, origin]), Err(Code::WrongOrigin));
    assert_eq!(post(&[host, bearer]), Ok(pass()));
    assert_eq!(get("/x", &[host, cookie, ("origin", "http://localhost:4000")]), Err(Code::WrongOrigin));
    for (site, expected) in [
        ("none", Ok(pass())),
        ("same-origin", Ok(pass())),
        ("same-site", Err(Code::WrongOrigin)),
        ("cross-site", Err(Code::WrongOrigin)),
    ] {
        assert_eq!(get("/x", &[host, cookie, ("sec-fetch-site", site)]), expected, "{site}");
    }
}

#[test]
fn requests_at_the_socket() {
    let get = |headers: &[_]| judge(Door::Socket, &Method::GET, "/x", headers);
    assert_eq!(get(&[("host", "deskhand")]), Ok(pass()));
    assert_eq!(get(&[("host", "localhost")]), Ok(pass()));
    assert_eq!(get(&[("host", "evil")]), Err(Code::WrongHost));
    assert_eq!(get(&[]), Err(Code::WrongHost));
    assert_eq!(get(&[("host", "deskhand"), ("origin", "http://deskhand")]), Err(Code::WrongOrigin));
    assert_eq!(get(&[("host", "deskhand"), ("sec-fetch-site", "none")]), Err(Code::WrongOrigin));
}

#[test]
fn an_empty_token_opens_nothing() {
    let guard = Guard::new(Door::Tcp { port: 1 }, Token::new(""), Tickets::default());
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

#[test]
fn the_first_visit_goes_on_to_a_plain_path_only() {
    let door = Door::Tcp { port: 4000 };
    let host = [("host", "127.0.0.1:4000")];
    let goes_on = |next: &str| judge(door, &Method::GET, &format!("/?token=secret&next={next}"), &host).unwrap();
    for path in ["/tasks/0000000000", "/", "/settings/providers", "/a-b_c.d~e"] {
        assert_eq!(goes_on(path), format!("welcome {path}"));
    }
    let long = format!("/{}", "a".repeat(500));
    for wrong in [
        "",
        "tasks/0000000000",
        "//evil.example",
        "http://evil.example",
        "javascript:alert(1)",
        "/%5cevil.example",
        "/%2fevil.example",
        "%2ftasks",
        "/a%0d%0aset-cookie:x",
        "/a?b=c",
        "/a:b",
        "/a@b",
        "/api/v1/tasks",
        long.as_str(),
    ] {
        assert_eq!(goes_on(wrong), "welcome /", "{wrong}");
    }
    // nor is a page's own path, where it would mean something in HTML
    for (path, expected) in [("/a%20b/c", "/a%20b/c"), ("/\"x", "/"), ("/a'b", "/"), ("/a&b", "/"), ("/a;b", "/")] {
        let judged = judge(door, &Method::GET, &format!("{path}?token=secret"), &host);
        assert_eq!(judged, Ok(format!("welcome {expected}")), "{path}");
    }
    // without the token nobody is sent anywhere
    assert_eq!(judge(door, &Method::GET, "/?next=/x", &host), Err(Code::Unauthorized));
}
