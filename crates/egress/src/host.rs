//! What a host name is, and what a connection aims at: one strict parser for everything that names a host.
//!
//! Lives here: [`Host`], [`Target`] and [`Pattern`]. Does not live here: whether a host may be reached (`rules`), and
//! which addresses it has (`gate`). What programs read differently (IPv4 in odd forms, trailing dots, user names,
//! brackets, other scripts) is refused instead of understood, so that nobody after us can understand it otherwise.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Most characters of a name (RFC 1035, without the root's dot).
const LONGEST_NAME: usize = 253;
/// Most characters of a label.
const LONGEST_LABEL: usize = 63;

/// Why a text names no host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HostError {
    /// Nothing is there.
    #[error("the host name is empty")]
    Empty,
    /// A name or label is longer than the DNS allows.
    #[error("the host name is too long")]
    TooLong,
    /// A character that no host name has; names in other scripts come in their `xn--` form.
    #[error("the host name has a character that is not allowed")]
    Character,
    /// An empty label, a hyphen at an edge, or an `xn--` label that decodes to nothing.
    #[error("the host name has a part that is not allowed")]
    Label,
    /// An address, in whatever form; only names can be reached.
    #[error("addresses cannot be reached, only names")]
    Address,
    /// No port, or none from 1 to 65535 in plain digits.
    #[error("the port is not a number from 1 to 65535")]
    Port,
}

/// A host name: lower case ASCII, at least one label, never an address.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Host(String);

impl Host {
    /// Reads a name. Upper case is made lower; everything else must be right already.
    pub fn parse(text: &str) -> Result<Self, HostError> {
        if text.is_empty() {
            return Err(HostError::Empty);
        }
        if text.starts_with('[') || text.parse::<IpAddr>().is_ok() {
            return Err(HostError::Address);
        }
        if !text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.') {
            return Err(HostError::Character);
        }
        if text.len() > LONGEST_NAME || text.split('.').any(|label| label.len() > LONGEST_LABEL) {
            return Err(HostError::TooLong);
        }
        let name = text.to_ascii_lowercase();
        if name.split('.').any(|label| label.is_empty() || label.starts_with('-') || label.ends_with('-')) {
            return Err(HostError::Label);
        }
        if name.rsplit('.').next().is_some_and(is_number) {
            return Err(HostError::Address);
        }
        if name.split('.').any(|label| label.starts_with("xn--")) && !decodes(&name) {
            return Err(HostError::Label);
        }
        Ok(Self(name))
    }

    /// The name, in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it lies truly beneath another name, at a label's edge.
    pub fn is_beneath(&self, parent: &Host) -> bool {
        self.0.strip_suffix(parent.as_str()).is_some_and(|rest| rest.len() > 1 && rest.ends_with('.'))
    }
}

impl fmt::Display for Host {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Whether a last label makes programs read the whole name as an IPv4 address (WHATWG URL, "ends in a number").
fn is_number(label: &str) -> bool {
    let is_hex = |rest: &str| rest.bytes().all(|byte| byte.is_ascii_hexdigit());
    label.bytes().all(|byte| byte.is_ascii_digit()) || label.strip_prefix("0x").is_some_and(is_hex)
}

/// Whether every `xn--` label stands for something and is written the one right way (UTS 46).
fn decodes(name: &str) -> bool {
    matches!(url::Host::parse(name), Ok(url::Host::Domain(domain)) if domain == name)
}

/// Where a connection wants to go.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Target {
    /// A name, which is resolved on this side.
    Named {
        /// The name.
        host: Host,
        /// The port.
        port: u16,
    },
    /// This computer itself. Reachable only where a rule lists exactly this address and port.
    Local(SocketAddr),
}

