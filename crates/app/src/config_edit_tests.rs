//! Changing `config.toml`: what its author wrote around the changed places stays byte for byte.

use egress::{Allow, Pattern};
use event::{Limits, Mode, ModelRef};

use crate::Config;
use crate::config::DialectName;
use crate::config_edit::{Edit, HostList, edited};

const WRITTEN: &str = r#"# My settings. Ask Ben before changing the limits.
default_mode = "ask"   # careful

[limits]
steps = 20 # enough for the reports
minutes = 30

# The server in the cellar.
[providers.work]
dialect = "openai"
base_url = "http://10.0.0.5:8000/v1" # moved in May
quirks = "vllm"
"#;

#[track_caller]
fn check(text: &str, edits: &[Edit], expected: &str) {
    let changed = edited(text, edits).unwrap();
    assert_eq!(changed, expected);
    Config::parse(&changed).unwrap();
}

fn provider(name: &str, url: &str) -> Edit {
    Edit::Provider { name: name.to_owned(), dialect: DialectName::Openai, base_url: url.to_owned() }
}

#[test]
fn comments_and_order_stay() {
    let expected = WRITTEN
        .replace(
            "default_mode = \"ask\"   # careful\n",
            "default_mode = \"auto\"   # careful\ndefault_model = \"a/b\"\n",
        )
        .replace("steps = 20 # enough", "steps = 0 # enough")
        .replace("minutes = 30\n", "minutes = 5\ntokens = 900\n")
        .replace("10.0.0.5", "10.0.0.6");
    let limits = Limits { steps: None, tokens: Some(900), minutes: Some(5) };
    let edits = [
        Edit::Mode(Mode::Auto),
        Edit::Model(Some(ModelRef("a/b".into()))),
        Edit::Limits(limits.clone()),
        provider("work", "http://10.0.0.6:8000/v1"),
    ];
    check(WRITTEN, &edits, &expected);
    assert_eq!(Config::parse(&edited(WRITTEN, &edits).unwrap()).unwrap().limits(), limits);
    check(WRITTEN, &[], WRITTEN);
}

#[test]
fn what_is_not_there_yet_is_made() {
    let expected = "default_mode = \"skip\"\ninstructions = \"\"\"\nBe brief.\nSay \\\"no\\\".\"\"\"\n\n\
                    [providers.\"llama.cpp\"]\ndialect = \"openai\"\nbase_url = \"http://127.0.0.1:1/v1\"\n";
    let edits = [
        Edit::Mode(Mode::Skip),
        Edit::Instructions("Be brief.\nSay \"no\".".to_owned()),
        provider("llama.cpp", "http://127.0.0.1:1/v1"),
    ];
    let changed = edited("", &edits).unwrap();
    let config = Config::parse(&changed).unwrap();
    assert_eq!(config.instructions, "Be brief.\nSay \"no\".");
    assert_eq!(config.providers["llama.cpp"].base_url, "http://127.0.0.1:1/v1");
    assert_eq!(config.default_mode, Mode::Skip);
    assert!(!changed.contains("[providers]\n"), "{changed}");
    assert_eq!(expected.lines().next(), changed.lines().next());
}

#[test]
fn inline_tables_and_dotted_names_are_changed_where_they_are() {
    check(
        "limits = { steps = 3, minutes = 4 } # few\n",
        &[Edit::Limits(Limits { steps: Some(9), tokens: None, minutes: Some(4) })],
        // The blank before the brace stays with the value it stood behind.
        "limits = { steps = 9, minutes = 4 , tokens = 0 } # few\n",
    );
    check(
        "providers.a.dialect = \"openai\"\nproviders.a.base_url = \"http://one/v1\"\n",
        &[provider("a", "http://two/v1")],
        "providers.a.dialect = \"openai\"\nproviders.a.base_url = \"http://two/v1\"\n",
    );
}

#[test]
fn what_is_forgotten_leaves_the_rest() {
    let rest = WRITTEN.split("\n# The server").next().unwrap();
    check(WRITTEN, &[Edit::ForgetProvider("work".to_owned())], rest);
    check(WRITTEN, &[Edit::ForgetProvider("nobody".to_owned()), Edit::Model(None)], WRITTEN);
    check("default_model = \"a/b\"\n", &[Edit::Model(None)], "");
}

fn pattern(text: &str) -> Pattern {
    Pattern::parse(text).unwrap()
}

fn add(text: &str) -> Edit {
    Edit::AddHost(HostList::Hosts, pattern(text))
}

fn remove(text: &str) -> Edit {
    Edit::RemoveHost(HostList::Hosts, pattern(text))
}

#[test]
fn hosts_come_and_go_one_by_one() {
    let written = "[network] # Ben knows why\nallow = \"list\" # careful\nhosts = [\n    \"A.example.org\", # files\n    \
                   \"*.b.example.org\",\n]\n";
    check(written, &[add("a.example.org"), remove("c.example.org")], written);
    check(
        written,
        &[Edit::Allow(Allow::Registries), add("c.example.org"), remove("a.EXAMPLE.org")],
        "[network] # Ben knows why\nallow = \"registries\" # careful\nhosts = [ # files\n    \"*.b.example.org\",\n    \
         \"c.example.org\",\n]\n",
    );
    check(
        "",
        &[add("127.0.0.1:8080"), add("a.org"), Edit::AddHost(HostList::Denied, pattern("*.c.org"))],
        "[network]\nhosts = [\"127.0.0.1:8080\", \"a.org\"]\ndenied = [\"*.c.org\"]\n",
    );
    check("network = { hosts = [\"a.org\"] }\n", &[remove("a.org")], "network = { hosts = [] }\n");
    let odd = edited("[network]\nhosts = 3\n", &[add("a.org")]);
    assert_eq!(odd, Err("`network.hosts` is not a list".to_owned()));
}

#[test]
fn the_quota_is_a_number_in_its_own_table() {
    check("", &[Edit::JournalQuota(0)], "[journal]\nquota_mib = 0\n");
    check(
        "[journal]\nquota_mib = 5 # small disk\n",
        &[Edit::JournalQuota(9)],
        "[journal]\nquota_mib = 9 # small disk\n",
    );
    let text = edited("", &[Edit::JournalQuota(u64::MAX)]).unwrap();
    assert_eq!(Config::parse(&text).unwrap().journal.quota_bytes(), Some(u64::MAX));
    assert_eq!(Config::parse("").unwrap().journal.quota_bytes(), Some(10 << 30));
    assert!(Config::parse("[journal]\nquota = 3").is_err() && Config::parse("[journal]\nquota_mib = -1").is_err());
}

#[test]
fn a_file_that_cannot_be_changed_is_an_error() {
    assert!(edited("default_mode = ", &[Edit::Mode(Mode::Ask)]).is_err());
    assert_eq!(edited("limits = 3\n", &[Edit::Limits(Limits::default())]), Err("`limits` is not a table".to_owned()));
}
