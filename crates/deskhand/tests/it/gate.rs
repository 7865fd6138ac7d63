//! The one gate to the network, from a command in the sandbox to a server: what is listed goes through, what is not
//! makes the user be asked, and both stand in the ledger.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use event::Fact;
use serde_json::Value;

use crate::daemon::Daemon;
use crate::stage::Stage;

/// Answers one request and ends.
fn server() -> (u16, std::thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let answering = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = vec![0; 4096];
        let count = stream.read(&mut request).unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\nConnection: close\r\n\r\nfrom outside").unwrap();
        String::from_utf8_lossy(&request[..count]).into_owned()
    });
    (port, answering)
}

/// A Script whose command asks the machine's proxy for an address, with nothing but the shell.
fn asking(address: &str, host: &str) -> String {
    let command = format!(
        "exec 3<>/dev/tcp/127.0.0.1/3128; printf 'GET {address} HTTP/1.1\\r\\nHost: {host}\\r\\nConnection: close\\r\\n\\r\\n' >&3; cat <&3"
    );
    let command = serde_json::to_string(&command).unwrap();
    format!("replies:\n  - calls:\n      - {{ tool: Bash, input: {{ command: {command} }} }}\n  - text: Done.\n")
}

/// What the only command said.
fn said(stage: &Stage) -> String {
    let log = stage.log();
    let output = log.iter().find_map(|event| match &event.fact {
        Fact::ToolFinished { output, .. } => Some(format!("{output:?}")),
        _ => None,
    });
    output.unwrap()
}

fn ledger(stage: &Stage) -> Vec<Value> {
    stage.run(&["ledger", &stage.task(), "--json"]).exits(0).json()
}

#[test]
fn a_listed_host_is_reached_and_the_bytes_are_counted() {
    let (port, answering) = server();
    let stage = Stage::new();
    let settings = format!("[network]\nhosts = [\"127.0.0.1:{port}\"]\n");
    stage.world.configure(&settings).unwrap();
    let script = stage.script(&asking(&format!("http://127.0.0.1:{port}/file"), &format!("127.0.0.1:{port}")));
    stage.run(&["run", "Fetch", "--script", &script, "--mode", "auto"]).exits(0);
    assert!(said(&stage).contains("from outside"), "{}", said(&stage));
    assert!(answering.join().unwrap().starts_with("GET /file HTTP/1.1\r\n"));
    let lines = ledger(&stage);
    let [line] = lines.as_slice() else { panic!("one line expected: {lines:?}") };
    assert_eq!((line["verdict"].as_str(), line["port"].as_u64()), (Some("allowed"), Some(u64::from(port))));
    assert!(line["bytes_down"].as_u64().unwrap() >= 12, "{line}");
}

#[test]
fn without_anybody_to_ask_an_unlisted_host_is_refused() {
    let stage = Stage::new();
    let script = stage.script(&asking("http://files.example.org/", "files.example.org"));
    stage.run(&["run", "Fetch", "--script", &script, "--mode", "auto"]).exits(0);
    assert!(said(&stage).contains("403"), "{}", said(&stage));
    let lines = ledger(&stage);
    let [line] = lines.as_slice() else { panic!("one line expected: {lines:?}") };
    assert_eq!((line["verdict"].as_str(), line["host"].as_str()), (Some("refused"), Some("files.example.org")));
}

#[test]
fn an_unlisted_host_is_a_card_that_names_it_and_no_is_no() {
    let stage = Stage::new();
    let script = stage.script(&asking("http://files.example.org/", "files.example.org"));
    let daemon = Daemon::start(&stage);
    stage.run(&["run", "Fetch", "--script", &script, "--mode", "auto"]).exits(4);
    let log = stage.log();
    let card = log.iter().find_map(|event| match &event.fact {
        Fact::ApprovalAsked(card) => Some(card),
        _ => None,
    });
    let card = card.unwrap();
    assert!(card.running && card.reason.contains("connect to `files.example.org`"), "{card:?}");
    stage.run(&["deny", &stage.task()]);
    assert!(said(&stage).contains("403"), "{}", said(&stage));
    assert_eq!(ledger(&stage).len(), 1);
    daemon.end();
}

#[test]
fn the_computer_itself_and_its_network_are_out_of_reach() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    for address in [format!("127.0.0.1:{port}"), "169.254.169.254".to_owned(), "10.0.0.1".to_owned()] {
        let stage = Stage::new();
        stage.world.configure("[network]\nallow = \"all\"\n").unwrap();
        let script = stage.script(&asking(&format!("http://{address}/"), &address));
        stage.run(&["run", "Fetch", "--script", &script, "--mode", "skip"]).exits(0);
        assert!(said(&stage).contains("HTTP/1.1 4"), "{address}: {}", said(&stage));
        assert_eq!(ledger(&stage)[0]["verdict"], "refused", "{address}");
    }
    assert!(listener.accept().is_err(), "somebody came");
}

