//! A company's proxy between this computer and the Internet: where it is, and which hosts are reached without it.

use std::fmt;

use base64::Engine as _;

use crate::host::Host;

/// A company's HTTP proxy.
#[derive(Clone, PartialEq, Eq)]
pub struct Relay {
    /// Its name or address. It may lie in a private network: the person set it, no program did.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Value of `Proxy-Authorization`, where it wants one.
    authorization: Option<String>,
    /// Names, and suffixes with a leading dot, that are reached without it; `*` stands for all.
    exempt: Vec<String>,
}

impl fmt::Debug for Relay {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Relay").field("host", &self.host).field("port", &self.port).finish_non_exhaustive()
    }
}

/// Why there is no proxy although one is set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RelayError {
    /// The setting is not the address of an HTTP proxy. It is not repeated here: it may hold a password.
    #[error("the proxy in `{0}` is not an address like `http://proxy.example.org:3128`")]
    Address(String),
}

impl Relay {
    /// Reads `http://[user:password@]host:port` as it stands in the setting `name`.
    pub fn parse(name: &str, address: &str) -> Result<Self, RelayError> {
        let wrong = || RelayError::Address(name.to_owned());
        let address = address.trim();
        let whole = if address.contains("://") { address.to_owned() } else { format!("http://{address}") };
        let url = url::Url::parse(&whole).map_err(|_| wrong())?;
        if url.scheme() != "http" {
            return Err(wrong());
        }
        let host = url.host_str().ok_or_else(wrong)?.trim_matches(['[', ']']).to_owned();
        let authorization = (!url.username().is_empty()).then(|| {
            let pair = [&decoded(url.username())[..], b":", &decoded(url.password().unwrap_or_default())].concat();
            format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair))
        });
        Ok(Self { host, port: url.port().unwrap_or(80), authorization, exempt: Vec::new() })
    }

    /// The proxy the environment names, in the usual variables; `lookup` reads one.
    pub fn from_environment(lookup: impl Fn(&str) -> Option<String>) -> Result<Option<Self>, RelayError> {
        let found = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "http_proxy"]
            .into_iter()
            .find_map(|name| lookup(name).filter(|value| !value.trim().is_empty()).map(|value| (name, value)));
        let Some((name, value)) = found else { return Ok(None) };
        let exempt = lookup("no_proxy").or_else(|| lookup("NO_PROXY")).unwrap_or_default();
        Self::parse(name, &value).map(|relay| Some(relay.without(exempt.split(','))))
    }

    /// The same, with hosts that are reached without it: names stand for themselves and all beneath, `*` for all.
    pub fn without<'e>(mut self, exempt: impl IntoIterator<Item = &'e str>) -> Self {
        let names = exempt.into_iter().map(|name| name.trim().trim_start_matches("*.").trim_start_matches('.'));
        self.exempt.extend(names.filter(|name| !name.is_empty()).map(str::to_ascii_lowercase));
        self
    }

    pub(crate) fn authorization(&self) -> Option<&str> {
        self.authorization.as_deref()
    }

    /// Whether a host is reached through it.
    pub(crate) fn carries(&self, host: &Host) -> bool {
        let name = host.as_str();
        !self.exempt.iter().any(|exempt| {
            exempt == "*"
                || name == exempt
                || name.strip_suffix(exempt.as_str()).is_some_and(|rest| rest.ends_with('.'))
        })
    }
}

/// A user name or password out of a URL.
fn decoded(text: &str) -> Vec<u8> {
    let mut bytes = text.bytes();
    let mut out = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        let digits = [bytes.clone().next(), bytes.clone().nth(1)];
        match (byte, digits.map(|digit| digit.and_then(|digit| (digit as char).to_digit(16)))) {
            (b'%', [Some(high), Some(low)]) => {
                out.push((high * 16 + low) as u8);
                bytes.next();
                bytes.next();
            }
            (byte, _) => out.push(byte),
        }
    }
    out
}
