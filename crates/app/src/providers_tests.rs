//! Which providers there are and what is said of those that cannot be used.

use std::collections::HashMap;
use std::sync::Arc;

use api_types::{KeyPlace, ProviderOrigin};
use event::ModelRef;
use host::{KeyChain, KeyPlaces, SecretString, SystemKeychain};
use model::{ErrorKind, Models};

use crate::Config;
use crate::providers::{Providers, key_name, set_aside};

fn empty_chain(root: &std::path::Path) -> Arc<KeyChain> {
    let places = KeyPlaces { home: root.join("home"), identity: root.join("identity"), system: SystemKeychain::Absent };
    Arc::new(KeyChain::open(places).unwrap())
}

fn configured(config: &str, variables: &[(&str, &str)], keys: Arc<KeyChain>) -> Providers {
    let variables: HashMap<String, String> =
        variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let variable = Arc::new(move |name: &str| variables.get(name).cloned());
    Providers::new(&Config::parse(config).unwrap(), keys, variable).unwrap()
}

fn providers(variables: &[(&str, &str)]) -> Providers {
    configured("", variables, empty_chain(std::path::Path::new("/nonexistent")))
}

fn find(providers: &Providers, name: &str) -> Result<String, (ErrorKind, String)> {
    providers
        .find(&ModelRef(name.into()))
        .map(|model| model.profile().name.to_string())
        .map_err(|error| (error.kind, error.message))
}

#[test]
fn a_key_or_an_address_makes_a_provider_usable() {
    let none = providers(&[]);
    let missing = (ErrorKind::Unauthorized, "`anthropic` cannot be used: ANTHROPIC_API_KEY is not set".to_owned());
    assert_eq!(find(&none, "anthropic/some-model"), Err(missing));
    assert_eq!(find(&none, "ollama/small"), Ok("ollama/small".into()), "local servers need nothing");
    let keyed = providers(&[("ANTHROPIC_API_KEY", "sk-test")]);
    assert_eq!(find(&keyed, "anthropic/some-model"), Ok("anthropic/some-model".into()));
    let addressed = providers(&[("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")]);
    assert_eq!(find(&addressed, "openai/a/b"), Ok("openai/a/b".into()), "a model's name may hold a slash");
}

#[test]
fn wrong_names_are_one_clear_error() {
    let none = providers(&[]);
    let (kind, message) = find(&none, "gpt").unwrap_err();
    assert_eq!((kind, message.as_str()), (ErrorKind::NotFound, "there is no provider `gpt`"));
    let (kind, _) = find(&none, "ollama/").unwrap_err();
    assert_eq!(kind, ErrorKind::NotFound);
    let (kind, message) = find(&none, "script//no/such/file.yaml").unwrap_err();
    assert_eq!(kind, ErrorKind::Script);
    assert!(message.starts_with("cannot read Script `/no/such/file.yaml`"), "{message}");
}

#[test]
fn no_description_holds_a_key() {
    let keyed = providers(&[("ANTHROPIC_API_KEY", "sk-very-secret"), ("OPENAI_API_KEY", "sk-other-secret")]);
    for (text, _) in keyed.describe() {
        assert!(!text.contains("secret"), "{text}");
    }
}

/// Of each provider: where its key is, and why it cannot be used.
fn keys_of(providers: &Providers) -> Vec<(String, KeyPlace, Option<String>)> {
    providers.states().into_iter().map(|state| (state.name, state.key, state.unavailable)).collect()
}

#[test]
fn a_variable_goes_before_a_stored_key_and_either_makes_a_provider_usable() {
    let root = tempfile::tempdir().unwrap();
    let keys = empty_chain(root.path());
    for name in ["anthropic", "openai", "ollama", "mine"] {
        keys.store(&key_name(name), &SecretString::from(format!("sk-stored-{name}"))).unwrap();
    }
    let config = "[providers.mine]\ndialect = 'openai'\nbase_url = 'https://models.example.org/v1'\n\
                  [providers.other]\ndialect = 'openai'\nbase_url = 'http://127.0.0.1:9/v1'\nkey_env = 'OTHER_KEY'\n";
    let providers = configured(config, &[("OPENAI_API_KEY", "sk-variable")], Arc::clone(&keys));
    let of = |name: &str, key, unavailable: Option<&str>| (name.to_owned(), key, unavailable.map(str::to_owned));
    assert_eq!(
        keys_of(&providers),
        [
            of("anthropic", KeyPlace::EncryptedFile, None),
            of("llama.cpp", KeyPlace::None, None),
            of("lm-studio", KeyPlace::None, None),
            of("mine", KeyPlace::EncryptedFile, None),
            of("ollama", KeyPlace::EncryptedFile, None),
            of("openai", KeyPlace::Environment, None),
            of("other", KeyPlace::None, Some("OTHER_KEY is not set")),
        ]
    );
    assert_eq!(find(&providers, "anthropic/m"), Ok("anthropic/m".into()));
    let origins: Vec<ProviderOrigin> = providers.states().iter().map(|state| state.origin).collect();
    let known = ProviderOrigin::Known;
    let set = ProviderOrigin::Settings;
    assert_eq!(origins, [known, known, known, set, known, known, set]);
    let local: Vec<bool> = providers.states().iter().map(|state| state.local).collect();
    assert_eq!(local, [false, true, true, false, true, false, true]);
    // A key that cannot be read any more is one clear error, at the first use.
    std::fs::remove_file(root.path().join("identity")).unwrap();
    let unread = configured(config, &[], keys);
    let (kind, message) = find(&unread, "mine/m").unwrap_err();
    assert_eq!(kind, ErrorKind::Unauthorized);
    assert!(message.starts_with("cannot read the key of `mine`: "), "{message}");
}

#[test]
fn the_usual_key_is_sent_only_where_its_own_tools_would_send_it() {
    let at = |url: &str, variables: &[(&str, &str)]| {
        let root = tempfile::tempdir().unwrap();
        let config = format!("[providers.openai]\ndialect = 'openai'\nbase_url = '{url}'\n");
        let variables = [variables, &[("OPENAI_API_KEY", "sk-usual")]].concat();
        let providers = configured(&config, &variables, empty_chain(root.path()));
        providers.states().into_iter().find(|state| state.name == "openai").unwrap().key
    };
    assert_eq!(at("https://api.openai.com/v1/", &[]), KeyPlace::Environment);
    assert_eq!(at("https://elsewhere.example.org/v1", &[]), KeyPlace::None);
    let chosen = ("OPENAI_BASE_URL", "https://elsewhere.example.org/v1");
    assert_eq!(at("https://elsewhere.example.org/v1", &[chosen]), KeyPlace::Environment);
}

#[test]
fn a_password_in_an_address_is_not_shown() {
    let providers = providers(&[("OPENAI_BASE_URL", "https://ann:hunter22@models.example.org/v1")]);
    let state = providers.states().into_iter().find(|state| state.name == "openai").unwrap();
    assert_eq!(state.base_url, "https://models.example.org/v1");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_keychain_that_waits_for_its_user_holds_up_no_other_task() {
    let (told, heard) = std::sync::mpsc::channel();
    let waiting = tokio::spawn(async move {
        // This is the only thread for tasks, so the other one begins after this one waits.
        tokio::spawn(async move { told.send(()) });
        set_aside(|| heard.recv_timeout(std::time::Duration::from_secs(30)))
    });
    assert_eq!(waiting.await.unwrap(), Ok(()));
}
