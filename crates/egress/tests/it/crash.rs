//! What a process that is killed in the middle of a connection leaves in the ledger.

use std::path::Path;
use std::process::Command;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::world::{Fixed, Server, World, hello, ledger, listed, read_head, status};

/// Says to a test that it is the process to be killed, and where its ledger is.
const VICTIM: &str = "GATE_TEST_LEDGER";

async fn world() -> (World, Server) {
    let echo = Server::echo().await;
    let world = World::new(listed(&["good.example"]));
    world.internet.name("good.example", &[&["93.184.216.34"]]);
    world.internet.server("93.184.216.34:443", echo.address);
    (world, echo)
}

const CONNECT: &[u8] = b"CONNECT good.example:443 HTTP/1.1\r\n\r\n";

#[tokio::test]
async fn a_process_killed_in_the_middle_of_a_connection_leaves_its_line() {
    if let Some(path) = std::env::var_os(VICTIM) {
        return be_killed(Path::new(&path)).await;
    }
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("ledger.jsonl");
    let name = "crash::a_process_killed_in_the_middle_of_a_connection_leaves_its_line";
    let mut victim = Command::new(std::env::current_exe().unwrap());
    let ended = victim.args(["--exact", name, "--nocapture"]).env(VICTIM, &path).output().unwrap();
    assert!(!ended.status.success() && ended.status.code().is_none(), "{ended:?}");
    let lines = ledger(&path);
    let [line] = lines.as_slice() else { panic!("{lines:?}") };
    assert_eq!((line["host"].as_str(), line["verdict"].as_str()), (Some("good.example"), Some("allowed")));
    assert_eq!((line["open"].as_bool(), line["call"].as_str()), (Some(true), Some("c1")));
}

/// Opens a tunnel, sends something through it, and ends as if killed.
async fn be_killed(path: &Path) {
    let (world, _echo) = world().await;
    let network = world.networks_at(path.to_str().unwrap());
    network.begin(sandbox::Errand { call: "c1".into(), turn: 1, asker: Fixed::no() });
    let (mut program, connection) = tokio::io::duplex(64 << 10);
    let _serving = tokio::spawn(network.serve(connection));
    program.write_all(CONNECT).await.unwrap();
    assert_eq!(status(&read_head(&mut program).await), 200);
    let first = hello("good.example");
    program.write_all(&first).await.unwrap();
    program.read_exact(&mut vec![0; first.len()]).await.unwrap();
    std::process::abort();
}

#[tokio::test]
async fn a_line_stands_before_the_first_byte_and_gets_its_end() {
    let (world, _echo) = world().await;
    let at_dial = world.ledger_path();
    let seen = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let dialled = std::sync::Arc::clone(&seen);
    world.internet.at_dial(move || dialled.lock().unwrap().extend(ledger(&at_dial)));
    world.begin(Fixed::no());
    world.probe(CONNECT).await;
    world.probe(b"CONNECT evil.example:443 HTTP/1.1\r\n\r\n").await;
    let seen = seen.lock().unwrap();
    assert_eq!((seen.len(), seen[0]["open"].as_bool()), (1, Some(true)), "{seen:?}");
    let text = std::fs::read_to_string(world.ledger_path()).unwrap();
    assert_eq!((text.lines().count(), world.ledger().len()), (3, 2), "what is refused is written once: {text}");
    assert!(world.ledger().iter().all(|line| line.get("open").is_none()), "{text}");
}

#[tokio::test]
async fn a_refusal_stands_before_the_program_hears_of_it() {
    let (world, _echo) = world().await;
    world.begin(Fixed::no());
    for request in ["CONNECT evil.example:443 HTTP/1.1", "GET http://evil.example/ HTTP/1.1\r\nhost: evil.example", "?"]
    {
        let before = world.ledger().len();
        // So narrow that the gate is still writing when the first byte is read.
        let (mut program, connection) = tokio::io::duplex(8);
        let _serving = tokio::spawn(std::sync::Arc::clone(&world.network).serve(connection));
        program.write_all(format!("{request}\r\n\r\n").as_bytes()).await.unwrap();
        program.read_u8().await.unwrap();
        assert_eq!(world.ledger().len(), before + 1, "{request}");
    }
}

#[tokio::test]
async fn a_torn_line_takes_no_other_with_it() {
    const TORN: &str = "{\"at\":1,\"host\":\"cut.exa";
    let (world, _echo) = world().await;
    world.begin(Fixed::no());
    // Before the ledger is opened, and while it is open.
    for _ in 0..2 {
        let mut ledger = std::fs::OpenOptions::new().append(true).create(true).open(world.ledger_path()).unwrap();
        std::io::Write::write_all(&mut ledger, TORN.as_bytes()).unwrap();
        world.probe(b"CONNECT evil.example:443 HTTP/1.1\r\n\r\n").await;
    }
    let text = std::fs::read_to_string(world.ledger_path()).unwrap();
    let [TORN, first, TORN, second] = text.lines().collect::<Vec<_>>()[..] else { panic!("{text}") };
    for line in [first, second] {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!((line["host"].as_str(), line["verdict"].as_str()), (Some("evil.example"), Some("refused")));
    }
    assert!(text.ends_with('\n'), "{text}");
}
