//! Which models can be reached: from `config.toml`, from the usual variables, from local servers on their usual
//! ports, and Scripts.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use event::ModelRef;
use futures_util::future::{BoxFuture, join_all};
use model::{ErrorKind, Model, ModelError, Models, Offer};
use model_http::{
    AnthropicSettings, ApiVersion, Auth, CacheStyle, Dialect, Endpoint, OpenAiSettings, Provider, Quirks, Secret,
    Thinking,
};
use model_script::{Script, ScriptModel};

use crate::config::{AuthName, Config, DialectName, ProviderConfig};

/// The provider name of Scripts: `script/PATH`.
pub const SCRIPT: &str = "script";

/// How long a provider may take to say what it offers before it counts as not there.
const OFFER_TIMEOUT: Duration = Duration::from_secs(5);

/// Local servers and where they usually listen: name, base URL, quirks.
const LOCAL: [(&str, &str, &str); 3] = [
    ("ollama", "http://127.0.0.1:11434/v1", "ollama"),
    ("lm-studio", "http://127.0.0.1:1234/v1", "lm-studio"),
    ("llama.cpp", "http://127.0.0.1:8080/v1", "llama.cpp"),
];

/// All providers of an installation.
pub struct Providers {
    known: BTreeMap<String, Known>,
    default_model: Option<ModelRef>,
}

struct Known {
    provider: Provider,
    context_tokens: Option<u64>,
    /// Why it cannot be used, where that is known without asking it.
    missing: Option<String>,
    /// Whether it may be chosen where the user names no model.
    chosen_by_default: bool,
}

impl Providers {
    /// Providers from configuration and environment. `get` reads a variable. Nothing is opened or asked.
    ///
    /// # Errors
    /// The text of what a provider's settings get wrong.
    pub fn new(config: &Config, get: &dyn Fn(&str) -> Option<String>) -> Result<Self, String> {
        let mut known = BTreeMap::new();
        for (name, url, quirks) in LOCAL {
            let quirks = Quirks::named(quirks).unwrap_or_default();
            let endpoint = Endpoint::openai(name, url, None, quirks);
            known.insert(name.to_owned(), Known::new(endpoint, None, true));
        }
        for (name, known_by_variable) in
            [("anthropic", from_variables(true, get)), ("openai", from_variables(false, get))]
        {
            known.insert(name.to_owned(), known_by_variable);
        }
        for (name, settings) in &config.providers {
            let configured = from_config(name, settings, get).map_err(|what| format!("provider `{name}`: {what}"))?;
            known.insert(name.clone(), configured);
        }
        Ok(Self { known, default_model: config.default_model.clone() })
    }

    /// Every provider with its address, without secrets.
    pub fn describe(&self) -> Vec<(String, Option<String>)> {
        self.known.values().map(|known| (known.provider.endpoint().describe(), known.missing.clone())).collect()
    }

    /// Every provider by name, with why it cannot be used where that is known without asking it.
    pub fn states(&self) -> Vec<(String, Option<String>)> {
        let missing = |known: &Known| known.missing.as_ref().map(|name| format!("{name} is not set"));
        self.known.iter().map(|(name, known)| (name.clone(), missing(known))).collect()
    }

    /// The first model of the first provider that has a key or answers, those of the cloud before local ones.
    async fn first_on_offer(&self) -> Result<ModelRef, ModelError> {
        let (local, cloud): (Vec<_>, Vec<_>) = self
            .known
            .iter()
            .filter(|(_, known)| known.chosen_by_default && known.missing.is_none())
            .partition(|(name, _)| LOCAL.iter().any(|(local, ..)| local == name));
        let mut failed = None;
        for (name, known) in cloud.into_iter().chain(local) {
            match known.models().await {
                Ok(models) => match models.into_iter().next() {
                    Some(first) => return Ok(first.name),
                    None => failed = failed.or(Some(format!("`{name}` offers no model"))),
                },
                // A local server that is not running is the usual case and no reason to report.
                Err(error) if error.kind == ErrorKind::Unreachable && known.provider.endpoint().key.is_none() => {}
                Err(error) => return Err(error),
            }
        }
        let why = failed.unwrap_or_else(|| "no model is set up".to_owned());
        Err(ModelError::new(
            ErrorKind::NotFound,
            why,
            "set ANTHROPIC_API_KEY or OPENAI_API_KEY, start Ollama, or name one with --model PROVIDER/MODEL; \
             `cargo xtask run` shows an example without any",
        ))
    }
}

impl Known {
    fn new(endpoint: Endpoint, context_tokens: Option<u64>, chosen_by_default: bool) -> Self {
        Self { provider: Provider::new(endpoint), context_tokens, missing: None, chosen_by_default }
    }

    async fn models(&self) -> Result<Vec<model::ModelInfo>, ModelError> {
        let host = self.provider.endpoint().describe();
        tokio::time::timeout(OFFER_TIMEOUT, self.provider.list_models()).await.unwrap_or_else(|_| {
            Err(ModelError::new(
                ErrorKind::Unreachable,
                format!("{host} does not answer"),
                "check the address, or name a model with --model",
            ))
        })
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
        let Some(known) = self.known.get(name.provider()) else {
            let names: Vec<&str> = self.known.keys().map(String::as_str).collect();
            return Err(ModelError::new(
                ErrorKind::NotFound,
                format!("there is no provider `{}`", name.provider()),
                format!("choose one of {}, or add it to config.toml", names.join(", ")),
            ));
        };
        if let Some(missing) = &known.missing {
            return Err(ModelError::new(
                ErrorKind::Unauthorized,
                format!("`{}` cannot be used: {missing} is not set", name.provider()),
                format!("set {missing}, or choose another model"),
            ));
        }
        if name.model().is_empty() {
            return Err(ModelError::new(
                ErrorKind::NotFound,
                format!("`{name}` names no model"),
                "name it as PROVIDER/MODEL",
            ));
        }
        Ok(known.provider.model(name.model(), known.context_tokens))
    }

