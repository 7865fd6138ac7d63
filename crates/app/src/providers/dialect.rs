//! What `[providers.NAME]` says about the dialect of a provider.

use model_http::{
    AnthropicSettings, ApiVersion, Auth, CacheStyle, Dialect, Endpoint, OpenAiSettings, Quirks, Thinking,
};

use crate::config::{AuthName, ProviderConfig};

/// Fills in what the settings say beyond address and key. `usual` are the quirks where none are named.
///
/// # Errors
/// The text of what the settings get wrong.
pub(super) fn fill(endpoint: &mut Endpoint, settings: &ProviderConfig, usual: Quirks) -> Result<(), String> {
    endpoint.auth = match settings.auth {
        Some(AuthName::Bearer) | None => Auth::Bearer,
        Some(AuthName::XApiKey) => Auth::XApiKey,
        Some(AuthName::ApiKey) => Auth::ApiKey,
    };
    match &mut endpoint.dialect {
        Dialect::Anthropic(anthropic) => fill_anthropic(anthropic, settings),
        Dialect::OpenAi(openai) => fill_openai(openai, settings, usual),
    }
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

fn fill_openai(openai: &mut OpenAiSettings, settings: &ProviderConfig, usual: Quirks) -> Result<(), String> {
    openai.quirks = usual;
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
