//! One request over one connection.

use bytes::Bytes;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};
use tokio::task::JoinSet;

use super::{Client, ClientError, Place};

/// Bytes of an answer that is read whole.
const MAX_ANSWER: usize = 256 * 1024 * 1024;

/// An answer that is still coming in. Dropping it closes the connection.
pub(super) struct Reply {
    pub(super) body: Incoming,
    /// Drives the connection; ended with the answer.
    _driver: JoinSet<()>,
}

/// A connection and what drives it.
pub(super) struct Line {
    sender: SendRequest<Full<Bytes>>,
    driver: JoinSet<()>,
    host: String,
}

impl Client {
    pub(super) async fn fetch<A: DeserializeOwned>(&self, path: &str) -> Result<A, ClientError> {
        read(self.ask(Method::GET, path, None).await?).await
    }

    pub(super) async fn send<A: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: &impl Serialize,
    ) -> Result<A, ClientError> {
        let body = serde_json::to_vec(body).map_err(|error| ClientError::Unreadable(error.to_string()))?;
        read(self.ask(method, path, Some(body)).await?).await
    }

    /// Sends a request and gives the answer as soon as its head is there; an error is read whole.
    pub(super) async fn ask(&self, method: Method, path: &str, body: Option<Vec<u8>>) -> Result<Reply, ClientError> {
        let mut line = self.open().await?;
        let mut request = Request::builder().method(method).uri(format!("/api/v1{path}")).header(HOST, &line.host);
        if let Place::Tcp(_, token) = &self.place {
            request = request.header(AUTHORIZATION, format!("Bearer {}", token.expose()));
        }
        if body.is_some() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        let request = request
            .body(Full::new(Bytes::from(body.unwrap_or_default())))
            .map_err(|error| ClientError::Unreadable(error.to_string()))?;
        let response = line.sender.send_request(request).await?;
        check(response, line.driver).await
    }

    /// Connects.
    pub(super) async fn open(&self) -> Result<Line, ClientError> {
        match &self.place {
            Place::Socket(path) => {
                let place = path.display().to_string();
                let stream = UnixStream::connect(path).await;
                shake(stream.map_err(|source| ClientError::NoAnswer { place, source })?, "deskhand".to_owned()).await
            }
            Place::Tcp(address, _) => {
                let place = address.to_string();
                let stream = TcpStream::connect(address).await;
                shake(stream.map_err(|source| ClientError::NoAnswer { place, source })?, address.to_string()).await
            }
        }
    }
}

async fn shake(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    host: String,
) -> Result<Line, ClientError> {
    let (sender, connection) = handshake(TokioIo::new(stream)).await?;
    let mut driver = JoinSet::new();
    driver.spawn(async move {
        // What breaks it is told to whoever waits for the answer.
        let _told = connection.await;
    });
    Ok(Line { sender, driver, host })
}

async fn check(response: Response<Incoming>, driver: JoinSet<()>) -> Result<Reply, ClientError> {
    let status = response.status();
    let reply = Reply { body: response.into_body(), _driver: driver };
    if status.is_success() {
        return Ok(reply);
    }
    let body = read(reply).await?;
    Err(ClientError::Refused { status, body })
}

async fn read<A: DeserializeOwned>(reply: Reply) -> Result<A, ClientError> {
    let body = Limited::new(reply.body, MAX_ANSWER).collect().await;
    let body = body.map_err(|error| match error.downcast::<hyper::Error>() {
        Ok(error) => ClientError::Broken(*error),
        Err(error) if error.is::<LengthLimitError>() => ClientError::Unreadable("the answer is too long".to_owned()),
        Err(error) => ClientError::Unreadable(error.to_string()),
    })?;
    serde_json::from_slice(&body.to_bytes()).map_err(|error| ClientError::Unreadable(error.to_string()))
}
