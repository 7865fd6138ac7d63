//! What went wrong, sorted by what to do about it: HTTP statuses, error bodies, error events and broken connections.
//!
//! Pure except for reading an error's chain of causes. Credentials are taken out of every message here.

use std::error::Error as _;
use std::time::{Duration, SystemTime};

use model::{ErrorKind, ModelError};
use reqwest::header::HeaderMap;
use serde::Deserialize;
use serde_json::Value;

use crate::endpoint::Endpoint;

/// The longest piece of a provider's words that is shown.
const LONGEST_QUOTE: usize = 500;
/// A wish to wait longer than this is a mistake or a trap.
const LONGEST_WAIT: Duration = Duration::from_hours(24);
/// What providers write when the conversation does not fit; lower case.
const OVERFLOW_WORDS: [&str; 14] = [
    "prompt is too long",
    "input is too long",
    "context_length_exceeded",
    "exceed_context_size",
    "maximum context length",
    "exceeds the context window",
    "exceed context limit",
    "exceeds the available context",
    "exceeds the model's context",
    "greater than the context length",
    "longer than the model's context length",
    "reduce the length of the messages",
    "request_too_large",
    "request too large for model",
];
/// What providers write when money is missing: waiting does not help; lower case.
const BILLING_WORDS: [&str; 3] = ["credit balance", "insufficient_quota", "billing"];

/// Who is spoken to, for messages.
#[derive(Clone, Copy)]
pub(crate) struct Blame<'e> {
    pub(crate) endpoint: &'e Endpoint,
    /// The model asked for; empty where none is.
    pub(crate) model: &'e str,
}

/// An error as the provider words it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Said {
    /// `type` and `code`, joined by a blank, lower case.
    pub(crate) words: String,
    /// The message for people.
    pub(crate) message: String,
    /// A status hidden in the body, as some servers put it into `code`.
    pub(crate) status: Option<u16>,
}

impl Said {
    /// Finds the error in a body of any of the usual shapes; text that is not JSON is quoted as it is.
    pub(crate) fn parse(body: &[u8]) -> Self {
        match serde_json::from_slice::<Value>(body) {
            Ok(value) => Self::from_value(&value),
            Err(_) => Self { message: plain_words(&String::from_utf8_lossy(body)), ..Self::default() },
        }
    }

    fn from_value(value: &Value) -> Self {
        #[derive(Deserialize, Default)]
        #[serde(default)]
        struct Shape {
            r#type: Value,
            code: Value,
            status: Value,
            message: Value,
            detail: Value,
        }
        // {"error":{…}} (both dialects), {"error":"…"} (Ollama), or the fields at the top (older vLLM, FastAPI).
        let inner = match value.get("error") {
            Some(Value::String(message)) => return Self { message: message.clone(), ..Self::default() },
            Some(inner @ Value::Object(_)) => inner,
            _ => value,
        };
        let shape = Shape::deserialize(inner).unwrap_or_default();
        let words = [&shape.r#type, &shape.code, &shape.status];
        let status = words.iter().find_map(|word| word.as_u64()).and_then(|code| u16::try_from(code).ok());
        let words: Vec<&str> = words.into_iter().filter_map(Value::as_str).collect();
        let message = match (&shape.message, &shape.detail) {
            (Value::String(message), _) | (_, Value::String(message)) => message.clone(),
            (Value::Null, Value::Null) => String::new(),
            (Value::Null, other) | (other, _) => other.to_string(),
        };
        Self { words: words.join(" ").to_ascii_lowercase(), message, status: status.filter(|code| *code >= 400) }
    }

    fn mentions(&self, phrases: &[&str]) -> bool {
        let message = self.message.to_lowercase();
        phrases.iter().any(|phrase| self.words.contains(phrase) || message.contains(phrase))
    }
}

/// The kind of failure a status and the provider's words mean.
pub(crate) fn kind_of(status: u16, said: &Said) -> ErrorKind {
    let by_status = match status {
        401..=403 => ErrorKind::Unauthorized,
        404 => ErrorKind::NotFound,
        413 => ErrorKind::ContextOverflow,
        408 | 409 | 425 | 429 | 503 | 529 => ErrorKind::Busy,
        500..=599 => ErrorKind::Server,
        _ => ErrorKind::BadRequest,
    };
    match by_status {
        // Some local servers answer 500 where the prompt does not fit.
        ErrorKind::BadRequest | ErrorKind::Server if said.mentions(&OVERFLOW_WORDS) => ErrorKind::ContextOverflow,
        ErrorKind::BadRequest | ErrorKind::Busy if said.mentions(&BILLING_WORDS) => ErrorKind::Unauthorized,
        kind => kind,
    }
}

/// The kind of failure an error event within a reply means; there is no status then.
pub(crate) fn kind_of_event(said: &Said) -> ErrorKind {
    let status = match said.words.split(' ').next().unwrap_or_default() {
        "authentication_error" => 401,
        "billing_error" => 402,
        "permission_error" => 403,
        "not_found_error" => 404,
        "invalid_request_error" | "bad_request_error" | "badrequesterror" => 400,
        "request_too_large" => 413,
        "rate_limit_error" | "rate_limit_exceeded" => 429,
        "overloaded_error" => 529,
        _ => said.status.unwrap_or(500),
    };
    kind_of(status, said)
}

impl Blame<'_> {
    /// An answer with a status that is not success.
    pub(crate) fn status(&self, status: u16, headers: &HeaderMap, body: &[u8], now: SystemTime) -> ModelError {
        let said = Said::parse(body);
        let mut kind = kind_of(status, &said);
        match headers.get("x-should-retry").map(reqwest::header::HeaderValue::as_bytes) {
            Some(b"false") if kind.may_pass() => kind = ErrorKind::BadRequest,
            Some(b"true") if kind == ErrorKind::BadRequest => kind = ErrorKind::Busy,
            _ => {}
        }
        let request = ["request-id", "x-request-id"].iter().find_map(|name| headers.get(*name)?.to_str().ok());
        let request = request.map(|id| format!(" (request `{}`)", self.quote(id))).unwrap_or_default();
        let wait = if kind.may_pass() { wait_asked_for(headers, now) } else { None };
        self.error(kind, &format!("answered {status}"), &said.message, &request).after(wait)
    }

