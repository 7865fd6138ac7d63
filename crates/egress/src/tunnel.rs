//! CONNECT: bytes both ways to a host that was allowed, whose name the TLS inside must also say.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::time::timeout;

use crate::body::Incoming;
use crate::gate::Fault;
use crate::head::{Framing, Request};
use crate::hello::{self, Hello};
use crate::host::{Host, Target};
use crate::ledger::{Counts, Entry};
use crate::passage::Passage;
use crate::proxy::{Program, refuse};
use crate::rules::Wish;

/// How long the first message of TLS may take.
const HELLO_TIME: Duration = Duration::from_secs(30);
/// Bytes carried at a time.
const PIECE: usize = 32 << 10;
/// Where TLS is spoken and nothing else.
const TLS_PORT: u16 = 443;

/// Serves a CONNECT. The connection is over afterwards.
pub(crate) async fn run<R, W>(passage: &Passage, program: &mut Program<R, W>, request: &Request)
where
    R: AsyncRead + Unpin + Send,
    W: AsyncWrite + Unpin + Send,
{
    let read = read(request);
    let begun = match &read {
        Ok(target) => passage.begin(&target.host(), target.port()),
        Err(_) => passage.begin(&request.target, 0),
    };
    let mut entry = match begun {
        Ok(entry) => entry,
        Err(fault) => return refuse(&mut program.to, &fault).await,
    };
    let carried = match read {
        Ok(target) => carry(passage, program, &target, &mut entry).await,
        Err(fault) => Err(fault),
    };
    if let Err(fault) = carried {
        passage.refuse(&mut entry, &fault);
        drop(entry);
        refuse(&mut program.to, &fault).await;
    }
}

/// Where a CONNECT wants to go.
fn read(request: &Request) -> Result<Target, Fault> {
    let target = Target::parse(&request.target, None).map_err(|error| Fault::malformed(&error.to_string()))?;
    if let Some(host) = request.headers.one("host").map_err(Fault::malformed)?
        && Target::parse(host, Some(target.port())).as_ref() != Ok(&target)
    {
        return Err(Fault::malformed("the Host header names another host than CONNECT"));
    }
    if request.framing().map_err(Fault::malformed)? != Framing::Empty {
        return Err(Fault::malformed("CONNECT has no body"));
    }
    if target.port() == 80 {
        return Err(Fault::malformed("port 80 is not tunnelled; ask for http://… through the proxy"));
    }
    Ok(target)
}

async fn carry<R, W>(
    passage: &Passage,
    program: &mut Program<R, W>,
    target: &Target,
    entry: &mut Entry,
) -> Result<(), Fault>
where
    R: AsyncRead + Unpin + Send,
    W: AsyncWrite + Unpin + Send,
{
    let settled = passage.settle((target, &Wish::Tunnel), entry, program.from.ended()).await?;
    let stream = passage.gate.open(target, settled.pass.port).await?;
    let agreed = program.to.write_all(b"HTTP/1.1 200 Connection Established\r\n\r\n").await;
    if agreed.is_err() || program.to.flush().await.is_err() {
        return Ok(());
    }
    let counts = entry.counts();
    let (from_host, to_host) = stream.into_split();
    let both = async {
        tokio::try_join!(up(&mut program.from, to_host, target, &counts), down(from_host, &mut program.to, &counts))
    };
    let cut = tokio::select! {
        // What was taken back while the host was dialled gets no byte.
        biased;
        reason = passage.revoked(target, &Wish::Tunnel, &settled) => Some(reason),
        ended = both => ended.err().flatten(),
    };
    // The tunnel stands, so nothing can be said to the program any more.
    if let Some(reason) = cut {
        passage.refuse(entry, &Fault::refused(reason));
    }
    Ok(())
}

/// Why a direction ended before its time: a reason for the ledger, or none where one side simply went away.
type Cut = Option<String>;

async fn up<R, W>(from: &mut Incoming<R>, mut to: W, target: &Target, counts: &Counts) -> Result<(), Cut>
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    if let Target::Named { host, port } = target {
        vet(from, host, *port).await?;
    }
    loop {
        let piece = from.piece().await.map_err(|_| None)?;
        if piece.is_empty() {
            return to.shutdown().await.map_err(|_| None);
        }
        to.write_all(&piece).await.map_err(|_| None)?;
        counts.add_up(piece.len());
    }
}

/// Looks at the first bytes of the program before any of them goes out.
async fn vet<R: AsyncRead + Unpin>(from: &mut Incoming<R>, host: &Host, port: u16) -> Result<(), Cut> {
    let is_tls_only = port == TLS_PORT;
    loop {
        match hello::look(from.kept()) {
            Hello::Asks(Some(name)) if Host::parse(&name).as_ref() == Ok(host) => return Ok(()),
            Hello::Asks(Some(_)) => return Err(Some("TLS asks for another host than CONNECT".to_owned())),
            Hello::Asks(None) => return Err(Some("TLS does not say which host it wants".to_owned())),
            Hello::Foreign if is_tls_only || from.kept().first() == Some(&hello::HANDSHAKE) => {
                return Err(Some("what came is not the beginning of TLS".to_owned()));
            }
            Hello::Foreign => return Ok(()),
            Hello::Unfinished => {}
        }
        // Elsewhere than on the port of TLS the host may be the one who speaks first.
        let more = if is_tls_only || from.has_kept() {
            timeout(HELLO_TIME, from.more()).await.map_err(|_| Some("TLS did not begin in time".to_owned()))?
        } else {
            from.more().await
        };
        match more {
            Ok(true) => {}
            Ok(false) if from.has_kept() => return Err(Some("TLS ended in its first message".to_owned())),
            Ok(false) => return Ok(()),
            Err(_) => return Err(None),
        }
    }
}

async fn down<R, W>(mut from: R, to: &mut W, counts: &Counts) -> Result<(), Cut>
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    let mut piece = vec![0; PIECE];
    loop {
        let read = from.read(&mut piece).await.map_err(|_| None)?;
        if read == 0 {
            return to.shutdown().await.map_err(|_| None);
        }
        to.write_all(&piece[..read]).await.map_err(|_| None)?;
        to.flush().await.map_err(|_| None)?;
        counts.add_down(read);
    }
}
