//! The fake model server: real HTTP/1.1 on loopback, in a thread of its own, bounded in requests and time.
//!
//! It runs on its own small runtime so that it serves blocking and asynchronous tests alike, and costs the code under
//! test nothing but the socket. It ends when it is dropped.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::stream;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full, Limited, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinSet;

use crate::answer::Answer;
use crate::asked::{Asked, Dialect, count_replies};
use crate::delivery::{Delivery, Step};
use crate::record::Record;
use crate::times::gaps;
use crate::turn::Turn;

/// The largest request that is read.
const LARGEST_REQUEST: usize = 256 * 1024 * 1024;

/// How long open connections live on after the last allowed request.
const PARTING: Duration = Duration::from_secs(1);

type Body = UnsyncBoxBody<Bytes, std::io::Error>;
type Script = dyn Fn(&Asked) -> Answer + Send + Sync;

/// Where a fake server ends by itself.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Requests it answers; it ends after the last one.
    pub requests: usize,
    /// How long it lives.
    pub time: Duration,
    /// Whether bodies of requests are kept.
    pub keep_bodies: bool,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { requests: 100_000, time: Duration::from_mins(5), keep_bodies: true }
    }
}

/// A model server that plays a script in both dialects: `POST …/messages`, `POST …/chat/completions` and
/// `GET …/models`; `GET /__times` gives the gaps between requests as JSON, `GET /__asked` how many there were.
pub struct FakeServer {
    address: SocketAddr,
    state: Arc<State>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

struct State {
    script: Box<Script>,
    bounds: Bounds,
    log: Mutex<Log>,
    models: Mutex<VecDeque<Answer>>,
    changed: Notify,
    /// Told when the last allowed request was answered.
    spent: Notify,
}

#[derive(Default)]
struct Log {
    records: Vec<Record>,
    asked: usize,
    opened: usize,
    open: usize,
}

impl FakeServer {
    /// Answers the first request with the first answer, and so on; status 500 after the last.
    pub fn start<A: Into<Answer>>(answers: impl IntoIterator<Item = A>) -> std::io::Result<Self> {
        let answers: Vec<Answer> = answers.into_iter().map(Into::into).collect();
        Self::with(Bounds::default(), move |asked| nth(&answers, asked.number))
    }

    /// Answers by how many replies the request's history holds, so that a client may resume or ask again.
    pub fn by_history(turns: impl IntoIterator<Item = Turn>) -> std::io::Result<Self> {
        let answers: Vec<Answer> = turns.into_iter().map(Answer::turn).collect();
        Self::with(Bounds::default(), move |asked| nth(&answers, asked.replies))
    }

