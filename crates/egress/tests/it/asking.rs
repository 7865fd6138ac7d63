//! Hosts that are not in the list: the user is asked once for each host and command.

use std::sync::{Arc, Mutex};

use egress::{Allow, Policy, Settings};
use event::{Consent, Effect, Inquiry};
use futures_util::future::BoxFuture;
use sandbox::Asker;
use tokio::io::AsyncWriteExt as _;
use tokio::sync::{Notify, watch};

use crate::world::{Fixed, Server, World, listed, of, ok, read_all, status};

/// Answers when it is told to.
struct Slow {
    asked: Mutex<Vec<Inquiry>>,
    first: Notify,
    answer: watch::Sender<Option<Consent>>,
}

impl Slow {
    fn new() -> Arc<Self> {
        Arc::new(Self { asked: Mutex::default(), first: Notify::new(), answer: watch::channel(None).0 })
    }
}

impl Asker for Slow {
    fn ask(&self, inquiry: Inquiry) -> BoxFuture<'static, Consent> {
        self.asked.lock().unwrap().push(inquiry);
        self.first.notify_one();
        let mut answer = self.answer.subscribe();
        Box::pin(async move { answer.wait_for(Option::is_some).await.unwrap().clone().unwrap() })
    }
}

fn connect(host: &str) -> Vec<u8> {
    format!("CONNECT {host}:443 HTTP/1.1\r\n\r\n").into_bytes()
}

async fn world() -> (World, Server) {
    let echo = Server::echo().await;
    let world = World::new(listed(&[]));
    for name in ["files.example.org", "other.example.org"] {
        world.internet.name(name, &[&["93.184.216.34"]]);
    }
    world.internet.server("93.184.216.34:443", echo.address);
    (world, echo)
}

#[tokio::test]
async fn a_yes_lasts_for_the_command_and_not_for_the_next() {
    let (world, _echo) = world().await;
    let asker = Fixed::yes();
    world.begin(asker.clone());
    for _ in 0..3 {
        assert_eq!(status(&world.probe(&connect("files.example.org")).await), 200);
    }
    assert_eq!(status(&world.probe(&connect("other.example.org")).await), 200);
    let effect = |host: &str| Inquiry {
        effects: vec![Effect::Connect(host.to_owned())],
        reason: format!("connect to `{host}`"),
        files: None,
    };
    assert_eq!(*asker.asked.lock().unwrap(), [effect("files.example.org"), effect("other.example.org")]);
    world.network.end();
    let next = Fixed::no();
    world.begin(next.clone());
    let answer = world.probe(&connect("files.example.org")).await;
    assert_eq!(status(&answer), 403);
    assert!(answer.contains("`files.example.org` was not allowed: the user said no"), "{answer}");
    assert!(answer.contains("Next step: "), "{answer}");
    // A no lasts for the command as well.
    world.probe(&connect("files.example.org")).await;
    assert_eq!(next.asked(), ["connect to `files.example.org`"]);
    let last = world.ledger().pop().unwrap();
    assert_eq!((last["verdict"].as_str(), last["call"].as_str()), (Some("refused"), Some("call-1")));
}

#[tokio::test]
async fn many_connections_wait_for_one_answer() {
    let (world, _echo) = world().await;
    let asker = Slow::new();
    world.begin(asker.clone());
    let mut open = Vec::new();
    for _ in 0..10 {
        let (mut program, serving) = world.connect();
        program.write_all(&connect("files.example.org")).await.unwrap();
        program.shutdown().await.unwrap();
        open.push((program, serving));
    }
    asker.first.notified().await;
    asker.answer.send_replace(Some(Consent::Given));
    for (mut program, serving) in open {
        assert_eq!(status(&read_all(&mut program).await), 200);
        serving.await.unwrap();
    }
    assert_eq!(asker.asked.lock().unwrap().len(), 1);
    assert_eq!(world.decisions(), vec![("files.example.org".to_owned(), "allowed".to_owned()); 10]);
}

#[tokio::test]
async fn the_end_of_a_command_refuses_who_waits() {
    let (world, _echo) = world().await;
    let asker = Slow::new();
    world.begin(asker.clone());
    let (mut program, serving) = world.connect();
    program.write_all(&connect("files.example.org")).await.unwrap();
    asker.first.notified().await;
    world.network.end();
    assert_eq!(status(&read_all(&mut program).await), 0);
    serving.await.unwrap();
    assert_eq!(world.decisions(), [("files.example.org".to_owned(), "refused".to_owned())]);
    assert_eq!(world.internet.dialled(), Vec::<String>::new());
}

