//! The gate itself: the settings of now, and how a connection is made once it was allowed.
//!
//! Lives here: resolving, checking addresses, dialling, the company's proxy, TLS where the gate speaks it. Does not
//! live here: deciding (`rules`), asking (`passage`), what is said on a connection (`tunnel`, `forward`, `fetch`).

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::timeout;

use crate::address::forbidden;
use crate::body::Incoming;
use crate::head;
use crate::host::Target;
use crate::relay::Relay;
use crate::road::Road;
use crate::rules::{Pass, Rules, Verdict, Wish, decide};
use crate::trust::{Trust, certificates};

/// How long resolving may take.
const RESOLVE_TIME: Duration = Duration::from_secs(10);
/// How long an address may take to answer when there is another, and when it is the last.
const DIAL_TIME: [Duration; 2] = [Duration::from_secs(4), Duration::from_secs(15)];
/// Addresses of one name that are tried.
const MOST_ADDRESSES: usize = 6;
/// How long TLS, or the company's proxy, may take to answer.
const GREETING_TIME: Duration = Duration::from_secs(20);

/// Credentials by name. They go from here into requests and nowhere else.
pub trait Secrets: Send + Sync {
    /// The secret of this name, where there is one.
    fn secret(&self, name: &str) -> Option<String>;
}

/// What the gate works by. Changed as a whole.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Which hosts may be reached.
    pub rules: Rules,
    /// The company's proxy, where there is one.
    pub relay: Option<Relay>,
    /// Certificates to believe besides the system's, in PEM.
    pub authorities: Vec<u8>,
}

/// The settings cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// The added certificates are not PEM.
    #[error("{0}")]
    Authorities(#[source] rustls::Error),
}

/// The one gate, for machines and tools alike.
pub struct Gate {
    settings: watch::Sender<Arc<Settings>>,
    road: Arc<dyn Road>,
    secrets: Arc<dyn Secrets>,
    trust: Trust,
}

/// Why a connection came to nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// The status for a program that speaks HTTP.
    pub(crate) status: u16,
    /// What happened.
    pub(crate) why: String,
    /// The one next step.
    pub(crate) next: &'static str,
}

/// Next step after a decision of the settings.
pub(crate) const SEE_SETTINGS: &str = "go on without it, or ask the user to allow it in Customize › Network";
/// Next step after a failure of the network.
const SEE_NETWORK: &str = "check the name, and try again later";

impl Fault {
    pub(crate) fn refused(why: impl Into<String>) -> Self {
        Self { status: 403, why: why.into(), next: SEE_SETTINGS }
    }

    pub(crate) fn malformed(why: &str) -> Self {
        Self { status: 400, why: why.to_owned(), next: "use a usual HTTP client with its proxy settings" }
    }

    pub(crate) fn unreachable(why: impl Into<String>) -> Self {
        Self { status: 502, why: why.into(), next: SEE_NETWORK }
    }
}

/// A stream to a host, whatever it is made of.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

/// How a request without TLS is written to the stream that was opened for it.
pub(crate) enum Plain {
    /// To the host itself.
    Direct(TcpStream),
    /// To the company's proxy: with the whole address, and with this `Proxy-Authorization`.
    Relayed(TcpStream, Option<String>),
}

impl Gate {
    /// A gate with these settings. Does no input or output.
    pub fn new(settings: Settings, road: Arc<dyn Road>, secrets: Arc<dyn Secrets>) -> Result<Self, SettingsError> {
        check(&settings)?;
        let (settings, _) = watch::channel(Arc::new(settings));
        Ok(Self { settings, road, secrets, trust: Trust::default() })
    }

    /// The settings of now.
    pub fn settings(&self) -> Arc<Settings> {
        Arc::clone(&self.settings.borrow())
    }

    /// Changes the settings for everything at once: open connections that are no longer allowed are cut.
    pub fn change(&self, settings: Settings) -> Result<(), SettingsError> {
        check(&settings)?;
        self.settings.send_replace(Arc::new(settings));
        Ok(())
    }

    /// What the settings of now say.
    pub(crate) fn decide(&self, target: &Target, wish: &Wish) -> Verdict {
        decide(&self.settings.borrow().rules, target, wish)
    }

    pub(crate) fn watch(&self) -> watch::Receiver<Arc<Settings>> {
        self.settings.subscribe()
    }

    pub(crate) fn secret(&self, name: &str) -> Option<String> {
        self.secrets.secret(name)
    }

    /// A stream of bytes to a host, for whoever speaks TLS on it.
    pub(crate) async fn open(&self, target: &Target, port: u16) -> Result<TcpStream, Fault> {
        let settings = self.settings();
        match self.relay_for(&settings, target).await? {
            Some(relay) => self.through(relay, target, port).await,
            None => self.straight(target, port).await,
        }
    }

    /// A stream for a request without TLS.
    pub(crate) async fn open_plain(&self, target: &Target, pass: &Pass) -> Result<Plain, Fault> {
        let settings = self.settings();
        match self.relay_for(&settings, target).await? {
            Some(relay) => {
                let stream = self.dial_relay(relay).await?;
                Ok(Plain::Relayed(stream, relay.authorization().map(str::to_owned)))
            }
            None => self.straight(target, pass.port).await.map(Plain::Direct),
        }
    }

