//! What `config.toml` means. Unknown keys are errors, because a misspelt limit is worse than none.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use egress::{Allow, Pattern, Rule};
use event::{Limits, Mode, ModelRef};
use serde::Deserialize;

use crate::image::ImageKey;

/// The configuration file.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The model to use where none is named, as `provider/model`.
    pub default_model: Option<ModelRef>,
    /// The mode to use where none is named.
    pub default_mode: Mode,
    /// The instructions of a new task where none are given.
    pub instructions: String,
    /// Where tasks stop by themselves.
    pub limits: LimitsConfig,
    /// Providers by name; they add to, or replace, those found in the environment.
    pub providers: BTreeMap<String, ProviderConfig>,
    /// What models cost, by `provider/model`.
    pub prices: BTreeMap<String, PriceConfig>,
    /// What tasks may reach on the network.
    pub network: NetworkConfig,
    /// The old contents that Undo needs.
    pub journal: JournalConfig,
    /// The machine that commands run in.
    pub machine: MachineConfig,
}

/// `[network]`: which hosts tasks reach without asking. Every other host makes the user be asked.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NetworkConfig {
    /// How much is open: `none` (and nobody is asked), `registries` (of packages, and the list), `list` or `all`.
    pub allow: Allow,
    /// Hosts by name, such as `files.example.org` or `*.example.org`.
    pub hosts: Vec<Pattern>,
    /// `[[network.rules]]`: hosts with ports, methods, paths, or an identity that the gate adds.
    pub rules: Vec<Rule>,
    /// Hosts that are never reached, whatever else is said.
    pub denied: Vec<Pattern>,
    /// A proxy that everything goes through: `http://HOST:PORT`; otherwise the usual variables say whether there is one.
    pub proxy: Option<String>,
    /// Certificates to trust besides the system's, as a PEM file.
    pub ca_file: Option<PathBuf>,
}

impl Default for NetworkConfig {
    fn default() -> Self {
        // A registry takes uploads from whoever has a key for it, so not even those are open from the start.
        Self {
            allow: Allow::List,
            hosts: Vec::new(),
            rules: Vec::new(),
            denied: Vec::new(),
            proxy: None,
            ca_file: None,
        }
    }
}

/// `[journal]`: the old contents that Undo needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct JournalConfig {
    /// What they may cost over all tasks, in MiB; 0 means no limit. Beyond it the oldest are given up.
    pub quota_mib: u64,
}

impl Default for JournalConfig {
    fn default() -> Self {
        Self { quota_mib: 10_240 }
    }
}

impl JournalConfig {
    /// The quota in bytes; none where there is no limit.
    pub fn quota_bytes(self) -> Option<u64> {
        (self.quota_mib > 0).then(|| self.quota_mib.saturating_mul(1024 * 1024))
    }
}

/// `[machine]`: the virtual machine of the tier `vm`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MachineConfig {
    /// A directory with an image that is used as it is, unsigned and unchecked: for development. Without it the one that
    /// `deskhand image install` put in place is used.
    pub image: Option<PathBuf>,
    /// Whose images may be installed: public keys, each of 64 lower-case hexadecimal digits.
    pub image_keys: Vec<ImageKey>,
    /// Whether it may run without acceleration by the processor, which is slow.
    pub emulate: bool,
    /// Memory in MiB.
    pub memory_mib: Option<u32>,
    /// Processors.
    pub cpus: Option<u8>,
}

/// `[prices."PROVIDER/MODEL"]`: what a million tokens cost.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriceConfig {
    /// Three letters, such as `USD`.
    pub currency: String,
    /// Tokens read.
    pub input: f64,
    /// Tokens written.
    pub output: f64,
    /// Tokens read from the provider's cache; as `input` where it is not said.
    #[serde(default)]
    pub cache_read: Option<f64>,
    /// Tokens written to the provider's cache; as `input` where it is not said.
    #[serde(default)]
    pub cache_write: Option<f64>,
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

impl ConfigError {
    /// The one next step.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Read { .. } => "check the file's rights",
            Self::Malformed { .. } => "correct the file, or remove it to use the defaults",
        }
    }
}

impl ProviderConfig {
    /// A provider of which nothing is said but what it speaks and where it is.
    pub fn new(dialect: DialectName, base_url: String) -> Self {
        Self {
            dialect,
            base_url,
            key_env: None,
            auth: None,
            version: None,
            betas: Vec::new(),
            headers_env: BTreeMap::new(),
            max_tokens: None,
            effort: None,
            thinking: None,
            cache: None,
            quirks: None,
            context_tokens: None,
        }
    }
}

impl Config {
    /// What a file's text means.
    ///
    /// # Errors
    /// What is not understood, with its line.
    pub fn parse(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|error| error.to_string().trim().to_owned())
    }

    /// Reads the file; one that is not there means the defaults.
    pub fn open(path: &Path) -> Result<Self, ConfigError> {
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(&text).map_err(|what| ConfigError::Malformed { path: path.to_owned(), what }),
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
