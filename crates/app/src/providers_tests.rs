//! Which providers there are and what is said of those that cannot be used.

use std::collections::HashMap;

use event::ModelRef;
use model::{ErrorKind, Models};

use crate::Config;
use crate::providers::Providers;

fn providers(variables: &[(&str, &str)]) -> Providers {
    let variables: HashMap<String, String> =
        variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Providers::new(&Config::default(), &|name| variables.get(name).cloned()).unwrap()
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
