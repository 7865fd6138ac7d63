//! The HTTP client of one provider: built at the first request, headers prepared once.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Body, Client, Response, Url};

use model::ModelError;

use crate::body::Parts;
use crate::dialect::Dialect;
use crate::endpoint::{Auth, Endpoint};
use crate::failure::Blame;

/// A provider with its connections. Makes no connection and reads no certificate before the first request.
pub(crate) struct Link {
    pub(crate) endpoint: Endpoint,
    client: OnceLock<Result<Client, ModelError>>,
}

impl Link {
    pub(crate) fn new(endpoint: Endpoint) -> Self {
        Self { endpoint, client: OnceLock::new() }
    }

    /// Whom to blame, for messages.
    pub(crate) fn blame<'l>(&'l self, model: &'l str) -> Blame<'l> {
        Blame { endpoint: &self.endpoint, model }
    }

    /// Sends a conversation; gives whatever the provider answers.
    pub(crate) async fn post(&self, model: &str, parts: Vec<Bytes>) -> Result<Response, ModelError> {
        let blame = self.blame(model);
        let path = match (&self.endpoint.dialect, self.endpoint.names_version()) {
            (Dialect::Anthropic(_), false) => "/v1/messages",
            (Dialect::Anthropic(_), true) => "/messages",
            (Dialect::OpenAi(_), false) => "/v1/chat/completions",
            (Dialect::OpenAi(_), true) => "/chat/completions",
        };
        let url = self.endpoint.url(path).map_err(|()| blame.bad_address())?;
        let mut headers = self.headers()?;
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(ACCEPT, HeaderValue::from_static("text/event-stream"));
        let request = self.client()?.post(url).headers(headers).body(Body::wrap(Parts::new(parts)));
        request.send().await.map_err(|error| blame.connection(&error))
    }

    /// Asks for a page of the provider's models, those after `after`.
    pub(crate) async fn models_page(&self, after: Option<&str>) -> Result<Response, ModelError> {
        let blame = self.blame("");
        let path = if self.endpoint.names_version() { "/models" } else { "/v1/models" };
        let mut url: Url = self.endpoint.url(path).map_err(|()| blame.bad_address())?;
        if matches!(self.endpoint.dialect, Dialect::Anthropic(_)) {
            url.query_pairs_mut().append_pair("limit", "1000");
        }
        if let Some(after) = after {
            url.query_pairs_mut().append_pair("after_id", after);
        }
        let request = self.client()?.get(url).headers(self.headers()?);
        request.send().await.map_err(|error| blame.connection(&error))
    }

    fn headers(&self) -> Result<HeaderMap, ModelError> {
        let mut headers = HeaderMap::with_capacity(8);
        if let Dialect::Anthropic(settings) = &self.endpoint.dialect {
            headers.insert("anthropic-version", HeaderValue::from_static(settings.version.as_str()));
            if !settings.betas.is_empty() {
                headers.insert("anthropic-beta", self.value("anthropic-beta", &settings.betas.join(","))?);
            }
        }
        for (name, value) in &self.endpoint.headers {
            let parsed: HeaderName = name.parse().map_err(|_| self.blame("").bad_header(name))?;
            headers.insert(parsed, self.secret(name, value.expose_secret())?);
        }
        // Last, so that no further header can add a second way to prove who asks.
        if let Some(key) = self.endpoint.key.as_ref().map(crate::Secret::expose_secret) {
            for name in [AUTHORIZATION.as_str(), "x-api-key", "api-key"] {
                headers.remove(name);
            }
            match self.endpoint.auth {
                Auth::Bearer => headers.insert(AUTHORIZATION, self.secret("authorization", &format!("Bearer {key}"))?),
                Auth::XApiKey => headers.insert("x-api-key", self.secret("x-api-key", key)?),
                Auth::ApiKey => headers.insert("api-key", self.secret("api-key", key)?),
            };
        }
        Ok(headers)
    }

    fn value(&self, name: &str, text: &str) -> Result<HeaderValue, ModelError> {
        HeaderValue::from_str(text).map_err(|_| self.blame("").bad_header(name))
    }

    fn secret(&self, name: &str, text: &str) -> Result<HeaderValue, ModelError> {
        let mut value = self.value(name, text)?;
        value.set_sensitive(true);
        Ok(value)
    }

    fn client(&self) -> Result<&Client, ModelError> {
        let built = self.client.get_or_init(|| self.build().map_err(|error| self.blame("").connection(&error)));
        built.as_ref().map_err(Clone::clone)
    }

    fn build(&self) -> Result<Client, reqwest::Error> {
        let mut builder = Client::builder()
            .user_agent(concat!("deskhand/", env!("CARGO_PKG_VERSION")))
            .http1_only()
            .tcp_nodelay(true)
            .connect_timeout(self.endpoint.connect_timeout)
            .read_timeout(self.endpoint.read_timeout)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never());
        if self.endpoint.is_loopback() {
            builder = builder.no_proxy();
        }
        let ring = rustls::crypto::ring::default_provider();
        let is_plain = self.endpoint.url("").is_ok_and(|url| url.scheme() == "http");
        if is_plain {
            // Trusts nobody and reads no certificates: it is never used, and it spares the start some milliseconds.
            let unused =
                rustls::ClientConfig::builder_with_provider(Arc::new(ring)).with_safe_default_protocol_versions();
            if let Ok(unused) = unused {
                let unused = unused.with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth();
                builder = builder.tls_backend_preconfigured(unused);
            }
        } else if ring.install_default().is_err() {
            // Another part of the program has chosen already; one provider is as good as the other here.
        }
        builder.build()
    }
}
