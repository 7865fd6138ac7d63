//! What `config.toml` means. Unknown keys are errors, because a misspelt limit is worse than none.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use event::{Limits, Mode, ModelRef};
use serde::Deserialize;

/// The configuration file.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The model to use where none is named, as `provider/model`.
    pub default_model: Option<ModelRef>,
    /// The mode to use where none is named.
    pub default_mode: Mode,
    /// Where tasks stop by themselves.
    pub limits: LimitsConfig,
    /// Providers by name; they add to, or replace, those found in the environment.
    pub providers: BTreeMap<String, ProviderConfig>,
}

/// `[limits]`: 0 means no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LimitsConfig {
    /// Model replies per turn.
    pub steps: Option<u32>,
    /// Tokens over the whole task.
    pub tokens: Option<u64>,
    /// Minutes of work per turn.
    pub minutes: Option<u32>,
}

/// `[providers.NAME]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProviderConfig {
    /// What it speaks: `anthropic` or `openai`.
    pub dialect: DialectName,
    /// Where it is.
    pub base_url: String,
    /// The environment variable that holds the key. Keys themselves are never written here.
    #[serde(default)]
    pub key_env: Option<String>,
    /// How the key is sent: `bearer`, `x-api-key` or `api-key`.
    #[serde(default)]
    pub auth: Option<AuthName>,
    /// Anthropic's version header: `2026-10-21` or `2023-06-01`.
    #[serde(default)]
    pub version: Option<String>,
    /// Anthropic's beta features.
    #[serde(default)]
    pub betas: Vec<String>,
    /// Further headers by name; the value names an environment variable.
    #[serde(default)]
    pub headers_env: BTreeMap<String, String>,
    /// Longest reply in tokens.
    #[serde(default)]
    pub max_tokens: Option<u32>,
    /// How hard the model tries, in the provider's words.
    #[serde(default)]
    pub effort: Option<String>,
    /// Anthropic's reasoning: `off`, `adaptive`, or a budget in tokens.
    #[serde(default)]
    pub thinking: Option<String>,
    /// Anthropic's prompt cache: `auto`, `blocks` or `off`.
    #[serde(default)]
    pub cache: Option<String>,
    /// What an OpenAI-compatible server does differently: `openai`, `ollama`, `lm-studio`, `llama.cpp`, `vllm`,
    /// `plain`.
    #[serde(default)]
    pub quirks: Option<String>,
    /// Tokens that fit into its models.
    #[serde(default)]
    pub context_tokens: Option<u64>,
}

/// A dialect by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DialectName {
    /// Anthropic Messages.
    Anthropic,
    /// OpenAI Chat Completions.
    Openai,
}

/// How a key is sent, by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AuthName {
    /// `Authorization: Bearer KEY`.
    Bearer,
    /// `x-api-key: KEY`.
    XApiKey,
    /// `api-key: KEY`.
    ApiKey,
}

/// The configuration cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read `{path}`: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file says something that is not understood.
    #[error("`{path}` is not understood: {what}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong, with its line.
        what: String,
    },
}

impl Config {
    /// Reads the file; one that is not there means the defaults.
    pub fn open(path: &Path) -> Result<Self, ConfigError> {
        match std::fs::read_to_string(path) {
            Ok(text) => toml::from_str(&text).map_err(|error| ConfigError::Malformed {
                path: path.to_owned(),
                what: error.to_string().trim().to_owned(),
            }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(source) => Err(ConfigError::Read { path: path.to_owned(), source }),
        }
    }

    /// The limits for new tasks.
    pub fn limits(&self) -> Limits {
        let default = Limits::default();
        let LimitsConfig { steps, tokens, minutes } = self.limits;
        Limits {
            steps: steps.map_or(default.steps, |most| (most > 0).then_some(most)),
            tokens: tokens.map_or(default.tokens, |most| (most > 0).then_some(most)),
            minutes: minutes.map_or(default.minutes, |most| (most > 0).then_some(most)),
        }
    }
}
