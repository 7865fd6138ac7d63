//! Requests with whole addresses: what is passed on, what is taken out, and hosts with an identity.

use egress::{Allow, Identity, Policy, Rule, Settings};
use tokio::io::AsyncWriteExt as _;

use crate::world::{Authority, Fixed, Server, World, of, ok, pattern, read_all, read_head, status};

const KEY: &str = "sk-the-users-own-key";

fn api(identity: bool) -> Policy {
    let identity =
        identity.then(|| Identity { header: "authorization".into(), prefix: "Bearer ".into(), secret: "model".into() });
    let rule = Rule {
        methods: vec!["POST".to_owned()],
        paths: vec!["/v1/messages".to_owned()],
        identity,
        ..Rule::host(pattern("api.example"))
    };
    Policy { allow: Allow::List, list: vec![rule, Rule::host(pattern("good.example"))], denied: Vec::new() }
}

fn behind(authority: &Authority, server: &Server, policy: Policy) -> World {
    let world = World::with(Settings { rules: of(policy), authorities: authority.pem.clone().into(), relay: None });
    world.internet.name("api.example", &[&["93.184.216.34"]]);
    world.internet.server("93.184.216.34:443", server.address);
    world.begin(Fixed::no());
    world
}

fn post(path: &str, headers: &str) -> Vec<u8> {
    format!("POST http://api.example{path} HTTP/1.1\r\nhost: api.example\r\n{headers}content-length: 2\r\n\r\nhi")
        .into_bytes()
}

#[tokio::test]
async fn the_gate_adds_the_identity_and_speaks_tls_itself() {
    let authority = Authority::new();
    let server = Server::https(authority.server("api.example"), |_| ok("an answer")).await;
    let world = behind(&authority, &server, api(true));
    let answer = world.probe(&post("/v1/messages?beta=true", "x-other: 1\r\n")).await;
    assert!(status(&answer) == 200 && answer.ends_with("an answer"), "{answer}");
    let expected = format!(
        "POST /v1/messages?beta=true HTTP/1.1\r\nhost: api.example\r\nx-other: 1\r\nauthorization: Bearer {KEY}\r\n\
         content-length: 2\r\nconnection: close\r\n\r\nhi"
    );
    assert_eq!(server.heard(), [expected]);
    let line = world.ledger().pop().unwrap();
    assert_eq!((line["port"].as_u64(), line["verdict"].as_str()), (Some(80), Some("allowed")));
    assert!(!std::fs::read_to_string(world.ledger_path()).unwrap().contains("sk-"));
}

#[tokio::test]
async fn a_foreign_identity_another_path_and_another_method_are_refused() {
    let authority = Authority::new();
    let server = Server::https(authority.server("api.example"), |_| ok("an answer")).await;
    let world = behind(&authority, &server, api(true));
    let probes = [
        post("/v1/messages", "x-api-key: sk-attacker\r\n"),
        post("/v1/messages", "X-Api-Key: sk-attacker\r\n"),
        post("/v1/messages", "x_api_key: sk-attacker\r\n"),
        post("/v1/messages", "Authorization: Bearer sk-attacker\r\n"),
        post("/v1/messages", "cookie: session=1\r\n"),
        post("/v1/messages", "x-goog-api-key: 1\r\n"),
        post("/v1/messages", "x-vault-token: sk-attacker\r\n"),
        post("/v1/messages", "apikey: sk-attacker\r\n"),
        post("/v1/messages", "dd-application-key: sk-attacker\r\n"),
        post("/v1/messages", "X_Auth_Email: a@evil.example\r\n"),
        post("/v1/messages?key=sk-attacker", ""),
        post("/v1/messages?a=b;key=sk-attacker", ""),
        post("/v1/messages?api.key=sk-attacker", ""),
        post("/v1/messages?token[]=sk-attacker", ""),
        post("/v1/messages?client-secret=sk-attacker", ""),
        post("/v1/messages?a=b&API_KEY=sk-attacker", ""),
        post("/v1/messages?a=b&%61pi_key=sk-attacker", ""),
        post("/v1/files", ""),
        post("/v1/messages/../files", ""),
        b"GET http://api.example/v1/messages HTTP/1.1\r\nhost: api.example\r\n\r\n".to_vec(),
        b"CONNECT api.example:443 HTTP/1.1\r\n\r\n".to_vec(),
    ];
    for probe in &probes {
        let answer = world.probe(probe).await;
        assert_eq!(status(&answer), 403, "{}\n{answer}", String::from_utf8_lossy(probe));
    }
    assert_eq!(server.heard(), Vec::<String>::new());
    assert_eq!(world.decisions(), vec![("api.example".to_owned(), "refused".to_owned()); probes.len()]);
    assert!(!std::fs::read_to_string(world.ledger_path()).unwrap().contains("sk-"));
}

