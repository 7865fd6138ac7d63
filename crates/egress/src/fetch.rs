//! Fetching a page for a tool on this side: the same decisions as for a machine, for every hop anew.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use event::CallId;
use sandbox::Asker;
use tokio::io::AsyncWriteExt as _;
use tokio::time::timeout;
use url::Url;

use crate::body::{Body, Broken, Incoming};
use crate::disguise;
use crate::forward::final_answer;
use crate::gate::{Fault, Gate, Plain, Stream};
use crate::head::{Answer, Framing, Header, Headers, write_request};
use crate::host::{Host, HostError, Target};
use crate::identity;
use crate::ledger::{Entry, Ledger};
use crate::passage::{Asking, Passage};
use crate::rules::{Verdict, Wish};

/// Redirects that are followed.
const MOST_HOPS: usize = 5;
/// Longest address.
const LONGEST_ADDRESS: usize = 4096;

/// A fetch: for whom, and within which limits.
#[derive(Clone)]
pub struct Visit {
    /// The call that fetches.
    pub call: CallId,
    /// Who is asked about hosts that are not in the list.
    pub asker: Arc<dyn Asker>,
    /// A host that was allowed before the call began, so that nobody is asked twice.
    pub granted: Option<Host>,
    /// The task's ledger.
    pub ledger: PathBuf,
    /// Bytes of content that are read; the rest is left.
    pub most_bytes: usize,
    /// How long one hop may take once it is connected.
    pub hop_time: Duration,
}

/// What was fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Where it was in the end.
    pub address: String,
    /// Status of the answer.
    pub status: u16,
    /// The `Content-Type`, as it came.
    pub media: String,
    /// The content, or its beginning.
    pub content: Vec<u8>,
    /// Whether there is more than `content`.
    pub is_cut: bool,
}

/// Nothing was fetched.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// The address cannot be fetched.
    #[error("cannot fetch this address: {0}")]
    Address(String),
    /// The gate or the user said no.
    #[error("{why}")]
    Refused {
        /// Why.
        why: String,
        /// The one next step.
        hint: &'static str,
    },
    /// The host could not be reached.
    #[error("{why}")]
    Unreachable {
        /// What happened.
        why: String,
        /// The one next step.
        hint: &'static str,
    },
    /// It goes on and on to other addresses.
    #[error("more than {MOST_HOPS} redirects")]
    Redirects,
    /// The content is packed in a way that was not asked for.
    #[error("the host sent the page packed as `{0}`")]
    Packed(String),
}

impl FetchError {
    /// The one next step.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Address(_) => "give a whole address that begins with https:// and a host name",
            Self::Refused { hint, .. } | Self::Unreachable { hint, .. } => hint,
            Self::Redirects => "give the address the page really has",
            Self::Packed(_) => "download it with Bash and curl",
        }
    }
}

impl From<Fault> for FetchError {
    fn from(fault: Fault) -> Self {
        match fault.status {
            403 => Self::Refused { why: fault.why, hint: fault.next },
            _ => Self::Unreachable { why: fault.why, hint: fault.next },
        }
    }
}

/// An address that may be asked for, cut into what matters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    url: Url,
    target: Target,
}

impl Address {
    /// Reads an address. The host is read as strictly as everywhere, before anything is made regular.
    pub fn parse(text: &str) -> Result<Self, FetchError> {
        let text = text.trim();
        if text.len() > LONGEST_ADDRESS {
            return Err(FetchError::Address("it is too long".to_owned()));
        }
        let (scheme, rest) =
            text.split_once("://").ok_or_else(|| FetchError::Address("it has no `https://`".to_owned()))?;
        let port = match scheme.to_ascii_lowercase().as_str() {
            "https" => 443,
            "http" => 80,
            _ => return Err(FetchError::Address("only http and https can be fetched".to_owned())),
        };
        let wrong = |error: HostError| FetchError::Address(error.to_string());
        let named = &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())];
        let target = Target::parse(named, Some(port)).map_err(wrong)?;
        let mut url = Url::parse(text).map_err(|error| FetchError::Address(error.to_string()))?;
        url.set_fragment(None);
        // Two readings of one text must name the same place.
        let same = url.host_str() == Some(target.host().as_str()) && url.port_or_known_default() == Some(target.port());
        if same { Ok(Self { url, target }) } else { Err(wrong(HostError::Character)) }
    }

    /// The name of its host; none for an address of this computer.
    pub fn host(&self) -> Option<&Host> {
        self.target.name()
    }

    /// Where it goes, for messages.
    pub fn shown_host(&self) -> String {
        self.target.host()
    }

    fn is_secure(&self) -> bool {
        self.url.scheme() == "https"
    }

    fn path(&self) -> String {
        match self.url.query() {
            Some(query) => format!("{}?{query}", self.url.path()),
            None => self.url.path().to_owned(),
        }
    }

    /// The address a link on this page leads to; as strict as [`Address::parse`].
    pub fn join(&self, location: &str) -> Result<Self, FetchError> {
        let url = self.url.join(location).map_err(|error| FetchError::Address(error.to_string()))?;
        Self::parse(url.as_str())
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.url.fmt(formatter)
    }
}

