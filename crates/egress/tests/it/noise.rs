//! Whatever a program sends: the gate neither panics nor hangs, and always hangs up.

use egress::{Allow, Policy, Rule};
use proptest::prelude::*;

use crate::world::{Fixed, Server, World, hello, of, ok, pattern};

fn world(web: &Server, echo: &Server) -> World {
    let policy = Policy { allow: Allow::List, list: vec![Rule::host(pattern("good.example"))], denied: Vec::new() };
    let world = World::new(of(policy));
    world.internet.name("good.example", &[&["93.184.216.34"]]);
    world.internet.server("93.184.216.34:443", echo.address);
    world.internet.server("93.184.216.34:80", web.address);
    world.begin(Fixed::no());
    world
}

fn check(bytes: &[u8]) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let web = Server::http(|_| ok("the page")).await;
        let echo = Server::echo().await;
        let world = world(&web, &echo);
        // `probe` fails where the connection does not end or the gate panics.
        world.probe(bytes).await;
        assert!(world.ledger().iter().all(|line| line["host"].as_str().unwrap().len() <= 300));
    });
}

/// Pieces of what a proxy expects, in any order.
fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let known: Vec<Vec<u8>> = [
        "GET http://good.example/ HTTP/1.1\r\n",
        "POST http://good.example/ HTTP/1.1\r\n",
        "host: good.example\r\n",
        "CONNECT good.example:443 HTTP/1.1\r\n",
        "content-length: 5\r\n",
        "transfer-encoding: chunked\r\n",
        "\r\n",
        "5\r\nhello\r\n",
        "0\r\n\r\n",
        "hello",
        "connection: close\r\n",
        "connection: host, content-length\r\n",
        "expect: 100-continue\r\n",
        "\n",
        "\0",
        " ",
        ":",
    ]
    .into_iter()
    .map(|text| text.as_bytes().to_vec())
    .chain([hello("good.example"), hello("evil.example"), hello("good.example")[..20].to_vec()])
    .collect();
    let piece = prop_oneof![4 => proptest::sample::select(known), 1 => proptest::collection::vec(any::<u8>(), 0..8)];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_end_the_connection(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        check(&bytes);
    }

    #[test]
    fn shuffled_pieces_end_the_connection(bytes in pieces()) {
        check(&bytes);
    }
}

#[tokio::test]
async fn a_program_that_never_stops_is_stopped() {
    use tokio::io::AsyncWriteExt as _;
    let web = Server::http(|_| ok("the page")).await;
    let echo = Server::echo().await;
    let world = world(&web, &echo);
    for start in [
        "",
        "GET http://good.example/",
        "GET http://good.example/ HTTP/1.1\r\nx: ",
        "CONNECT good.example:443 HTTP/1.1\r\n\r\n\x16\x03\x01\x40\x00\x01\x00\x7f\x7f",
    ] {
        let (mut program, serving) = world.connect();
        program.write_all(start.as_bytes()).await.unwrap();
        let mut sent = 0;
        while program.write_all(&[b'a'; 4096]).await.is_ok() {
            sent += 4096;
            assert!(sent < 1 << 20, "a head of {sent} bytes was taken for `{start}`");
        }
        drop(program);
        serving.await.unwrap();
    }
}