impl Target {
    /// Reads `host:port`. Without a port `default` counts, where there is one.
    pub fn parse(text: &str, default: Option<u16>) -> Result<Self, HostError> {
        if let Some(rest) = text.strip_prefix('[') {
            let (inside, rest) = rest.split_once(']').ok_or(HostError::Address)?;
            let port = match rest.strip_prefix(':') {
                Some(port) => read_port(port)?,
                None if rest.is_empty() => default.ok_or(HostError::Port)?,
                None => return Err(HostError::Port),
            };
            // Only the one usual form: `[::0001]` and `[::ffff:127.0.0.1]` are nothing anybody writes by accident.
            return if inside == "::1" {
                Ok(Self::local(Ipv6Addr::LOCALHOST.into(), port))
            } else {
                Err(HostError::Address)
            };
        }
        let (name, port) = match text.split_once(':') {
            Some((name, port)) => (name, read_port(port)?),
            None => (text, default.ok_or(HostError::Port)?),
        };
        match name.parse::<Ipv4Addr>() {
            Ok(address) if address.is_loopback() => Ok(Self::local(address.into(), port)),
            Ok(_) => Err(HostError::Address),
            Err(_) => Ok(Self::Named { host: Host::parse(name)?, port }),
        }
    }

    fn local(address: IpAddr, port: u16) -> Self {
        Self::Local(SocketAddr::new(address, port))
    }

    /// The port.
    pub fn port(&self) -> u16 {
        match self {
            Self::Named { port, .. } => *port,
            Self::Local(address) => address.port(),
        }
    }

    /// The host without the port, for messages: a name, or an address.
    pub fn host(&self) -> String {
        match self {
            Self::Named { host, .. } => host.to_string(),
            Self::Local(SocketAddr::V4(address)) => address.ip().to_string(),
            Self::Local(SocketAddr::V6(address)) => format!("[{}]", address.ip()),
        }
    }

    /// The name, where it is one.
    pub fn name(&self) -> Option<&Host> {
        match self {
            Self::Named { host, .. } => Some(host),
            Self::Local(_) => None,
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.host(), self.port())
    }
}

/// A port in plain digits: no sign, no leading zero.
fn read_port(text: &str) -> Result<u16, HostError> {
    let is_plain = !text.is_empty() && !text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_plain { text.parse().map_err(|_| HostError::Port) } else { Err(HostError::Port) }
}

/// Which hosts a rule is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Pattern {
    /// `files.example.org`: exactly this name.
    Exact(Host),
    /// `*.example.org`: every name beneath it, not the name itself.
    Beneath(Host),
    /// `127.0.0.1:8080`: exactly this address and port of this computer.
    Local(SocketAddr),
}

impl Pattern {
    /// Reads a pattern as it stands in the settings.
    pub fn parse(text: &str) -> Result<Self, HostError> {
        if let Some(parent) = text.strip_prefix("*.") {
            return Host::parse(parent).map(Self::Beneath);
        }
        match Target::parse(text, None) {
            Ok(Target::Local(address)) => Ok(Self::Local(address)),
            Ok(Target::Named { .. }) => Err(HostError::Character),
            Err(_) => Host::parse(text).map(Self::Exact),
        }
    }

    /// Whether it is about this target.
    pub fn matches(&self, target: &Target) -> bool {
        match (self, target) {
            (Self::Exact(name), Target::Named { host, .. }) => host == name,
            (Self::Beneath(parent), Target::Named { host, .. }) => host.is_beneath(parent),
            (Self::Local(listed), Target::Local(address)) => listed == address,
            (Self::Exact(_) | Self::Beneath(_), Target::Local(_)) | (Self::Local(_), Target::Named { .. }) => false,
        }
    }

    /// How closely it describes a host: an exact name before a long suffix before a short one.
    pub(crate) fn closeness(&self) -> usize {
        match self {
            Self::Exact(_) | Self::Local(_) => usize::MAX,
            Self::Beneath(parent) => parent.as_str().len(),
        }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(host) => host.fmt(formatter),
            Self::Beneath(parent) => write!(formatter, "*.{parent}"),
            Self::Local(address) => address.fmt(formatter),
        }
    }
}

impl<'de> serde::Deserialize<'de> for Pattern {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(|error| serde::de::Error::custom(format!("`{text}`: {error}")))
    }
}
