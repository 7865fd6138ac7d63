//! The installation as the API sees it: settings that change while it runs, keys that are stored apart, providers that
//! are swapped, over real files and a real server.

use std::collections::HashMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::sync::Arc;

use api::Installation as _;
use api_types::{KeyPlace, ProviderDialect, ProviderRequest, ProviderTest, Settings, SettingsChange};
use event::{Limits, Mode, ModelRef};
use model::Models as _;
use testkit::{Answer, FakeServer};

use crate::installation::Installed;
use crate::{App, Directories, Environment};

pub(crate) struct House {
    root: tempfile::TempDir,
    pub(crate) variables: HashMap<String, String>,
}

impl House {
    pub(crate) fn new(config: &str) -> Self {
        let root = tempfile::tempdir().unwrap();
        let house = Self { root, variables: HashMap::new() };
        std::fs::create_dir_all(house.file().parent().unwrap()).unwrap();
        if !config.is_empty() {
            std::fs::write(house.file(), config).unwrap();
        }
        house
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.root.path().join("config/deskhand/config.toml")
    }

    pub(crate) fn text(&self) -> String {
        std::fs::read_to_string(self.file()).unwrap()
    }

    pub(crate) fn open(&self) -> Installed {
        self.open_in("/nonexistent".into())
    }

    /// The same in an organisation with these rules.
    pub(crate) fn open_in(&self, policy_file: PathBuf) -> Installed {
        let path = |name: &str| self.root.path().join(name).display().to_string();
        let mut variables = self.variables.clone();
        variables.insert("DESKHAND_HOME".to_owned(), path("home"));
        variables.insert("XDG_CONFIG_HOME".to_owned(), path("config"));
        variables.insert("HOME".to_owned(), path("user"));
        let variable = move |name: &str| variables.get(name).cloned();
        let app = App::open(Environment {
            directories: Directories::from_environment(&variable),
            variable: Box::new(variable),
            executable: "/nonexistent".into(),
            policy_file,
        });
        Installed(Arc::new(app.unwrap()))
    }

    /// Every file of this world with its bytes.
    fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut open = vec![self.root.path().to_owned()];
        let mut found = Vec::new();
        while let Some(directory) = open.pop() {
            for entry in std::fs::read_dir(directory).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    open.push(path);
                } else if path.is_file() {
                    let bytes = std::fs::read(&path).unwrap();
                    found.push((path, bytes));
                }
            }
        }
        found
    }
}

fn request(base_url: impl Into<String>, key: Option<&str>) -> ProviderRequest {
    ProviderRequest { dialect: ProviderDialect::Openai, base_url: base_url.into(), key: key.map(str::to_owned) }
}

fn provider(settings: &Settings, name: &str) -> Option<(String, KeyPlace, Option<String>)> {
    let state = settings.providers.iter().find(|state| state.name == name)?;
    Some((state.base_url.clone(), state.key, state.unavailable.clone()))
}

fn unused() -> FakeServer {
    FakeServer::start(Vec::<Answer>::new()).unwrap()
}

