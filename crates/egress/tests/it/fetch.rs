//! Fetching for tools: every hop is decided anew.

use std::sync::Arc;

use egress::{Address, Allow, FetchError, Page, Policy, Rule, Settings, Visit};

use crate::world::{Authority, Fixed, LONG, Server, World, of, ok, pattern};

fn visit(world: &World, asker: &Arc<Fixed>) -> Visit {
    Visit {
        call: "fetch-1".into(),
        asker: asker.clone(),
        granted: None,
        ledger: world.ledger_path(),
        most_bytes: 1000,
        hop_time: LONG,
    }
}

fn answer(request: &str) -> Vec<u8> {
    let path = request.split(' ').nth(1).unwrap();
    let to = |status: u16, location: &str| {
        format!("HTTP/1.1 {status} Moved\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n").into_bytes()
    };
    match path {
        "/" => ok("the page"),
        "/large" => ok(&"x".repeat(5000)),
        "/other" => to(302, "https://other.example/"),
        "/inside" => to(301, "https://inside.example/"),
        "/open" => to(301, "http://good.example/"),
        "/address" => to(307, "http://169.254.169.254/latest/meta-data"),
        "/odd" => to(307, "http://0x7f000001/"),
        "/file" => to(307, "file:///etc/passwd"),
        "/user" => to(307, "https://good.example:hunter2@evil.example/?token=hunter2"),
        "/relative" => to(308, "/a/../?q=1#part"),
        "/loop" => to(302, "/loop"),
        "/packed" => b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 1\r\n\r\nx".to_vec(),
        "/missing" => b"HTTP/1.1 404 Not Found\r\ncontent-length: 4\r\n\r\ngone".to_vec(),
        _ => ok(path),
    }
}

struct Net {
    world: World,
    _servers: [Server; 3],
}

async fn net(allow: Allow) -> Net {
    let authority = Authority::new();
    let good = Server::https(authority.server("good.example"), answer).await;
    let other = Server::https(authority.server("other.example"), |_| ok("elsewhere")).await;
    let plain = Server::http(|_| ok("plain")).await;
    let policy = Policy { allow, list: vec![Rule::host(pattern("good.example"))], denied: vec![] };
    let world = World::with(Settings { rules: of(policy), authorities: authority.pem.into(), relay: None });
    world.internet.name("good.example", &[&["93.184.216.34"]]);
    world.internet.name("other.example", &[&["93.184.216.35"]]);
    world.internet.name("inside.example", &[&["192.168.1.1"]]);
    world.internet.server("93.184.216.34:443", good.address);
    world.internet.server("93.184.216.34:80", plain.address);
    world.internet.server("93.184.216.35:443", other.address);
    Net { world, _servers: [good, other, plain] }
}

async fn fetch(world: &World, asker: &Arc<Fixed>, address: &str) -> Result<Page, FetchError> {
    world.gate.fetch(&Address::parse(address)?, &visit(world, asker)).await
}

#[tokio::test]
async fn a_page_of_a_listed_host_comes_without_asking() {
    let net = net(Allow::List).await;
    let asker = Fixed::no();
    let page = fetch(&net.world, &asker, "https://good.example/").await.unwrap();
    let expected = Page {
        address: "https://good.example/".to_owned(),
        status: 200,
        media: "text/plain".to_owned(),
        content: b"the page".to_vec(),
        is_cut: false,
    };
    assert_eq!(page, expected);
    let plain = fetch(&net.world, &asker, "http://GOOD.example").await.unwrap();
    assert_eq!(plain.content, b"plain");
    assert_eq!(fetch(&net.world, &asker, "https://good.example/missing").await.unwrap().status, 404);
    let large = fetch(&net.world, &asker, "https://good.example/large").await.unwrap();
    assert_eq!((large.content.len(), large.is_cut), (1000, true));
    let moved = fetch(&net.world, &asker, "https://good.example/relative").await.unwrap();
    assert_eq!((moved.address.as_str(), moved.content.as_slice()), ("https://good.example/?q=1", b"/?q=1".as_slice()));
    assert_eq!(asker.asked(), Vec::<String>::new());
    assert_eq!(net.world.ledger().len(), 6);
    assert_eq!(net.world.ledger()[0]["call"], "fetch-1");
}

