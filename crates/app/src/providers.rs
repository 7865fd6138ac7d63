//! Which models can be reached, and swapping the providers while tasks run.

mod dialect;
mod known;
mod roster;
mod trial;

use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use api_types::ProviderState;
use event::ModelRef;
use futures_util::future::{BoxFuture, join_all};
use host::KeyChain;
use model::{ErrorKind, Model, ModelError, Models, Offer};
use model_script::{Script, ScriptModel};

use crate::config::{Config, ProviderConfig};
#[cfg(test)]
pub(crate) use known::set_aside;
pub(crate) use known::{key_name, place_in_words};
use roster::{LOCAL, Roster, Sources};

/// The provider name of Scripts: `script/PATH`.
pub const SCRIPT: &str = "script";

/// Reads an environment variable.
pub(crate) type Get = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// All providers of an installation. They can be replaced at any time; a model that was found stays as it was found.
pub struct Providers {
    now: RwLock<Arc<Roster>>,
    keys: Arc<KeyChain>,
    variable: Get,
}

impl Providers {
    /// Providers from configuration, environment and stored keys. Nothing is opened or asked.
    ///
    /// # Errors
    /// The text of what a provider's settings get wrong.
    pub(crate) fn new(config: &Config, keys: Arc<KeyChain>, variable: Get) -> Result<Self, String> {
        let roster = Roster::new(config, Sources { variable: &*variable, keys: &keys })?;
        Ok(Self { now: RwLock::new(Arc::new(roster)), keys, variable })
    }

    /// Builds the providers anew without using them: whether these settings would do.
    ///
    /// # Errors
    /// The text of what a provider's settings get wrong.
    pub(crate) fn check(&self, config: &Config) -> Result<(), String> {
        self.roster_of(config).map(|_roster| ())
    }

    /// Replaces the providers. Replies under way go on with what they have.
    ///
    /// # Errors
    /// The text of what a provider's settings get wrong; the providers stay as they were.
    pub(crate) fn replace(&self, config: &Config) -> Result<(), String> {
        let roster = Arc::new(self.roster_of(config)?);
        *self.now.write().unwrap_or_else(PoisonError::into_inner) = roster;
        Ok(())
    }

    /// What a screen shows of every provider.
    pub(crate) fn states(&self) -> Vec<ProviderState> {
        self.roster().known.values().map(known::Known::state).collect()
    }

    /// Every provider with its address, without secrets, and why it cannot be used.
    #[cfg(test)]
    pub(crate) fn describe(&self) -> Vec<(String, Option<String>)> {
        self.roster().known.values().map(|known| (known.endpoint().describe(), known.missing.clone())).collect()
    }

    /// Whether a provider needs no settings to be as these say.
    pub(crate) fn is_as_known(name: &str, settings: &ProviderConfig) -> bool {
        roster::is_as_known(name, settings)
    }

    /// Whether Deskhand knows a provider of this name by itself.
    pub(crate) fn knows(name: &str) -> bool {
        roster::knows(name)
    }

    /// Whether an address has the scheme, host and port of the provider that is known by this name: only there its keys
    /// are sent.
    pub(crate) fn is_at(&self, name: &str, base_url: &str) -> bool {
        let roster = self.roster();
        let Some(known) = roster.known.get(name) else { return false };
        let origin = roster::origin(base_url);
        origin.is_some() && origin == known.endpoint().origin()
    }

    fn roster_of(&self, config: &Config) -> Result<Roster, String> {
        Roster::new(config, self.sources())
    }

    fn sources(&self) -> Sources<'_> {
        Sources { variable: &*self.variable, keys: &self.keys }
    }

    fn roster(&self) -> Arc<Roster> {
        Arc::clone(&self.now.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Roster {
    /// The first model of the first provider that has a key or answers, those of the cloud before local ones.
    async fn first_on_offer(&self) -> Result<ModelRef, ModelError> {
        let (local, cloud): (Vec<_>, Vec<_>) = self
            .known
            .iter()
            .filter(|(_, known)| known.chosen_by_default && known.missing.is_none())
            .partition(|(name, _)| LOCAL.iter().any(|(local, _)| local == name));
        let mut failed = None;
        for (name, known) in cloud.into_iter().chain(local) {
            match known.models().await {
                Ok(models) => match models.into_iter().next() {
                    Some(first) => return Ok(first.name),
                    None => failed = failed.or(Some(format!("`{name}` offers no model"))),
                },
                // A local server that is not running is the usual case and no reason to report.
                Err(error) if error.kind == ErrorKind::Unreachable && !known.has_key() => {}
                Err(error) => return Err(error),
            }
        }
        let why = failed.unwrap_or_else(|| "no model is set up".to_owned());
        Err(ModelError::new(
            ErrorKind::NotFound,
            why,
            "add a provider in Customize › Providers, set ANTHROPIC_API_KEY or OPENAI_API_KEY, start Ollama, or name \
             one with --model PROVIDER/MODEL; `cargo xtask run` shows an example without any",
        ))
    }
}

impl Models for Providers {
    fn find(&self, name: &ModelRef) -> Result<Arc<dyn Model>, ModelError> {
        if name.provider() == SCRIPT {
            let path = Path::new(name.model());
            let script = Script::open(path)
                .map_err(|error| ModelError::new(ErrorKind::Script, error.to_string(), error.hint()))?;
            return Ok(Arc::new(ScriptModel::new(name.clone(), script)));
        }
        let roster = self.roster();
        let Some(known) = roster.known.get(name.provider()) else {
            let names: Vec<&str> = roster.known.keys().map(String::as_str).collect();
            return Err(ModelError::new(
                ErrorKind::NotFound,
                format!("there is no provider `{}`", name.provider()),
                format!("choose one of {}, or add it in Customize › Providers", names.join(", ")),
            ));
        };
        if name.model().is_empty() && known.missing.is_none() {
            return Err(ModelError::new(
                ErrorKind::NotFound,
                format!("`{name}` names no model"),
                "name it as PROVIDER/MODEL",
            ));
        }
        Ok(known.open()?.model(name.model(), known.context_tokens))
    }

    fn default_model(&self) -> BoxFuture<'_, Result<ModelRef, ModelError>> {
        let roster = self.roster();
        Box::pin(async move {
            match &roster.default_model {
                Some(model) => Ok(model.clone()),
                None => roster.first_on_offer().await,
            }
        })
    }

    fn offers(&self) -> BoxFuture<'_, Vec<Offer>> {
        let roster = self.roster();
        Box::pin(async move {
            join_all(roster.known.iter().map(|(name, known)| async move {
                let provider = name.clone();
                if let Some(unavailable) = known.unavailable() {
                    return Offer { provider, models: Vec::new(), unavailable: Some(unavailable) };
                }
                match known.models().await {
                    Ok(models) => Offer { provider, models, unavailable: None },
                    Err(error) => Offer { provider, models: Vec::new(), unavailable: Some(error.message) },
                }
            }))
            .await
        })
    }
}