#[tokio::test]
async fn settings_change_in_the_file_and_at_once() {
    let house = House::new("# mine\ndefault_mode = \"ask\" # careful\n");
    let installed = house.open();
    let limits = Limits { steps: Some(7), tokens: None, minutes: None };
    let change = SettingsChange {
        default_mode: Some(Mode::Auto),
        default_model: Some(ModelRef("ollama/small".into())),
        instructions: Some("Be brief.".into()),
        limits: Some(limits.clone()),
        journal_quota_mib: Some(512),
        ..SettingsChange::default()
    };
    let settings = installed.change(change).await.unwrap();
    let now = |settings: &Settings| {
        let Settings { default_mode, default_model, instructions, limits, journal_quota_mib, .. } = settings.clone();
        (default_mode, default_model, instructions, limits, journal_quota_mib)
    };
    let expected = (Mode::Auto, Some(ModelRef("ollama/small".into())), "Be brief.".to_owned(), limits, 512);
    assert_eq!(now(&settings), expected);
    assert_eq!(now(&installed.settings()), expected);
    assert_eq!(now(&house.open().settings()), expected, "the next start finds the same");
    assert!(house.text().starts_with("# mine\ndefault_mode = \"auto\" # careful\n"), "{}", house.text());
    assert_eq!(installed.0.providers.default_model().await.unwrap(), ModelRef("ollama/small".into()));
    assert_eq!(std::fs::metadata(house.file()).unwrap().permissions().mode() & 0o777, 0o600);
    let none = SettingsChange { default_model: Some(ModelRef(String::new())), ..SettingsChange::default() };
    assert_eq!(installed.change(none).await.unwrap().default_model, None);
    let wrong = SettingsChange { default_model: Some(ModelRef("small".into())), ..SettingsChange::default() };
    assert_eq!(installed.change(wrong).await.unwrap_err().message, "`small` names no model");
    // What no task could be made with is not taken in.
    let long = SettingsChange { instructions: Some("i".repeat(20_001)), ..SettingsChange::default() };
    let refused = installed.change(long).await.unwrap_err();
    assert_eq!(refused.message, "the instructions may have 20000 characters at most");
    assert_eq!(installed.settings().instructions, "Be brief.");
}

#[tokio::test]
async fn a_provider_is_added_changed_and_removed_while_everything_runs_and_its_key_is_in_no_readable_file() {
    let server = unused();
    let house = House::new("");
    let installed = house.open();
    let providers = Arc::clone(&installed.0.providers);
    assert!(providers.find(&ModelRef("mine/fake-model".into())).is_err());
    let url = format!("{}/v1", server.url());
    let settings =
        installed.set_provider("mine".into(), request(url.clone(), Some(" sk-very-secret\n"))).await.unwrap();
    assert_eq!(provider(&settings, "mine"), Some((url.clone(), KeyPlace::EncryptedFile, None)));
    let held = providers.find(&ModelRef("mine/fake-model".into())).unwrap();
    let offer = providers.offers().await.into_iter().find(|offer| offer.provider == "mine").unwrap();
    assert_eq!((offer.models.len(), offer.unavailable), (1, None));
    assert_eq!(server.records()[0].header("authorization"), ["Bearer sk-very-secret"]);
    for (path, bytes) in house.files() {
        assert!(!bytes.windows(11).any(|window| window == b"very-secret"), "{}", path.display());
    }
    let readable = "[providers.mine]\ndialect = \"openai\"\nbase_url = ";
    assert!(house.text().starts_with(readable), "{}", house.text());

    // The next start has the key too, and without a new one the stored one stays at its place.
    let again = house.open();
    let moved = again.set_provider("mine".into(), request(format!("{}/v2", server.url()), None)).await.unwrap();
    assert_eq!(provider(&moved, "mine").unwrap().1, KeyPlace::EncryptedFile);
    let emptied = again.set_provider("mine".into(), request(url.clone(), Some(""))).await.unwrap();
    assert_eq!(provider(&emptied, "mine").unwrap().1, KeyPlace::None);

    let gone = installed.remove_provider("mine".into()).await.unwrap();
    assert_eq!(provider(&gone, "mine"), None);
    assert!(providers.find(&ModelRef("mine/fake-model".into())).is_err());
    assert_eq!(held.profile().name, ModelRef("mine/fake-model".into()), "what was found goes on");
    assert_eq!(house.text(), "");
}

#[tokio::test]
async fn a_key_makes_a_known_provider_usable_without_a_line_in_the_file() {
    let house = House::new("");
    let installed = house.open();
    let missing = Some("OPENAI_API_KEY is not set".to_owned());
    let base_url = "https://api.openai.com/v1".to_owned();
    assert_eq!(provider(&installed.settings(), "openai"), Some((base_url.clone(), KeyPlace::None, missing.clone())));
    let settings = installed.set_provider("openai".into(), request(base_url.clone(), Some("sk-mine"))).await.unwrap();
    assert_eq!(provider(&settings, "openai"), Some((base_url.clone(), KeyPlace::EncryptedFile, None)));
    assert!(!house.file().exists());
    let back = installed.remove_provider("openai".into()).await.unwrap();
    assert_eq!(provider(&back, "openai"), Some((base_url, KeyPlace::None, missing)));
}