#[tokio::test]
async fn what_some_servers_read_as_another_request_is_refused() {
    let authority = Authority::new();
    let server = Server::https(authority.server("api.example"), |_| ok("an answer")).await;
    // With rules about methods and paths and no identity.
    let world = behind(&authority, &server, api(false));
    let probes = [
        (post("/v1/messages", "X-HTTP-Method-Override: DELETE\r\n"), 403),
        (post("/v1/messages", "x_http_method_override: DELETE\r\n"), 403),
        (post("/v1/messages", "x-original-url: /v1/files\r\n"), 403),
        (post("/v1/messages", "X-Rewrite-URL: /v1/files\r\n"), 403),
        (post("/v1/messages", "x-forwarded-host: other.example\r\n"), 403),
        (post("/v1/messages", "forwarded: host=other.example\r\n"), 403),
        (post("/v1/messages?_method=DELETE", ""), 403),
        (post("/v1/messages?a;_METHOD=DELETE", ""), 403),
        (post("/v1/messages/%c0%ae%c0%ae/files", ""), 403),
        (post("/v1/messages/%u002e%u002e/files", ""), 403),
        (post("/v1/messages/.../files", ""), 403),
        (post("/v1/messages%3b/../files", ""), 403),
        (post("/v1/messages/%0d%0ahost:%20evil.example", ""), 403),
        (post("/v1/messages", "transfer_encoding: chunked\r\n"), 400),
        (post("/v1/messages", "content_length: 0\r\n"), 400),
        (post("/v1/messages", "Host_: evil.example\r\n"), 200),
    ];
    for (probe, expected) in &probes {
        let answer = world.probe(probe).await;
        assert_eq!(status(&answer), *expected, "{}\n{answer}", String::from_utf8_lossy(probe));
    }
    assert_eq!((server.heard().len(), world.ledger().len()), (1, probes.len()));
}

