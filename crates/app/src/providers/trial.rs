//! Asking a provider for its models before it is stored, and what the answer means in plain words.

use api_types::{ModelOffer, ProviderTest};
use model::{ErrorKind, ModelError, ModelInfo};
use model_http::Secret;

use super::Providers;
use super::known::Known;
use super::roster::from_config;
use crate::config::ProviderConfig;

impl Providers {
    /// Asks a provider with these settings. A key that is given goes before every other; an empty one means none at all.
    /// A stored key goes only to the address it is stored for.
    pub(crate) async fn attempt(&self, name: &str, settings: &ProviderConfig, key: Option<&str>) -> ProviderTest {
        let candidate = match from_config(name, settings, self.sources()) {
            Ok(known) if self.is_at(name, &settings.base_url) => known.with_key(key),
            Ok(known) => known.with_stored(None).with_key(key),
            Err(what) => return failed(what, "correct the settings"),
        };
        match candidate.models().await {
            Ok(models) => found(models, &candidate),
            Err(error) => in_words(&error, &candidate),
        }
    }
}

impl Known {
    /// The same with the key that was entered, if one was.
    fn with_key(mut self, key: Option<&str>) -> Self {
        if let Some(key) = key {
            let key = Some(key.trim()).filter(|key| !key.is_empty()).map(Secret::new);
            self.missing = self.missing.take().filter(|_| key.is_none());
            self = self.rekeyed(key);
        }
        self
    }
}

fn found(models: Vec<ModelInfo>, candidate: &Known) -> ProviderTest {
    let detail = match models.len() {
        0 => "it answers and offers no model yet".to_owned(),
        1 => "it answers and offers one model".to_owned(),
        count => format!("it answers and offers {count} models"),
    };
    let hint = match candidate.endpoint().provider.as_str() {
        _ if !models.is_empty() => None,
        "ollama" => Some("fetch a model first, as with `ollama pull NAME`"),
        _ => Some("load a model there first"),
    };
    let models =
        models.into_iter().map(|model| ModelOffer { name: model.name, title: model.title, efforts: model.efforts });
    ProviderTest { ok: true, detail, hint: hint.map(str::to_owned), models: models.collect() }
}

fn in_words(error: &ModelError, candidate: &Known) -> ProviderTest {
    let state = candidate.state();
    let place = &state.base_url;
    match error.kind {
        ErrorKind::Unauthorized if candidate.missing.is_some() => failed("no key is set".to_owned(), "enter the key"),
        ErrorKind::Unauthorized if !candidate.has_key() => failed("it wants a key".to_owned(), "enter the key"),
        // The keychain's own words, or the provider's, for instance about an empty account.
        ErrorKind::Unauthorized if error.message.starts_with("cannot read") => {
            failed(error.message.clone(), &error.hint)
        }
        ErrorKind::Unauthorized => failed(
            format!("the key was refused: {}", error.message),
            "check that the key is whole, still valid and meant for this address",
        ),
        ErrorKind::NotFound => {
            failed(format!("there is no list of models at `{place}`"), "check the address; most end in `/v1`")
        }
        ErrorKind::Unreachable if state.local => {
            failed(format!("nothing answers at `{place}`"), "start the server, then try again")
        }
        ErrorKind::Unreachable => {
            failed(format!("`{place}` cannot be reached: {}", error.message), "check the address and the network")
        }
        ErrorKind::Busy => failed(error.message.clone(), "wait a moment, then try again"),
        // Foreign and non-exhaustive: everything else is told in the provider's words.
        _ => failed(error.message.clone(), &error.hint),
    }
}

fn failed(detail: String, hint: &str) -> ProviderTest {
    ProviderTest { ok: false, detail, hint: Some(hint.to_owned()), models: Vec::new() }
}
