//! What a hostile program may say to the proxy, byte for byte.

use egress::{Allow, Policy, Rule};

use crate::world::{Fixed, Server, World, hello, of, ok, pattern, status};

const GET: &str = "GET http://good.example/ HTTP/1.1\r\n";
const POST: &str = "POST http://good.example/ HTTP/1.1\r\nhost: good.example\r\n";

/// What it is, what is sent, the status that comes back, and whether the ledger says `allowed`.
type Probe = (&'static str, Vec<u8>, u16, bool);

fn get(rest: &str) -> Vec<u8> {
    format!("{GET}{rest}").into_bytes()
}

fn post(rest: &str) -> Vec<u8> {
    format!("{POST}{rest}").into_bytes()
}

fn connect(rest: &[u8]) -> Vec<u8> {
    [b"CONNECT good.example:443 HTTP/1.1\r\n\r\n", rest].concat()
}

fn sound() -> Vec<Probe> {
    vec![
        ("a plain request", get("host: good.example\r\n\r\n"), 200, true),
        ("with the port in Host", get("host: good.example:80\r\n\r\n"), 200, true),
        ("with a blank before the value", get("host:   good.example\r\n\r\n"), 200, true),
        ("a body with a length", post("content-length: 3\r\n\r\nabc"), 200, true),
        ("a body in chunks", post("transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"), 200, true),
        (
            "a body in chunks with extensions",
            post("transfer-encoding: Chunked\r\n\r\n3;a=b\r\nabc\r\n0\r\nx: y\r\n\r\n"),
            200,
            true,
        ),
        ("HTTP/1.0 without Host", b"GET http://good.example/ HTTP/1.0\r\n\r\n".to_vec(), 200, true),
        ("CONNECT with HTTP/1.0", b"CONNECT good.example:443 HTTP/1.0\r\n\r\n".to_vec(), 200, true),
        ("TLS with the right name", connect(&hello("good.example")), 200, true),
        ("TLS with the right name in capitals", connect(&hello("GOOD.example")), 200, true),
    ]
}

fn hosts_and_targets() -> Vec<Probe> {
    vec![
        ("no Host", get("\r\n"), 400, false),
        ("another Host", get("host: evil.example\r\n\r\n"), 400, false),
        ("another port in Host", get("host: good.example:81\r\n\r\n"), 400, false),
        ("two Hosts", get("host: good.example\r\nhost: evil.example\r\n\r\n"), 400, false),
        ("the same Host twice", get("host: good.example\r\nhost: good.example\r\n\r\n"), 400, false),
        ("two names in Host", get("host: good.example, evil.example\r\n\r\n"), 400, false),
        ("an empty Host", get("host:\r\n\r\n"), 400, false),
        (
            "CONNECT with another Host",
            b"CONNECT good.example:443 HTTP/1.1\r\nhost: evil.example:443\r\n\r\n".to_vec(),
            400,
            false,
        ),
        ("an address of a server", b"GET / HTTP/1.1\r\nhost: good.example\r\n\r\n".to_vec(), 400, false),
        ("a relative address", b"GET good.example HTTP/1.1\r\nhost: good.example\r\n\r\n".to_vec(), 400, false),
        ("a star", b"OPTIONS * HTTP/1.1\r\nhost: good.example\r\n\r\n".to_vec(), 400, false),
        ("https in full", b"GET https://good.example/ HTTP/1.1\r\nhost: good.example\r\n\r\n".to_vec(), 400, false),
        ("another scheme", b"GET ftp://good.example/ HTTP/1.1\r\nhost: good.example\r\n\r\n".to_vec(), 400, false),
        ("a user name", b"GET http://a@good.example/ HTTP/1.1\r\nhost: good.example\r\n\r\n".to_vec(), 400, false),
        (
            "a backslash",
            b"GET http://good.example\\@evil.example/ HTTP/1.1\r\nhost: good.example\r\n\r\n".to_vec(),
            400,
            false,
        ),
        ("a fragment", b"GET http://good.example/#a HTTP/1.1\r\nhost: good.example\r\n\r\n".to_vec(), 400, false),
        (
            "plain HTTP to the port of TLS",
            b"GET http://good.example:443/ HTTP/1.1\r\nhost: good.example:443\r\n\r\n".to_vec(),
            403,
            false,
        ),
    ]
}

fn lengths_and_encodings() -> Vec<Probe> {
    vec![
        (
            "a length and an encoding",
            post("content-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"),
            400,
            false,
        ),
        ("two lengths", post("content-length: 3\r\ncontent-length: 3\r\n\r\nabc"), 400, false),
        ("two different lengths", post("content-length: 3\r\ncontent-length: 4\r\n\r\nabcd"), 400, false),
        ("a list of lengths", post("content-length: 3, 3\r\n\r\nabc"), 400, false),
        ("a signed length", post("content-length: +3\r\n\r\nabc"), 400, false),
        ("a length in hexadecimal", post("content-length: 0x3\r\n\r\nabc"), 400, false),
        ("a giant length", post("content-length: 99999999999999999999\r\n\r\nabc"), 400, false),
        ("an empty length", post("content-length:\r\n\r\nabc"), 400, false),
        (
            "two encodings",
            post("transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"),
            400,
            false,
        ),
        ("a list of encodings", post("transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n"), 400, false),
        ("an odd encoding", post("transfer-encoding: xchunked\r\n\r\n0\r\n\r\n"), 400, false),
        ("an encoding with a vertical tab", post("transfer-encoding: \x0bchunked\r\n\r\n0\r\n\r\n"), 400, false),
        (
            "an encoding in HTTP/1.0",
            b"POST http://good.example/ HTTP/1.0\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n".to_vec(),
            400,
            false,
        ),
    ]
}

fn lines_and_chunks() -> Vec<Probe> {
    vec![
        ("a blank before the colon", get("host: good.example\r\ncontent-length : 3\r\n\r\nabc"), 400, false),
        ("a blank in a name", get("host: good.example\r\nx y: 3\r\n\r\n"), 400, false),
        ("a header over two lines", get("host: good.example\r\nx: a\r\n b\r\n\r\n"), 400, false),
        ("a header line that begins with a tab", get("host: good.example\r\n\tx: a\r\n\r\n"), 400, false),
        ("bare line feeds", b"GET http://good.example/ HTTP/1.1\nhost: good.example\n\n".to_vec(), 400, false),
        ("one bare line feed", get("host: good.example\nx: y\r\n\r\n"), 400, false),
        ("a bare carriage return", get("host: good.example\rx: y\r\n\r\n"), 400, false),
        ("NUL in a value", get("host: good.example\r\nx: a\0b\r\n\r\n"), 400, false),
        (
            "NUL in the address",
            b"GET http://good.example/\0 HTTP/1.1\r\nhost: good.example\r\n\r\n".to_vec(),
            400,
            false,
        ),
        ("a header without a colon", get("host: good.example\r\nxyz\r\n\r\n"), 400, false),
        ("a header without a name", get("host: good.example\r\n: y\r\n\r\n"), 400, false),
        ("a chunk with an odd size", post("transfer-encoding: chunked\r\n\r\n0x3\r\nabc\r\n0\r\n\r\n"), 400, false),
        ("a chunk with a signed size", post("transfer-encoding: chunked\r\n\r\n+3\r\nabc\r\n0\r\n\r\n"), 400, false),
        ("a chunk with a giant size", post("transfer-encoding: chunked\r\n\r\nffffffffffffffff0\r\nabc"), 400, false),
        ("a chunk longer than it says", post("transfer-encoding: chunked\r\n\r\n3\r\nabcdef\r\n0\r\n\r\n"), 400, false),
        ("chunks with bare line feeds", post("transfer-encoding: chunked\r\n\r\n3\nabc\n0\n\n"), 400, false),
        ("a body that ends early", post("content-length: 10\r\n\r\nabc"), 400, false),
    ]
}

fn first_lines() -> Vec<Probe> {
    vec![
        ("two blanks", b"GET  http://good.example/ HTTP/1.1\r\nhost: good.example\r\n\r\n".to_vec(), 400, false),
        (
            "an empty line first",
            b"\r\nGET http://good.example/ HTTP/1.1\r\nhost: good.example\r\n\r\n".to_vec(),
            400,
            false,
        ),
        ("HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(), 400, false),
        ("HTTP/0.9", b"GET http://good.example/\r\n\r\n".to_vec(), 400, false),
        (
            "a method in small letters",
            b"get http://good.example/ HTTP/1.1\r\nhost: good.example\r\n\r\n".to_vec(),
            400,
            false,
        ),
        ("TRACE", b"TRACE http://good.example/ HTTP/1.1\r\nhost: good.example\r\n\r\n".to_vec(), 400, false),
        (
            "CONNECT with a body",
            b"CONNECT good.example:443 HTTP/1.1\r\ncontent-length: 3\r\n\r\nabc".to_vec(),
            400,
            false,
        ),
        ("CONNECT to the port of plain HTTP", b"CONNECT good.example:80 HTTP/1.1\r\n\r\n".to_vec(), 400, false),
        ("a head that ends early", get("host: good.ex"), 400, false),
        (
            "a head that is too large",
            get(&format!("host: good.example\r\nx: {}\r\n\r\n", "a".repeat(60_000))),
            400,
            false,
        ),
        ("too many headers", get(&format!("host: good.example\r\n{}\r\n", "x: y\r\n".repeat(200))), 400, false),
        ("an expectation nobody knows", post("expect: something\r\ncontent-length: 3\r\n\r\nabc"), 400, false),
    ]
}

fn other_protocols() -> Vec<Probe> {
    vec![
        ("SOCKS5", b"\x05\x01\x00".to_vec(), 400, false),
        (
            "SOCKS5 with a name and NUL",
            b"\x05\x01\x00\x05\x01\x00\x03\x11good.example\0.org\x01\xbb".to_vec(),
            400,
            false,
        ),
        ("SOCKS4", b"\x04\x01\x01\xbb\x01\x02\x03\x04\0".to_vec(), 400, false),
        ("TLS to the proxy itself", hello("good.example"), 400, false),
        ("noise", vec![0xff; 100], 400, false),
    ]
}

fn inside_a_tunnel() -> Vec<Probe> {
    vec![
        ("TLS with another name", connect(&hello("evil.example")), 200, false),
        ("TLS with a name beneath", connect(&hello("a.good.example")), 200, false),
        ("TLS without a name", connect(&hello("93.184.216.34")), 200, false),
        ("plain HTTP in a tunnel", connect(b"GET / HTTP/1.1\r\nhost: evil.example\r\n\r\n"), 200, false),
        ("SSH in a tunnel", connect(b"SSH-2.0-x\r\n"), 200, false),
        ("half of TLS in a tunnel", connect(&hello("good.example")[..40]), 200, false),
        ("an old TLS", connect(b"\x80\x2e\x01\x03\x01\x00\x15\x00\x00\x00\x10"), 200, false),
        ("a broken TLS", connect(b"\x16\x03\x01\x00\x05\x02\x00\x00\x01\x00"), 200, false),
        ("another record of TLS", connect(b"\x17\x03\x03\x00\x05hello"), 200, false),
    ]
}

fn table() -> Vec<Probe> {
    let parts = [
        sound(),
        hosts_and_targets(),
        lengths_and_encodings(),
        lines_and_chunks(),
        first_lines(),
        other_protocols(),
        inside_a_tunnel(),
    ];
    parts.into_iter().flatten().collect()
}

#[tokio::test]
async fn every_probe_gets_the_right_answer_and_one_line() {
    let echo = Server::echo().await;
    let web = Server::http(|_| ok("the page")).await;
    let policy = Policy { allow: Allow::List, list: vec![Rule::host(pattern("good.example"))], denied: Vec::new() };
    let world = World::new(of(policy));
    world.internet.name("good.example", &[&["93.184.216.34"]]);
    world.internet.server("93.184.216.34:443", echo.address);
    world.internet.server("93.184.216.34:80", web.address);
    let asker = Fixed::yes();
    world.begin(asker.clone());
    let mut wrong = Vec::new();
    let table = table();
    assert!(table.len() >= 80);
    for (what, bytes, expected, allowed) in table {
        let before = world.ledger().len();
        let answer = world.probe(&bytes).await;
        let lines = world.ledger();
        let told = lines.last().map(|line| line["verdict"] == "allowed");
        // Of a tunnel that was cut not one byte of the program has gone out.
        let sent = lines.last().map_or(0, |line| line["bytes_up"].as_u64().unwrap());
        let kept_in = allowed || expected != 200 || sent == 0;
        if status(&answer) != expected || lines.len() != before + 1 || told != Some(allowed) || !kept_in {
            wrong.push((what, answer, lines[before..].to_vec()));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(asker.asked(), Vec::<String>::new());
}

#[tokio::test]
async fn what_is_no_address_leaves_no_secret_in_the_ledger() {
    let world = World::new(of(Policy::default()));
    world.begin(Fixed::yes());
    for (target, host) in [
        ("GET http://ann:hunter2@good.example/", "good.example"),
        ("GET https://good.example:443/?token=hunter2", "good.example:443"),
        ("GET /login?token=hunter2", ""),
        ("CONNECT ann:hunter2@good.example:443", "good.example:443"),
        ("CONNECT ann:hunt/er2@good.example:443", "ann"),
    ] {
        assert_eq!(status(&world.probe(format!("{target} HTTP/1.1\r\nhost: x\r\n\r\n").as_bytes()).await), 400);
        assert_eq!(world.ledger().last().unwrap()["host"], host, "{target}");
    }
    let ledger = std::fs::read_to_string(world.ledger_path()).unwrap();
    assert!(!ledger.contains("hunt"), "{ledger}");
}

#[tokio::test]
async fn a_connection_that_says_nothing_is_no_decision() {
    let world = World::new(of(Policy::default()));
    world.begin(Fixed::yes());
    assert_eq!(world.probe(b"").await, "");
    assert_eq!(world.ledger().len(), 0);
}

#[tokio::test]
async fn a_second_request_on_a_connection_is_decided_anew() {
    let web = Server::http(|_| ok("the page")).await;
    let world = World::new(of(Policy {
        allow: Allow::List,
        list: vec![Rule::host(pattern("good.example"))],
        denied: vec![pattern("evil.example")],
    }));
    world.internet.name("good.example", &[&["93.184.216.34"]]);
    world.internet.server("93.184.216.34:80", web.address);
    world.begin(Fixed::yes());
    let one = "GET http://good.example/ HTTP/1.1\r\nhost: good.example\r\n\r\n";
    let other = "GET http://evil.example/ HTTP/1.1\r\nhost: evil.example\r\n\r\n";
    let answer = world.probe(format!("{one}{one}{other}{one}").as_bytes()).await;
    assert_eq!(answer.matches("HTTP/1.1 200 OK").count(), 2, "{answer}");
    assert_eq!(answer.matches("HTTP/1.1 403 Forbidden").count(), 1, "{answer}");
    let expected = [("good.example", "allowed"), ("good.example", "allowed"), ("evil.example", "refused")];
    assert_eq!(world.decisions(), expected.map(|(host, verdict)| (host.to_owned(), verdict.to_owned())));
}
