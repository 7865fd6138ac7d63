//! The daemon: its address and token, doors that go through its socket, and what becomes of tasks when it ends.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::ops::Deref;

use event::Outcome;
use rustix::process::Signal;
use serde_json::{Value, json};

use crate::processes::none_is_left;
use crate::running::Running;
use crate::stage::{Stage, log_lines, outcomes};

/// A daemon that was started here.
pub(crate) struct Daemon {
    pub(crate) running: Running,
    door: Door,
}

/// The port of a daemon and the token of its launch.
pub(crate) struct Door {
    port: u16,
    token: String,
}

impl Deref for Daemon {
    type Target = Door;

    fn deref(&self) -> &Door {
        &self.door
    }
}

impl Daemon {
    pub(crate) fn start(stage: &Stage) -> Self {
        Self::started(stage.start(&["serve"]))
    }

    /// One that crashes at a fail point.
    pub(crate) fn start_to(stage: &Stage, point: &str) -> Self {
        Self::started(Running::start(stage.command(&["serve"]).env("DESKHAND_FAIL_POINT", point)))
    }

    fn started(mut running: Running) -> Self {
        let address = running.line().unwrap();
        Self { door: Door::at(&address), running }
    }

    /// Ends it as the system does, and waits.
    pub(crate) fn end(self) {
        self.running.signal(Signal::TERM);
        let ended = self.running.end().exits(0);
        assert_eq!(ended.stderr, "");
    }
}

impl Door {
    /// The door that an address opens.
    #[track_caller]
    pub(crate) fn at(address: &str) -> Self {
        let rest = address.strip_prefix("http://127.0.0.1:").unwrap();
        let (port, token) = rest.split_once("/?token=").unwrap();
        assert!(token.len() >= 32, "{address}");
        Self { port: port.parse().unwrap(), token: token.to_owned() }
    }

    /// Sends a request and gives status and body.
    pub(crate) fn request(&self, line: &str, headers: &[&str], body: &str) -> (u16, String) {
        self.try_request(line, headers, body).expect("an answer")
    }

    /// The same; none where the daemon ends before it has answered.
    pub(crate) fn try_request(&self, line: &str, headers: &[&str], body: &str) -> Option<(u16, String)> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let host = format!("Host: 127.0.0.1:{}", self.port);
        let length = format!("Content-Length: {}", body.len());
        let own = [host.as_str(), "Connection: close", &length];
        let request = format!("{line} HTTP/1.1\r\n{}\r\n\r\n{body}", [&own, headers].concat().join("\r\n"));
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        // A connection that breaks gave no answer, whatever of it came.
        stream.read_to_string(&mut answer).ok()?;
        let (head, body) = answer.split_once("\r\n\r\n")?;
        Some((head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned()))
    }

    pub(crate) fn bearer(&self) -> String {
        format!("Authorization: Bearer {}", self.token)
    }
}

/// Who holds the only task.
fn holder(stage: &Stage) -> Option<i32> {
    std::fs::read_to_string(stage.task_folder().join("lease")).ok()?.trim().parse().ok()
}

const ASKING: &str = r"
replies:
  - calls: [{ tool: Bash, input: { command: 'echo ran > /outputs/ran.txt' } }]
  - text: First done.
  - text: Second done.
";