#[tokio::test]
async fn without_a_command_nothing_is_reached() {
    let (world, _echo) = world().await;
    let answer = world.probe(&connect("files.example.org")).await;
    assert_eq!(status(&answer), 403);
    assert!(answer.contains("no command is running"), "{answer}");
    world.begin(Fixed::yes());
    world.network.end();
    assert_eq!(status(&world.probe(&connect("files.example.org")).await), 403);
    assert_eq!(world.ledger().len(), 2);
}

#[tokio::test]
async fn settings_that_changed_meanwhile_win_over_a_yes() {
    let (world, _echo) = world().await;
    let asker = Slow::new();
    world.begin(asker.clone());
    let (mut program, serving) = world.connect();
    program.write_all(&connect("files.example.org")).await.unwrap();
    asker.first.notified().await;
    let off = of(Policy { allow: Allow::None, ..Policy::default() });
    world.gate.change(Settings { rules: off, ..Settings::default() }).unwrap();
    asker.answer.send_replace(Some(Consent::Given));
    assert_eq!(status(&read_all(&mut program).await), 403);
    serving.await.unwrap();
}

#[tokio::test]
async fn what_was_refused_can_be_told_until_the_command_ends() {
    let (world, _echo) = world().await;
    world.internet.name("inside.example", &[&["10.0.0.1"]]);
    assert_eq!(world.network.refused(), []);
    world.begin(Fixed::yes());
    for host in ["files.example.org", "inside.example", "inside.example", "nowhere.example"] {
        world.probe(&connect(host)).await;
    }
    let why = "`inside.example` leads to a private address, not to the open network".to_owned();
    // A name that nobody has is no decision.
    assert_eq!(world.network.refused(), [sandbox::RefusedHost { host: "inside.example".to_owned(), why }]);
    world.begin(Fixed::yes());
    assert_eq!(world.network.refused(), []);
    world.network.end();
    assert_eq!(world.network.refused(), []);
}

#[tokio::test]
async fn what_is_taken_back_while_a_host_is_dialled_gets_no_byte() {
    let web = Server::http(|_| ok("the page")).await;
    let world = World::new(listed(&["good.example"]));
    world.internet.name("good.example", &[&["93.184.216.34"]]);
    world.internet.server("93.184.216.34:80", web.address);
    let gate = Arc::downgrade(&world.gate);
    world.internet.at_dial(move || {
        let off = of(Policy { allow: Allow::None, ..Policy::default() });
        gate.upgrade().unwrap().change(Settings { rules: off, ..Settings::default() }).unwrap();
    });
    world.begin(Fixed::yes());
    for _ in 0..20 {
        world.gate.change(Settings { rules: listed(&["good.example"]), ..Settings::default() }).unwrap();
        world.probe(b"GET http://good.example/ HTTP/1.1\r\nhost: good.example\r\n\r\n").await;
    }
    assert!(world.ledger().iter().all(|line| line["verdict"] == "refused" && line["bytes_up"] == 0));
    assert_eq!((world.ledger().len(), world.internet.dialled().len(), web.heard()), (20, 20, Vec::new()));
}

#[tokio::test]
async fn a_command_cannot_flood_the_user_with_questions() {
    let (world, _echo) = world().await;
    let asker = Fixed::no();
    world.begin(asker.clone());
    for index in 0..30 {
        assert_eq!(status(&world.probe(&connect(&format!("host{index}.example.org"))).await), 403);
    }
    assert_eq!(asker.asked().len(), 20);
    assert_eq!(world.ledger().len(), 30);
}

#[cfg(unix)]
#[tokio::test]
async fn the_ledger_is_private_and_without_it_nothing_goes_out() {
    use std::os::unix::fs::PermissionsExt as _;
    let (world, _echo) = world().await;
    world.begin(Fixed::yes());
    assert_eq!(status(&world.probe(&connect("files.example.org")).await), 200);
    let mode = std::fs::metadata(world.ledger_path()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let line = &world.ledger()[0];
    let keys: Vec<&String> = line.as_object().unwrap().keys().collect();
    let expected = ["at", "host", "port", "verdict", "rule", "bytes_up", "bytes_down", "call"];
    assert_eq!(keys.len(), expected.len());
    assert!(expected.iter().all(|key| line.get(key).is_some()), "{line}");

    let nowhere = world.networks_at("missing/ledger.jsonl");
    nowhere.begin(sandbox::Errand { call: "c".into(), turn: 1, asker: Fixed::yes() });
    let (mut program, connection) = tokio::io::duplex(4096);
    let serving = tokio::spawn(nowhere.serve(connection));
    program.write_all(&connect("files.example.org")).await.unwrap();
    assert_eq!(status(&read_all(&mut program).await), 503);
    serving.await.unwrap();
    assert_eq!(world.internet.dialled().len(), 1);
}
