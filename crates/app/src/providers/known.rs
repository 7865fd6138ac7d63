//! One provider: where it is, where its key comes from, and what is known of it without asking it.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use api_types::{KeyPlace, ProviderDialect, ProviderOrigin, ProviderState};
use host::{ExposeSecret as _, KeyChain, KeyError};
use model::{ErrorKind, ModelError, ModelInfo};
use model_http::{Dialect, Endpoint, Provider, Secret};
use tokio::runtime::{Handle, RuntimeFlavor};

/// How long a provider may take to say what it offers before it counts as not there.
const OFFER_TIMEOUT: Duration = Duration::from_secs(5);

/// What to do where a key is missing.
const ADD_KEY: &str = "add the key in Customize › Providers";

/// A provider and where its key comes from.
#[derive(Clone)]
pub(super) struct Known {
    endpoint: Endpoint,
    /// Where the key lies that the endpoint does not have yet.
    stored: Option<StoredKey>,
    /// Made at the first use: only then is a stored key read.
    ready: Arc<OnceLock<Provider>>,
    pub(super) context_tokens: Option<u64>,
    /// The variable that is not set, where that is why it cannot be used.
    pub(super) missing: Option<String>,
    /// Whether it may be chosen where the user names no model.
    pub(super) chosen_by_default: bool,
    pub(super) origin: ProviderOrigin,
}

/// A key in the key chain.
#[derive(Clone)]
pub(super) struct StoredKey {
    keys: Arc<KeyChain>,
    name: String,
    place: host::KeyPlace,
}

impl StoredKey {
    /// The key that is stored for a provider, if there is one.
    pub(super) fn find(keys: &Arc<KeyChain>, provider: &str) -> Option<Self> {
        let name = key_name(provider);
        let place = keys.place_of(&name)?;
        Some(Self { keys: Arc::clone(keys), name, place })
    }
}

/// The name a provider's key is stored under.
pub(crate) fn key_name(provider: &str) -> String {
    format!("provider:{provider}")
}

impl Known {
    pub(super) fn new(endpoint: Endpoint, origin: ProviderOrigin) -> Self {
        let ready = Arc::new(OnceLock::new());
        Self { endpoint, stored: None, ready, context_tokens: None, missing: None, chosen_by_default: true, origin }
    }

    /// The same with this stored key or none, where the endpoint has none of its own.
    pub(super) fn with_stored(mut self, stored: Option<StoredKey>) -> Self {
        if self.endpoint.key.is_none() {
            self.stored = stored;
        }
        self
    }

    /// The same with this key and no other.
    pub(super) fn rekeyed(mut self, key: Option<Secret>) -> Self {
        self.endpoint.key = key;
        self.stored = None;
        self.ready = Arc::new(OnceLock::new());
        self
    }

    pub(super) fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Whether it has a key, read or not.
    pub(super) fn has_key(&self) -> bool {
        self.endpoint.key.is_some() || self.stored.is_some()
    }

    /// What a screen shows of it.
    pub(super) fn state(&self) -> ProviderState {
        let key = match (&self.endpoint.key, &self.stored) {
            (Some(_), _) => KeyPlace::Environment,
            (None, Some(stored)) => place_in_words(stored.place),
            (None, None) => KeyPlace::None,
        };
        ProviderState {
            name: self.endpoint.provider.clone(),
            dialect: match self.endpoint.dialect {
                Dialect::Anthropic(_) => ProviderDialect::Anthropic,
                Dialect::OpenAi(_) => ProviderDialect::Openai,
            },
            // An address of the environment may carry a password; one that is entered never does.
            base_url: if self.endpoint.base_url.contains('@') {
                self.endpoint.shown_url()
            } else {
                self.endpoint.base_url.clone()
            },
            origin: self.origin,
            local: self.endpoint.is_loopback(),
            key,
            unavailable: self.unavailable(),
        }
    }

    /// Why it cannot be used, as far as is known without asking it.
    pub(super) fn unavailable(&self) -> Option<String> {
        self.missing.as_ref().map(|variable| format!("{variable} is not set"))
    }

    /// The provider itself. Reads a stored key, which may wait for the system's keychain.
    pub(super) fn open(&self) -> Result<&Provider, ModelError> {
        if let Some(variable) = &self.missing {
            return Err(ModelError::new(
                ErrorKind::Unauthorized,
                format!("`{}` cannot be used: {variable} is not set", self.endpoint.provider),
                format!("{ADD_KEY}, set {variable}, or choose another model"),
            ));
        }
        if let Some(ready) = self.ready.get() {
            return Ok(ready);
        }
        let mut endpoint = self.endpoint.clone();
        if let Some(stored) = &self.stored {
            endpoint.key = Some(self.read(stored)?);
        }
        Ok(self.ready.get_or_init(|| Provider::new(endpoint)))
    }

    fn read(&self, stored: &StoredKey) -> Result<Secret, ModelError> {
        let name = &self.endpoint.provider;
        let refused = |what: String, hint: &str| {
            ModelError::new(ErrorKind::Unauthorized, format!("cannot read the key of `{name}`: {what}"), hint)
        };
        match set_aside(|| stored.keys.read(&stored.name)) {
            Ok(Some(key)) => Ok(Secret::new(key.expose_secret())),
            Ok(None) => Err(refused("it is not there any more".to_owned(), "enter it again in Customize › Providers")),
            Err(error) => Err(refused(KeyError::to_string(&error), error.hint())),
        }
    }

    /// Asks it which models it offers.
    pub(super) async fn models(&self) -> Result<Vec<ModelInfo>, ModelError> {
        let this = self.clone();
        let opened = tokio::task::spawn_blocking(move || this.open().cloned()).await;
        let provider = opened.map_err(|error| {
            ModelError::new(ErrorKind::Unauthorized, format!("cannot read the key: {error}"), "try again")
        })??;
        tokio::time::timeout(OFFER_TIMEOUT, provider.list_models()).await.unwrap_or_else(|_| {
            Err(ModelError::new(
                ErrorKind::Unreachable,
                format!("{} does not answer", self.endpoint.describe()),
                "check the address, or name a model with --model",
            ))
        })
    }
}

/// Waits for something without holding up everybody else: a thread that works for many tasks hands them over first.
pub(crate) fn set_aside<A>(wait: impl FnOnce() -> A) -> A {
    match Handle::try_current().map(|runtime| runtime.runtime_flavor()) {
        Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(wait),
        // One thread works for one task, or it is nobody's.
        Ok(_) | Err(_) => wait(),
    }
}

/// A place as a screen names it.
pub(crate) fn place_in_words(place: host::KeyPlace) -> KeyPlace {
    match place {
        host::KeyPlace::Keychain => KeyPlace::Keychain,
        host::KeyPlace::EncryptedFile => KeyPlace::EncryptedFile,
    }
}
