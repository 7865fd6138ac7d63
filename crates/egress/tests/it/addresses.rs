//! Which addresses may be dialled, and that exactly the checked one is.

use std::net::IpAddr;

use egress::forbidden;

use crate::world::{Fixed, Server, World, listed, status};

const CLOSED: &[&str] = &[
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "100.127.255.255",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.7",
    "203.0.113.7",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "100.100.100.200",
    "168.63.129.16",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "::127.0.0.1",
    "::8.8.8.8",
    "64:ff9b::7f00:1",
    "64:ff9b::a00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::808:808",
    "100::1",
    "2001::1",
    "2001:10::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "3fff::1",
    "fc00::1",
    "fd00:ec2::254",
    "fdff::1",
    "fe80::1",
    "febf::1",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
    "4000::1",
    "5f00::1",
];

const OPEN: &[&str] = &[
    "1.1.1.1",
    "8.8.8.8",
    "9.255.255.255",
    "11.0.0.0",
    "93.184.216.34",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.1",
    "172.15.255.255",
    "172.32.0.0",
    "192.0.1.1",
    "192.167.255.255",
    "192.169.0.0",
    "198.17.255.255",
    "198.20.0.0",
    "223.255.255.255",
    "2606:4700::1111",
    "2a00:1450:4001::200e",
    "2001:4860:4860::8888",
    "64:ff9b::808:808",
];

#[test]
fn only_the_open_network_may_be_dialled() {
    let is_closed = |text: &&&str| forbidden(text.parse::<IpAddr>().unwrap()).is_some();
    assert_eq!(CLOSED.iter().filter(|text| !is_closed(text)).collect::<Vec<_>>(), Vec::<&&str>::new());
    assert_eq!(OPEN.iter().filter(is_closed).collect::<Vec<_>>(), Vec::<&&str>::new());
}

#[tokio::test]
async fn a_name_that_leads_inside_is_refused_and_never_dialled() {
    let world = World::new(listed(&["inside.example", "own.example"]));
    world.begin(Fixed::yes());
    world.internet.name("own.example", &[&["93.184.216.99"]]);
    world.internet.own("93.184.216.99");
    for address in CLOSED {
        world.internet.name("inside.example", &[&[address]]);
        assert_eq!(status(&world.probe(b"CONNECT inside.example:443 HTTP/1.1\r\n\r\n").await), 403, "{address}");
        let plain = b"GET http://inside.example/ HTTP/1.1\r\nhost: inside.example\r\n\r\n";
        assert_eq!(status(&world.probe(plain).await), 403, "{address}");
    }
    let answer = world.probe(b"CONNECT own.example:443 HTTP/1.1\r\n\r\n").await;
    assert!(answer.contains("`own.example` leads to this computer"), "{answer}");
    assert_eq!(world.internet.dialled(), Vec::<String>::new());
    assert_eq!(world.ledger().len(), CLOSED.len() * 2 + 1);
    assert!(world.decisions().iter().all(|(_, verdict)| verdict == "refused"));
}

#[tokio::test]
async fn a_name_that_changes_its_address_is_dialled_where_it_was_checked() {
    let echo = Server::echo().await;
    let world = World::new(listed(&["rebind.example", "mixed.example"]));
    world.begin(Fixed::yes());
    world.internet.name("rebind.example", &[&["93.184.216.34"], &["127.0.0.1"]]);
    world.internet.name("mixed.example", &[&["10.0.0.1", "93.184.216.34", "::1"]]);
    world.internet.server("93.184.216.34:443", echo.address);
    let connect = b"CONNECT rebind.example:443 HTTP/1.1\r\n\r\n";
    assert_eq!(status(&world.probe(connect).await), 200);
    assert_eq!(status(&world.probe(connect).await), 403);
    assert_eq!(status(&world.probe(b"CONNECT mixed.example:443 HTTP/1.1\r\n\r\n").await), 200);
    assert_eq!(world.internet.dialled(), ["93.184.216.34:443", "93.184.216.34:443"]);
    assert_eq!(*world.internet.resolved.lock().unwrap(), ["rebind.example", "rebind.example", "mixed.example"]);
}

#[test]
fn this_computers_addresses_are_its_own() {
    use egress::Road as _;
    assert!(egress::SystemRoad.is_own("127.0.0.1".parse().unwrap()));
    assert!(!egress::SystemRoad.is_own("93.184.216.34".parse().unwrap()));
}
