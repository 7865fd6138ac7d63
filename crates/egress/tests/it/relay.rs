//! Behind a company's proxy.

use egress::{Relay, Settings};
use tokio::io::AsyncWriteExt as _;

use crate::world::{Fixed, Server, World, hello, listed, ok, status};

/// Agrees to every tunnel, answers every request.
fn company(request: &str) -> Vec<u8> {
    if request.starts_with("CONNECT denied") {
        b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n".to_vec()
    } else if request.starts_with("CONNECT") {
        b"HTTP/1.1 200 Connection established\r\n\r\n".to_vec()
    } else {
        ok("through the company")
    }
}

fn world(company: &Server) -> World {
    let relay = Relay::parse("https_proxy", "http://me:p%40ss@proxy.corp:3128").unwrap();
    let relay = relay.without(["straight.example", ".near.example"]);
    let rules = listed(&["good.example", "denied.example", "inside.example", "straight.example", "a.near.example"]);
    let world = World::with(Settings { rules, relay: Some(relay), ..Settings::default() });
    // A company's proxy lies inside, which is fine: the person set it.
    world.internet.name("proxy.corp", &[&["10.1.2.3"]]);
    world.internet.server("10.1.2.3:3128", company.address);
    world.begin(Fixed::no());
    world
}

#[tokio::test]
async fn tunnels_and_requests_go_through_it() {
    let company = Server::http(company).await;
    let world = world(&company);
    let connect = [b"CONNECT good.example:443 HTTP/1.1\r\n\r\n".to_vec(), hello("good.example")].concat();
    assert_eq!(status(&world.probe(&connect).await), 200);
    let answer = world.probe(b"GET http://good.example/a?b HTTP/1.1\r\nhost: good.example\r\n\r\n").await;
    assert!(answer.ends_with("through the company"), "{answer}");
    let authorization = "proxy-authorization: Basic bWU6cEBzcw==\r\n";
    assert_eq!(
        company.heard(),
        [
            format!("CONNECT good.example:443 HTTP/1.1\r\nhost: good.example:443\r\n{authorization}\r\n"),
            format!(
                "GET http://good.example/a?b HTTP/1.1\r\nhost: good.example\r\n{authorization}connection: close\r\n\r\n"
            ),
        ]
    );
    assert_eq!(world.internet.dialled(), ["10.1.2.3:3128", "10.1.2.3:3128"]);
}

#[tokio::test]
async fn it_changes_nothing_about_what_is_allowed() {
    let company = Server::http(company).await;
    let world = world(&company);
    world.internet.name("inside.example", &[&["10.0.0.8"]]);
    assert_eq!(status(&world.probe(b"CONNECT inside.example:443 HTTP/1.1\r\n\r\n").await), 403);
    assert_eq!(status(&world.probe(b"CONNECT evil.example:443 HTTP/1.1\r\n\r\n").await), 403);
    assert_eq!(status(&world.probe(b"CONNECT 10.1.2.3:3128 HTTP/1.1\r\n\r\n").await), 400);
    let answer = world.probe(b"CONNECT denied.example:443 HTTP/1.1\r\n\r\n").await;
    assert!(status(&answer) == 502 && answer.contains("answered 407"), "{answer}");
    assert_eq!(company.heard().len(), 1);
    assert_eq!(world.ledger().len(), 4);
}

#[tokio::test]
async fn an_answer_of_it_that_is_no_plain_yes_is_no_tunnel() {
    let answers: [fn(&str) -> Vec<u8>; 7] = [
        |_| b"HTTP/1.1 200 OK\r\n\r\nSSH-2.0-odd".to_vec(),
        |_| b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n".to_vec(),
        |_| b"HTTP/1.1 302 Found\r\nlocation: http://login.corp/\r\n\r\n".to_vec(),
        |_| b"HTTP/2 200\r\n\r\n".to_vec(),
        |_| b"HTTP/1.1 200 OK\nx: 1\n\n".to_vec(),
        |_| b"200 OK\r\n\r\n".to_vec(),
        |_| [b"HTTP/1.1 200 OK\r\nx: ".to_vec(), vec![b'x'; 64 << 10]].concat(),
    ];
    for answer in answers {
        let company = Server::http(answer).await;
        let world = world(&company);
        let told = world.probe(b"CONNECT good.example:443 HTTP/1.1\r\n\r\n").await;
        assert_eq!(status(&told), 502, "{}\n{told}", String::from_utf8_lossy(&answer("")[..20]));
        assert_eq!((world.ledger().len(), company.heard().len()), (1, 1));
    }
}

#[tokio::test]
async fn some_hosts_are_reached_without_it() {
    let company = Server::http(company).await;
    let echo = Server::echo().await;
    let world = world(&company);
    for name in ["straight.example", "a.near.example"] {
        world.internet.name(name, &[&["93.184.216.34"]]);
    }
    world.internet.server("93.184.216.34:443", echo.address);
    for name in ["straight.example", "a.near.example"] {
        let (mut program, serving) = world.connect();
        program.write_all(format!("CONNECT {name}:443 HTTP/1.1\r\n\r\n").as_bytes()).await.unwrap();
        assert_eq!(status(&crate::world::read_head(&mut program).await), 200);
        drop(program);
        serving.await.unwrap();
    }
    assert_eq!(company.heard(), Vec::<String>::new());
}

#[test]
fn it_is_read_from_the_environment() {
    let read = |pairs: &'static [(&'static str, &'static str)]| {
        Relay::from_environment(|name| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
    };
    assert_eq!(read(&[]).unwrap(), None);
    assert_eq!(read(&[("https_proxy", "")]).unwrap(), None);
    let relay =
        read(&[("http_proxy", "http://a:1"), ("HTTPS_PROXY", "proxy.corp:3128/"), ("no_proxy", "localhost,.corp")]);
    let relay = relay.unwrap().unwrap();
    assert_eq!((relay.host.as_str(), relay.port), ("proxy.corp", 3128));
    assert!(!format!("{relay:?}").contains("Basic"));
    let error = read(&[("https_proxy", "socks5://user:secret@proxy.corp")]).unwrap_err().to_string();
    assert!(error.contains("`https_proxy`") && !error.contains("secret"), "{error}");
}
