//! Every host × every origin × every credential × every route × every method: in comes only who should.

use std::collections::BTreeSet;

use api::client::Client;

use crate::house::{House, TOKEN};
use crate::raw::{Answer, Raw};

const METHODS: [&str; 6] = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    Nothing,
    WrongBearer,
    WrongCookie,
    Bearer,
    Cookie,
}

/// All routes of the document with a task that does not exist, and what lies beside them.
fn routes() -> Vec<String> {
    let document: serde_json::Value = serde_json::from_str(api::openapi_json()).unwrap();
    let paths = document["paths"].as_object().unwrap();
    let mut routes: Vec<String> =
        paths.keys().map(|path| path.replace("{id}", "0000000000").replace("{name}", "nobody")).collect();
    assert!(routes.len() >= 24 && !routes.iter().any(|route| route.contains('{')), "{routes:?}");
    routes.extend(["/", "/app.js", "/api/openapi.json", "/api/v1/nowhere", "/nowhere"].map(str::to_owned));
    routes
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_the_right_host_origin_and_token_come_in() {
    let house = House::open().await;
    let port = house.address.port();
    let right = [format!("127.0.0.1:{port}"), format!("localhost:{port}")];
    let mut hosts: Vec<Option<String>> = right.iter().cloned().map(Some).collect();
    hosts.push(None);
    let wrong = [
        "127.0.0.1".to_owned(),
        format!("127.0.0.1:{}", port ^ 1),
        format!("127.0.0.2:{port}"),
        format!("[::1]:{port}"),
        format!("localhost.:{port}"),
        format!("LOCALHOST:{port}"),
        format!("evil.example:{port}"),
        format!("127.0.0.1.evil.example:{port}"),
        format!("127.0.0.1:0{port}"),
    ];
    hosts.extend(wrong.into_iter().map(Some));
    assert_eq!(hosts.len(), 12);
    let session = session(&house).await;

    let mut raw = Raw::new(house.address);
    let mut seen = BTreeSet::new();
    let mut asked = 0_u32;
    for route in routes() {
        for method in METHODS {
            for host in &hosts {
                for origin in origins(host.as_deref(), port) {
                    for shown in [Shown::Nothing, Shown::WrongBearer, Shown::WrongCookie, Shown::Bearer, Shown::Cookie]
                    {
                        let answer = {
                            let credential = credential(shown, &session);
                            let mut headers: Vec<(&str, &str)> = Vec::new();
                            headers.extend(host.as_deref().map(|host| ("host", host)));
                            headers.extend(origin.as_deref().map(|origin| ("origin", origin)));
                            headers.extend(credential.as_ref().map(|(name, value)| (*name, value.as_str())));
                            raw.ask(method, &route, &headers, b"").await
                        };
                        asked += 1;
                        let what = format!("{method} {route} host {host:?} origin {origin:?} {shown:?}");
                        let code = answer.code();
                        let refused = matches!(code.as_str(), "wrong_host" | "wrong_origin" | "unauthorized");
                        let known_host = host.as_ref().filter(|host| right.contains(host));
                        let ours = known_host.map(|host| format!("http://{host}"));
                        let may = known_host.is_some()
                            && (origin.is_none() || origin == ours)
                            && match shown {
                                Shown::Bearer => true,
                                Shown::Cookie => method == "GET" || origin.is_some(),
                                Shown::Nothing | Shown::WrongBearer | Shown::WrongCookie => false,
                            };
                        assert_eq!(!refused, may, "{what}: {} {code}", answer.status);
                        assert_eq!(answer.header("access-control-allow-origin"), None, "{what}");
                        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{what}");
                        assert!(answer.header("content-security-policy").is_some(), "{what}");
                        if refused {
                            assert_eq!(answer.header("set-cookie"), None, "{what}");
                        }
                        seen.insert((answer.status, code));
                    }
                }
            }
        }
    }
    assert_eq!(asked as usize, 12 * 8 * 5 * METHODS.len() * routes().len());
    let seen: Vec<(u16, &str)> = seen.iter().map(|(status, code)| (*status, code.as_str())).collect();
    let expected = [
        (200, ""),
        (201, ""),
        (400, "bad_request"),
        (401, "unauthorized"),
        (403, "wrong_origin"),
        (404, "no_grant"),
        (404, "no_provider"),
        (404, "no_route"),
        (404, "no_task"),
        (405, "wrong_method"),
        (415, "not_json"),
        (421, "wrong_host"),
    ];
    assert_eq!(seen, expected);
}

fn origins(host: Option<&str>, port: u16) -> [Option<String>; 8] {
    let host = host.map_or_else(|| format!("127.0.0.1:{port}"), str::to_owned);
    let neighbour = if host.starts_with("localhost:") { "127.0.0.1" } else { "localhost" };
    [
        None,
        Some(format!("http://{host}")),
        Some(format!("https://{host}")),
        Some(format!("http://{host}/")),
        Some(format!("http://{neighbour}:{port}")),
        Some(format!("http://127.0.0.1:{}", port ^ 1)),
        Some("http://evil.example".to_owned()),
        Some("null".to_owned()),
    ]
}

fn credential(shown: Shown, session: &str) -> Option<(&'static str, String)> {
    match shown {
        Shown::Nothing => None,
        Shown::WrongBearer => Some(("authorization", "Bearer 0123456789abcdee".to_owned())),
        Shown::WrongCookie => Some(("cookie", format!("{}={TOKEN}", session.split_once('=').unwrap().0))),
        Shown::Bearer => Some(("authorization", format!("Bearer {TOKEN}"))),
        Shown::Cookie => Some(("cookie", format!("other=1; {session}"))),
    }
}

/// Visits the printed address as a browser does and gives the cookie it would keep.
async fn session(house: &House) -> String {
    let host = house.address.to_string();
    let mut raw = Raw::new(house.address);
    let answer = raw.ask("GET", &format!("/?token={TOKEN}"), &[("host", &host)], b"").await;
    assert_eq!((answer.status, goes_on(&answer)), (200, "/".to_owned()));
    let cookie = answer.header("set-cookie").unwrap();
    let (pair, rights) = cookie.split_once("; ").unwrap();
    assert_eq!(rights, "HttpOnly; SameSite=Strict; Path=/");
    assert!(!pair.contains(TOKEN), "the cookie shows the token");
    assert!(pair.starts_with(&format!("deskhand_session_{}=", house.address.port())), "{pair}");
    pair.to_owned()
}

/// Where the page of a first visit goes on to, by itself as by its link.
fn goes_on(answer: &Answer) -> String {
    for (name, value) in [
        ("content-type", "text/html; charset=utf-8"),
        ("cache-control", "no-store"),
        ("referrer-policy", "no-referrer"),
        ("content-security-policy", "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"),
    ] {
        assert_eq!(answer.header(name), Some(value), "{name}");
    }
    let text = String::from_utf8(answer.body.clone()).unwrap();
    assert!(!text.contains("<script") && !text.contains(TOKEN), "{text}");
    let (_, rest) = text.split_once("<meta http-equiv=\"refresh\" content=\"0; url=").unwrap();
    let (path, _) = rest.split_once('"').unwrap();
    assert!(text.contains(&format!("<a href=\"{path}\">")), "{text}");
    path.to_owned()
}

#[tokio::test]
async fn a_ticket_of_the_socket_is_exchanged_once_for_the_session() {
    let house = House::open().await;
    let host = house.address.to_string();
    let cookie = session(&house).await;
    let window = Client::connect_socket(&house.socket()).await.unwrap().address().await.unwrap().unwrap();
    let ticket = window.once.split_once("/?").unwrap().1;
    let mut raw = Raw::new(house.address);
    // neither a route nor a change takes it, and trying costs it nothing
    for (method, path) in [("GET", "/api/v1/tasks"), ("POST", "/")] {
        let answer = raw.ask(method, &format!("{path}?{ticket}"), &[("host", &host)], b"").await;
        assert_eq!((answer.status, answer.header("set-cookie")), (401, None), "{method} {path}");
    }
    let page = format!("/tasks/0000000000?{ticket}");
    let foreign = raw.ask("GET", &page, &[("host", "evil.example")], b"").await;
    assert_eq!(foreign.code(), "wrong_host");
    let from_a_chat = [("host", host.as_str()), ("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")];
    let first = raw.ask("GET", &page, &from_a_chat, b"").await;
    assert_eq!((first.status, goes_on(&first)), (200, "/tasks/0000000000".to_owned()));
    assert_eq!(first.header("set-cookie").unwrap().split_once("; ").unwrap().0, cookie);
    let again = raw.ask("GET", &page, &[("host", &host), ("accept", "text/html"), ("cookie", &cookie)], b"").await;
    assert_eq!((again.status, again.header("content-type")), (401, Some("text/html; charset=utf-8")));
    assert_eq!(again.header("set-cookie"), None);
}

#[tokio::test]
async fn a_browser_gets_the_page_with_its_cookie_and_nothing_without() {
    let house = House::open().await;
    let host = house.address.to_string();
    let session = session(&house).await;
    let mut raw = Raw::new(house.address);
    let page = raw.ask("GET", "/", &[("host", &host), ("cookie", &session)], b"").await;
    assert_eq!((page.status, page.body.as_slice()), (200, &b"<!doctype html>"[..]));
    assert_eq!(page.header("cache-control"), Some("no-store"));
    assert!(page.header("content-security-policy").unwrap().starts_with("default-src 'self';"));
    let script = raw.ask("GET", "/app.js", &[("host", &host), ("cookie", &session)], b"").await;
    assert_eq!(script.header("cache-control"), Some("private, max-age=31536000, immutable"));
    let stranger = raw.ask("GET", "/", &[("host", &host)], b"").await;
    assert_eq!((stranger.status, stranger.code().as_str()), (401, "unauthorized"));
    let on = format!("/?token={TOKEN}&next=/tasks/0000000000");
    let welcome = raw.ask("GET", &on, &[("host", &host)], b"").await;
    assert_eq!((welcome.status, goes_on(&welcome)), (200, "/tasks/0000000000".to_owned()));
    let guess = raw.ask("GET", "/?token=0123456789abcdee", &[("host", &host)], b"").await;
    assert_eq!((guess.status, guess.header("set-cookie")), (401, None));
}

#[tokio::test]
async fn a_person_without_a_session_is_told_where_to_get_one() {
    let house = House::open().await;
    let host = house.address.to_string();
    let accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    let mut raw = Raw::new(house.address);
    for path in ["/", "/tasks/0000000000", "/api/v1/tasks", "/manifest.webmanifest", "/?token=0123456789abcdee"] {
        let page = raw.ask("GET", path, &[("host", &host), ("accept", accept)], b"").await;
        assert_eq!((page.status, page.header("content-type")), (401, Some("text/html; charset=utf-8")), "{path}");
        let text = String::from_utf8(page.body.clone()).unwrap();
        assert!(text.contains("type <code>deskhand</code> in a terminal"), "{text}");
        assert!(!text.contains("<script") && !text.contains("http"), "{text}");
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'; base-uri 'none'; form-action 'none'"), "{policy}");
        assert_eq!((page.header("set-cookie"), page.header("cache-control")), (None, Some("no-store")));
    }
    // programs, changes and foreign pages get the one form of every error
    for (method, headers) in [
        ("GET", vec![("accept", "*/*")]),
        ("GET", vec![("accept", "application/json")]),
        ("GET", vec![]),
        ("POST", vec![("accept", accept)]),
    ] {
        let headers = [vec![("host", host.as_str())], headers].concat();
        let answer = raw.ask(method, "/api/v1/tasks", &headers, b"").await;
        assert_eq!((answer.status, answer.code().as_str()), (401, "unauthorized"), "{method} {headers:?}");
    }
    let foreign = [("host", host.as_str()), ("accept", accept), ("sec-fetch-site", "cross-site")];
    assert_eq!(raw.ask("GET", "/", &foreign, b"").await.code(), "wrong_origin");
    // a link of another page is a person's visit: told the same, with nothing of the session
    let cookie = session(&house).await;
    for (site, dest) in [("cross-site", "document"), ("same-site", "document"), ("cross-site", "empty")] {
        let link = [("cookie", cookie.as_str()), ("sec-fetch-site", site), ("sec-fetch-dest", dest)];
        let link = [&link[..], &[("sec-fetch-mode", "navigate")]].concat();
        let link = [&link[..], &[("host", &host), ("accept", accept)]].concat();
        let page = raw.ask("GET", "/tasks/0000000000", &link, b"").await;
        assert_eq!((page.status, page.header("content-type")), (403, Some("text/html; charset=utf-8")), "{site}");
        let text = String::from_utf8(page.body).unwrap();
        assert!(text.contains("A link on another page opens nothing here"), "{text}");
        let change = raw.ask("POST", "/", &link, b"").await;
        assert_eq!(change.code(), "wrong_origin", "{site} {dest}");
    }
    for (mode, dest) in [("navigate", "iframe"), ("no-cors", "image"), ("cors", "empty")] {
        let loaded = [&foreign[..], &[("sec-fetch-mode", mode), ("sec-fetch-dest", dest)]].concat();
        assert_eq!(raw.ask("GET", "/", &loaded, b"").await.code(), "wrong_origin", "{mode} {dest}");
    }
}

#[tokio::test]
async fn pages_are_protected() {
    let house = House::open().await;
    let host = house.address.to_string();
    let session = session(&house).await;
    let page = Raw::new(house.address).ask("GET", "/", &[("host", &host), ("cookie", &session)], b"").await;
    for (name, value) in [
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("x-dns-prefetch-control", "off"),
        ("referrer-policy", "no-referrer"),
        ("x-content-type-options", "nosniff"),
    ] {
        assert_eq!(page.header(name), Some(value), "{name}");
    }
}