#[tokio::test]
async fn what_is_wrong_changes_nothing() {
    let house = House::new("[providers.mine]\ndialect = \"openai\"\nbase_url = \"http://127.0.0.1:9/v1\"\n");
    let installed = house.open();
    let before = (house.text(), installed.settings());
    for address in
        ["", "models.example.org", "ftp://a", "https://ann:pw@models.example.org/v1", "http://a b", "http://"]
    {
        let refused = installed.set_provider("mine".into(), request(address, Some("sk-x"))).await.unwrap_err();
        assert!(!refused.hint.is_empty(), "{address}");
    }
    assert_eq!((house.text(), installed.settings()), before);
    std::fs::write(house.file(), "default_mode = oops").unwrap();
    let change = SettingsChange { default_mode: Some(Mode::Skip), ..SettingsChange::default() };
    let refused = installed.change(change).await.unwrap_err();
    assert!(refused.message.contains("config.toml` is not understood"), "{}", refused.message);
    assert_eq!(house.text(), "default_mode = oops");
    assert_eq!(installed.settings(), before.1);
}

#[tokio::test]
async fn a_file_that_is_not_understood_costs_no_key() {
    let house = House::new("");
    let installed = house.open();
    let url = "http://127.0.0.1:9/v1";
    installed.set_provider("mine".into(), request(url, Some("sk-one"))).await.unwrap();
    let text = house.text();
    std::fs::write(house.file(), "default_mode = oops").unwrap();
    installed.set_provider("mine".into(), request(url, Some("sk-two"))).await.unwrap_err();
    installed.set_provider("mine".into(), request(url, Some(""))).await.unwrap_err();
    installed.remove_provider("mine".into()).await.unwrap_err();
    std::fs::write(house.file(), text).unwrap();
    let key = house.open().0.keys.read("provider:mine").unwrap().unwrap();
    assert_eq!(host::ExposeSecret::expose_secret(&key), "sk-one");
}

#[tokio::test]
async fn changes_at_the_same_time_all_count() {
    let house = House::new("# kept\n");
    let installed = Arc::new(house.open());
    let mut all = tokio::task::JoinSet::new();
    for number in 0..12 {
        let installed = Arc::clone(&installed);
        all.spawn(async move {
            let url = format!("http://127.0.0.1:{number}/v1");
            installed.set_provider(format!("p{number}"), request(url, Some("sk"))).await.unwrap();
        });
    }
    while let Some(done) = all.join_next().await {
        done.unwrap();
    }
    let names = |settings: Settings| -> Vec<String> {
        let own = settings.providers.into_iter().filter(|state| state.name.starts_with('p'));
        own.map(|state| format!("{} {:?}", state.name, state.key)).collect()
    };
    assert_eq!(names(installed.settings()).len(), 12);
    assert_eq!(names(house.open().settings()), names(installed.settings()));
    assert!(house.text().contains("# kept"), "{}", house.text());
}

#[tokio::test]
async fn a_linked_settings_file_stays_a_link() {
    let house = House::new("");
    let real = house.root.path().join("dotfiles.toml");
    std::fs::write(&real, "# linked\n").unwrap();
    std::os::unix::fs::symlink(&real, house.file()).unwrap();
    let change = SettingsChange { default_mode: Some(Mode::Skip), ..SettingsChange::default() };
    house.open().change(change).await.unwrap();
    assert!(house.file().is_symlink());
    let text = std::fs::read_to_string(real).unwrap();
    assert!(text.contains("# linked") && text.contains("skip"), "{text}");
}

async fn attempt(house: &House, name: &str, request: ProviderRequest) -> ProviderTest {
    house.open().try_provider(name.into(), request).await
}

fn told(test: &ProviderTest) -> (bool, &str, &str) {
    (test.ok, &test.detail, test.hint.as_deref().unwrap_or_default())
}