#[test]
fn every_door_goes_through_the_daemon_that_runs() {
    let stage = Stage::new();
    let daemon = Daemon::start(&stage);
    let pid = daemon.running.pid().as_raw_nonzero().get();
    let script = stage.script(ASKING);
    let run = stage.run(&["run", "go", "--script", &script, "--mode", "ask", "--json"]).exits(4);
    let task = stage.task();
    assert_eq!(run.stdout.lines().collect::<Vec<_>>(), log_lines(&stage.task_folder()));
    assert_eq!(holder(&stage), Some(pid), "the daemon works on it");
    assert_eq!(stage.show(&task)["state"], "needs_you");

    let before = log_lines(&stage.task_folder()).len();
    let approve = stage.run(&["approve", &task, "--json"]).exits(0);
    assert_eq!(approve.stdout.lines().collect::<Vec<_>>(), log_lines(&stage.task_folder())[before..]);
    let say = stage.run(&["say", &task, "and now?"]).exits(0);
    assert!(say.stdout.contains("Second done."), "{}", say.stdout);
    let mut follow = stage.start(&["follow", &task, "--json"]);
    for line in log_lines(&stage.task_folder()) {
        assert_eq!(follow.line(), Some(line));
    }
    follow.signal(Signal::INT);
    follow.end().exits(0);
    let (message, _) = stage.run(&["resume", &task]).exits(1).complaint();
    assert_eq!(message, "the task is not paused");
    let (message, _) = stage.run(&["run", "go", "--script", &script, "--folder", "/etc"]).exits(2).complaint();
    assert_eq!(message, "`/etc` belongs to the system");
    let (message, _) = stage.run(&["run", "go", "--script", "none.yaml"]).exits(2).complaint();
    assert!(message.starts_with("cannot read Script "), "{message}");

    // The same over the loopback port.
    let (status, body) = daemon.request("GET /api/v1/tasks", &[&daemon.bearer()], "");
    assert_eq!(status, 200, "{body}");
    assert!(body.contains(&task), "{body}");
    daemon.end();
    assert!(!stage.world.home().join("run/deskhand.sock").exists());
    stage.run(&["say", &task, "third"]).exits(1);
    stage.log();
}