    /// Answers by a function.
    pub fn with(bounds: Bounds, script: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> std::io::Result<Self> {
        let listener = std::net::TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let state = Arc::new(State {
            script: Box::new(script),
            bounds,
            log: Mutex::default(),
            models: Mutex::default(),
            changed: Notify::new(),
            spent: Notify::new(),
        });
        let (stop, stopped) = oneshot::channel();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let served = Arc::clone(&state);
        let thread = std::thread::Builder::new().name("fake-model".to_owned()).spawn(move || {
            runtime.block_on(async move {
                let end = async { tokio::time::timeout(served.bounds.time, stopped).await };
                tokio::select! {
                    _ = end => {}
                    () = accept(listener, &served) => {}
                }
            });
        })?;
        Ok(Self { address, state, stop: Some(stop), thread: Some(thread) })
    }

    /// The base URL, without a path.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers the next requests for the list of models like this; afterwards it offers `fake-model` again.
    pub fn list_models_as(&self, answers: impl IntoIterator<Item = Answer>) {
        self.state.models.lock().unwrap_or_else(PoisonError::into_inner).extend(answers);
    }

    /// Every request so far.
    pub fn records(&self) -> Vec<Record> {
        self.state.log().records.clone()
    }

    /// Requests for a reply so far.
    pub fn asked(&self) -> usize {
        self.state.log().asked
    }

    /// Connections opened so far.
    pub fn connections(&self) -> usize {
        self.state.log().opened
    }

    /// Connections open now.
    pub fn open_connections(&self) -> usize {
        self.state.log().open
    }

    /// Waits until `is_met` holds for this server; looks again whenever something happened. Gives up after ten
    /// seconds and says so with `false`.
    pub async fn until(&self, is_met: impl Fn(&Self) -> bool) -> bool {
        let wait = async {
            loop {
                let changed = self.state.changed.notified();
                tokio::pin!(changed);
                changed.as_mut().enable();
                if is_met(self) {
                    return;
                }
                changed.await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), wait).await.is_ok()
    }

    /// Blocks until the server ends by itself.
    pub fn wait(mut self) -> Vec<Record> {
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
        self.records()
    }
}

impl Drop for FakeServer {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

fn nth(answers: &[Answer], number: usize) -> Answer {
    let over = || Answer::status(500, r#"{"error":{"type":"api_error","message":"the script is over"}}"#);
    answers.get(number).cloned().unwrap_or_else(over)
}

impl State {
    fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change<T>(&self, change: impl FnOnce(&mut Log) -> T) -> T {
        let result = change(&mut self.log());
        self.changed.notify_waiters();
        result
    }

    fn answered(&self, place: usize, ended: Option<Instant>, abandoned: bool) {
        self.change(|log| {
            if let Some(record) = log.records.get_mut(place) {
                record.ended = ended;
                record.abandoned = abandoned;
            }
        });
        if place + 1 >= self.bounds.requests {
            self.spent.notify_one();
        }
    }
}

async fn accept(listener: std::net::TcpListener, state: &Arc<State>) {
    let Ok(listener) = TcpListener::from_std(listener) else { return };
    // Dropping the set at the end of this future ends every connection.
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            Some(_) = connections.join_next() => continue,
            () = state.spent.notified() => break,
        };
        let Ok((socket, _)) = accepted else { return };
        if socket.set_nodelay(true).is_err() {
            continue;
        }
        state.change(|log| {
            log.opened += 1;
            log.open += 1;
        });
        let open = Open(Arc::clone(state));
        connections.spawn(async move {
            let service = service_fn(|request| respond(Arc::clone(&open.0), request));
            let connection = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(socket), service);
            // How a connection ends is the test's business, not ours.
            connection.await.unwrap_or_default();
        });
    }
    // The last answer may still be on its way out; clients that keep their connection open are not waited for long.
    let rest = async { while connections.join_next().await.is_some() {} };
    tokio::time::timeout(PARTING, rest).await.unwrap_or_default();
}

/// An open connection; counted until it is dropped.
struct Open(Arc<State>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.change(|log| log.open -= 1);
    }
}

