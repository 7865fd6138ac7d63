//! What the API asks of the installation as a whole: settings, providers and their keys, the example, the desktop.

use std::cell::OnceCell;
use std::sync::Arc;

use api::Installation;
use api_types::{
    Check, JournalFreed, JournalUsage, ModelPrice, ProviderDialect, ProviderRequest, ProviderTest, Reveal, Settings,
    SettingsChange,
};
use event::{ModelRef, TaskId};
use futures_util::future::BoxFuture;
use host::{KeyError, SecretString};
use tasks::TaskError;
use tool::{Desk, Refusal};

use crate::config::{DialectName, ProviderConfig};
use crate::config_edit::Edit;
use crate::providers::{Providers, key_name, place_in_words};
use crate::settings_file::wrong;
use crate::{App, Config, network};

/// The installation as the API sees it.
pub(crate) struct Installed(pub(crate) Arc<App>);

impl Installation for Installed {
    fn settings(&self) -> Settings {
        self.0.settings()
    }

    fn checks(&self) -> BoxFuture<'_, Vec<Check>> {
        Box::pin(self.0.doctor())
    }

    fn change(&self, change: SettingsChange) -> BoxFuture<'_, Result<Settings, Refusal>> {
        self.blocking(move |app| app.change(change))
    }

    fn set_provider(&self, name: String, provider: ProviderRequest) -> BoxFuture<'_, Result<Settings, Refusal>> {
        self.blocking(move |app| app.set_provider(name, provider))
    }

    fn remove_provider(&self, name: String) -> BoxFuture<'_, Result<Settings, Refusal>> {
        self.blocking(move |app| app.remove_provider(name))
    }

    fn try_provider(&self, name: String, provider: ProviderRequest) -> BoxFuture<'_, ProviderTest> {
        Box::pin(async move {
            if let Err(refused) = check_address(&provider.base_url) {
                let hint = Some(refused.hint);
                return ProviderTest { ok: false, detail: refused.message, hint, models: Vec::new() };
            }
            let settings = self.0.settings_of(&self.0.config(), &name, &provider);
            self.0.providers.attempt(&name, &settings, provider.key.as_deref()).await
        })
    }

    fn journal(&self) -> BoxFuture<'_, Result<JournalUsage, TaskError>> {
        Box::pin(self.0.journal_usage())
    }

    fn empty_journal(&self, task: TaskId) -> BoxFuture<'_, Result<JournalFreed, TaskError>> {
        Box::pin(self.0.empty_journal(task))
    }

    fn example(&self) -> BoxFuture<'_, Result<TaskId, Refusal>> {
        Box::pin(self.0.example())
    }

    fn reveal(&self, desk: &Desk, path: &str, how: Reveal) -> Result<(), Refusal> {
        self.0.reveal(desk, path, how)
    }
}

impl Installed {
    /// Changes settings where waiting for the disk and the keychain is allowed, and gives all of them.
    fn blocking(
        &self,
        act: impl FnOnce(&App) -> Result<(), Refusal> + Send + 'static,
    ) -> BoxFuture<'_, Result<Settings, Refusal>> {
        let app = Arc::clone(&self.0);
        Box::pin(async move {
            let done = tokio::task::spawn_blocking(move || act(&app).map(|()| app.settings())).await;
            done.unwrap_or_else(|error| {
                Err(Refusal { message: format!("the change broke off: {error}"), hint: "try again".to_owned() })
            })
        })
    }
}

impl App {
    /// What this installation is set up with; asks nobody.
    pub(crate) fn settings(&self) -> Settings {
        let config = self.config();
        Settings {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            home: self.directories.home.display().to_string(),
            file: self.directories.config.display().to_string(),
            default_mode: config.default_mode,
            default_model: config.default_model.clone(),
            instructions: config.instructions.clone(),
            limits: config.limits(),
            providers: self.providers.states(),
            key_place: place_in_words(self.keys.place_so_far()),
            prices: prices(&config),
            network: self.network_shown(),
            journal_quota_mib: config.journal.quota_mib,
        }
    }

    fn change(&self, change: SettingsChange) -> Result<(), Refusal> {
        let SettingsChange { default_mode, default_model, instructions, limits, network, journal_quota_mib } = change;
        if let Some(model) = default_model.as_ref().filter(|model| !model.0.is_empty()) {
            check_model(model)?;
        }
        let instructions = instructions.map(|text| text.trim().to_owned());
        if let Some(text) = &instructions {
            engine::check_instructions(text).map_err(|refused| wrong(&refused.to_string()))?;
        }
        let named = |model: ModelRef| Edit::Model(Some(model).filter(|model| !model.0.is_empty()));
        let edits = default_mode.map(Edit::Mode).into_iter();
        let edits = edits.chain(default_model.map(named)).chain(instructions.map(Edit::Instructions));
        let edits = edits.chain(limits.map(Edit::Limits)).chain(journal_quota_mib.map(Edit::JournalQuota));
        let mut edits: Vec<Edit> = edits.collect();
        let network = network.map(|change| network::Wished::read(&change)).transpose()?.unwrap_or_default();
        let choose = |config: &Config| {
            edits.extend(network.edits(&config.network));
            edits
        };
        self.edit_settings(choose, || Ok(()))
    }

