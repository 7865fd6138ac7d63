//! Requests with a whole address, `GET http://host/path`: passed on one by one, each decided anew.
//!
//! A host with rules about methods, paths or identity is reached only this way: the gate sees the request, adds what
//! proves the identity, and speaks TLS to the host itself.

use std::pin::pin;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};

use crate::body::{Broken, Incoming, pass};
use crate::disguise;
use crate::gate::{Fault, Plain, Stream};
use crate::head::{self, Answer, Framing, Header, Headers, Request, write_answer, write_request};
use crate::host::Target;
use crate::identity;
use crate::ledger::{Counts, Entry};
use crate::passage::{Passage, Settled};
use crate::proxy::{After, Program, refuse};
use crate::rules::Wish;

/// A request that can be passed on.
struct Outbound {
    target: Target,
    method: String,
    /// Path and query.
    path: String,
    framing: Framing,
    headers: Headers,
    /// Whether the program waits for a word before it sends the body.
    waits: bool,
    /// Whether the program would send another request.
    stays: bool,
}

/// Serves one request.
pub(crate) async fn run<R, W>(passage: &Passage, program: &mut Program<R, W>, request: &Request) -> After
where
    R: AsyncRead + Unpin + Send,
    W: AsyncWrite + Unpin + Send,
{
    let (named, rest) = split(&request.target).unwrap_or((&request.target, ""));
    let read = read(request, named, rest);
    let begun = match &read {
        Ok(outbound) => passage.begin(&outbound.target.host(), outbound.target.port()),
        Err(_) => passage.begin(named, 0),
    };
    let mut entry = match begun {
        Ok(entry) => entry,
        Err(fault) => {
            refuse(&mut program.to, &fault).await;
            return After::Ends;
        }
    };
    let done = match read {
        Ok(outbound) => forward(passage, program, &outbound, &mut entry).await,
        Err(fault) => Err(fault),
    };
    match done {
        Ok(after) => after,
        Err(fault) => {
            passage.refuse(&mut entry, &fault);
            drop(entry);
            refuse(&mut program.to, &fault).await;
            After::Ends
        }
    }
}

/// Cuts `http://host:port/path?query` into `host:port` and the rest.
fn split(target: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = target.split_once("://")?;
    if !scheme.eq_ignore_ascii_case("http") {
        return None;
    }
    Some(rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len())))
}

fn read(request: &Request, named: &str, rest: &str) -> Result<Outbound, Fault> {
    if split(&request.target).is_none() {
        return Err(Fault::malformed(
            "this is a proxy: the address must be `http://…`, and for `https://…` use CONNECT",
        ));
    }
    let target = Target::parse(named, Some(80)).map_err(|error| Fault::malformed(&error.to_string()))?;
    match request.headers.one("host").map_err(|_| Fault::malformed("there is more than one Host header"))? {
        Some(host) if Target::parse(host, Some(80)).as_ref() == Ok(&target) => {}
        None if !request.is_new => {}
        Some(_) => return Err(Fault::malformed("the Host header names another host than the address")),
        None => return Err(Fault::malformed("there is no Host header")),
    }
    if rest.contains('#') {
        return Err(Fault::malformed("the address has a fragment"));
    }
    let path = if rest.starts_with('/') { rest.to_owned() } else { format!("/{rest}") };
    let framing = request.framing().map_err(Fault::malformed)?;
    let waits = match request.headers.one("expect").map_err(Fault::malformed)? {
        Some(word) if word.eq_ignore_ascii_case("100-continue") => framing != Framing::Empty,
        Some(_) => return Err(Fault::malformed("the Expect header asks for something unknown")),
        None => false,
    };
    Ok(Outbound {
        target,
        method: request.method.clone(),
        path,
        framing,
        headers: request.headers.stripped(),
        waits,
        stays: request.is_new && !request.headers.wants_close(),
    })
}

async fn forward<R, W>(
    passage: &Passage,
    program: &mut Program<R, W>,
    outbound: &Outbound,
    entry: &mut Entry,
) -> Result<After, Fault>
where
    R: AsyncRead + Unpin + Send,
    W: AsyncWrite + Unpin + Send,
{
    let wish = Wish::Request { method: outbound.method.clone(), path: outbound.path.clone() };
    let settled = passage.settle((&outbound.target, &wish), entry, program.from.ended()).await?;
    let (stream, head) = open(passage, outbound, &settled).await?;
    let counts = entry.counts();
    let exchanged = tokio::select! {
        // What was taken back while the host was dialled gets no byte.
        biased;
        reason = passage.revoked(&outbound.target, &wish, &settled) => Err(Ended::Cut(reason)),
        exchanged = exchange(program, outbound, stream, &head, &counts) => exchanged,
    };
    match exchanged {
        Ok(after) => Ok(after),
        Err(Ended::Early(fault)) => Err(fault),
        Err(Ended::Cut(reason)) => {
            passage.refuse(entry, &Fault::refused(reason));
            Ok(After::Ends)
        }
        Err(Ended::Gone) => Ok(After::Ends),
    }
}

