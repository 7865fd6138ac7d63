//! All providers at one moment: from `config.toml`, from the usual variables, and local servers on their usual ports.

use std::collections::BTreeMap;
use std::sync::Arc;

use api_types::ProviderOrigin;
use event::ModelRef;
use host::KeyChain;
use model_http::{Endpoint, Quirks, Secret};

use super::dialect;
use super::known::{Known, StoredKey};
use crate::config::{Config, DialectName, ProviderConfig};

/// Local servers and where they usually listen: name and quirks, base URL.
pub(super) const LOCAL: [(&str, &str); 3] = [
    ("ollama", "http://127.0.0.1:11434/v1"),
    ("lm-studio", "http://127.0.0.1:1234/v1"),
    ("llama.cpp", "http://127.0.0.1:8080/v1"),
];

/// A cloud service that Deskhand knows by itself.
struct Cloud {
    name: &'static str,
    dialect: DialectName,
    base_url: &'static str,
    key_variable: &'static str,
    url_variable: &'static str,
    context_tokens: u64,
}

const CLOUD: [Cloud; 2] = [
    Cloud {
        name: "anthropic",
        dialect: DialectName::Anthropic,
        base_url: "https://api.anthropic.com",
        key_variable: "ANTHROPIC_API_KEY",
        url_variable: "ANTHROPIC_BASE_URL",
        context_tokens: 200_000,
    },
    Cloud {
        name: "openai",
        dialect: DialectName::Openai,
        base_url: "https://api.openai.com/v1",
        key_variable: "OPENAI_API_KEY",
        url_variable: "OPENAI_BASE_URL",
        context_tokens: 128_000,
    },
];

/// What keys and addresses are looked up in.
#[derive(Clone, Copy)]
pub(super) struct Sources<'s> {
    /// Reads an environment variable.
    pub(super) variable: &'s dyn Fn(&str) -> Option<String>,
    /// Keys that were entered.
    pub(super) keys: &'s Arc<KeyChain>,
}

impl Sources<'_> {
    fn variable(self, name: &str) -> Option<String> {
        (self.variable)(name).filter(|value| !value.trim().is_empty())
    }

    fn secret(self, name: &str) -> Option<Secret> {
        self.variable(name).map(Secret::new)
    }
}

/// All providers at one moment.
pub(super) struct Roster {
    pub(super) known: BTreeMap<String, Known>,
    pub(super) default_model: Option<ModelRef>,
}

impl Roster {
    /// # Errors
    /// The text of what a provider's settings get wrong.
    pub(super) fn new(config: &Config, sources: Sources<'_>) -> Result<Self, String> {
        let mut known = BTreeMap::new();
        for (name, base_url) in LOCAL {
            let endpoint = Endpoint::openai(name, base_url, None, usual_quirks(name, base_url));
            let stored = StoredKey::find(sources.keys, name);
            known.insert(name.to_owned(), Known::new(endpoint, ProviderOrigin::Known).with_stored(stored));
        }
        for cloud in &CLOUD {
            known.insert(cloud.name.to_owned(), from_variables(cloud, sources));
        }
        for (name, settings) in &config.providers {
            let configured =
                from_config(name, settings, sources).map_err(|what| format!("provider `{name}`: {what}"))?;
            known.insert(name.clone(), configured);
        }
        Ok(Self { known, default_model: config.default_model.clone() })
    }
}

/// A service of the cloud as its own tools read the environment.
fn from_variables(cloud: &Cloud, sources: Sources<'_>) -> Known {
    let key = sources.secret(cloud.key_variable);
    let url = sources.variable(cloud.url_variable);
    let own_server = url.is_some();
    let base_url = url.unwrap_or_else(|| cloud.base_url.to_owned());
    let endpoint = endpoint(cloud.name, cloud.dialect, &base_url, key);
    let stored = StoredKey::find(sources.keys, cloud.name);
    let mut known = Known::new(endpoint, ProviderOrigin::Known).with_stored(stored);
    // A server of one's own may want no key; the maker's own always does.
    known.missing = (!known.has_key() && !own_server).then(|| cloud.key_variable.to_owned());
    known.chosen_by_default = known.has_key() || own_server;
    known.context_tokens = Some(cloud.context_tokens);
    known
}