    fn set_provider(&self, name: String, provider: ProviderRequest) -> Result<(), Refusal> {
        check_address(&provider.base_url)?;
        // Looked at before the key is stored: what is wrong must change nothing.
        let settings = self.settings_of(&self.config(), &name, &provider);
        let mut wished = Config::clone(&self.config());
        wished.providers.insert(name.clone(), settings.clone());
        self.providers.check(&wished).map_err(|what| wrong(&what))?;
        let key_name = key_name(&name);
        let (asked, asked_url) = (name.clone(), provider.base_url);
        let choose = |config: &Config| {
            let there = config.providers.contains_key(&name);
            if !there && Providers::is_as_known(&name, &settings) {
                return Vec::new();
            }
            let ProviderConfig { dialect, base_url, .. } = settings;
            let mut edits = Vec::new();
            if there && !self.providers.is_at(&name, &base_url) {
                edits.push(Edit::ForgetSecrets(name.clone()));
            }
            edits.push(Edit::Provider { name, dialect, base_url });
            edits
        };
        self.edit_settings(choose, || {
            let kept = match provider.key.as_deref().map(str::trim) {
                // Looked at while nobody else changes providers: the key that is there was given for this address.
                None if self.providers.is_at(&asked, &asked_url) => Ok(()),
                None | Some("") => self.keys.remove(&key_name),
                Some(key) => self.keys.store(&key_name, &SecretString::from(key)).map(|_place| ()),
            };
            kept.map_err(|error| key_refusal(&error))
        })
    }

    /// The settings of a provider with what was entered; what its table says beyond that stays, but secrets are for the
    /// address they were given for.
    fn settings_of(&self, config: &Config, name: &str, request: &ProviderRequest) -> ProviderConfig {
        let dialect = match request.dialect {
            ProviderDialect::Anthropic => DialectName::Anthropic,
            ProviderDialect::Openai => DialectName::Openai,
        };
        let base_url = request.base_url.trim().to_owned();
        let Some(there) = config.providers.get(name) else { return ProviderConfig::new(dialect, base_url) };
        let mut settings = ProviderConfig { dialect, base_url, ..there.clone() };
        if !self.providers.is_at(name, &settings.base_url) {
            settings.key_env = None;
            settings.headers_env.clear();
        }
        settings
    }

    fn remove_provider(&self, name: String) -> Result<(), Refusal> {
        let key_name = key_name(&name);
        let choose = |config: &Config| {
            let mut edits = Vec::new();
            let is_default = config.default_model.as_ref().is_some_and(|model| model.provider() == name);
            if is_default && !Providers::knows(&name) {
                edits.push(Edit::Model(None));
            }
            if config.providers.contains_key(&name) {
                edits.push(Edit::ForgetProvider(name));
            }
            edits
        };
        self.edit_settings(choose, || self.keys.remove(&key_name).map_err(|error| key_refusal(&error)))
    }

    /// Changes the file and takes the providers and the gate to the network with it. `keys` changes the key that goes with it: once the file is known
    /// to be understood, so that a key is neither lost nor replaced by a change that is refused.
    fn edit_settings(
        &self,
        choose: impl FnOnce(&Config) -> Vec<Edit>,
        keys: impl FnOnce() -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        let gate = OnceCell::new();
        let check = |config: &Config| {
            self.providers.check(config).map_err(|what| wrong(&what))?;
            let settings = self.gate_settings(config).map_err(|what| wrong(&what))?;
            let _only_once = gate.set(settings);
            keys()
        };
        let follow = |config: &Config| {
            self.providers.replace(config)?;
            let settings = gate.get().cloned().unwrap_or_default();
            self.network.change(settings).map_err(|error| error.to_string())
        };
        self.settings.change(choose, check, follow)
    }
}

/// An address must say how it is reached and may hold no password: it is written into the settings.
fn check_address(address: &str) -> Result<(), Refusal> {
    let wrong = |message: String, hint: &str| Err(Refusal { message, hint: hint.to_owned() });
    let address = address.trim();
    let rest = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"));
    let host = rest.and_then(|rest| rest.split(['/', '?', '#']).next()).unwrap_or_default();
    if host.is_empty() || address.chars().any(|letter| letter.is_whitespace() || letter.is_control()) {
        return wrong(format!("`{address}` is not an address"), "write it as `https://api.example.com/v1`");
    }
    if host.contains('@') {
        return wrong("the address holds a password".to_owned(), "leave it out, and enter the key apart");
    }
    Ok(())
}

fn check_model(model: &ModelRef) -> Result<(), Refusal> {
    if model.provider().is_empty() || model.model().is_empty() {
        let hint = "name it as PROVIDER/MODEL".to_owned();
        return Err(Refusal { message: format!("`{model}` names no model"), hint });
    }
    Ok(())
}

fn prices(config: &Config) -> Vec<ModelPrice> {
    let price = |(model, price): (&String, &crate::config::PriceConfig)| ModelPrice {
        model: ModelRef(model.clone()),
        currency: price.currency.clone(),
        input: price.input,
        output: price.output,
        cache_read: price.cache_read.unwrap_or(price.input),
        cache_write: price.cache_write.unwrap_or(price.input),
    };
    config.prices.iter().map(price).collect()
}

fn key_refusal(error: &KeyError) -> Refusal {
    Refusal { message: format!("the key cannot be kept: {error}"), hint: error.hint().to_owned() }
}
