//! Reading the provider's words and wishes.

use std::time::{Duration, SystemTime};

use reqwest::header::HeaderMap;

use crate::failure::{Said, wait_asked_for};

#[test]
fn error_bodies_of_every_shape_are_understood() {
    let said = |words: &str, message: &str, status: Option<u16>| Said {
        words: words.to_owned(),
        message: message.to_owned(),
        status,
    };
    let cases = [
        (
            r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"},"request_id":"r"}"#,
            said("overloaded_error", "Overloaded", None),
        ),
        (
            r#"{"error":{"message":"m","type":"invalid_request_error","param":null,"code":"context_length_exceeded"}}"#,
            said("invalid_request_error context_length_exceeded", "m", None),
        ),
        (
            r#"{"error":{"code":503,"message":"Loading","type":"unavailable_error"}}"#,
            said("unavailable_error", "Loading", Some(503)),
        ),
        (r#"{"error":"model not found"}"#, said("", "model not found", None)),
        (
            r#"{"object":"error","message":"m","type":"NotFoundError","code":404}"#,
            said("notfounderror", "m", Some(404)),
        ),
        (r#"{"detail":"Not Found"}"#, said("", "Not Found", None)),
        (r#"{"detail":[{"msg":"x"}]}"#, said("", r#"[{"msg":"x"}]"#, None)),
        (r#"{"error":{"code":7}}"#, said("", "", None)),
        ("{}", said("", "", None)),
        ("[]", said("", "", None)),
        ("null", said("", "", None)),
        ("", said("", "", None)),
        ("upstream timed out", said("", "upstream timed out", None)),
        ("<p>a<b>b</b></p>", said("", " a b  ", None)),
    ];
    for (body, expected) in cases {
        assert_eq!(Said::parse(body.as_bytes()), expected, "{body}");
    }
}

#[test]
fn a_date_is_a_wait_from_now() {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(100);
    let mut headers = HeaderMap::new();
    for (date, wait) in [("Thu, 01 Jan 1970 00:02:10 GMT", 30), ("Thu, 01 Jan 1970 00:00:10 GMT", 0)] {
        headers.insert("retry-after", date.parse().unwrap());
        assert_eq!(wait_asked_for(&headers, now), Some(Duration::from_secs(wait)));
    }
}