    /// A stream on which the gate itself speaks TLS.
    pub(crate) async fn open_tls(&self, target: &Target, port: u16) -> Result<Box<dyn Stream>, Fault> {
        let stream = self.open(target, port).await?;
        let broken = |error: &dyn std::fmt::Display| {
            Fault::unreachable(format!("no secure connection to `{}`: {error}", target.host()))
        };
        let config = self.trust.client(&self.settings().authorities).map_err(|error| broken(&error))?;
        let name = match target {
            Target::Named { host, .. } => {
                ServerName::try_from(host.as_str().to_owned()).map_err(|error| broken(&error))?
            }
            Target::Local(address) => ServerName::IpAddress(address.ip().into()),
        };
        let greeting = tokio_rustls::TlsConnector::from(config).connect(name, stream);
        match timeout(GREETING_TIME, greeting).await {
            Ok(Ok(stream)) => Ok(Box::new(stream)),
            Ok(Err(error)) => Err(broken(&error)),
            Err(_) => Err(broken(&"it did not answer in time")),
        }
    }

    /// The company's proxy, where it carries this target. A name that this side resolves to nothing but forbidden
    /// addresses is refused here too; one that only the proxy can resolve is left to it.
    async fn relay_for<'s>(&self, settings: &'s Settings, target: &Target) -> Result<Option<&'s Relay>, Fault> {
        let (Some(relay), Target::Named { host, port }) = (&settings.relay, target) else { return Ok(None) };
        if !relay.carries(host) {
            return Ok(None);
        }
        match self.addresses(host.as_str(), *port).await {
            Err(fault) if fault.status == 403 => Err(fault),
            Ok(_) | Err(_) => Ok(Some(relay)),
        }
    }

    async fn straight(&self, target: &Target, port: u16) -> Result<TcpStream, Fault> {
        match target {
            Target::Local(address) => self.dial(&target.host(), &[*address]).await,
            Target::Named { host, .. } => {
                let addresses = self.addresses(host.as_str(), port).await?;
                self.dial(host.as_str(), &addresses).await
            }
        }
    }

    /// The addresses of a name that may be dialled. These very addresses are dialled: nothing is resolved again.
    async fn addresses(&self, name: &str, port: u16) -> Result<Vec<SocketAddr>, Fault> {
        let found = self.resolve(name).await?;
        let mut reason = "an address nobody has";
        let mut open = Vec::new();
        for address in found {
            match self.unfit(address) {
                Some(what) => reason = what,
                None => open.push(SocketAddr::new(address, port)),
            }
        }
        if open.is_empty() {
            return Err(Fault::refused(format!("`{name}` leads to {reason}, not to the open network")));
        }
        open.truncate(MOST_ADDRESSES);
        Ok(open)
    }

    fn unfit(&self, address: IpAddr) -> Option<&'static str> {
        forbidden(address).or_else(|| self.road.is_own(address).then_some("this computer"))
    }

    async fn resolve(&self, name: &str) -> Result<Vec<IpAddr>, Fault> {
        match timeout(RESOLVE_TIME, self.road.resolve(name)).await {
            Ok(Ok(found)) if !found.is_empty() => Ok(found),
            Ok(Ok(_) | Err(_)) => Err(Fault::unreachable(format!("there is no address for `{name}`"))),
            Err(_) => Err(Fault::unreachable(format!("looking up `{name}` took too long"))),
        }
    }

    async fn dial(&self, name: &str, addresses: &[SocketAddr]) -> Result<TcpStream, Fault> {
        let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
        for (index, address) in addresses.iter().enumerate() {
            let limit = DIAL_TIME[usize::from(index + 1 == addresses.len())];
            match timeout(limit, self.road.dial(*address)).await {
                Ok(Ok(stream)) => return Ok(stream),
                Ok(Err(error)) => last = error,
                Err(_) => last = io::Error::from(io::ErrorKind::TimedOut),
            }
        }
        Err(Fault::unreachable(format!("`{name}` does not answer: {last}")))
    }

    async fn dial_relay(&self, relay: &Relay) -> Result<TcpStream, Fault> {
        let addresses = match relay.host.parse::<IpAddr>() {
            Ok(address) => vec![address],
            Err(_) => self.resolve(&relay.host).await?,
        };
        let addresses: Vec<SocketAddr> =
            addresses.into_iter().take(MOST_ADDRESSES).map(|address| SocketAddr::new(address, relay.port)).collect();
        self.dial("the company's proxy", &addresses).await
    }

    async fn through(&self, relay: &Relay, target: &Target, port: u16) -> Result<TcpStream, Fault> {
        let mut stream = self.dial_relay(relay).await?;
        let place = format!("{}:{port}", target.host());
        let proof = relay.authorization().map(|proof| format!("proxy-authorization: {proof}\r\n")).unwrap_or_default();
        let wanted = format!("CONNECT {place} HTTP/1.1\r\nhost: {place}\r\n{proof}\r\n");
        match timeout(GREETING_TIME, agree(&mut stream, &wanted)).await {
            Ok(Ok(200..=299)) => Ok(stream),
            Ok(Ok(status)) => Err(Fault::unreachable(format!("the company's proxy answered {status} for `{place}`"))),
            Ok(Err(())) | Err(_) => Err(Fault::unreachable("the company's proxy did not answer properly".to_owned())),
        }
    }
}

/// Asks a proxy for a tunnel; gives the status it answers with.
async fn agree(stream: &mut TcpStream, wanted: &str) -> Result<u16, ()> {
    stream.write_all(wanted.as_bytes()).await.map_err(drop)?;
    let mut incoming = Incoming::new(stream);
    let answer = head::answer(&incoming.head().await.map_err(drop)?).map_err(drop)?;
    // In a tunnel the client speaks first; bytes that are there already come from nobody we know.
    if incoming.has_kept() && answer.status < 300 { Err(()) } else { Ok(answer.status) }
}

fn check(settings: &Settings) -> Result<(), SettingsError> {
    certificates(&settings.authorities).map(drop).map_err(SettingsError::Authorities)
}