#[tokio::test]
async fn trying_a_provider_says_what_came_of_it_and_what_to_do() {
    let server = unused();
    let url = format!("{}/v1", server.url());
    let house = House::new("");
    let good = attempt(&house, "mine", request(url.clone(), Some("sk-good"))).await;
    assert_eq!(told(&good), (true, "it answers and offers one model", ""));
    assert_eq!(good.models[0].name, ModelRef("mine/fake-model".into()));
    assert_eq!(server.records()[0].header("authorization"), ["Bearer sk-good"]);
    assert!(!house.file().exists() && !house.root.path().join("home/keys.age").exists(), "nothing is stored");

    let json = |text: &'static str| Answer::document("application/json", text);
    server.list_models_as([
        Answer::status(401, r#"{"error":{"message":"bad key sk-wrong"}}"#),
        Answer::status(401, "{}"),
        Answer::status(404, "not here"),
        json(r#"{"data":[]}"#),
    ]);
    let refused = attempt(&house, "mine", request(url.clone(), Some("sk-wrong"))).await;
    assert!(!refused.ok && refused.detail.starts_with("the key was refused"), "{refused:?}");
    assert!(!refused.detail.contains("sk-wrong"), "{refused:?}");
    let keyless = attempt(&house, "mine", request(url.clone(), None)).await;
    assert_eq!(told(&keyless), (false, "it wants a key", "enter the key"));
    let elsewhere = attempt(&house, "mine", request(url.clone(), Some("sk"))).await;
    let detail = format!("there is no list of models at `{url}`");
    assert_eq!(told(&elsewhere), (false, detail.as_str(), "check the address; most end in `/v1`"));
    let empty = attempt(&house, "ollama", request(url, None)).await;
    let hint = "fetch a model first, as with `ollama pull NAME`";
    assert_eq!(told(&empty), (true, "it answers and offers no model yet", hint));

    let nobody = attempt(&house, "ollama", request("http://127.0.0.1:9/v1", None)).await;
    let detail = "nothing answers at `http://127.0.0.1:9/v1`";
    assert_eq!(told(&nobody), (false, detail, "start the server, then try again"));
    let nowhere = attempt(&house, "mine", request("somewhere", None)).await;
    assert_eq!(told(&nowhere), (false, "`somewhere` is not an address", "write it as `https://api.example.com/v1`"));
    let no_key = attempt(&house, "openai", request("https://api.openai.com/v1", None)).await;
    assert_eq!(told(&no_key), (false, "no key is set", "enter the key"));
}

#[tokio::test]
async fn a_stored_key_is_tried_where_none_is_entered() {
    let server = unused();
    let url = format!("{}/v1", server.url());
    let house = House::new("");
    house.open().set_provider("mine".into(), request(url.clone(), Some("sk-stored"))).await.unwrap();
    assert!(attempt(&house, "mine", request(url.clone(), None)).await.ok);
    assert!(attempt(&house, "mine", request(url, Some(""))).await.ok);
    let sent: Vec<Vec<String>> = server
        .records()
        .iter()
        .map(|record| record.header("authorization").into_iter().map(str::to_owned).collect())
        .collect();
    assert_eq!(sent, [vec!["Bearer sk-stored".to_owned()], vec![]]);
}

#[tokio::test]
async fn a_stored_key_is_for_the_address_it_was_stored_for() {
    let (home, elsewhere) = (unused(), unused());
    let url = |server: &FakeServer| format!("{}/v1", server.url());
    let house = House::new("");
    let installed = house.open();
    let place = |settings: &Settings, name: &str| provider(settings, name).unwrap().1;
    let stored = installed.set_provider("mine".into(), request(url(&home), Some("sk-mine"))).await.unwrap();
    assert_eq!(place(&stored, "mine"), KeyPlace::EncryptedFile);

    // Trying another address sends nothing there, and costs no key.
    assert!(installed.try_provider("mine".into(), request(url(&elsewhere), None)).await.ok);
    assert!(installed.try_provider("mine".into(), request(url(&home), None)).await.ok);
    assert_eq!(elsewhere.records()[0].header("authorization"), Vec::<&str>::new());
    assert_eq!(home.records()[0].header("authorization"), ["Bearer sk-mine"]);

    // A change of the address forgets it, whichever part changes, and going back does not bring it back.
    let other_scheme = url(&home).replace("http://", "https://");
    let other_host = url(&home).replace("127.0.0.1", "localhost");
    for other in [url(&elsewhere), other_scheme, other_host] {
        installed.set_provider("mine".into(), request(url(&home), Some("sk-mine"))).await.unwrap();
        let moved = installed.set_provider("mine".into(), request(other.clone(), None)).await.unwrap();
        assert_eq!(place(&moved, "mine"), KeyPlace::None, "{other}");
        assert!(installed.0.keys.read("provider:mine").unwrap().is_none(), "{other}");
        let back = installed.set_provider("mine".into(), request(url(&home), None)).await.unwrap();
        assert_eq!(place(&back, "mine"), KeyPlace::None, "{other}");
    }
    // The same with a service that needs no line in the file, and with a key whose provider is gone from it.
    let usual = "https://api.openai.com/v1";
    installed.set_provider("openai".into(), request(usual, Some("sk-usual"))).await.unwrap();
    let same = installed.set_provider("openai".into(), request("https://API.openai.com:443/v1", None)).await.unwrap();
    assert_eq!(place(&same, "openai"), KeyPlace::EncryptedFile, "the same place, written otherwise");
    let moved = installed.set_provider("openai".into(), request(url(&elsewhere), None)).await.unwrap();
    assert_eq!(place(&moved, "openai"), KeyPlace::None);
    installed.set_provider("mine".into(), request(url(&home), Some("sk-mine"))).await.unwrap();
    std::fs::write(house.file(), "").unwrap();
    let taken_up = house.open().set_provider("mine".into(), request(url(&elsewhere), None)).await.unwrap();
    assert_eq!(place(&taken_up, "mine"), KeyPlace::None);
}

#[tokio::test]
async fn secrets_of_the_environment_go_only_to_the_address_of_their_table() {
    let (home, elsewhere) = (unused(), unused());
    let url = |server: &FakeServer| format!("{}/v1", server.url());
    let mut house = House::new(&format!(
        "[providers.mine]\ndialect = 'openai'\nbase_url = '{}' # here\nkey_env = 'MY_KEY'\nmax_tokens = 900\n\
         headers_env = {{ x-account = 'MY_ACCOUNT' }}\n",
        url(&home)
    ));
    for (name, value) in [("MY_KEY", "sk-env"), ("MY_ACCOUNT", "account")] {
        house.variables.insert(name.to_owned(), value.to_owned());
    }
    let installed = house.open();
    let tries = [request(url(&home), None), request(url(&elsewhere), None), request(url(&elsewhere), Some("sk-new"))];
    for request in tries {
        assert!(installed.try_provider("mine".into(), request).await.ok);
    }
    assert_eq!(home.records()[0].header("authorization"), ["Bearer sk-env"]);
    assert_eq!(home.records()[0].header("x-account"), ["account"]);
    let sent = |at: usize| {
        let record = elsewhere.records().swap_remove(at);
        let of = |name: &str| record.header(name).into_iter().map(str::to_owned).collect::<Vec<_>>();
        (of("authorization"), of("x-account"))
    };
    assert_eq!(sent(0), (vec![], vec![]));
    assert_eq!(sent(1), (vec!["Bearer sk-new".to_owned()], vec![]));

    let kept = installed.set_provider("mine".into(), request(format!("{}/v2", home.url()), None)).await.unwrap();
    assert_eq!(provider(&kept, "mine").unwrap().1, KeyPlace::Environment);
    let moved = installed.set_provider("mine".into(), request(url(&elsewhere), None)).await.unwrap();
    assert_eq!(provider(&moved, "mine"), Some((url(&elsewhere), KeyPlace::None, None)));
    let expected = format!(
        "[providers.mine]\ndialect = \"openai\"\nbase_url = \"{}\" # here\nmax_tokens = 900\n",
        url(&elsewhere)
    );
    assert_eq!(house.text(), expected);
}