/// What one hop came to.
enum Hop {
    Page(Page),
    Elsewhere(String),
}

impl Gate {
    /// Whether fetching this address now would make the user be asked. What is allowed does not, and neither does what
    /// is refused whoever asks.
    pub fn asks(&self, address: &Address) -> bool {
        let wish = Wish::Request { method: "GET".to_owned(), path: address.path() };
        matches!(self.decide(&address.target, &wish), Verdict::Ask)
    }

    /// Fetches a page with GET. Every hop is decided, checked and written to the ledger by itself.
    pub async fn fetch(self: &Arc<Self>, address: &Address, visit: &Visit) -> Result<Page, FetchError> {
        let asking = Asking::new(visit.call.clone(), Arc::clone(&visit.asker), visit.granted.clone());
        let passage = Passage {
            gate: Arc::clone(self),
            ledger: Arc::new(Ledger::new(&visit.ledger)),
            asking: Some(Arc::new(asking)),
        };
        let mut address = address.clone();
        for _ in 0..=MOST_HOPS {
            match hop(&passage, &address, visit).await? {
                Hop::Page(page) => return Ok(page),
                Hop::Elsewhere(location) => {
                    address = follow(&address, &location).inspect_err(|error| {
                        // Where it leads is no place to go to; that too is a decision.
                        if let Ok(mut entry) = passage.begin(&location, 0) {
                            entry.refuse(&error.to_string());
                        }
                    })?;
                }
            }
        }
        Err(FetchError::Redirects)
    }
}

/// Where a redirect leads. What was asked for in secret is not asked for openly.
fn follow(address: &Address, location: &str) -> Result<Address, FetchError> {
    let next = address.join(location)?;
    if address.is_secure() && !next.is_secure() {
        return Err(FetchError::Address("it leads from https to http".to_owned()));
    }
    Ok(next)
}

async fn hop(passage: &Passage, address: &Address, visit: &Visit) -> Result<Hop, FetchError> {
    let target = &address.target;
    let mut entry = passage.begin(&target.host(), target.port())?;
    match connected(passage, address, visit, &mut entry).await {
        Err(error) => {
            entry.refuse(&error.to_string());
            Err(error)
        }
        done => done,
    }
}

async fn connected(passage: &Passage, address: &Address, visit: &Visit, entry: &mut Entry) -> Result<Hop, FetchError> {
    let wish = Wish::Request { method: "GET".to_owned(), path: address.path() };
    let settled = passage.settle((&address.target, &wish), entry, std::future::pending()).await?;
    let (mut stream, head) = open(passage, address, &settled.pass).await?;
    let counts = entry.counts();
    let exchange = async {
        let lost = |_| Fault::unreachable(format!("`{}` went away", address.shown_host()));
        stream.write_all(&head).await.map_err(lost)?;
        stream.flush().await.map_err(lost)?;
        counts.add_up(head.len());
        let mut host = Incoming::new(stream);
        let answer = final_answer(&mut host)
            .await
            .map_err(|why| Fault::unreachable(format!("`{}` gave no proper answer: {why}", address.shown_host())))?;
        if let Some(location) = elsewhere(&answer) {
            return Ok(Hop::Elsewhere(location));
        }
        let (content, is_cut) = content(&mut host, &answer, visit.most_bytes).await?;
        counts.add_down(content.len());
        page(address, &answer, content, is_cut).map(Hop::Page)
    };
    tokio::select! {
        // What was taken back while the host was dialled gets no byte.
        biased;
        why = passage.revoked(&address.target, &wish, &settled) => Err(Fault::refused(why).into()),
        done = timeout(visit.hop_time, exchange) => match done {
            Ok(done) => done,
            Err(_) => Err(Fault::unreachable(format!("`{}` takes too long", address.shown_host())).into()),
        },
    }
}