    /// An error event within a reply.
    pub(crate) fn event(&self, said: &Said) -> ModelError {
        self.error(kind_of_event(said), "broke off its reply", &said.message, "")
    }

    /// The reply broke off, or is no reply.
    pub(crate) fn cut(&self, what: &str) -> ModelError {
        ModelError::new(
            ErrorKind::Cut,
            format!("the reply of `{}` {what}", self.endpoint.provider),
            "nothing is needed if the next try succeeds; otherwise check the network and the provider's status",
        )
    }

    /// The reply is larger than anything that can be worked with.
    pub(crate) fn too_large(&self, what: &str) -> ModelError {
        ModelError::new(
            ErrorKind::BadRequest,
            format!("the reply of `{}` {what}", self.endpoint.provider),
            "ask for less at once, or use another model",
        )
    }

    /// Success, but not with a stream of events.
    pub(crate) fn not_a_stream(&self, content_type: &str, body: &[u8]) -> ModelError {
        if content_type.contains("json") {
            let said = Said::parse(body);
            if !said.words.is_empty() || !said.message.is_empty() {
                return self.event(&said);
            }
        }
        let shown = if content_type.is_empty() { "nothing that says what it is" } else { content_type };
        ModelError::new(
            ErrorKind::BadRequest,
            format!(
                "`{}` at `{}` answered with `{}` instead of a streamed reply",
                self.endpoint.provider,
                self.endpoint.shown_url(),
                self.quote(shown)
            ),
            "check the provider's base URL, and whether the server can stream",
        )
    }

    /// The answer is not a list of models.
    pub(crate) fn no_list(&self) -> ModelError {
        ModelError::new(
            ErrorKind::NotFound,
            format!("`{}` at `{}` gave no list of models", self.endpoint.provider, self.endpoint.shown_url()),
            "check the provider's base URL; a model can also be named by hand",
        )
    }

    /// The base URL cannot be used.
    pub(crate) fn bad_address(&self) -> ModelError {
        ModelError::new(
            ErrorKind::BadRequest,
            format!("the base URL of `{}` is not an http or https address", self.endpoint.provider),
            "correct the provider's base URL",
        )
    }

    /// A key or header holds what no header may hold.
    pub(crate) fn bad_header(&self, name: &str) -> ModelError {
        ModelError::new(
            ErrorKind::Unauthorized,
            format!("the value of header `{name}` for `{}` has characters that cannot be sent", self.endpoint.provider),
            "enter the key or header again, without line breaks",
        )
    }

    /// The connection failed before, at or after its opening.
    pub(crate) fn connection(&self, error: &reqwest::Error) -> ModelError {
        let provider = &self.endpoint.provider;
        let silence = self.endpoint.read_timeout.as_secs_f64();
        if error.is_builder() {
            return ModelError::new(
                ErrorKind::BadRequest,
                format!("cannot prepare a request to `{provider}`: {}", self.cause(error)),
                "check the provider's settings and the system's certificates",
            );
        }
        if error.is_connect() {
            return self.unreachable(error);
        }
        if error.is_timeout() {
            return self.cut(&format!("stopped: nothing came for {silence} s"));
        }
        self.cut(&format!("was cut off: {}", self.cause(error)))
    }

