//! `deskhand` without a command: the app in the browser, over the daemon that runs or one that is started for it; and
//! setting the app up over HTTP as a first visit does.

use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::Command;

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::process::{Pid, PidfdFlags, Signal};
use serde_json::{Value, json};

use crate::daemon::{Daemon, Door};
use crate::stage::Stage;

/// How long the daemon may take to end.
const PATIENCE: Timespec = Timespec { tv_sec: 20, tv_nsec: 0 };

/// A stage with a desktop whose browser notes what it is asked to open.
fn desktop() -> (Stage, PathBuf) {
    let stage = Stage::new();
    let programs = stage.world.root().join("programs");
    let told = stage.world.root().join("told");
    std::fs::create_dir(&programs).unwrap();
    let draft = programs.join("draft");
    std::fs::write(&draft, format!("#!/bin/sh\necho \"$@\" >> '{}'\n", told.display())).unwrap();
    // Written by another process, so that nothing here still has it open when it is started.
    let made = Command::new("install").arg("-m755").arg(&draft).arg(programs.join("xdg-open")).status().unwrap();
    assert!(made.success());
    let path = format!("{}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", programs.display());
    (stage.with("PATH", path).with("DISPLAY", ":0"), told)
}

/// The daemon that was started in the background. Ended when it is dropped.
struct Background {
    pid: Pid,
}

impl Background {
    fn find(stage: &Stage) -> Self {
        let socket = UnixStream::connect(stage.world.home().join("run/deskhand.sock")).unwrap();
        Self { pid: rustix::net::sockopt::socket_peercred(&socket).unwrap().pid }
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        let process = rustix::process::pidfd_open(self.pid, PidfdFlags::empty()).unwrap();
        rustix::process::pidfd_send_signal(&process, Signal::TERM).unwrap();
        let mut end = [PollFd::new(&process, PollFlags::IN)];
        assert_eq!(rustix::event::poll(&mut end, Some(&PATIENCE)).unwrap(), 1, "the daemon does not end");
    }
}

#[test]
fn the_app_opens_with_a_daemon_of_its_own_and_the_next_time_with_the_same() {
    let (stage, told) = desktop();
    let first = stage.run(&[]).exits(0);
    let background = Background::find(&stage);
    let address = first.stdout.trim_end().to_owned();
    assert!(address.starts_with("http://127.0.0.1:") && address.contains("/?token="), "{first:?}");
    assert_eq!(first.stderr, "");
    let second = stage.run(&[]).exits(0);
    assert_eq!(second, first, "the same daemon answers");
    assert_eq!(Background::find(&stage).leave(), background.pid);
    let opened = std::fs::read_to_string(&told).unwrap();
    // Other users can read what a program is started with: no token there, and what is there is good once.
    let door = Door::at(&address);
    let opened_at: Vec<&str> = opened.lines().collect();
    assert_eq!(opened_at.len(), 2, "{opened}");
    for once in opened_at {
        let (origin, ticket) = once.split_once("/?ticket=").unwrap();
        assert!(address.starts_with(origin) && !address.contains(ticket), "{once}");
        let statuses = [(); 2].map(|()| door.request(&format!("GET /?ticket={ticket}"), &[], "").0);
        assert_eq!(statuses, [200, 401]);
    }

    // Neither way of asking for no browser opens one.
    assert_eq!(stage.run(&["--no-open"]).exits(0), first);
    let quiet = crate::stage::ended(stage.command(&[]).env("DESKHAND_NO_OPEN", "1")).exits(0);
    assert_eq!(quiet, first);
    assert_eq!(std::fs::read_to_string(&told).unwrap(), opened);

    // It stands apart from this process, and its log holds no token.
    assert_eq!(rustix::process::getsid(Some(background.pid)).unwrap(), background.pid);
    assert_eq!(std::fs::read_to_string(stage.world.home().join("daemon.log")).unwrap(), "");
    assert_eq!(door.request("GET /api/v1/tasks", &[&door.bearer()], ""), (200, "[]".to_owned()));
    drop(background);
    assert!(!stage.world.home().join("run/deskhand.sock").exists());
}

impl Background {
    /// Its process, which goes on.
    fn leave(self) -> Pid {
        let pid = self.pid;
        std::mem::forget(self);
        pid
    }
}

#[test]
fn a_daemon_in_the_background_is_ended_by_a_command() {
    let stage = Stage::new();
    let none = "no daemon is running\n";
    assert_eq!(stage.run(&["quit"]).exits(0).stdout, none);
    stage.run(&["--no-open"]).exits(0);
    let pid = Background::find(&stage).leave();
    let process = rustix::process::pidfd_open(pid, PidfdFlags::empty()).unwrap();
    let quit = stage.run(&["quit"]).exits(0);
    assert_eq!(quit.stdout, "the daemon has ended; tasks at work go on when it starts again\n");
    assert!(!stage.world.home().join("run/deskhand.sock").exists());
    let mut end = [PollFd::new(&process, PollFlags::IN)];
    assert_eq!(rustix::event::poll(&mut end, Some(&PATIENCE)).unwrap(), 1, "the daemon does not end");
    assert_eq!(stage.run(&["quit"]).exits(0).stdout, none);
}