async fn open(
    passage: &Passage,
    address: &Address,
    pass: &crate::rules::Pass,
) -> Result<(Box<dyn Stream>, Vec<u8>), Fault> {
    let target = &address.target;
    let mut headers = Headers(vec![
        header("user-agent", concat!("deskhand/", env!("CARGO_PKG_VERSION"))),
        header("accept", "text/markdown, text/html;q=0.9, text/plain;q=0.8, */*;q=0.5"),
        header("accept-encoding", "identity"),
    ]);
    if pass.inspected {
        disguise::check(&headers, &address.path()).map_err(Fault::refused)?;
    }
    if let Some(identity) = &pass.identity {
        identity::check(&headers, &address.path(), identity).map_err(Fault::refused)?;
        headers.0.push(identity::header(identity, passage.gate.secret(&identity.secret)).map_err(Fault::refused)?);
    }
    let is_secure = address.is_secure() || pass.upgrade;
    let usual = if is_secure { 443 } else { 80 };
    let host = if pass.port == usual { target.host() } else { format!("{}:{}", target.host(), pass.port) };
    let written = |path: &str, headers: &Headers| write_request("GET", path, &host, headers, Framing::Empty);
    if is_secure {
        return Ok((passage.gate.open_tls(target, pass.port).await?, written(&address.path(), &headers)));
    }
    if pass.port == 443 && target.name().is_some() {
        return Err(Fault::refused("port 443 speaks TLS: use https"));
    }
    match passage.gate.open_plain(target, pass).await? {
        Plain::Direct(stream) => Ok((Box::new(stream), written(&address.path(), &headers))),
        Plain::Relayed(stream, authorization) => {
            headers.0.extend(authorization.map(|value| header("proxy-authorization", &value)));
            Ok((Box::new(stream), written(&format!("http://{host}{}", address.path()), &headers)))
        }
    }
}

fn header(name: &str, value: &str) -> Header {
    Header { name: name.to_owned(), value: value.as_bytes().to_vec() }
}

fn elsewhere(answer: &Answer) -> Option<String> {
    if !matches!(answer.status, 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    answer.headers.one("location").ok().flatten().filter(|location| !location.is_empty()).map(str::to_owned)
}

/// The content up to `most` bytes, and whether there is more.
async fn content<S: Stream>(host: &mut Incoming<S>, answer: &Answer, most: usize) -> Result<(Vec<u8>, bool), Fault> {
    let framing = answer.framing("GET").map_err(Fault::unreachable)?;
    let mut body = Body::new(framing);
    let mut content = Vec::new();
    loop {
        match body.next(host).await {
            Ok(Some(piece)) => {
                content.extend_from_slice(&piece);
                if content.len() > most {
                    content.truncate(most);
                    return Ok((content, true));
                }
            }
            Ok(None) => return Ok((content, false)),
            // What came is kept; whether it is everything nobody can say.
            Err(Broken::Ended | Broken::Failed) => return Ok((content, true)),
            Err(Broken::Wrong(why)) => return Err(Fault::unreachable(why)),
        }
    }
}

fn page(address: &Address, answer: &Answer, content: Vec<u8>, is_cut: bool) -> Result<Page, FetchError> {
    let one = |name| answer.headers.one(name).ok().flatten().unwrap_or_default().to_owned();
    let packed = one("content-encoding");
    if !packed.is_empty() && !packed.eq_ignore_ascii_case("identity") {
        return Err(FetchError::Packed(packed.chars().take(40).collect()));
    }
    Ok(Page { address: address.to_string(), status: answer.status, media: one("content-type"), content, is_cut })
}
