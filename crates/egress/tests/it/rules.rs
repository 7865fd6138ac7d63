//! The table of decisions.

use egress::{Allow, Identity, Policy, Rule, Rules, Target, Verdict, Wish, decide};

use crate::world::pattern;

fn short(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Allow(pass) if pass.upgrade => "upgrade",
        Verdict::Allow(_) => "allow",
        Verdict::Ask => "ask",
        Verdict::Refuse(_) => "refuse",
    }
}

fn api() -> Rule {
    Rule {
        methods: vec!["POST".to_owned()],
        paths: vec!["/v1/messages".to_owned(), "/files/".to_owned()],
        identity: Some(Identity { header: "x-api-key".into(), prefix: String::new(), secret: "model".into() }),
        ..Rule::host(pattern("api.example"))
    }
}

fn policy(allow: Allow) -> Policy {
    let odd = Rule { ports: vec![8443], ..Rule::host(pattern("odd.example")) };
    let list = vec![Rule::host(pattern("good.example")), Rule::host(pattern("*.wide.example")), odd, api()];
    Policy { allow, list, denied: vec![pattern("bad.wide.example"), pattern("*.deny.example")] }
}

fn tunnel(rules: &Rules, target: &str) -> &'static str {
    short(&decide(rules, &Target::parse(target, None).unwrap(), &Wish::Tunnel))
}

fn request(rules: &Rules, method: &str, target: &str, path: &str) -> &'static str {
    let wish = Wish::Request { method: method.to_owned(), path: path.to_owned() };
    short(&decide(rules, &Target::parse(target, None).unwrap(), &wish))
}

#[test]
fn nothing_that_takes_uploads_is_open_by_itself() {
    assert_eq!(Allow::default(), Allow::List);
    assert_eq!(tunnel(&Rules::default(), "pypi.org:443"), "ask");
}

#[test]
fn a_persons_rules_decide() {
    use Allow::{All, List, None, Registries};
    // Under none, registries, list and all.
    let table: &[(&str, [&str; 4])] = &[
        ("good.example:443", ["refuse", "allow", "allow", "allow"]),
        ("good.example:80", ["refuse", "allow", "allow", "allow"]),
        ("good.example:22", ["refuse", "refuse", "refuse", "refuse"]),
        ("a.wide.example:443", ["refuse", "allow", "allow", "allow"]),
        ("wide.example:443", ["refuse", "ask", "ask", "allow"]),
        ("bad.wide.example:443", ["refuse", "refuse", "refuse", "refuse"]),
        ("x.deny.example:443", ["refuse", "refuse", "refuse", "refuse"]),
        ("deny.example:443", ["refuse", "ask", "ask", "allow"]),
        ("odd.example:8443", ["refuse", "allow", "allow", "allow"]),
        ("odd.example:443", ["refuse", "ask", "ask", "allow"]),
        ("pypi.org:443", ["refuse", "allow", "ask", "allow"]),
        ("evil.pypi.org:443", ["refuse", "ask", "ask", "allow"]),
        ("pypi.org:8080", ["refuse", "refuse", "refuse", "refuse"]),
        ("other.example:443", ["refuse", "ask", "ask", "allow"]),
        ("other.example:25", ["refuse", "refuse", "refuse", "refuse"]),
        ("127.0.0.1:443", ["refuse", "refuse", "refuse", "refuse"]),
        ("api.example:443", ["refuse", "refuse", "refuse", "refuse"]),
    ];
    for (target, expected) in table {
        let got = [None, Registries, List, All]
            .map(|allow| tunnel(&Rules { person: policy(allow), organisation: Option::None }, target));
        assert_eq!(got, *expected, "{target}");
    }
}

