//! The network's settings over a real file: what changes there counts at the gate at once.

use api::Installation as _;
use api_types::{NetworkAllow, NetworkChange, NetworkSettings, Settings, SettingsChange};
use egress::{Target, Verdict, Wish, decide};
use tool::Refusal;

use crate::installation::Installed;
use crate::installation_tests::House;

async fn change(installed: &Installed, network: NetworkChange) -> Result<Settings, Refusal> {
    installed.change(SettingsChange { network: Some(network), ..SettingsChange::default() }).await
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// What the gate says of a host: `yes`, `ask` or `no`.
fn said(installed: &Installed, host: &str) -> &'static str {
    let target = Target::parse(host, Some(443)).unwrap();
    match decide(&installed.0.network.settings().rules, &target, &Wish::Tunnel) {
        Verdict::Allow(_) => "yes",
        Verdict::Ask => "ask",
        Verdict::Refuse(_) => "no",
    }
}

#[tokio::test]
async fn a_change_counts_at_once_and_at_the_next_start() {
    let house = House::new("[network]\nhosts = [\"a.org\"] # mine\n");
    let installed = house.open();
    assert_eq!(["a.org", "b.org", "pypi.org"].map(|host| said(&installed, host)), ["yes", "ask", "ask"]);
    let wanted = NetworkChange {
        allow: Some(NetworkAllow::Registries),
        add_hosts: names(&[" B.org ", "*.c.org", "a.org"]),
        add_denied: names(&["bad.c.org"]),
        ..NetworkChange::default()
    };
    let shown = change(&installed, wanted).await.unwrap().network;
    let NetworkSettings { allow, hosts, denied, .. } = &shown;
    assert_eq!(*allow, NetworkAllow::Registries);
    assert_eq!((hosts.clone(), denied.clone()), (names(&["a.org", "b.org", "*.c.org"]), names(&["bad.c.org"])));
    let hosts = ["b.org", "x.c.org", "bad.c.org", "pypi.org", "d.org"];
    for installed in [&installed, &house.open()] {
        assert_eq!(hosts.map(|host| said(installed, host)), ["yes", "yes", "no", "yes", "ask"]);
        assert_eq!(installed.settings().network, shown);
    }
    let back = NetworkChange {
        remove_hosts: names(&["A.ORG", "gone.org"]),
        remove_denied: names(&["bad.c.org"]),
        ..NetworkChange::default()
    };
    assert_eq!(change(&installed, back).await.unwrap().network.hosts, names(&["b.org", "*.c.org"]));
    assert_eq!(["a.org", "bad.c.org"].map(|host| said(&installed, host)), ["ask", "yes"]);
    let none = NetworkChange { allow: Some(NetworkAllow::None), ..NetworkChange::default() };
    change(&installed, none).await.unwrap();
    assert_eq!(said(&installed, "b.org"), "no");
    let all = NetworkChange { allow: Some(NetworkAllow::All), ..NetworkChange::default() };
    change(&installed, all).await.unwrap();
    assert_eq!(said(&installed, "d.org"), "yes");
}

#[tokio::test]
async fn what_names_no_host_changes_nothing_and_says_why() {
    let house = House::new("[network]\nhosts = [\"a.org\"]\n");
    let installed = house.open();
    let before = (house.text(), installed.settings());
    for (text, why) in [
        ("https://a.org/x", "the host name has a character that is not allowed"),
        ("10.0.0.1", "addresses cannot be reached, only names"),
        ("", "the host name is empty"),
        ("*.", "the host name is empty"),
    ] {
        for (add_hosts, add_denied) in [(names(&["ok.org", text]), Vec::new()), (Vec::new(), names(&[text]))] {
            let wanted = NetworkChange { add_hosts, add_denied, ..NetworkChange::default() };
            let refused = change(&installed, wanted).await.unwrap_err();
            assert_eq!(refused.message, format!("`{text}` names no host: {why}"));
            assert!(refused.hint.starts_with("write a name such as"));
        }
    }
    assert_eq!((house.text(), installed.settings()), before);
}

#[tokio::test]
async fn what_somebody_wrote_into_the_file_counts_at_the_gate_with_the_next_change() {
    let house = House::new("");
    let installed = house.open();
    std::fs::write(house.file(), "[network]\ndenied = [\"a.org\"]\nhosts = [\"b.org\"]\n").unwrap();
    let other = SettingsChange { instructions: Some("Be brief.".to_owned()), ..SettingsChange::default() };
    installed.change(other).await.unwrap();
    assert_eq!(["a.org", "b.org"].map(|host| said(&installed, host)), ["no", "yes"]);
    // Certificates that are none are refused before anything is written.
    std::fs::write(house.file(), "[network]\nca_file = \"/nonexistent/ca.pem\"\n").unwrap();
    let text = house.text();
    let wanted = NetworkChange { add_hosts: names(&["c.org"]), ..NetworkChange::default() };
    let refused = change(&installed, wanted).await.unwrap_err();
    assert!(refused.message.starts_with("cannot read `/nonexistent/ca.pem`"), "{}", refused.message);
    assert_eq!((house.text(), said(&installed, "a.org")), (text, "no"));
}

#[tokio::test]
async fn the_organisation_and_the_proxy_stay() {
    let mut house = House::new("");
    house.variables.insert("https_proxy".to_owned(), "http://ann:secret@proxy.example.org:3128".to_owned());
    let policy = house.file().with_file_name("policy.toml");
    std::fs::write(&policy, "[network]\nallow = \"list\"\nlist = [{ host = \"a.org\" }]\n").unwrap();
    let installed = house.open_in(policy);
    let wanted = NetworkChange { allow: Some(NetworkAllow::All), ..NetworkChange::default() };
    let shown = change(&installed, wanted).await.unwrap().network;
    assert_eq!(shown.organisation, Some(NetworkAllow::List));
    assert_eq!(shown.proxy.as_deref(), Some("proxy.example.org"));
    assert_eq!(["a.org", "b.org"].map(|host| said(&installed, host)), ["yes", "no"]);
    let check = installed.checks().await.into_iter().find(|check| check.name == "network").unwrap();
    let detail = "open without asking: every host; 0 hosts denied; through the proxy `proxy.example.org`";
    assert_eq!((check.ok, check.detail.as_str()), (true, detail));
}
