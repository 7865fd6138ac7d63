//! Where a provider is and how it wants to be addressed. Plain settings: `app` fills them from `config.toml`.

use std::fmt;
use std::time::Duration;

use crate::dialect::{AnthropicSettings, Dialect, OpenAiSettings};
use crate::quirks::Quirks;

/// A credential. Its text appears in request headers and nowhere else; `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Keeps a credential; blanks around it (a pasted line break) are removed.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into().trim().to_owned())
    }

    /// The credential itself; the name is long on purpose so that each use is seen in review.
    pub fn expose_secret(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(…)")
    }
}

/// The header a key travels in. Exactly one is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Auth {
    /// `Authorization: Bearer KEY`.
    Bearer,
    /// `x-api-key: KEY`, as older Anthropic-compatible servers want it.
    XApiKey,
    /// `api-key: KEY`, as Azure wants it.
    ApiKey,
}

/// A provider's address, credentials and dialect. `Debug` shows no secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// The provider's name: the part before the `/` of a model's name.
    pub provider: String,
    /// Where it is, such as `https://api.anthropic.com` or `http://127.0.0.1:11434`.
    pub base_url: String,
    /// The key, for providers that want one.
    pub key: Option<Secret>,
    /// How the key is sent.
    pub auth: Auth,
    /// Further headers. Their values are treated as secrets.
    pub headers: Vec<(String, Secret)>,
    /// How long a connection may take to open.
    pub connect_timeout: Duration,
    /// How long the provider may be silent, before or within a reply.
    pub read_timeout: Duration,
    /// What it speaks.
    pub dialect: Dialect,
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headers: Vec<&str> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        formatter
            .debug_struct("Endpoint")
            .field("is", &self.describe())
            .field("auth", &self.auth)
            .field("headers", &headers)
            .field("connect_timeout", &self.connect_timeout)
            .field("read_timeout", &self.read_timeout)
            .field("dialect", &self.dialect)
            .finish_non_exhaustive()
    }
}

impl Endpoint {
    /// A provider that speaks Anthropic Messages as its maker does today: newest version header, bearer key.
    pub fn anthropic(provider: impl Into<String>, base_url: impl Into<String>, key: Option<Secret>) -> Self {
        Self::plain(provider.into(), base_url.into(), key, Dialect::Anthropic(AnthropicSettings::default()))
    }

    /// A provider that speaks OpenAI Chat Completions with these quirks.
    pub fn openai(
        provider: impl Into<String>,
        base_url: impl Into<String>,
        key: Option<Secret>,
        quirks: Quirks,
    ) -> Self {
        Self::plain(
            provider.into(),
            base_url.into(),
            key,
            Dialect::OpenAi(OpenAiSettings { quirks, ..OpenAiSettings::default() }),
        )
    }

    fn plain(provider: String, base_url: String, key: Option<Secret>, dialect: Dialect) -> Self {
        Self {
            provider,
            base_url,
            key,
            auth: Auth::Bearer,
            headers: Vec::new(),
            connect_timeout: Duration::from_secs(10),
            read_timeout: Duration::from_mins(10),
            dialect,
        }
    }

    /// Provider, dialect and address in one line, without any secret: no key, no user name, no query.
    pub fn describe(&self) -> String {
        let key = if self.key.is_some() { "with a key" } else { "without a key" };
        format!("{} ({}) at {}, {key}", self.provider, self.dialect.name(), self.shown_url())
    }

    /// The base URL without user name, password, query and fragment.
    pub fn shown_url(&self) -> String {
        match self.url("") {
            Ok(url) => url.to_string().trim_end_matches('/').to_owned(),
            Err(()) => "an address that is not a URL".to_owned(),
        }
    }

    /// Host and port, for messages.
    pub(crate) fn shown_host(&self) -> String {
        let Ok(url) = self.url("") else { return "an address that is not a URL".to_owned() };
        let host = url.host_str().unwrap_or("no host").to_owned();
        match url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host,
        }
    }

    /// The base URL with `path` put after its path; query kept only where there is a path to ask.
    pub(crate) fn url(&self, path: &str) -> Result<reqwest::Url, ()> {
        let mut url = reqwest::Url::parse(self.base_url.trim()).map_err(|_| ())?;
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
            return Err(());
        }
        url.set_username("")?;
        url.set_password(None)?;
        url.set_fragment(None);
        if path.is_empty() {
            url.set_query(None);
            return Ok(url);
        }
        let base = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{base}{path}"));
        Ok(url)
    }

    /// Whether the path of the base URL already says which version of the interface is meant.
    pub(crate) fn names_version(&self) -> bool {
        let Ok(url) = self.url("") else { return false };
        let path = url.path().trim_matches('/');
        match &self.dialect {
            Dialect::Anthropic(_) => path.rsplit('/').next() == Some("v1"),
            Dialect::OpenAi(_) => !path.is_empty(),
        }
    }

    /// Scheme, host and port of the address: what a key is meant for. None where the address is not a URL.
    pub fn origin(&self) -> Option<String> {
        self.url("").ok().map(|url| url.origin().ascii_serialization())
    }

    /// Whether the address is this computer itself, which no proxy can reach.
    pub fn is_loopback(&self) -> bool {
        let Ok(url) = self.url("") else { return false };
        let Some(host) = url.host_str() else { return false };
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        bare == "localhost"
            || bare.ends_with(".localhost")
            || bare.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
    }

    /// Takes every secret of this endpoint out of a text that came from outside.
    pub(crate) fn redact(&self, text: &str) -> String {
        let secrets = self.key.iter().chain(self.headers.iter().map(|(_, value)| value));
        let password = reqwest::Url::parse(&self.base_url).ok().and_then(|url| url.password().map(str::to_owned));
        let query = reqwest::Url::parse(&self.base_url).ok().and_then(|url| url.query().map(str::to_owned));
        let mut clean = text.to_owned();
        for secret in secrets.map(Secret::expose_secret).chain(password.as_deref()).chain(query.as_deref()) {
            // A value of a few characters is no credential, and hiding it would only garble the text.
            if secret.len() >= 6 {
                clean = clean.replace(secret, "***");
            }
        }
        clean
    }
}
