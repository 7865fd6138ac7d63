//! Every error has its code and its status, whatever goes wrong and wherever.

use store::Store;

use crate::house::{House, TOKEN, turn_ended};
use crate::raw::Raw;

const JSON: &str = "application/json";

struct Case {
    method: &'static str,
    path: String,
    kind: &'static str,
    body: String,
    status: u16,
    code: &'static str,
}

fn case(
    method: &'static str,
    path: impl Into<String>,
    body: impl Into<String>,
    status: u16,
    code: &'static str,
) -> Case {
    Case { method, path: path.into(), kind: JSON, body: body.into(), status, code }
}

#[tokio::test]
async fn errors_have_one_form() {
    let house = House::open().await;
    let task = house.begin("hello").await;
    house.until(task, turn_ended).await;
    let busy = event::TaskId::parse("bvsy000000").unwrap();
    let _held = house.store.create(busy, "busy", event::Timestamp(0)).unwrap();
    let at = |path: &str| format!("/api/v1/tasks/{task}{path}");
    let wish = |wish: &str| format!(r#"{{"id":"c","wish":{wish}}}"#);
    let new = |rest: &str| format!(r#"{{"id":"n","prompt":"p"{rest}}}"#);
    let long = "x".repeat(201);
    let cases = [
        case("GET", "/nowhere", "", 404, "no_route"),
        case("GET", "/api", "", 404, "no_route"),
        case("GET", "/api/v1", "", 404, "no_route"),
        case("GET", "/api/v2/tasks", "", 404, "no_route"),
        case("POST", "/", "", 404, "no_route"),
        case("PUT", "/api/v1/tasks", "", 405, "wrong_method"),
        case("OPTIONS", "/api/v1/settings", "", 405, "wrong_method"),
        case("PUT", at(""), "", 405, "wrong_method"),
        case("GET", "/api/v1/tasks/0000000000", "", 404, "no_task"),
        case("GET", "/api/v1/tasks/..%2F..%2Fetc", "", 404, "no_task"),
        case("GET", "/api/v1/tasks/%FF", "", 400, "bad_request"),
        case("GET", "/api/v1/tasks/0000000000/stream", "", 404, "no_task"),
        case("GET", "/api/v1/tasks?limit=-1", "", 400, "bad_request"),
        case("GET", "/api/v1/search", "", 400, "bad_request"),
        case("GET", at("/events?after=x"), "", 400, "bad_request"),
        case("GET", "/api/v1/tasks?shelf=attic", "", 400, "bad_request"),
        case("DELETE", "/api/v1/tasks/0000000000", "", 404, "no_task"),
        case("POST", "/api/v1/tasks/0000000000/restore", "", 404, "no_task"),
        case("POST", at("/restore"), "", 409, "task_exists"),
        case("GET", "/api/v1/tasks/0000000000/export", "", 404, "no_task"),
        case("GET", at("/export"), "", 500, "storage"),
        case("POST", at("/commands"), wish(r#"{"type":"rename","data":{"title":" "}}"#), 409, "refused"),
        case("POST", at("/commands"), wish(r#"{"type":"pin_file","data":{"path":"/etc/passwd"}}"#), 409, "refused"),
        case("POST", at("/commands"), wish(r#"{"type":"mark","data":{"type":"loved"}}"#), 400, "bad_request"),
        case("DELETE", "/api/v1/providers/nobody", "", 404, "no_provider"),
        case("DELETE", "/api/v1/providers/%FF", "", 400, "bad_request"),
        case("DELETE", "/api/v1/grants/%FF", "", 400, "bad_request"),
        case("GET", at("/undo?turn=99"), "", 409, "undo"),
        case("GET", at("/files"), "", 400, "bad_request"),
        case("GET", at("/files?path=/outputs/none"), "", 404, "no_file"),
        case("GET", at("/files?path=/etc/passwd"), "", 404, "no_file"),
        case("GET", "/api/v1/folders?path=relative", "", 400, "bad_request"),
        case("GET", "/api/v1/folders?path=/etc", "", 422, "folder_refused"),
        case("DELETE", "/api/v1/grants/s9", "", 404, "no_grant"),
        case("POST", "/api/v1/tasks", "{", 400, "bad_request"),
        case("POST", "/api/v1/tasks", "{}", 400, "bad_request"),
        case("POST", "/api/v1/tasks", r#"{"id":"","prompt":"p"}"#, 400, "bad_request"),
        case("POST", "/api/v1/tasks", format!(r#"{{"id":"{long}","prompt":"p"}}"#), 400, "bad_request"),
        case("POST", "/api/v1/tasks", new(r#","mode":"reckless""#), 400, "bad_request"),
        case("POST", "/api/v1/tasks", new(r#","model":"script/none""#), 422, "model"),
        case(
            "POST",
            "/api/v1/tasks",
            new(r#","folders":[{"path":"/etc","access":"read_only"}]"#),
            422,
            "folder_refused",
        ),
        case("POST", "/api/v1/tasks", new(r#","attachments":[{"name":"a","content_base64":"?"}]"#), 400, "bad_request"),
        case("POST", at("/commands"), wish(r#"{"type":"resume"}"#), 409, "refused"),
        case("POST", at("/commands"), wish(r#"{"type":"dance"}"#), 400, "bad_request"),
        case("POST", at("/say"), r#"{"id":"s","text":"  "}"#, 409, "refused"),
        case("POST", format!("/api/v1/tasks/{busy}/commands"), wish(r#"{"type":"stop"}"#), 423, "task_busy"),
        case("POST", "/api/v1/tasks/0000000000/commands", wish(r#"{"type":"stop"}"#), 404, "no_task"),
        Case { kind: "text/plain", ..case("POST", "/api/v1/tasks", new(""), 415, "not_json") },
    ];
    let host = house.address.to_string();
    let bearer = format!("Bearer {TOKEN}");
    for Case { method, path, kind, body, status, code } in cases {
        let headers = [("host", host.as_str()), ("authorization", &bearer), ("content-type", kind)];
        // A connection whose body was not read is closed by the server, so each case has its own.
        let answer = Raw::new(house.address).ask(method, &path, &headers, body.as_bytes()).await;
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{method} {path} {body}");
        assert_eq!(answer.header("content-type"), Some("application/json"), "{method} {path}");
        let error: api_types::ErrorBody = serde_json::from_slice(&answer.body).unwrap();
        assert!(!error.message.is_empty() && error.hint.is_some(), "{method} {path}: {error:?}");
    }
    let mut raw = Raw::new(house.address);
    let put = raw.ask("PUT", "/api/v1/tasks", &[("host", &host), ("authorization", &bearer)], b"").await;
    assert_eq!(put.header("allow"), Some("POST,GET,HEAD"));
}

#[tokio::test]
async fn a_closing_house_says_so() {
    let house = House::open().await;
    let task = house.begin("hello").await;
    house.until(task, turn_ended).await;
    house.tasks.close().await;
    let refused = house.client.create(&crate::house::new_task("question")).await.unwrap_err();
    let api::client::ClientError::Refused { status, body } = refused else { panic!("{refused:?}") };
    assert_eq!((status.as_u16(), body.code), (503, api_types::Code::Closing));
}

#[tokio::test]
async fn bodies_are_bounded() {
    let house = House::open().await;
    let task = house.begin("hello").await;
    house.until(task, turn_ended).await;
    let host = house.address.to_string();
    let bearer = format!("Bearer {TOKEN}");
    let headers = [("host", host.as_str()), ("authorization", &bearer), ("content-type", JSON)];
    let mut raw = Raw::new(house.address);
    let rename = |spaces: usize| {
        format!(r#"{{"id":"r","wish":{{"type":"rename","data":{{"title":"t"}}}}}}{}"#, " ".repeat(spaces))
    };
    let path = format!("/api/v1/tasks/{task}/commands");
    let spaces = 1024 * 1024 - rename(0).len();
    let fits = raw.ask("POST", &path, &headers, rename(spaces).as_bytes()).await;
    assert_eq!(fits.status, 200);
    let large = raw.ask("POST", &path, &headers, rename(spaces + 1).as_bytes()).await;
    assert_eq!((large.status, large.code().as_str()), (413, "too_large"));

    // attachments are counted together, and have a larger bound of their own
    let files = |bytes: usize| {
        let half = "AAAA".repeat(bytes / 3 / 2);
        let file = |name: &str| format!(r#"{{"name":"{name}","content_base64":"{half}"}}"#);
        format!(r#"{{"id":"f{bytes}","text":"Look","attachments":[{},{}]}}"#, file("a"), file("b"))
    };
    let path = format!("/api/v1/tasks/{task}/say");
    let fits = raw.ask("POST", &path, &headers, files(6 * 1024 * 1024).as_bytes()).await;
    assert_eq!(fits.status, 200);
    let large = raw.ask("POST", &path, &headers, files(65 * 1024 * 1024).as_bytes()).await;
    assert_eq!((large.status, large.code().as_str()), (413, "too_large"));
}