/// Opens the stream for a request; gives it with the head to send.
async fn open(passage: &Passage, outbound: &Outbound, settled: &Settled) -> Result<(Box<dyn Stream>, Vec<u8>), Fault> {
    let mut headers = outbound.headers.clone();
    let port = settled.pass.port;
    if settled.pass.inspected {
        disguise::check(&headers, &outbound.path).map_err(Fault::refused)?;
    }
    if let Some(identity) = &settled.pass.identity {
        identity::check(&headers, &outbound.path, identity).map_err(Fault::refused)?;
        headers.0.push(identity::header(identity, passage.gate.secret(&identity.secret)).map_err(Fault::refused)?);
    }
    let usual = if settled.pass.upgrade { 443 } else { 80 };
    let name = outbound.target.host();
    let host = if port == usual { name } else { format!("{name}:{port}") };
    let written =
        |target: &str, headers: &Headers| write_request(&outbound.method, target, &host, headers, outbound.framing);
    if settled.pass.upgrade {
        let stream = passage.gate.open_tls(&outbound.target, port).await?;
        return Ok((stream, written(&outbound.path, &headers)));
    }
    if port == 443 && outbound.target.name().is_some() {
        return Err(Fault::refused("port 443 speaks TLS: use https"));
    }
    match passage.gate.open_plain(&outbound.target, &settled.pass).await? {
        Plain::Direct(stream) => Ok((Box::new(stream), written(&outbound.path, &headers))),
        Plain::Relayed(stream, authorization) => {
            let value = authorization.map(String::into_bytes);
            headers.0.extend(value.map(|value| Header { name: "proxy-authorization".to_owned(), value }));
            Ok((Box::new(stream), written(&format!("http://{host}{}", outbound.path), &headers)))
        }
    }
}

/// How an exchange ended that did not end well.
enum Ended {
    /// Before anything was answered; the program can still be told.
    Early(Fault),
    /// In the middle, for a reason that belongs in the ledger.
    Cut(String),
    /// In the middle, because a side went away.
    Gone,
}

impl From<std::io::Error> for Ended {
    fn from(_: std::io::Error) -> Self {
        Self::Gone
    }
}

async fn exchange<R, W>(
    program: &mut Program<R, W>,
    outbound: &Outbound,
    stream: Box<dyn Stream>,
    head: &[u8],
    counts: &Counts,
) -> Result<After, Ended>
where
    R: AsyncRead + Unpin + Send,
    W: AsyncWrite + Unpin + Send,
{
    let (from_host, mut to_host) = tokio::io::split(stream);
    let mut host = Incoming::new(from_host);
    let lost = |_| Ended::Early(Fault::unreachable(format!("`{}` went away", outbound.target.host())));
    to_host.write_all(head).await.map_err(lost)?;
    to_host.flush().await.map_err(lost)?;
    counts.add_up(head.len());
    if outbound.waits {
        program.to.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
        program.to.flush().await?;
    }
    let framings = (outbound.framing, outbound.framing);
    let mut sending = pin!(pass(&mut program.from, &mut to_host, framings, |bytes| counts.add_up(bytes)));
    let mut sent = Sent::Underway;
    let answer = {
        let mut answering = pin!(final_answer(&mut host));
        loop {
            tokio::select! {
                done = &mut sending, if sent == Sent::Underway => sent = Sent::of(done)?,
                answer = &mut answering => break answer.map_err(|why| {
                    Ended::Early(Fault::unreachable(format!("`{}` gave no proper answer: {why}", outbound.target.host())))
                })?,
            }
        }
    };
    let framing = answer.framing(&outbound.method).map_err(|why| Ended::Early(Fault::unreachable(why)))?;
    let stays = outbound.stays && sent == Sent::Whole && framing != Framing::Close;
    let head = write_answer(&answer, framing, stays);
    program.to.write_all(&head).await?;
    let mut answering = pin!(pass(&mut host, &mut program.to, (framing, framing), |bytes| counts.add_down(bytes)));
    loop {
        tokio::select! {
            done = &mut sending, if sent == Sent::Underway => sent = Sent::of(done).map_err(|_| Ended::Gone)?,
            done = &mut answering => {
                return match done {
                    Ok(()) if stays => Ok(After::Stays),
                    Ok(()) => Ok(After::Ends),
                    Err(Broken::Wrong(why)) => Err(Ended::Cut(format!("cut: {why}"))),
                    Err(Broken::Ended | Broken::Failed) => Err(Ended::Gone),
                };
            }
        }
    }
}

/// What became of the program's body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sent {
    Underway,
    Whole,
    /// The host stopped listening; it may have answered all the same.
    Unheard,
}

impl Sent {
    fn of(done: Result<(), Broken>) -> Result<Self, Ended> {
        match done {
            Ok(()) => Ok(Self::Whole),
            Err(Broken::Failed) => Ok(Self::Unheard),
            Err(Broken::Wrong(why)) => Err(Ended::Early(Fault::malformed(why))),
            Err(Broken::Ended) => Err(Ended::Early(Fault::malformed("the request ends in the middle"))),
        }
    }
}

/// The answer that counts, after those that only say that one will come.
pub(crate) async fn final_answer<R: AsyncRead + Unpin>(host: &mut Incoming<R>) -> Result<Answer, head::Wrong> {
    loop {
        let bytes = host.head().await.map_err(|broken| match broken {
            Broken::Wrong(wrong) => wrong,
            Broken::Ended | Broken::Failed => "it went away",
        })?;
        let answer = head::answer(&bytes)?;
        match answer.status {
            101 => return Err("it changed to something that nobody asked for"),
            100..=199 => {}
            _ => return Ok(answer),
        }
    }
}