#[test]
fn nobody_comes_in_without_the_token() {
    let stage = Stage::new();
    let daemon = Daemon::start(&stage);
    let bearer = daemon.bearer();
    let wrong = "Authorization: Bearer 0123456789abcdef0123456789abcdef";
    for path in ["/", "/api/v1/tasks", "/api/v1/settings", "/api/openapi.json", "/no/such/thing"] {
        for headers in [&[][..], &[wrong], &["Cookie: deskhand_session=x"]] {
            let (status, body) = daemon.request(&format!("GET {path}"), headers, "");
            assert_eq!(status, 401, "{path} {headers:?}: {body}");
        }
    }
    let new = json!({"id": "k1", "prompt": "hello", "folders": [], "attachments": []}).to_string();
    assert_eq!(daemon.request("POST /api/v1/tasks", &["Content-Type: application/json"], &new).0, 401);
    let evil = ["Origin: http://evil.example", &bearer];
    assert_eq!(daemon.request("GET /api/v1/tasks", &evil, "").0, 403);
    assert_eq!(daemon.request("GET /?token=wrong", &[], "").0, 401);
    let (status, page) = daemon.request(&format!("GET /?token={}", daemon.token), &[], "");
    assert!(status == 200 && page.contains(r#"content="0; url=/""#), "{status} {page}");
    assert_eq!(stage.tasks(), Vec::<Value>::new());
    daemon.end();
}

#[test]
fn one_home_has_one_daemon() {
    let stage = Stage::new();
    let daemon = Daemon::start(&stage);
    let (message, hint) = stage.run(&["serve"]).exits(1).complaint();
    assert_eq!(stage.plain(&message), "Deskhand is already running on `<world>/home/run/deskhand.sock`");
    assert_eq!(hint, "use the one that runs, or end it with `deskhand quit`");
    let taken = Stage::new();
    let (message, hint) = taken.run(&["serve", "--port", &daemon.port.to_string()]).exits(1).complaint();
    let expected = format!("cannot listen on `127.0.0.1:{}`: Address already in use (os error 98)", daemon.port);
    assert_eq!((message, hint.as_str()), (expected, "choose another port with --port, or 0 for a free one"));
    daemon.end();
    Daemon::start(&stage).end();
}

const SLOW: &str = r"
replies:
  - calls: [{ tool: Bash, input: { command: 'echo ready; sleep 4719' } }]
  - expect: { contains: [Outcome unknown] }
    text: I look first.
    calls: [{ tool: Bash, input: { command: 'echo again >> /outputs/effects.txt' } }]
  - text: All done.
";

#[test]
fn a_task_at_work_goes_on_when_a_killed_daemon_starts_again() {
    let stage = Stage::new();
    let daemon = Daemon::start(&stage);
    let script = stage.script(SLOW);
    let mut run = stage.start(&["run", "go", "--script", &script, "--mode", "auto", "--json", "--deltas"]);
    run.until(r#""text":"ready"#);
    daemon.running.signal(Signal::KILL);
    assert_eq!(daemon.running.end().code, None);
    // The door that watched cannot know how it ends and must not call it done.
    let ended = run.end().exits(1);
    let (_, hint) = ended.complaint();
    assert!(hint.contains("deskhand "), "{hint}");
    none_is_left(&stage);
    let task = stage.task();
    assert_eq!(stage.tasks()[0]["state"], "working");

    let daemon = Daemon::start(&stage);
    let mut follow = stage.start(&["follow", &task, "--json"]);
    follow.until(r#""type":"turn_ended""#);
    assert_eq!(stage.show(&task)["last_text"], "All done.");
    let log = stage.log();
    assert_eq!(outcomes(&log), [("Bash".to_owned(), Outcome::Unknown), ("Bash".to_owned(), Outcome::Ok)]);
    assert_eq!(std::fs::read_to_string(stage.task_folder().join("outputs/effects.txt")).unwrap(), "again\n");
    daemon.end();
    none_is_left(&stage);
}

#[test]
fn a_task_at_work_goes_on_in_the_daemon_that_is_started_at_once_after_another_was_ended() {
    let stage = Stage::new();
    let daemon = Daemon::start(&stage);
    let script = stage.script(SLOW);
    let mut run = stage.start(&["run", "go", "--script", &script, "--mode", "auto", "--json", "--deltas"]);
    run.until(r#""text":"ready"#);
    assert_eq!(stage.run(&["quit"]).exits(0).stderr, "");
    // A task that is not free yet would be complained of here, and would not go on.
    let next = Daemon::start(&stage);
    assert_eq!(daemon.running.end().exits(0).stderr, "");
    run.end().exits(1);
    let task = stage.task();
    let mut follow = stage.start(&["follow", &task, "--json"]);
    follow.until(r#""type":"turn_ended""#);
    assert_eq!(stage.show(&task)["last_text"], "All done.");
    next.end();
    none_is_left(&stage);
}

#[test]
fn sigterm_ends_the_daemon_cleanly_in_the_middle_of_a_command() {
    let stage = Stage::new();
    let daemon = Daemon::start(&stage);
    let script = stage.script(SLOW);
    let mut run = stage.start(&["run", "go", "--script", &script, "--mode", "auto", "--json", "--deltas"]);
    run.until(r#""text":"ready"#);
    daemon.end();
    run.end().exits(1);
    none_is_left(&stage);
    let task = stage.task();
    stage.run(&["resume", &task]).exits(0);
    assert_eq!(stage.show(&task)["last_text"], "All done.");
}

#[test]
fn a_second_door_stops_or_pauses_what_the_first_began() {
    for (word, state) in [("stop", "stopped"), ("pause", "paused")] {
        let stage = Stage::new();
        let daemon = Daemon::start(&stage);
        let script = stage.script(SLOW);
        let mut run = stage.start(&["run", "go", "--script", &script, "--mode", "auto", "--json", "--deltas"]);
        run.until(r#""text":"ready"#);
        let task = stage.task();
        stage.run(&[word, &task]).exits(0);
        run.end().exits(3);
        assert_eq!(stage.show(&task)["state"], state);
        daemon.end();
        none_is_left(&stage);
    }
}