/// A provider of the settings file; also one that is only tried.
pub(super) fn from_config(name: &str, settings: &ProviderConfig, sources: Sources<'_>) -> Result<Known, String> {
    let cloud = CLOUD.iter().find(|cloud| cloud.name == name);
    // The usual key goes only where its own tools would send it.
    let usual_key = cloud.filter(|cloud| is_usual_place(cloud, &settings.base_url, sources));
    let variable = settings.key_env.as_deref().or(usual_key.map(|cloud| cloud.key_variable));
    let key = variable.and_then(|variable| sources.secret(variable));
    let mut endpoint = endpoint(name, settings.dialect, &settings.base_url, key);
    let mut missing = None;
    for (header, wanted) in &settings.headers_env {
        match sources.secret(wanted) {
            Some(value) => endpoint.headers.push((header.clone(), value)),
            // Only this provider cannot be used; the others can.
            None => missing = Some(wanted.clone()),
        }
    }
    dialect::fill(&mut endpoint, settings, usual_quirks(name, &settings.base_url))?;
    let mut known = Known::new(endpoint, ProviderOrigin::Settings).with_stored(StoredKey::find(sources.keys, name));
    let needs_key = settings.key_env.is_some() || cloud.is_some_and(|cloud| same(&settings.base_url, cloud.base_url));
    if !known.has_key() && needs_key {
        missing = missing.or_else(|| variable.map(str::to_owned));
    }
    known.missing = missing;
    known.context_tokens = settings.context_tokens.or(cloud.map(|cloud| cloud.context_tokens));
    Ok(known)
}

fn endpoint(name: &str, dialect: DialectName, base_url: &str, key: Option<Secret>) -> Endpoint {
    match dialect {
        DialectName::Anthropic => Endpoint::anthropic(name, base_url, key),
        DialectName::Openai => Endpoint::openai(name, base_url, key, usual_quirks(name, base_url)),
    }
}

fn is_usual_place(cloud: &Cloud, base_url: &str, sources: Sources<'_>) -> bool {
    same(base_url, cloud.base_url) || sources.variable(cloud.url_variable).is_some_and(|url| same(base_url, &url))
}

fn same(one: &str, other: &str) -> bool {
    one.trim().trim_end_matches('/') == other.trim().trim_end_matches('/')
}

/// Scheme, host and port of an address.
pub(super) fn origin(base_url: &str) -> Option<String> {
    Endpoint::openai("", base_url, None, Quirks::PLAIN).origin()
}

/// What is special about a server that is known by its name, wherever it is.
fn usual_quirks(name: &str, base_url: &str) -> Quirks {
    match name {
        "openai" if !CLOUD.iter().any(|cloud| cloud.name == name && same(base_url, cloud.base_url)) => Quirks::PLAIN,
        _ => Quirks::named(name).unwrap_or(Quirks::PLAIN),
    }
}

/// Whether a provider is there without settings.
pub(super) fn knows(name: &str) -> bool {
    CLOUD.iter().any(|cloud| cloud.name == name) || LOCAL.iter().any(|(local, _)| *local == name)
}

/// Whether these are the settings that Deskhand would use by itself.
pub(super) fn is_as_known(name: &str, settings: &ProviderConfig) -> bool {
    let plain = |dialect: DialectName, base_url: &str| {
        same(&settings.base_url, base_url) && *settings == ProviderConfig::new(dialect, settings.base_url.clone())
    };
    CLOUD.iter().any(|cloud| cloud.name == name && plain(cloud.dialect, cloud.base_url))
        || LOCAL.iter().any(|(local, base_url)| *local == name && plain(DialectName::Openai, base_url))
}