#[tokio::test]
async fn a_redirect_to_another_host_asks_and_one_inside_is_refused() {
    let net = net(Allow::List).await;
    let yes = Fixed::yes();
    assert_eq!(fetch(&net.world, &yes, "https://good.example/other").await.unwrap().content, b"elsewhere");
    assert_eq!(yes.asked(), ["connect to `other.example`"]);
    let no = Fixed::no();
    let refused = fetch(&net.world, &no, "https://good.example/other").await.unwrap_err();
    assert_eq!(refused.to_string(), "`other.example` was not allowed: the user said no");
    for path in ["inside", "address", "odd", "file", "user", "open"] {
        let before = net.world.ledger().len();
        let error = fetch(&net.world, &yes, &format!("https://good.example/{path}")).await.unwrap_err();
        assert!(matches!(error, FetchError::Refused { .. } | FetchError::Address(_)), "{path}: {error}");
        let lines = &net.world.ledger()[before..];
        let verdicts: Vec<&str> = lines.iter().map(|line| line["verdict"].as_str().unwrap()).collect();
        assert_eq!(verdicts, ["allowed", "refused"], "{path}");
    }
    assert!(net.world.internet.dialled().iter().all(|address| address.starts_with("93.184.216.3")));
    assert!(net.world.internet.dialled().iter().all(|address| address.ends_with(":443")));
    let ledger = std::fs::read_to_string(net.world.ledger_path()).unwrap();
    assert!(!ledger.contains("hunter2") && ledger.contains(r#""host":"evil.example""#), "{ledger}");
}

#[tokio::test]
async fn what_cannot_be_fetched_is_said() {
    let net = net(Allow::List).await;
    let no = Fixed::no();
    let error = |text: &'static str| {
        let (world, no) = (&net.world, &no);
        async move { fetch(world, no, text).await.unwrap_err().to_string() }
    };
    assert_eq!(error("https://good.example/loop").await, "more than 5 redirects");
    assert_eq!(error("https://good.example/packed").await, "the host sent the page packed as `gzip`");
    for text in [
        "ftp://good.example/",
        "good.example",
        "https://",
        "https://good.example./",
        "https://a@good.example/",
        "https://8.8.8.8/",
        "https://0x7f.1/",
        "https://good.example\\@evil.example/",
        "https://b\u{fc}cher.example/",
        "https://good.example:99999/",
        "https:good.example",
    ] {
        assert!(error(text).await.starts_with("cannot fetch this address: "), "{text}");
    }
    assert_eq!(error("https://[::1]/").await, "addresses cannot be reached, only names");
    let stranger = error("https://stranger.example/").await;
    assert_eq!(stranger, "`stranger.example` was not allowed: the user said no");
}

#[tokio::test]
async fn a_host_granted_before_is_not_asked_for_again() {
    let net = net(Allow::List).await;
    let no = Fixed::no();
    let address = Address::parse("https://other.example/").unwrap();
    let visit = Visit { granted: address.host().cloned(), ..visit(&net.world, &no) };
    assert_eq!(net.world.gate.fetch(&address, &visit).await.unwrap().content, b"elsewhere");
    assert_eq!(no.asked(), Vec::<String>::new());
    // A grant is no way around what is switched off.
    net.world
        .gate
        .change(Settings { rules: of(Policy { allow: Allow::None, ..Policy::default() }), ..Settings::default() })
        .unwrap();
    assert!(matches!(net.world.gate.fetch(&address, &visit).await, Err(FetchError::Refused { .. })));
}

#[tokio::test]
async fn only_what_the_rules_leave_open_would_ask() {
    let net = net(Allow::List).await;
    for (address, asks) in [
        ("https://good.example/", false),
        ("https://other.example/", true),
        ("https://other.example:8443/", false),
        ("http://127.0.0.1:1/", false),
    ] {
        assert_eq!(net.world.gate.asks(&Address::parse(address).unwrap()), asks, "{address}");
    }
}

#[tokio::test]
async fn a_page_comes_through_a_companys_proxy_that_looks_into_it_where_its_authority_is_believed() {
    let authority = Authority::new();
    let company = Server::intercepting(authority.server("good.example"), answer).await;
    let relay = egress::Relay::parse("https_proxy", "http://proxy.corp:3128").unwrap();
    let policy = Policy { allow: Allow::List, list: vec![Rule::host(pattern("good.example"))], denied: vec![] };
    for (authorities, comes) in [(authority.pem.clone(), true), (String::new(), false)] {
        let settings =
            Settings { rules: of(policy.clone()), relay: Some(relay.clone()), authorities: authorities.into() };
        let world = World::with(settings);
        // Only the proxy can resolve the name itself.
        world.internet.name("proxy.corp", &[&["10.1.2.3"]]);
        world.internet.server("10.1.2.3:3128", company.address);
        let page = fetch(&world, &Fixed::no(), "https://good.example/").await;
        assert_eq!(page.is_ok_and(|page| page.content == b"the page"), comes);
        let verdict = if comes { "allowed" } else { "refused" };
        assert_eq!(world.decisions(), [("good.example".to_owned(), verdict.to_owned())]);
        // Where it leads is decided here, whatever the proxy would do.
        if comes {
            let error = fetch(&world, &Fixed::no(), "https://good.example/other").await.unwrap_err();
            assert!(error.to_string().contains("`other.example` was not allowed"), "{error}");
        }
    }
    let connects = company.heard().iter().filter(|head| head.starts_with("CONNECT good.example:443 ")).count();
    assert_eq!(connects, 3, "{:?}", company.heard());
}

#[tokio::test]
async fn a_server_nobody_vouches_for_is_not_read() {
    let net = net(Allow::List).await;
    let mut settings = (*net.world.gate.settings()).clone();
    settings.authorities = Authority::new().pem.into();
    net.world.gate.change(settings).unwrap();
    let error = fetch(&net.world, &Fixed::no(), "https://good.example/").await.unwrap_err();
    assert!(error.to_string().starts_with("no secure connection to `good.example`"), "{error}");
}

#[test]
fn certificates_that_are_none_are_refused_with_the_settings() {
    let broken = Settings {
        authorities: b"-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n".to_vec(),
        ..Settings::default()
    };
    let gate = egress::Gate::new(broken, Arc::new(egress::SystemRoad), Arc::new(crate::world::Keys));
    assert!(gate.is_err());
}