/// Greets whoever connects and then only listens, until they go.
fn listening() -> (u16, std::thread::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let listening = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.write_all(b"ready\n").unwrap();
        // Whoever goes may have been killed.
        stream.read_to_end(&mut Vec::new()).unwrap_or_default();
    });
    (port, listening)
}

/// A Script whose command keeps a tunnel open as long as it can.
fn tunnelling(port: u16) -> String {
    let command = format!(
        "exec 3<>/dev/tcp/127.0.0.1/3128; printf 'CONNECT 127.0.0.1:{port} HTTP/1.1\\r\\n\\r\\n' >&3; cat <&3; echo ended"
    );
    let command = serde_json::to_string(&command).unwrap();
    format!("replies:\n  - calls:\n      - {{ tool: Bash, input: {{ command: {command} }} }}\n  - text: Done.\n")
}

#[test]
fn a_host_taken_off_the_list_is_cut_from_a_running_command() {
    let (port, listening) = listening();
    let stage = Stage::new();
    stage.world.configure(&format!("[network]\nhosts = [\"127.0.0.1:{port}\"]\n")).unwrap();
    let script = stage.script(&tunnelling(port));
    let daemon = Daemon::start(&stage);
    let mut run = stage.start(&["run", "Listen", "--script", &script, "--mode", "auto", "--json", "--deltas"]);
    run.until("ready");
    let lines = ledger(&stage);
    assert!(lines.len() == 1 && lines[0]["open"] == true && lines[0]["verdict"] == "allowed", "{lines:?}");
    let change = format!(r#"{{"network":{{"remove_hosts":["127.0.0.1:{port}"]}}}}"#);
    let headers = [daemon.bearer(), "Content-Type: application/json".to_owned()];
    let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
    let (status, body) = daemon.request("PATCH /api/v1/settings", &headers, &change);
    assert_eq!(status, 200, "{body}");
    run.end().exits(0);
    listening.join().unwrap();
    assert!(said(&stage).contains("ended"), "{}", said(&stage));
    let lines = ledger(&stage);
    let [line] = lines.as_slice() else { panic!("one line expected: {lines:?}") };
    assert!(line["verdict"] == "refused" && line["rule"].as_str().unwrap().starts_with("cut: "), "{line}");
    assert!(line.get("open").is_none() && line["bytes_down"] == 6, "{line}");
    daemon.end();
}

#[test]
fn a_connection_that_is_open_when_deskhand_is_killed_stands_in_the_ledger() {
    let (port, listening) = listening();
    let stage = Stage::new();
    stage.world.configure(&format!("[network]\nhosts = [\"127.0.0.1:{port}\"]\n")).unwrap();
    let script = stage.script(&tunnelling(port));
    let daemon = Daemon::start(&stage);
    let mut run = stage.start(&["run", "Listen", "--script", &script, "--mode", "auto", "--json", "--deltas"]);
    run.until("ready");
    daemon.running.signal(rustix::process::Signal::KILL);
    assert_eq!(daemon.running.end().code, None);
    run.end();
    listening.join().unwrap();
    let lines = ledger(&stage);
    assert!(lines.len() == 1 && lines[0]["open"] == true && lines[0]["verdict"] == "allowed", "{lines:?}");
    let shown = stage.run(&["ledger", &stage.task()]).exits(0).stdout;
    assert!(shown.contains("allowed") && shown.contains("open, or cut off when Deskhand ended"), "{shown}");
}

#[test]
fn a_program_that_gives_up_is_asked_for_no_longer() {
    let stage = Stage::new();
    let connect = "exec 3<>/dev/tcp/127.0.0.1/3128; printf 'GET http://files.example.org/ HTTP/1.1\\r\\nHost: files.example.org\\r\\n\\r\\n' >&3; cat <&3";
    let command = format!("timeout 1 bash -c \"{connect}\"; mkfifo /tmp/never; cat /tmp/never");
    let command = serde_json::to_string(&command).unwrap();
    let script =
        format!("replies:\n  - calls:\n      - {{ tool: Bash, input: {{ command: {command} }} }}\n  - text: Done.\n");
    let script = stage.script(&script);
    let daemon = Daemon::start(&stage);
    stage.run(&["run", "Fetch", "--script", &script, "--mode", "auto"]).exits(4);
    let task = stage.task();
    stage.start(&["follow", &task, "--json"]).until(r#""type":"approval_answered""#);
    assert_eq!(stage.show(&task)["approvals"], serde_json::json!([]));
    assert_eq!(stage.show(&task)["state"], "working");
    stage.run(&["stop", &task]).exits(0);
    daemon.end();
}