#[test]
fn requests_to_an_inspected_host_must_fit() {
    let rules = Rules { person: policy(Allow::All), organisation: None };
    let table: &[(&str, &str, &str, &str)] = &[
        ("POST", "api.example:80", "/v1/messages", "upgrade"),
        ("POST", "api.example:443", "/v1/messages", "upgrade"),
        ("POST", "api.example:80", "/v1/messages?beta=1", "upgrade"),
        ("POST", "api.example:80", "/v1/messages/batches", "upgrade"),
        ("POST", "api.example:80", "/files/a", "upgrade"),
        ("POST", "api.example:80", "/files", "refuse"),
        ("POST", "api.example:80", "/v1/messagesevil", "refuse"),
        ("POST", "api.example:80", "/v1/other", "refuse"),
        ("POST", "api.example:80", "/", "refuse"),
        ("POST", "api.example:80", "/v1/messages/../other", "refuse"),
        ("POST", "api.example:80", "/v1/messages/%2e%2E/other", "refuse"),
        ("POST", "api.example:80", "/v1/messages/..%2fother", "refuse"),
        ("POST", "api.example:80", "/v1/messages//other", "refuse"),
        ("POST", "api.example:80", "/v1/messages/..;/other", "refuse"),
        ("POST", "api.example:80", "/v1/messages/%252e%252e/other", "refuse"),
        ("POST", "api.example:80", "/v1/messages/%C0%AE%C0%AE/other", "refuse"),
        ("POST", "api.example:80", "/v1/messages/%u002e%u002e/other", "refuse"),
        ("POST", "api.example:80", "/v1/messages/..../other", "refuse"),
        ("POST", "api.example:80", "/v1/messages/%3b/other", "refuse"),
        ("POST", "api.example:80", "/v1/messages/a%0aother", "refuse"),
        ("POST", "api.example:80", "/v1/messages/a.b%20c", "upgrade"),
        ("GET", "api.example:80", "/v1/messages", "refuse"),
        ("POST", "api.example:8080", "/v1/messages", "refuse"),
    ];
    for (method, target, path, expected) in table {
        assert_eq!(request(&rules, method, target, path), *expected, "{method} {target} {path}");
    }
    // A wider rule does not loosen a closer one.
    let mut wide = policy(Allow::List);
    wide.list.push(Rule::host(pattern("*.example")));
    let rules = Rules { person: wide, organisation: None };
    assert_eq!(tunnel(&rules, "api.example:443"), "refuse");
    assert_eq!(request(&rules, "GET", "api.example:80", "/v1/files"), "refuse");
    assert_eq!(tunnel(&rules, "else.example:443"), "allow");
}

#[test]
fn an_organisation_narrows_and_never_widens() {
    let organisation = Policy {
        allow: Allow::List,
        list: vec![
            Rule::host(pattern("good.example")),
            Rule::host(pattern("denied.example")),
            Rule { methods: vec!["GET".to_owned()], ..Rule::host(pattern("read.example")) },
        ],
        denied: vec![],
    };
    let person = |allow| Policy {
        allow,
        list: vec![Rule::host(pattern("good.example")), Rule::host(pattern("mine.example"))],
        denied: vec![pattern("denied.example")],
    };
    let rules = |allow| Rules { person: person(allow), organisation: Some(organisation.clone()) };
    assert_eq!(tunnel(&rules(Allow::List), "good.example:443"), "allow");
    // What the organisation does not list is not even asked for.
    assert_eq!(tunnel(&rules(Allow::All), "mine.example:443"), "refuse");
    assert_eq!(tunnel(&rules(Allow::All), "other.example:443"), "refuse");
    assert_eq!(tunnel(&rules(Allow::All), "denied.example:443"), "refuse");
    assert_eq!(tunnel(&rules(Allow::None), "good.example:443"), "refuse");
    // Its way of reaching a host holds.
    assert_eq!(tunnel(&rules(Allow::All), "read.example:443"), "refuse");
    assert_eq!(request(&rules(Allow::All), "GET", "read.example:80", "/"), "upgrade");
    assert_eq!(request(&rules(Allow::All), "POST", "read.example:80", "/"), "refuse");
    let off =
        Rules { person: person(Allow::All), organisation: Some(Policy { allow: Allow::None, ..Policy::default() }) };
    assert_eq!(tunnel(&off, "good.example:443"), "refuse");
}

#[test]
fn an_organisation_has_its_way_with_this_computer_too() {
    let local = |identity: bool| Rule {
        methods: vec!["GET".to_owned()],
        identity: identity.then(|| Identity {
            header: "authorization".into(),
            prefix: String::new(),
            secret: "m".into(),
        }),
        ..Rule::host(pattern("127.0.0.1:8080"))
    };
    let organisation = Policy { allow: Allow::List, list: vec![local(true)], denied: Vec::new() };
    let person = Policy { allow: Allow::List, list: vec![Rule::host(pattern("127.0.0.1:8080"))], denied: Vec::new() };
    let rules = Rules { person, organisation: Some(organisation) };
    let target = Target::parse("127.0.0.1:8080", None).unwrap();
    let wish = |method: &str| Wish::Request { method: method.to_owned(), path: "/".to_owned() };
    let Verdict::Allow(pass) = decide(&rules, &target, &wish("GET")) else { panic!("it is listed") };
    assert!(pass.identity.is_some() && pass.inspected && !pass.upgrade && pass.port == 8080, "{pass:?}");
    assert_eq!(short(&decide(&rules, &target, &wish("POST"))), "refuse");
    assert_eq!(short(&decide(&rules, &target, &Wish::Tunnel)), "refuse");
}

#[test]
fn the_table_of_registries_is_exact() {
    let names: Vec<String> = egress::registries().iter().map(ToString::to_string).collect();
    assert_eq!(
        names,
        [
            "pypi.org",
            "files.pythonhosted.org",
            "registry.npmjs.org",
            "registry.yarnpkg.com",
            "crates.io",
            "index.crates.io",
            "static.crates.io",
            "deb.debian.org",
            "ftp.debian.org",
            "security.debian.org",
            "snapshot.debian.org",
            "archive.ubuntu.com",
            "ports.ubuntu.com",
            "security.ubuntu.com",
        ]
    );
}
