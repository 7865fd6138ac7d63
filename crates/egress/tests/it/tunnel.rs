//! CONNECT with real TLS inside: what passes is counted, and what is no longer allowed is cut.

use std::sync::Arc;

use egress::{Allow, Policy, Settings};
use rustls::pki_types::ServerName;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::world::{Authority, Fixed, Server, World, hello, listed, of, ok, read_all, read_head, status};

fn world(echo: &Server) -> World {
    let world = World::new(listed(&["good.example", "127.0.0.1:9999"]));
    world.internet.name("good.example", &[&["93.184.216.34"]]);
    world.internet.server("93.184.216.34:443", echo.address);
    world.internet.server("127.0.0.1:9999", echo.address);
    world
}

#[tokio::test]
async fn tls_goes_through_untouched() {
    let authority = Authority::new();
    let server = Server::https(authority.server("good.example"), |_| ok("secret page")).await;
    let world = world(&server);
    world.begin(Fixed::no());
    let (mut program, serving) = world.connect();
    program.write_all(b"CONNECT good.example:443 HTTP/1.1\r\nHost: good.example:443\r\n\r\n").await.unwrap();
    assert_eq!(status(&read_head(&mut program).await), 200);
    let connector = tokio_rustls::TlsConnector::from(authority.client());
    let mut tls = connector.connect(ServerName::try_from("good.example").unwrap(), program).await.unwrap();
    tls.write_all(b"GET / HTTP/1.1\r\nhost: good.example\r\n\r\n").await.unwrap();
    assert!(read_all(&mut tls).await.ends_with("secret page"));
    drop(tls);
    serving.await.unwrap();
    assert_eq!(server.heard(), ["GET / HTTP/1.1\r\nhost: good.example\r\n\r\n"]);
    assert_eq!(world.decisions(), [("good.example".to_owned(), "allowed".to_owned())]);
}

#[tokio::test]
async fn bytes_are_counted_exactly() {
    let echo = Server::echo().await;
    let world = world(&echo);
    world.begin(Fixed::no());
    let payload = [hello("good.example"), vec![7; 1_000_000]].concat();
    let (program, serving) = world.connect();
    let (mut from, mut to) = tokio::io::split(program);
    let sent = payload.clone();
    let sending = tokio::spawn(async move {
        to.write_all(b"CONNECT good.example:443 HTTP/1.1\r\n\r\n").await.unwrap();
        to.write_all(&sent).await.unwrap();
        to.shutdown().await.unwrap();
    });
    assert_eq!(status(&read_head(&mut from).await), 200);
    let mut back = Vec::new();
    from.read_to_end(&mut back).await.unwrap();
    sending.await.unwrap();
    serving.await.unwrap();
    assert!(back == payload);
    let line = world.ledger().pop().unwrap();
    let size = payload.len() as u64;
    assert_eq!((line["bytes_up"].as_u64(), line["bytes_down"].as_u64()), (Some(size), Some(size)));
    assert_eq!((line["rule"].as_str(), line["port"].as_u64()), (Some("good.example"), Some(443)));
    let traffic = world.networks.traffic(world.task);
    assert_eq!((traffic.bytes_up, traffic.bytes_down, traffic.allowed, traffic.refused), (size, size, 1, 0));
}

/// Opens a tunnel and waits until a first message has come back.
async fn opened(world: &World, target: &str) -> (tokio::io::DuplexStream, tokio::task::JoinHandle<()>) {
    let (mut program, serving) = world.connect();
    program.write_all(format!("CONNECT {target} HTTP/1.1\r\n\r\n").as_bytes()).await.unwrap();
    assert_eq!(status(&read_head(&mut program).await), 200);
    let first = hello("good.example");
    program.write_all(&first).await.unwrap();
    program.read_exact(&mut vec![0; first.len()]).await.unwrap();
    (program, serving)
}

