//! The proxy a machine's programs speak to: HTTP/1.1 with CONNECT and whole addresses. No SOCKS, no TLS to itself.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _, DuplexStream};
use tokio::time::timeout;

use crate::body::{Broken, Incoming};
use crate::gate::Fault;
use crate::head;
use crate::passage::Passage;
use crate::{forward, tunnel};

/// How long a connection may be idle between requests.
const IDLE_TIME: Duration = Duration::from_mins(5);
/// How long a head may take from its first byte to its last.
const HEAD_TIME: Duration = Duration::from_secs(30);

/// Whether a connection goes on after a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum After {
    /// Another request may come.
    Stays,
    /// It is over.
    Ends,
}

/// A machine's end of a connection.
pub(crate) struct Program<R, W> {
    pub(crate) from: Incoming<R>,
    pub(crate) to: W,
}

/// Serves one connection until it is over. Every request on it is decided anew.
pub(crate) async fn serve(passage: &Passage, connection: DuplexStream) {
    let (from, to) = tokio::io::split(connection);
    let mut program = Program { from: Incoming::new(from), to };
    while one(passage, &mut program).await == After::Stays {}
    // The other side may be gone already, which is as good.
    program.to.shutdown().await.unwrap_or_default();
}

/// Refuses a connection of a task that has too many.
pub(crate) async fn turn_away(passage: &Passage, mut connection: DuplexStream) {
    let fault = Fault { status: 503, why: "there are too many connections".to_owned(), next: "open fewer at a time" };
    unheard(passage, &mut connection, &fault).await;
}

async fn one<R, W>(passage: &Passage, program: &mut Program<R, W>) -> After
where
    R: AsyncRead + Unpin + Send,
    W: AsyncWrite + Unpin + Send,
{
    if !program.from.has_kept() && !matches!(timeout(IDLE_TIME, program.from.more()).await, Ok(Ok(true))) {
        return After::Ends;
    }
    let read = match timeout(HEAD_TIME, program.from.head()).await {
        Ok(Ok(head)) => head::request(&head),
        Ok(Err(Broken::Wrong(wrong))) => Err(wrong),
        Ok(Err(Broken::Ended | Broken::Failed)) => Err("the request ends in the middle"),
        Err(_) => Err("the request took too long"),
    };
    match read {
        Ok(request) if request.method == "CONNECT" => {
            tunnel::run(passage, program, &request).await;
            After::Ends
        }
        Ok(request) => forward::run(passage, program, &request).await,
        Err(wrong) => {
            unheard(passage, &mut program.to, &Fault::malformed(wrong)).await;
            After::Ends
        }
    }
}

/// Refuses something that names no host.
async fn unheard<W: AsyncWrite + Unpin>(passage: &Passage, to: &mut W, fault: &Fault) {
    match passage.begin("", 0) {
        Ok(mut entry) => {
            entry.refuse(&fault.why);
            drop(entry);
            refuse(to, fault).await;
        }
        Err(worse) => refuse(to, &worse).await,
    }
}

/// Tells the program that it gets nothing, why, and what it can do. The connection ends after that.
pub(crate) async fn refuse<W: AsyncWrite + Unpin>(to: &mut W, fault: &Fault) {
    let (status, reason) = match fault.status {
        400 => (400, "Bad Request"),
        502 => (502, "Bad Gateway"),
        503 => (503, "Service Unavailable"),
        // Some programs show nothing but these words.
        _ => (403, "Forbidden by Deskhand"),
    };
    let text = format!("Deskhand's network gate: {}.\nNext step: {}.\n", fault.why, fault.next);
    let answer = format!(
        "HTTP/1.1 {status} {reason}\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: {}\r\nx-deskhand-gate: \
         refused\r\nconnection: close\r\n\r\n{text}",
        text.len()
    );
    // A program that has gone does not hear it.
    to.write_all(answer.as_bytes()).await.unwrap_or_default();
    to.flush().await.unwrap_or_default();
}
