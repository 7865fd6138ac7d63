//! Failures: statuses, error events, connections that cannot be made, and waits asked for.

use std::time::Duration;

use model::{ErrorKind, ModelError};
use model_http::{Endpoint, Quirks, Secret};
use testkit::{Answer, FakeServer, Turn};

use crate::stage::{ASK, KEY, anthropic, asked, collect, failure, openai};

/// What came of one request answered like this, in both dialects, which must agree on everything but the name.
async fn answered(answer: Answer) -> ModelError {
    let server = FakeServer::start([answer.clone(), answer]).unwrap();
    let first = failure(&*asked(anthropic(&server))).await;
    let second = failure(&*asked(openai(&server, Quirks::OPENAI))).await;
    let renamed = second.message.replace("`local`", "`claude`");
    assert_eq!(ModelError { message: renamed, ..second }, first);
    first
}

#[tokio::test]
async fn statuses_and_words_mean_what_to_do() {
    use ErrorKind::{BadRequest, Busy, ContextOverflow, NotFound, Server, Unauthorized};
    let plain = r#"{"type":"error","error":{"type":"some_error","message":"words of the provider"}}"#;
    let with = |words: &str| format!(r#"{{"error":{{"message":"{words}","type":"invalid_request_error"}}}}"#);
    let cases = [
        (401, plain.to_owned(), Unauthorized),
        (403, plain.to_owned(), Unauthorized),
        (402, plain.to_owned(), Unauthorized),
        (404, plain.to_owned(), NotFound),
        (400, plain.to_owned(), BadRequest),
        (422, plain.to_owned(), BadRequest),
        (408, plain.to_owned(), Busy),
        (409, plain.to_owned(), Busy),
        (429, plain.to_owned(), Busy),
        (529, plain.to_owned(), Busy),
        (503, plain.to_owned(), Busy),
        (500, plain.to_owned(), Server),
        (502, "<html><body>Bad <b>gateway</b></body></html>".to_owned(), Server),
        (504, String::new(), Server),
        (301, String::new(), BadRequest),
        (413, plain.to_owned(), ContextOverflow),
        (400, with("prompt is too long: 210000 tokens > 200000 maximum"), ContextOverflow),
        (400, with("This model's maximum context length is 8192 tokens."), ContextOverflow),
        (400, with("input length and `max_tokens` exceed context limit: 1 + 2 > 2"), ContextOverflow),
        (400, with("Your input exceeds the context window of this model."), ContextOverflow),
        (
            400,
            r#"{"error":{"message":"too big","type":"invalid_request_error","code":"context_length_exceeded"}}"#
                .to_owned(),
            ContextOverflow,
        ),
        (500, r#"{"error":{"code":500,"message":"n","type":"exceed_context_size_error"}}"#.to_owned(), ContextOverflow),
        (400, with("Your credit balance is too low to access the API."), Unauthorized),
        (
            429,
            r#"{"error":{"message":"You exceeded your current quota","type":"insufficient_quota"}}"#.to_owned(),
            Unauthorized,
        ),
        (400, r#"{"error":"model does not support tools"}"#.to_owned(), BadRequest),
        (400, r#"{"object":"error","message":"maximum context length","code":400}"#.to_owned(), ContextOverflow),
        (422, r#"{"detail":[{"msg":"field required"}]}"#.to_owned(), BadRequest),
    ];
    for (status, body, kind) in cases {
        let error = answered(Answer::status(status, body.clone())).await;
        assert_eq!(error.kind, kind, "{status} {body}: {error}");
        assert!(error.message.contains(&status.to_string()), "{error}");
        assert!(!error.hint.is_empty());
        assert_eq!(error.retry_after, None);
    }
}

#[tokio::test]
async fn messages_quote_the_provider_on_one_line_and_name_the_request() {
    let body = "{\"error\":{\"type\":\"api_error\",\"message\":\"line one\\nline\\u0007 two\"}}";
    let error = answered(Answer::status(500, body).header("request-id", "req_123")).await;
    assert_eq!(error.message, "`claude` answered 500: line one line two (request `req_123`)");
    let error = answered(Answer::status(502, "<html><h1>Bad gateway</h1></html>")).await;
    assert_eq!(error.message, "`claude` answered 502: Bad gateway");
    let error = answered(Answer::status(500, format!(r#"{{"error":"{}"}}"#, "x".repeat(5000)))).await;
    assert_eq!(error.message, format!("`claude` answered 500: {}…", "x".repeat(500)));
}

#[tokio::test]
async fn what_is_not_found_is_named_with_the_place_it_was_sought() {
    let server = FakeServer::start([Answer::status(404, r#"{"error":{"message":"model: example-1"}}"#)]).unwrap();
    let error = failure(&*asked(anthropic(&server))).await;
    let place = server.url();
    assert_eq!(error.message, format!("`claude` answered 404 for model `example-1` at `{place}`: model: example-1"));
}

#[tokio::test]
async fn waits_are_taken_from_the_headers() {
    let busy = || Answer::status(429, r#"{"error":{"message":"slow down"}}"#);
    let cases = [
        (busy().header("retry-after", "7"), Some(Duration::from_secs(7))),
        (busy().header("retry-after", "1.5"), Some(Duration::from_millis(1500))),
        (busy().header("retry-after-ms", "250").header("retry-after", "9"), Some(Duration::from_millis(250))),
        (busy().header("retry-after", "Thu, 01 Jan 1970 00:00:10 GMT"), Some(Duration::ZERO)),
        (busy().header("retry-after", "soon"), None),
        (busy().header("retry-after", "-3"), None),
        (busy().header("retry-after", "inf"), None),
        (busy().header("retry-after", "99999999999"), Some(Duration::from_hours(24))),
        (busy(), None),
    ];
    for (answer, wait) in cases {
        let error = answered(answer).await;
        assert_eq!((error.kind, error.retry_after), (ErrorKind::Busy, wait));
    }
}

#[tokio::test]
async fn the_provider_may_say_whether_to_try_again() {
    let never = answered(Answer::status(529, "{}").header("x-should-retry", "false").header("retry-after", "3")).await;
    assert_eq!((never.kind, never.kind.may_pass(), never.retry_after), (ErrorKind::BadRequest, false, None));
    let again = answered(Answer::status(400, "{}").header("x-should-retry", "true").header("retry-after", "3")).await;
    assert_eq!((again.kind, again.retry_after), (ErrorKind::Busy, Some(Duration::from_secs(3))));
    let no_key = answered(Answer::status(401, "{}").header("x-should-retry", "true")).await;
    assert_eq!(no_key.kind, ErrorKind::Unauthorized);
}

#[tokio::test]
async fn an_error_event_within_a_reply_is_sorted_like_a_status() {
    let cases = [
        ("overloaded_error", "Overloaded", ErrorKind::Busy),
        ("rate_limit_error", "Slow down", ErrorKind::Busy),
        ("api_error", "Internal", ErrorKind::Server),
        ("unheard_of", "Odd", ErrorKind::Server),
        ("authentication_error", "No", ErrorKind::Unauthorized),
        ("invalid_request_error", "Bad", ErrorKind::BadRequest),
        ("invalid_request_error", "prompt is too long", ErrorKind::ContextOverflow),
    ];
    for (kind, words, expected) in cases {
        for events in [0, 1, 4] {
            let turn = Turn::text("Some words here").call("Read", r#"{"a":1}"#);
            let error = answered(Answer::turn(turn).error_after(events, kind, words)).await;
            assert_eq!(error.kind, expected);
            assert_eq!(error.message, format!("`claude` broke off its reply: {words}"));
        }
    }
}

#[tokio::test]
async fn chunks_before_an_error_event_still_come() {
    let server =
        FakeServer::start([Answer::turn(Turn::text("one two three")).error_after(5, "api_error", "x")]).unwrap();
    let outcome = collect(asked(anthropic(&server)).ask(&ASK)).await;
    assert_eq!(crate::stage::text_of(&outcome.chunks), "one two ");
    assert_eq!(outcome.end.unwrap_err().kind, ErrorKind::Server);
}

#[tokio::test]
async fn an_error_hidden_in_a_success_is_found() {
    let error =
        answered(Answer::document("application/json", r#"{"error":{"type":"rate_limit_error","message":"m"}}"#));
    assert_eq!(error.await.kind, ErrorKind::Busy);
    let error = answered(Answer::recorded("data: {\"error\":{\"message\":\"m\",\"code\":429}}\n\n")).await;
    assert_eq!(error.kind, ErrorKind::Busy);
    let error = answered(Answer::document("text/html; charset=utf-8", "<html>Sign in</html>")).await;
    assert_eq!(error.kind, ErrorKind::BadRequest);
    assert!(error.message.contains("`text/html; charset=utf-8` instead of a streamed reply"), "{error}");
}

#[tokio::test]
async fn nobody_there_is_unreachable_with_host_and_hint() {
    let gone = FakeServer::start([Turn::text("a")]).unwrap().url();
    let error = failure(&*asked(Endpoint::anthropic("claude", gone.clone(), None))).await;
    let host = gone.replace("http://", "");
    assert_eq!(error.kind, ErrorKind::Unreachable);
    assert_eq!(error.message, format!("cannot reach `claude` at `{host}`: connection refused"));
    assert_eq!(error.hint, "start the model server, or correct the provider's base URL");
    let nowhere = Endpoint::anthropic("claude", "http://no-such-host.invalid:81", None);
    let error = failure(&*asked(nowhere)).await;
    assert_eq!(error.kind, ErrorKind::Unreachable);
    assert!(error.message.starts_with("cannot reach `claude` at `no-such-host.invalid:81`: "), "{error}");
}

#[tokio::test]
async fn an_address_that_is_none_is_refused_before_anything_is_sent() {
    for address in ["", "claude", "ftp://127.0.0.1", "file:///etc/passwd"] {
        let error = failure(&*asked(Endpoint::anthropic("claude", address, None))).await;
        assert_eq!(error.kind, ErrorKind::BadRequest);
        assert_eq!(error.message, "the base URL of `claude` is not an http or https address");
    }
}

#[tokio::test]
async fn silence_ends_after_the_read_timeout() {
    for answer in [Answer::turn(Turn::text("a b c")).hang_after(300), Answer::turn(Turn::text("a b c")).hang_after(0)] {
        let server = FakeServer::start([answer]).unwrap();
        let mut endpoint = anthropic(&server);
        endpoint.read_timeout = Duration::from_millis(200);
        let error = failure(&*asked(endpoint)).await;
        assert_eq!(
            (error.kind, error.message.as_str()),
            (ErrorKind::Cut, "the reply of `claude` stopped: nothing came for 0.2 s")
        );
    }
}

#[tokio::test]
async fn no_message_ever_holds_a_secret() {
    let echo = format!(r#"{{"error":{{"type":"authentication_error","message":"bad key {KEY} and pass-word-1"}}}}"#);
    let mut outcomes = Vec::new();
    for answer in [
        Answer::status(401, echo.clone()),
        Answer::status(500, format!("<p>{KEY}</p>")),
        Answer::status(429, echo.clone()).header("request-id", KEY),
        Answer::recorded(format!("event: error\ndata: {echo}\n\n")),
        Answer::document("application/json", echo.clone()),
        Answer::document(format!("text/html; {KEY}"), "x"),
        Answer::turn(Turn::text("a")).cut_after(10),
    ] {
        let server = FakeServer::start([answer]).unwrap();
        let mut endpoint = anthropic(&server);
        endpoint.headers.push(("x-gateway".to_owned(), Secret::new("pass-word-1")));
        let address = server.url().replace("http://", "http://user:pass-word-1@");
        endpoint.base_url = format!("{address}?key={KEY}");
        outcomes.push(endpoint.describe());
        outcomes.push(format!("{endpoint:?}"));
        let error = failure(&*asked(endpoint)).await;
        outcomes.push(format!("{error:?}"));
    }
    let mut gone =
        Endpoint::anthropic("claude", format!("http://user:{KEY}@127.0.0.1:1/?key={KEY}"), Some(Secret::new(KEY)));
    outcomes.push(format!("{:?}", failure(&*asked(gone.clone())).await));
    gone.key = Some(Secret::new("two\nlines of a key"));
    outcomes.push(format!("{:?}", failure(&*asked(gone)).await));
    for outcome in outcomes {
        for secret in [KEY, "pass-word-1", "lines of a key"] {
            assert!(!outcome.contains(secret), "{outcome}");
        }
    }
}
