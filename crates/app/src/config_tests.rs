//! Reading `config.toml`.

use event::{Limits, Mode, ModelRef};

use crate::config::{AuthName, Config, ConfigError, DialectName, PriceConfig};

fn read(text: &str) -> Result<Config, ConfigError> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("config.toml");
    std::fs::write(&path, text).unwrap();
    Config::open(&path)
}

#[test]
fn no_file_means_defaults() {
    let directory = tempfile::tempdir().unwrap();
    let config = Config::open(&directory.path().join("none.toml")).unwrap();
    assert_eq!(config, Config::default());
    assert_eq!(config.limits(), Limits::default());
}

#[test]
fn everything_can_be_said() {
    let config = read(
        r#"
        default_model = "work/claude"
        default_mode = "auto"
        [limits]
        steps = 20
        tokens = 0
        [providers.work]
        dialect = "anthropic"
        base_url = "https://models.example.org"
        key_env = "WORK_KEY"
        auth = "x-api-key"
        version = "2023-06-01"
        betas = ["a", "b"]
        headers_env = { "x-team" = "TEAM" }
        max_tokens = 4000
        effort = "high"
        thinking = "adaptive"
        cache = "blocks"
        context_tokens = 100000
        "#,
    )
    .unwrap();
    assert_eq!((config.default_model.clone(), config.default_mode), (Some(ModelRef("work/claude".into())), Mode::Auto));
    assert_eq!(config.limits(), Limits { steps: Some(20), tokens: None, ..Limits::default() });
    let provider = &config.providers["work"];
    assert_eq!((provider.dialect, provider.auth), (DialectName::Anthropic, Some(AuthName::XApiKey)));
}

#[test]
fn mistakes_are_named_with_their_line() {
    for (text, expected) in [
        ("default_modes = \"ask\"", "default_modes"),
        ("default_mode = \"yolo\"", "yolo"),
        ("[providers.x]\ndialect = \"gemini\"\nbase_url = \"u\"", "gemini"),
        ("[providers.x]\ndialect = \"openai\"", "base_url"),
        ("[providers.x]\ndialect = \"openai\"\nbase_url = \"u\"\nkey = \"secret\"", "key"),
        ("= broken", "line 1"),
    ] {
        let error = read(text).unwrap_err().to_string();
        assert!(error.contains(expected), "{text}: {error}");
    }
}

#[test]
fn instructions_and_prices_are_read() {
    let config = read(
        r#"
        instructions = "Answer in German."
        [prices."work/claude"]
        currency = "USD"
        input = 3
        output = 15.5
        cache_read = 0.3
        "#,
    )
    .unwrap();
    assert_eq!(config.instructions, "Answer in German.");
    let price =
        PriceConfig { currency: "USD".into(), input: 3.0, output: 15.5, cache_read: Some(0.3), cache_write: None };
    assert_eq!(config.prices.into_iter().collect::<Vec<_>>(), [("work/claude".to_owned(), price)]);
    assert!(read("[prices.\"a/b\"]\ncurrency = \"USD\"\ninput = 1\noutput = 2\nper = \"token\"").is_err());
}