    fn unreachable(&self, error: &reqwest::Error) -> ModelError {
        let cause = self.cause(error);
        let hint = if cause.contains("certificate") {
            "if a company proxy inspects traffic, add its certificate to the system's store"
        } else if self.endpoint.is_loopback() {
            "start the model server, or correct the provider's base URL"
        } else {
            "check the network, the proxy settings and the provider's base URL"
        };
        ModelError::new(
            ErrorKind::Unreachable,
            format!("cannot reach `{}` at `{}`: {cause}", self.endpoint.provider, self.endpoint.shown_host()),
            hint,
        )
    }

    /// The innermost cause, in the system's words and without addresses that may hold secrets.
    fn cause(&self, error: &reqwest::Error) -> String {
        if error.is_timeout() && error.is_connect() {
            return format!("no connection within {} s", self.endpoint.connect_timeout.as_secs_f64());
        }
        let mut cause = error.source();
        let mut words = None;
        while let Some(inner) = cause {
            if let Some(io) = inner.downcast_ref::<std::io::Error>() {
                match io.kind() {
                    std::io::ErrorKind::ConnectionRefused => return "connection refused".to_owned(),
                    std::io::ErrorKind::ConnectionReset => return "connection reset".to_owned(),
                    _ => {}
                }
            }
            let text = inner.to_string();
            if text.contains("failed to lookup address") || text.contains("dns error") {
                return "no host of that name was found".to_owned();
            }
            words = Some(text);
            cause = inner.source();
        }
        self.quote(&words.unwrap_or_else(|| "no reason given".to_owned()))
    }

    fn error(&self, kind: ErrorKind, what: &str, words: &str, request: &str) -> ModelError {
        let provider = &self.endpoint.provider;
        let quoted = self.quote(words);
        let quoted = if quoted.is_empty() { String::new() } else { format!(": {quoted}") };
        let place = match kind {
            ErrorKind::NotFound if self.model.is_empty() => format!(" at `{}`", self.endpoint.shown_url()),
            ErrorKind::NotFound => format!(" for model `{}` at `{}`", self.model, self.endpoint.shown_url()),
            _ => String::new(),
        };
        ModelError::new(kind, format!("`{provider}` {what}{place}{quoted}{request}"), hint_for(kind))
    }

    /// A provider's words, made fit to be shown: one line, bounded, without secrets or control characters.
    fn quote(&self, words: &str) -> String {
        let clean: String = self.endpoint.redact(words).chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let clean = clean.split_whitespace().collect::<Vec<_>>().join(" ");
        match clean.char_indices().nth(LONGEST_QUOTE) {
            Some((cut, _)) => format!("{}…", clean.get(..cut).unwrap_or_default()),
            None => clean,
        }
    }
}

fn hint_for(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Unauthorized => "check the provider's key, its rights and its credit",
        ErrorKind::NotFound => "choose a model the provider offers, or correct its base URL",
        ErrorKind::ContextOverflow => "the conversation is shortened and asked again; otherwise start a new task",
        ErrorKind::Busy | ErrorKind::Server => {
            "nothing is needed if a later try succeeds; otherwise see its status page"
        }
        ErrorKind::Unreachable | ErrorKind::Cut => "check the network and the provider's base URL",
        ErrorKind::BadRequest | ErrorKind::Script => "check the provider's settings, or use another model",
        _ => "check the provider's settings",
    }
}

/// Text without markup: an error page shows its words.
fn plain_words(text: &str) -> String {
    if !text.trim_start().starts_with('<') {
        return text.to_owned();
    }
    let mut words = String::new();
    let mut in_tag = false;
    for c in text.chars() {
        match c {
            '<' => in_tag = true,
            '>' => {
                in_tag = false;
                words.push(' ');
            }
            c if !in_tag => words.push(c),
            _ => {}
        }
    }
    words
}

/// How long the provider asks to wait: `retry-after-ms`, or `retry-after` in seconds or as a date (RFC 9110, 10.2.3).
pub(crate) fn wait_asked_for(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    if let Some(wait) = text("retry-after-ms").and_then(|ms| span(ms, 1000.0)) {
        return Some(wait);
    }
    let after = text("retry-after")?;
    span(after, 1.0).or_else(|| {
        let date = httpdate::parse_http_date(after).ok()?;
        Some(date.duration_since(now).unwrap_or_default().min(LONGEST_WAIT))
    })
}

fn span(text: &str, per_second: f64) -> Option<Duration> {
    let seconds = text.parse::<f64>().ok()? / per_second;
    (seconds >= 0.0 && seconds.is_finite()).then(|| Duration::from_secs_f64(seconds.min(LONGEST_WAIT.as_secs_f64())))
}
