//! Hosts that are not in the list: the user is asked once for each host and command.

use std::sync::{Arc, Mutex};

use egress::{Allow, Policy, Settings};
use event::{Consent, Effect, Inquiry};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use sandbox::Asker;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::{Notify, oneshot, watch};

use crate::world::{Fixed, Server, World, listed, of, ok, read_all, read_head, status};

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
    let expected = ["at", "host", "port", "verdict", "rule", "bytes_up", "bytes_down", "call", "id"];
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

/// Answers like rules that allow everything until they are made stricter; after that like a user who refuses.
struct Lenient {
    asked: Mutex<Vec<String>>,
    stricter: watch::Sender<bool>,
}

impl Asker for Lenient {
    fn ask(&self, inquiry: Inquiry) -> BoxFuture<'static, Consent> {
        self.asked.lock().unwrap().push(inquiry.reason);
        let refused = Consent::Refused { why: "the user said no".to_owned() };
        Box::pin(std::future::ready(if *self.stricter.borrow() { refused } else { Consent::Given }))
    }

    fn withdrawn(&self, effect: Effect) -> BoxFuture<'static, ()> {
        assert!(matches!(effect, Effect::Connect(_)));
        let mut stricter = self.stricter.subscribe();
        stricter.mark_unchanged();
        Box::pin(async move {
            if stricter.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        })
    }
}

#[tokio::test]
async fn what_the_rules_of_the_task_allowed_is_cut_when_they_become_stricter() {
    let (world, _echo) = world().await;
    let asker = Arc::new(Lenient { asked: Mutex::default(), stricter: watch::Sender::new(false) });
    world.begin(asker.clone());
    let (mut program, serving) = world.connect();
    program.write_all(&connect("files.example.org")).await.unwrap();
    assert_eq!(status(&crate::world::read_head(&mut program).await), 200);
    let first = crate::world::hello("files.example.org");
    program.write_all(&first).await.unwrap();
    program.read_exact(&mut vec![0; first.len()]).await.unwrap();
    assert_eq!(status(&world.probe(&connect("files.example.org")).await), 200);
    assert_eq!(asker.asked.lock().unwrap().len(), 1);
    asker.stricter.send_replace(true);
    assert_eq!(read_all(&mut program).await, "");
    serving.await.unwrap();
    let line = &world.ledger()[0];
    assert_eq!(
        (line["verdict"].as_str(), line["rule"].as_str()),
        (Some("refused"), Some("cut: `files.example.org` has to be asked for now"))
    );
    assert!(line["bytes_up"].as_u64().unwrap() > 0);
    // A new connection is decided by the rules of now.
    assert_eq!(status(&world.probe(&connect("files.example.org")).await), 403);
    assert_eq!(asker.asked.lock().unwrap().len(), 2);
}

/// Never answers, and says when nobody waits for the answer any more.
struct Silent {
    asked: Notify,
    questions: Mutex<usize>,
    given_up: Arc<Notify>,
}

struct GivenUp(Arc<Notify>);

impl Drop for GivenUp {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

impl Asker for Silent {
    fn ask(&self, _inquiry: Inquiry) -> BoxFuture<'static, Consent> {
        *self.questions.lock().unwrap() += 1;
        self.asked.notify_one();
        let guard = GivenUp(Arc::clone(&self.given_up));
        Box::pin(async move {
            let _guard = guard;
            std::future::pending().await
        })
    }
}

fn silent() -> Arc<Silent> {
    Arc::new(Silent { asked: Notify::new(), questions: Mutex::default(), given_up: Arc::default() })
}

#[tokio::test]
async fn a_program_that_hangs_up_is_asked_for_no_longer() {
    let (world, _echo) = world().await;
    let asker = silent();
    world.begin(asker.clone());
    let requests = [
        connect("files.example.org"),
        b"GET http://other.example.org/ HTTP/1.1\r\nhost: other.example.org\r\n\r\n".to_vec(),
    ];
    for (asked, request) in requests.iter().enumerate() {
        let (mut first, serving_first) = world.connect();
        let (mut second, serving_second) = world.connect();
        first.write_all(request).await.unwrap();
        second.write_all(request).await.unwrap();
        asker.asked.notified().await;
        drop(first);
        serving_first.await.unwrap();
        // The other one waits for the same answer.
        assert!(asker.given_up.notified().now_or_never().is_none());
        drop(second);
        tokio::time::timeout(crate::world::LONG, asker.given_up.notified()).await.expect("nobody waits any more");
        serving_second.await.unwrap();
        assert_eq!(*asker.questions.lock().unwrap(), asked + 1);
    }
    let rules: Vec<_> = world.ledger().iter().map(|line| line["rule"].clone()).collect();
    assert_eq!(rules, ["the program hung up before there was an answer"; 4]);
    // The program went away; nothing was refused by anybody.
    assert_eq!(world.network.refused(), []);
}

#[tokio::test]
async fn a_question_that_was_given_up_may_be_asked_again_but_not_without_end() {
    let (world, _echo) = world().await;
    let asker = silent();
    world.begin(asker.clone());
    let mut open = Vec::new();
    for _ in 0..25 {
        let (mut program, serving) = world.connect();
        program.write_all(&connect("files.example.org")).await.unwrap();
        // Each hangs up before the next one comes.
        let abort = serving.abort_handle();
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
        abort.abort();
        let _cancelled = serving.await;
        open.push(program);
    }
    assert_eq!(*asker.questions.lock().unwrap(), 20);
}

/// Every question is answered by itself, and what it is lent taken back by itself.
#[derive(Default)]
struct Apart {
    put: Notify,
    answers: Mutex<Vec<oneshot::Sender<Consent>>>,
    takes: Mutex<Vec<oneshot::Sender<()>>>,
}

impl Asker for Apart {
    fn ask(&self, _inquiry: Inquiry) -> BoxFuture<'static, Consent> {
        let (answer, answered) = oneshot::channel();
        self.answers.lock().unwrap().push(answer);
        self.put.notify_one();
        Box::pin(async move { answered.await.unwrap() })
    }

    fn withdrawn(&self, _effect: Effect) -> BoxFuture<'static, ()> {
        let (take, taken) = oneshot::channel();
        self.takes.lock().unwrap().push(take);
        Box::pin(async move { taken.await.unwrap_or_default() })
    }
}

#[tokio::test]
async fn the_answer_to_a_question_is_not_taken_for_that_to_the_next() {
    let (world, _echo) = world().await;
    let asker = Arc::new(Apart::default());
    world.begin(asker.clone());
    let open = || async {
        let (mut program, serving) = world.connect();
        program.write_all(&connect("files.example.org")).await.unwrap();
        (program, serving)
    };
    let (mut first, _first) = open().await;
    asker.put.notified().await;
    asker.takes.lock().unwrap().remove(0).send(()).unwrap();
    // What was asked first holds no longer, so the next connection is asked for anew.
    let (mut second, _second) = open().await;
    asker.put.notified().await;
    asker.answers.lock().unwrap().remove(0).send(Consent::Given).unwrap();
    assert_eq!(status(&read_head(&mut first).await), 200);
    let (mut third, _third) = open().await;
    // The third waits for the second answer, as the second does.
    let why = "not this time".to_owned();
    asker.answers.lock().unwrap().remove(0).send(Consent::Refused { why }).unwrap();
    for program in [&mut second, &mut third] {
        assert_eq!(status(&read_head(program).await), 403);
    }
}
