//! Every host × every origin × every credential × every route × every method: in comes only who should.

use std::collections::BTreeSet;

use crate::house::{House, TOKEN};
use crate::raw::Raw;

const METHODS: [&str; 5] = ["GET", "POST", "PUT", "DELETE", "OPTIONS"];

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
    let mut routes: Vec<String> = paths.keys().map(|path| path.replace("{id}", "0000000000")).collect();
    assert!(routes.len() >= 17, "{routes:?}");
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
        (400, "bad_request"),
        (401, "unauthorized"),
        (403, "wrong_origin"),
        (404, "no_grant"),
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
        Shown::WrongCookie => Some(("cookie", format!("deskhand_session={TOKEN}"))),
        Shown::Bearer => Some(("authorization", format!("Bearer {TOKEN}"))),
        Shown::Cookie => Some(("cookie", format!("other=1; {session}"))),
    }
}

/// Visits the printed address as a browser does and gives the cookie it would keep.
async fn session(house: &House) -> String {
    let host = house.address.to_string();
    let mut raw = Raw::new(house.address);
    let answer = raw.ask("GET", &format!("/?token={TOKEN}"), &[("host", &host)], b"").await;
    assert_eq!((answer.status, answer.header("location"), answer.body.len()), (303, Some("/"), 0));
    let cookie = answer.header("set-cookie").unwrap();
    let (pair, rights) = cookie.split_once("; ").unwrap();
    assert_eq!(rights, "HttpOnly; SameSite=Strict; Path=/");
    assert!(!pair.contains(TOKEN), "the cookie shows the token");
    pair.to_owned()
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
    let guess = raw.ask("GET", "/?token=0123456789abcdee", &[("host", &host)], b"").await;
    assert_eq!((guess.status, guess.header("set-cookie")), (401, None));
}