async fn respond(state: Arc<State>, request: Request<Incoming>) -> Result<Response<Body>, Infallible> {
    let began = Instant::now();
    let (head, body) = request.into_parts();
    let path = head.uri.path().to_owned();
    if path == "/__times" {
        let times = serde_json::to_string(&gaps(&state.log().records)).unwrap_or_default();
        return Ok(document(200, times));
    }
    if path == "/__asked" {
        return Ok(document(200, state.log().asked.to_string()));
    }
    let Ok(body) = Limited::new(body, LARGEST_REQUEST).collect().await else {
        return Ok(document(413, r#"{"error":{"type":"request_too_large","message":"too large"}}"#));
    };
    let body = body.to_bytes();
    let headers: Vec<(String, String)> = head
        .headers
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect();
    let dialect = match (head.method.as_str(), &path) {
        ("POST", path) if path.ends_with("/messages") => Some(Dialect::Anthropic),
        ("POST", path) if path.ends_with("/chat/completions") => Some(Dialect::OpenAi),
        _ => None,
    };
    let replies = if dialect.is_some() { count_replies(&body) } else { 0 };
    let kept = if state.bounds.keep_bodies { body.clone() } else { Bytes::new() };
    let record = Record {
        method: head.method.to_string(),
        path: head.uri.to_string(),
        headers: headers.clone(),
        body: kept,
        began,
        ended: None,
        abandoned: false,
    };
    let (place, number) = state.change(|log| {
        log.records.push(record);
        let number = log.asked;
        log.asked += usize::from(dialect.is_some());
        (log.records.len() - 1, number)
    });
    if place >= state.bounds.requests {
        return Ok(document(503, r#"{"error":{"type":"api_error","message":"too many requests for this test"}}"#));
    }
    let asked = Asked { number, replies, dialect: dialect.unwrap_or(Dialect::OpenAi), headers, body };
    let answer = if dialect.is_some() { (state.script)(&asked) } else { other(&path, &state) };
    let delivery = answer.delivery(&asked);
    drop(asked);
    let mut response = Response::builder().status(answer.code());
    for (name, value) in answer.all_headers() {
        response = response.header(name, value);
    }
    let sending = Sending { state, place, delivery, over: false };
    let body = StreamBody::new(stream::unfold(sending, Sending::next));
    Ok(response.body(body.boxed_unsync()).unwrap_or_else(|_| document(500, "a header of the script is wrong")))
}

fn other(path: &str, state: &State) -> Answer {
    if !path.ends_with("/models") {
        return Answer::status(
            404,
            r#"{"type":"error","error":{"type":"not_found_error","message":"nothing is here"}}"#,
        );
    }
    if let Some(answer) = state.models.lock().unwrap_or_else(PoisonError::into_inner).pop_front() {
        return answer;
    }
    let list = serde_json::json!({
        "object": "list",
        "data": [{
            "id": "fake-model", "type": "model", "object": "model", "display_name": "Fake Model",
            "created": 1_700_000_000, "created_at": "2023-11-14T22:13:20Z", "owned_by": "testkit",
        }],
        "has_more": false, "first_id": "fake-model", "last_id": "fake-model",
    });
    Answer::document("application/json", list.to_string())
}

fn document(status: u16, body: impl Into<Bytes>) -> Response<Body> {
    let body = Full::new(body.into()).map_err(|never: Infallible| match never {});
    let mut response = Response::new(body.boxed_unsync());
    *response.status_mut() = hyper::StatusCode::from_u16(status).unwrap_or_default();
    response.headers_mut().insert("content-type", hyper::header::HeaderValue::from_static("application/json"));
    response
}

/// A body being sent; dropped early when the client goes away.
struct Sending {
    state: Arc<State>,
    place: usize,
    delivery: Delivery,
    over: bool,
}

impl Sending {
    async fn next(mut self) -> Option<(Result<Frame<Bytes>, std::io::Error>, Self)> {
        match self.delivery.next() {
            Step::Send(bytes, pause) => {
                if !pause.is_zero() {
                    tokio::time::sleep(pause).await;
                }
                if self.delivery.is_over() {
                    self.ended(Some(Instant::now()));
                }
                Some((Ok(Frame::data(bytes)), self))
            }
            Step::Finish => {
                if !self.over {
                    self.ended(Some(Instant::now()));
                }
                None
            }
            Step::Break if self.over => None,
            Step::Break => {
                // What was sent before must have left the buffer, or the cut would take it along.
                tokio::task::yield_now().await;
                self.ended(None);
                Some((Err(std::io::Error::other("cut by the script")), self))
            }
            Step::Silence => std::future::pending().await,
        }
    }

    fn ended(&mut self, at: Option<Instant>) {
        self.over = true;
        self.state.answered(self.place, at, false);
    }
}

impl Drop for Sending {
    fn drop(&mut self) {
        if !self.over {
            self.state.answered(self.place, None, true);
        }
    }
}