    fn default_model(&self) -> BoxFuture<'_, Result<ModelRef, ModelError>> {
        Box::pin(async {
            match &self.default_model {
                Some(model) => Ok(model.clone()),
                None => self.first_on_offer().await,
            }
        })
    }

    fn offers(&self) -> BoxFuture<'_, Vec<Offer>> {
        Box::pin(async {
            join_all(self.known.iter().map(|(name, known)| async move {
                let provider = name.clone();
                if let Some(missing) = &known.missing {
                    return Offer { provider, models: Vec::new(), unavailable: Some(format!("{missing} is not set")) };
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

/// Anthropic or OpenAI as their own tools read the environment.
fn from_variables(anthropic: bool, get: &dyn Fn(&str) -> Option<String>) -> Known {
    let set = |name: &str| get(name).filter(|value| !value.trim().is_empty());
    let (key_name, url_name) =
        if anthropic { ("ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL") } else { ("OPENAI_API_KEY", "OPENAI_BASE_URL") };
    let key = set(key_name).map(Secret::new);
    let url = set(url_name);
    // A server of one's own may want no key; the maker's own always does.
    let missing = (key.is_none() && url.is_none()).then(|| key_name.to_owned());
    let chosen = key.is_some() || url.is_some();
    let endpoint = if anthropic {
        Endpoint::anthropic("anthropic", url.unwrap_or_else(|| "https://api.anthropic.com".to_owned()), key)
    } else {
        let quirks = if url.is_some() { Quirks::PLAIN } else { Quirks::OPENAI };
        Endpoint::openai("openai", url.unwrap_or_else(|| "https://api.openai.com/v1".to_owned()), key, quirks)
    };
    let context = if anthropic { 200_000 } else { 128_000 };
    Known { missing, ..Known::new(endpoint, Some(context), chosen) }
}

fn from_config(name: &str, settings: &ProviderConfig, get: &dyn Fn(&str) -> Option<String>) -> Result<Known, String> {
    let variable = |name: &str| get(name).filter(|value| !value.trim().is_empty()).map(Secret::new);
    let key = settings.key_env.as_deref().and_then(variable);
    let mut missing = match &settings.key_env {
        Some(wanted) if key.is_none() => Some(wanted.clone()),
        Some(_) | None => None,
    };
    let mut endpoint = match settings.dialect {
        DialectName::Anthropic => Endpoint::anthropic(name, &settings.base_url, key),
        DialectName::Openai => Endpoint::openai(name, &settings.base_url, key, Quirks::PLAIN),
    };
    endpoint.auth = match settings.auth {
        Some(AuthName::Bearer) | None => Auth::Bearer,
        Some(AuthName::XApiKey) => Auth::XApiKey,
        Some(AuthName::ApiKey) => Auth::ApiKey,
    };
    for (header, wanted) in &settings.headers_env {
        match variable(wanted) {
            Some(value) => endpoint.headers.push((header.clone(), value)),
            // Only this provider cannot be used; the others can.
            None => missing = Some(wanted.clone()),
        }
    }
    match &mut endpoint.dialect {
        Dialect::Anthropic(anthropic) => fill_anthropic(anthropic, settings)?,
        Dialect::OpenAi(openai) => fill_openai(openai, settings)?,
    }
    Ok(Known { missing, ..Known::new(endpoint, settings.context_tokens, true) })
}

fn fill_anthropic(anthropic: &mut AnthropicSettings, settings: &ProviderConfig) -> Result<(), String> {
    if let Some(version) = &settings.version {
        anthropic.version = ApiVersion::parse(version).ok_or_else(|| format!("version `{version}` is not known"))?;
    }
    anthropic.betas.clone_from(&settings.betas);
    if let Some(most) = settings.max_tokens {
        anthropic.max_tokens = most;
    }
    anthropic.effort.clone_from(&settings.effort);
    anthropic.thinking = match settings.thinking.as_deref() {
        None | Some("off") => Thinking::Off,
        Some("adaptive") => Thinking::Adaptive,
        Some(budget) => Thinking::Budget(
            budget.parse().map_err(|_| format!("thinking `{budget}` is not off, adaptive or a number of tokens"))?,
        ),
    };
    anthropic.cache = match settings.cache.as_deref() {
        None | Some("auto") => CacheStyle::Auto,
        Some("blocks") => CacheStyle::Blocks,
        Some("off") => CacheStyle::Off,
        Some(other) => return Err(format!("cache `{other}` is not auto, blocks or off")),
    };
    Ok(())
}

fn fill_openai(openai: &mut OpenAiSettings, settings: &ProviderConfig) -> Result<(), String> {
    if let Some(name) = &settings.quirks {
        openai.quirks = Quirks::named(name)
            .ok_or_else(|| format!("quirks `{name}` are not known; there are {}", Quirks::NAMES.join(", ")))?;
    }
    if settings.max_tokens.is_some() {
        openai.max_tokens = settings.max_tokens;
    }
    openai.effort.clone_from(&settings.effort);
    Ok(())
}