#[tokio::test]
async fn an_open_tunnel_is_cut_when_its_host_is_no_longer_allowed() {
    let echo = Server::echo().await;
    let denied = Policy { allow: Allow::All, list: Vec::new(), denied: vec![crate::world::pattern("good.example")] };
    let organisation = Some(Policy { allow: Allow::None, ..Policy::default() });
    let narrowed = egress::Rules { organisation, ..listed(&["good.example"]) };
    for rules in
        [listed(&["else.example"]), of(denied), of(Policy { allow: Allow::None, ..Policy::default() }), narrowed]
    {
        let world = world(&echo);
        world.begin(Fixed::no());
        let (mut program, serving) = opened(&world, "good.example:443").await;
        // A change that does not concern it leaves it alone.
        world
            .gate
            .change(Settings { rules: listed(&["good.example", "more.example"]), ..Settings::default() })
            .unwrap();
        program.write_all(b"still").await.unwrap();
        program.read_exact(&mut [0; 5]).await.unwrap();
        world.gate.change(Settings { rules, ..Settings::default() }).unwrap();
        assert_eq!(read_all(&mut program).await, "");
        serving.await.unwrap();
        let line = world.ledger().pop().unwrap();
        assert!(line["rule"].as_str().unwrap().starts_with("cut: "), "{line}");
        assert!(line["bytes_up"].as_u64().unwrap() > 5);
    }
}

#[tokio::test]
async fn a_tunnel_the_user_allowed_outlives_other_changes_but_not_its_command() {
    let echo = Server::echo().await;
    let world = world(&echo);
    world.gate.change(Settings { rules: listed(&[]), ..Settings::default() }).unwrap();
    world.begin(Fixed::yes());
    let (mut program, serving) = opened(&world, "good.example:443").await;
    world.gate.change(Settings { rules: listed(&["more.example"]), ..Settings::default() }).unwrap();
    program.write_all(b"still").await.unwrap();
    program.read_exact(&mut [0; 5]).await.unwrap();
    world.network.end();
    assert_eq!(read_all(&mut program).await, "");
    serving.await.unwrap();
    let line = world.ledger().pop().unwrap();
    assert_eq!((line["verdict"].as_str(), line["rule"].as_str()), (Some("allowed"), Some("allowed by the user")));
}

#[tokio::test]
async fn a_listed_service_of_this_computer_is_reached_and_nothing_beside_it() {
    let echo = Server::echo().await;
    let world = world(&echo);
    world.begin(Fixed::yes());
    let answer = world.probe(b"CONNECT 127.0.0.1:9999 HTTP/1.1\r\n\r\nany protocol").await;
    assert!(answer.ends_with("\r\n\r\nany protocol"), "{answer}");
    assert_eq!(status(&world.probe(b"CONNECT 127.0.0.1:9998 HTTP/1.1\r\n\r\n").await), 403);
    assert_eq!(world.internet.dialled(), ["127.0.0.1:9999"]);
}

#[tokio::test]
async fn a_first_message_in_many_small_pieces_is_understood() {
    let echo = Server::echo().await;
    let world = world(&echo);
    world.begin(Fixed::no());
    for (name, comes_back) in [("good.example", true), ("evil.example", false)] {
        let (mut program, serving) = world.connect();
        program.write_all(b"CONNECT good.example:443 HTTP/1.1\r\n\r\n").await.unwrap();
        read_head(&mut program).await;
        let bytes = hello(name);
        for byte in &bytes {
            program.write_all(&[*byte]).await.unwrap_or_default();
            tokio::task::yield_now().await;
        }
        program.shutdown().await.unwrap_or_default();
        let mut back = Vec::new();
        program.read_to_end(&mut back).await.unwrap();
        assert_eq!(back == bytes, comes_back, "{name}");
        serving.await.unwrap();
    }
}

#[tokio::test]
async fn too_many_connections_at_a_time_are_refused() {
    let echo = Server::echo().await;
    let world = Arc::new(world(&echo));
    world.begin(Fixed::no());
    let mut open = Vec::new();
    for _ in 0..256 {
        open.push(opened(&world, "127.0.0.1:9999").await);
    }
    assert_eq!(status(&world.probe(b"").await), 503);
    open.pop();
    drop(open);
}