#[test]
fn without_a_desktop_the_address_is_enough() {
    let stage = Stage::new();
    let run = stage.run(&[]).exits(0);
    let _background = Background::find(&stage);
    assert!(run.stdout.starts_with("http://127.0.0.1:"), "{run:?}");
    let expected = "no browser was opened (there is no desktop in this session): open the address yourself\n";
    assert_eq!(run.stderr, expected);
}

#[test]
fn a_daemon_that_cannot_start_says_why() {
    let (stage, told) = desktop();
    std::fs::write(stage.world.home().join("config.toml"), "default_mode = \"loud\"\n").unwrap();
    let (message, hint) = stage.run(&[]).exits(1).complaint();
    assert!(stage.plain(&message).starts_with("`<world>/home/config.toml` is not understood"), "{message}");
    assert_eq!(hint, "correct the file, or remove it to use the defaults");
    assert!(!told.exists());
    // Once it is mended the next start succeeds, whatever the log holds from before.
    std::fs::remove_file(stage.world.home().join("config.toml")).unwrap();
    stage.run(&["--no-open"]).exits(0);
    drop(Background::find(&stage));
}

#[test]
fn serve_opens_the_browser_where_it_is_asked_to() {
    let (stage, told) = desktop();
    // Reading waits for the browser to be asked.
    assert!(Command::new("mkfifo").arg(&told).status().unwrap().success());
    let mut running = stage.start(&["serve", "--open"]);
    let address = running.line().unwrap();
    let opened = std::fs::read_to_string(told).unwrap();
    let (origin, ticket) = opened.trim_end().split_once("/?ticket=").unwrap();
    assert!(address.starts_with(&format!("{origin}/?token=")) && !address.contains(ticket), "{opened}");
    let statuses = [(); 2].map(|()| Door::at(&address).request(&format!("GET /?ticket={ticket}"), &[], "").0);
    assert_eq!(statuses, [200, 401]);
    running.signal(Signal::TERM);
    assert_eq!(running.end().exits(0).stderr, "");
}

fn send(daemon: &Daemon, line: &str, body: &Value) -> (u16, Value) {
    let headers = ["Content-Type: application/json", &daemon.bearer()];
    let (status, body) = daemon.request(line, &headers, &body.to_string());
    (status, serde_json::from_str(&body).unwrap_or(Value::Null))
}

#[test]
fn a_key_entered_in_the_window_is_kept_and_used_and_stands_in_no_readable_file() {
    let server = testkit::FakeServer::start([testkit::Turn::text("Hello from there.")]).unwrap();
    // A bus that is not there must cost nothing but the keychain.
    let stage = Stage::new().with("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent");
    let daemon = Daemon::start(&stage);
    let provider = json!({"dialect": "openai", "base_url": format!("{}/v1", server.url()), "key": "sk-entered"});
    let (status, settings) = send(&daemon, "PUT /api/v1/providers/mine", &provider);
    assert_eq!(status, 200, "{settings}");
    assert_eq!(settings["key_place"], "encrypted_file");
    let own = settings["providers"].as_array().unwrap().iter().find(|one| one["name"] == "mine").unwrap();
    assert_eq!((&own["key"], &own["local"]), (&json!("encrypted_file"), &json!(true)));
    daemon.end();
    // The command line finds it too.
    let run = stage.run(&["run", "hello", "--model", "mine/fake-model"]).exits(0);
    assert!(run.stdout.contains("Hello from there."), "{}", run.stdout);
    let record = server.records().into_iter().next().unwrap();
    assert_eq!(record.header("authorization"), ["Bearer sk-entered"]);
    let found = Command::new("grep").args(["-rl", "sk-entered"]).arg(stage.world.root()).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&found.stdout), "");
}

#[test]
fn the_example_of_the_window_is_the_real_one() {
    let stage = Stage::new();
    let daemon = Daemon::start(&stage);
    let (status, made) = send(&daemon, "POST /api/v1/example", &Value::Null);
    assert_eq!(status, 201, "{made}");
    let task = made["id"].as_str().unwrap().to_owned();
    let mut follow = stage.start(&["follow", &task, "--json"]);
    follow.until("question_asked");
    follow.signal(Signal::INT);
    follow.end().exits(0);
    let view = stage.show(&task);
    assert_eq!((&view["mode"], &view["state"]), (&json!("ask"), &json!("needs_you")));
    let mut run = stage.run(&["answer", &task, "1"]);
    for _ in 0..10 {
        if run.code != Some(4) {
            break;
        }
        run = stage.run(&["approve", &task, "--scope", "task"]);
    }
    run.exits(0);
    let outputs = stage.task_folder().join("outputs");
    let report = std::fs::read_to_string(outputs.join("report.md")).unwrap();
    assert!(report.contains("(1461 days)") && !report.contains("{{"), "{report}");
    daemon.end();
}