#[tokio::test]
async fn a_request_under_way_is_cut_when_its_host_is_reached_in_another_way() {
    // It begins an answer and never ends it.
    let slow = Server::hanging(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf").await;
    let plain = Policy { allow: Allow::List, list: vec![Rule::host(pattern("good.example"))], denied: Vec::new() };
    let world = World::new(of(plain));
    world.internet.name("good.example", &[&["93.184.216.34"]]);
    world.internet.server("93.184.216.34:80", slow.address);
    world.begin(Fixed::no());
    let (mut program, serving) = world.connect();
    program.write_all(b"GET http://good.example/ HTTP/1.1\r\nhost: good.example\r\n\r\n").await.unwrap();
    read_head(&mut program).await;
    let identity = Identity { header: "authorization".into(), prefix: String::new(), secret: "model".into() };
    let rule = Rule { identity: Some(identity), ..Rule::host(pattern("good.example")) };
    let policy = Policy { allow: Allow::List, list: vec![rule], denied: Vec::new() };
    world.gate.change(Settings { rules: of(policy), ..Settings::default() }).unwrap();
    assert_eq!(read_all(&mut program).await, "half");
    serving.await.unwrap();
    assert_eq!(world.ledger()[0]["rule"], "cut: `good.example` is reached in another way now");
}

#[tokio::test]
async fn a_server_nobody_vouches_for_gets_no_key() {
    let authority = Authority::new();
    let stranger = Authority::new();
    let server = Server::https(stranger.server("api.example"), |_| ok("an answer")).await;
    let misnamed = Server::https(authority.server("other.example"), |_| ok("an answer")).await;
    for server in [server, misnamed] {
        let world = behind(&authority, &server, api(true));
        let answer = world.probe(&post("/v1/messages", "")).await;
        assert_eq!(status(&answer), 502, "{answer}");
        assert!(answer.contains("no secure connection to `api.example`"), "{answer}");
        assert_eq!(server.heard(), Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_key_that_is_not_there_is_said_so() {
    let authority = Authority::new();
    let server = Server::https(authority.server("api.example"), |_| ok("an answer")).await;
    let mut policy = api(true);
    policy.list[0].identity.as_mut().unwrap().secret = "lost".to_owned();
    let world = behind(&authority, &server, policy);
    let answer = world.probe(&post("/v1/messages", "")).await;
    assert!(status(&answer) == 403 && answer.contains("the key `lost` is not there"), "{answer}");
}

#[tokio::test]
async fn what_is_meant_for_one_hop_stays_behind() {
    let web = Server::http(|_| {
        b"HTTP/1.1 200 Fine\r\nKeep-Alive: timeout=5\r\nConnection: X-Hop\r\nX-Hop: 1\r\nX-Kept: 2\r\nContent-Length: 2\r\n\r\nok"
            .to_vec()
    })
    .await;
    let world = World::new(of(api(false)));
    world.internet.name("good.example", &[&["93.184.216.34"]]);
    world.internet.server("93.184.216.34:80", web.address);
    world.begin(Fixed::no());
    let request = "PUT http://good.example?q HTTP/1.1\r\nHost: Good.Example\r\nProxy-Authorization: Basic x\r\n\
                   Proxy-Connection: keep-alive\r\nConnection: keep-alive, X-Mine\r\nX-Mine: 1\r\nTE: trailers\r\n\
                   Upgrade: websocket\r\nUser-Agent: curl\r\nTransfer-Encoding: chunked\r\n\r\n2;x\r\nhi\r\n0\r\nT: 1\r\n\r\n";
    let answer = world.probe(request.as_bytes()).await;
    assert_eq!(
        web.heard(),
        ["PUT /?q HTTP/1.1\r\nhost: good.example\r\nUser-Agent: curl\r\ntransfer-encoding: chunked\r\nconnection: \
          close\r\n\r\n2\r\nhi\r\n0\r\n\r\n"]
    );
    assert_eq!(answer, "HTTP/1.1 200 Fine\r\nX-Kept: 2\r\ncontent-length: 2\r\nconnection: keep-alive\r\n\r\nok");
}

#[tokio::test]
async fn answers_of_every_framing_arrive_and_broken_ones_do_not() {
    let web = Server::http(|request| {
        let path = request.split(' ').nth(1).unwrap();
        let answer = match path {
            "/length" => "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello",
            "/chunks" => "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
            "/close" => "HTTP/1.1 200 OK\r\n\r\nhello",
            "/early" => "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello",
            "/nothing" => "HTTP/1.1 204 No Content\r\n\r\n",
            "/head" => "HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n",
            "/both" => "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
            "/switch" => "HTTP/1.1 101 Switching Protocols\r\n\r\n",
            "/feeds" => "HTTP/1.1 200 OK\ncontent-length: 5\n\nhello",
            "/split" => "HTTP/1.1 200 OK\r\nx: a\r\n b\r\ncontent-length: 0\r\n\r\n",
            _ => "rubbish",
        };
        answer.as_bytes().to_vec()
    })
    .await;
    let world = World::new(of(api(false)));
    world.internet.name("good.example", &[&["93.184.216.34"]]);
    world.internet.server("93.184.216.34:80", web.address);
    world.begin(Fixed::no());
    let table = [
        ("/length", 200, "hello"),
        ("/chunks", 200, "2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"),
        ("/close", 200, "hello"),
        ("/early", 200, "hello"),
        ("/nothing", 204, ""),
        ("/both", 502, ""),
        ("/switch", 502, ""),
        ("/feeds", 502, ""),
        ("/split", 502, ""),
        ("/rubbish", 502, ""),
    ];
    for (path, expected, body) in table {
        let request =
            format!("GET http://good.example{path} HTTP/1.1\r\nhost: good.example\r\nconnection: close\r\n\r\n");
        let answer = world.probe(request.as_bytes()).await;
        assert_eq!(status(&answer), expected, "{path}: {answer}");
        let got = answer.split_once("\r\n\r\n").unwrap().1;
        assert!(expected == 502 || got == body || (path == "/chunks" && got.contains("llo")), "{path}: {answer}");
    }
    let answer = world.probe(b"HEAD http://good.example/head HTTP/1.1\r\nhost: good.example\r\n\r\n").await;
    assert!(answer.contains("content-length: 500\r\n"), "{answer}");
}

#[tokio::test]
async fn a_program_that_waits_for_a_word_gets_it() {
    let web = Server::http(|_| ok("thanks")).await;
    let world = World::new(of(api(false)));
    world.internet.name("good.example", &[&["93.184.216.34"]]);
    world.internet.server("93.184.216.34:80", web.address);
    world.begin(Fixed::no());
    let (mut program, serving) = world.connect();
    let head =
        "POST http://good.example/ HTTP/1.1\r\nhost: good.example\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n";
    program.write_all(head.as_bytes()).await.unwrap();
    assert_eq!(status(&read_head(&mut program).await), 100);
    program.write_all(b"hi").await.unwrap();
    program.shutdown().await.unwrap();
    assert!(read_all(&mut program).await.ends_with("thanks"));
    serving.await.unwrap();
}

#[tokio::test]
async fn a_host_that_does_not_exist_or_answer_is_said_so() {
    let world = World::new(of(api(false)));
    world.begin(Fixed::no());
    let request = b"GET http://good.example/ HTTP/1.1\r\nhost: good.example\r\n\r\n";
    let answer = world.probe(request).await;
    assert!(status(&answer) == 502 && answer.contains("there is no address for `good.example`"), "{answer}");
    world.internet.name("good.example", &[&["93.184.216.34"]]);
    let answer = world.probe(request).await;
    assert!(status(&answer) == 502 && answer.contains("`good.example` does not answer"), "{answer}");
    assert_eq!(world.ledger().len(), 2);
}

#[tokio::test]
async fn a_request_under_way_is_cut_when_its_host_is_no_longer_allowed() {
    let web = Server::http(|_| ok("never")).await;
    let world = World::new(of(api(false)));
    world.internet.name("good.example", &[&["93.184.216.34"]]);
    world.internet.server("93.184.216.34:80", web.address);
    world.begin(Fixed::no());
    let (mut program, serving) = world.connect();
    let half = "POST http://good.example/ HTTP/1.1\r\nhost: good.example\r\ncontent-length: 10\r\n\r\nhalf";
    program.write_all(half.as_bytes()).await.unwrap();
    while world.internet.dialled().is_empty() {
        tokio::task::yield_now().await;
    }
    let off = of(Policy { allow: Allow::None, ..Policy::default() });
    world.gate.change(Settings { rules: off, ..Settings::default() }).unwrap();
    read_all(&mut program).await;
    serving.await.unwrap();
    assert_eq!(web.heard(), Vec::<String>::new());
    assert_eq!(world.decisions(), [("good.example".to_owned(), "refused".to_owned())]);
}
