//! Settings that belong to one wire dialect.

use crate::quirks::Quirks;

/// What a provider speaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dialect {
    /// Anthropic Messages.
    Anthropic(AnthropicSettings),
    /// OpenAI Chat Completions.
    OpenAi(OpenAiSettings),
}

/// The name of the Anthropic dialect in replies and profiles.
pub(crate) const ANTHROPIC: &str = "anthropic";
/// The name of the OpenAI Chat Completions dialect in replies and profiles.
pub(crate) const OPENAI: &str = "openai-chat";

impl Dialect {
    /// Its name in `Reply::dialect` and `Profile::dialect`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Anthropic(_) => ANTHROPIC,
            Self::OpenAi(_) => OPENAI,
        }
    }

    /// How hard the model tries where a request does not say.
    pub(crate) fn effort(&self) -> Option<&str> {
        match self {
            Self::Anthropic(settings) => settings.effort.as_deref(),
            Self::OpenAi(settings) => settings.effort.as_deref(),
        }
    }
}

/// The value of the `anthropic-version` header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ApiVersion {
    /// `2026-10-21`: the newest.
    #[default]
    V20261021,
    /// `2023-06-01`: what most compatible servers document.
    V20230601,
}

impl ApiVersion {
    /// The header's value.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V20261021 => "2026-10-21",
            Self::V20230601 => "2023-06-01",
        }
    }

    /// Reads the header's value.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::V20261021, Self::V20230601].into_iter().find(|version| version.as_str() == text)
    }
}

/// How much the model may reason before it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Thinking {
    /// Nothing is said about it: the provider's default.
    #[default]
    Off,
    /// The model decides.
    Adaptive,
    /// At most this many tokens; older models only.
    Budget(u32),
}

/// Where marks for the provider's prompt cache are put.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CacheStyle {
    /// The provider places the moving mark itself; ours is on the system prompt.
    #[default]
    Auto,
    /// Marks on the system prompt and on the last block of each request.
    Blocks,
    /// None.
    Off,
}

/// Settings of an Anthropic Messages endpoint. Sampling settings do not exist: the newest version refuses them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnthropicSettings {
    /// The version header.
    pub version: ApiVersion,
    /// Values of `anthropic-beta`.
    pub betas: Vec<String>,
    /// The longest reply, in tokens.
    pub max_tokens: u32,
    /// `output_config.effort`, such as `high`; none leaves it to the provider.
    pub effort: Option<String>,
    /// Reasoning.
    pub thinking: Thinking,
    /// Prompt caching.
    pub cache: CacheStyle,
}

impl Default for AnthropicSettings {
    fn default() -> Self {
        Self {
            version: ApiVersion::default(),
            betas: Vec::new(),
            max_tokens: 32_000,
            effort: None,
            thinking: Thinking::default(),
            cache: CacheStyle::default(),
        }
    }
}

/// Settings of an OpenAI Chat Completions endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OpenAiSettings {
    /// What this server does differently.
    pub quirks: Quirks,
    /// The longest reply, in tokens; none leaves it to the provider.
    pub max_tokens: Option<u32>,
    /// `reasoning_effort`, such as `medium`; none leaves it to the provider.
    pub effort: Option<String>,
}
