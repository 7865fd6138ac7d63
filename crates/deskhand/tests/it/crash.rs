//! Crashes at every named place: what was acknowledged is kept, the job ends, no effect happens twice, and Undo still
//! brings everything back. `sweep` does the same between system calls.

use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use event::{CallId, Event, Fact, Outcome};
use serde_json::{Value, json};
use store::FAIL_POINTS;

use crate::daemon::Daemon;
use crate::processes::none_is_left;
use crate::stage::{Stage, outcomes, read_log};

/// A job without questions. It takes every result as it comes, as the outcome of a call that was cut is unknown.
const JOB: &str = r#"
replies:
  - text: I look first.
    calls:
      - { tool: TodoWrite, input: { todos: [{ content: Look, status: in_progress }, { content: Change, status: pending }] } }
      - { tool: Glob, input: { pattern: "*.txt" } }
      - { tool: Read, input: { path: notes.txt } }
  - text: Now I change something.
    calls:
      - { tool: Write, input: { path: fresh.txt, content: "fresh\n" } }
      - { tool: Edit, input: { path: notes.txt, old_string: two, new_string: zwei } }
  - text: Now two commands.
    calls: [{ tool: Bash, input: { command: "echo first >> /outputs/effects.txt" } }]
  - calls: [{ tool: Bash, input: { command: "echo second >> /outputs/effects.txt" } }]
  - calls:
      - { tool: Note, input: { text: Both commands ran. } }
      - { tool: PresentFiles, input: { files: [{ path: /outputs/effects.txt, title: Effects }] } }
  - text: Done.
"#;

const NOTES: &str = "one\ntwo\nthree\n";

/// The job in a world of its own.
pub(crate) struct Site {
    pub(crate) stage: Stage,
    script: String,
}

/// How a run ended that may have been cut.
pub(crate) struct Cut {
    /// The signal that ended it.
    pub(crate) signal: Option<i32>,
    code: Option<i32>,
    /// What it had printed.
    printed: String,
}

impl Cut {
    /// Runs a command that may be cut.
    pub(crate) fn of(command: &mut Command) -> Self {
        let output = command.stdout(Stdio::piped()).stderr(Stdio::piped()).output().unwrap();
        let printed = String::from_utf8(output.stdout).unwrap();
        Self { signal: output.status.signal(), code: output.status.code(), printed }
    }
}

impl Site {
    pub(crate) fn new() -> Self {
        let stage = Stage::new();
        stage.world.write("work", "notes.txt", NOTES).unwrap();
        let script = stage.script(JOB);
        Self { stage, script }
    }

    /// The command line that starts the job.
    pub(crate) fn arguments(&self) -> Vec<String> {
        let folder = self.stage.folder("work");
        ["run", "go", "--script", &self.script, "--folder", &folder, "--mode", "auto", "--json"]
            .map(str::to_owned)
            .into()
    }

    /// The job, or another command line, with a fail point.
    fn run_to(&self, point: &str, arguments: &[String]) -> Cut {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        Cut::of(self.stage.command(&arguments).env("DESKHAND_FAIL_POINT", point))
    }

    /// Crashes the job at a fail point; gives the command line that goes on with it.
    pub(crate) fn crashed_at(&self, point: &str) -> Vec<String> {
        let cut = self.run_to(point, &self.arguments());
        assert!(cut.signal.is_some(), "`{point}` is never reached");
        self.check_acknowledged(&cut);
        let task = read_log(&self.begun().unwrap())[0].task.to_string();
        vec!["resume".to_owned(), task, "--json".to_owned()]
    }

    /// The folder whose log says that the task was made, if it came to that.
    fn begun(&self) -> Option<PathBuf> {
        let mut folders = self.stage.task_folders();
        folders.retain(|folder| std::fs::metadata(folder.join("events.jsonl")).is_ok_and(|log| log.len() > 0));
        assert!(folders.len() <= 1, "{folders:?}");
        folders.pop()
    }

    /// What was acknowledged is stored.
    #[track_caller]
    fn check_acknowledged(&self, cut: &Cut) {
        let end = cut.printed.rfind('\n').map_or(0, |end| end + 1);
        let acknowledged = &cut.printed[..end];
        let stored = self
            .begun()
            .map(|folder| std::fs::read_to_string(folder.join("events.jsonl")).unwrap())
            .unwrap_or_default();
        // A resumed job prints from where it goes on.
        assert!(stored.contains(acknowledged), "printed:\n{acknowledged}\nstored:\n{stored}");
    }

    /// Everything that must hold after a cut: checked now, after going on to the end, and after an Undo.
    #[track_caller]
    pub(crate) fn recover(&self, cut: &Cut) {
        self.check_acknowledged(cut);
        none_is_left(&self.stage);
        match self.begun() {
            None => {
                let arguments = self.arguments();
                self.stage.run(&arguments.iter().map(String::as_str).collect::<Vec<_>>()).exits(0);
            }
            Some(folder) => {
                let task = read_log(&folder)[0].task.to_string();
                if self.stage.show(&task)["state"] != "done" {
                    self.stage.run(&["resume", &task]).exits(0);
                }
            }
        }
        self.check_end();
    }

    #[track_caller]
    fn check_end(&self) {
        let folder = self.begun().unwrap();
        let log = read_log(&folder);
        let task = log[0].task.to_string();
        assert_eq!(self.stage.tasks()[0]["state"], "done");
        let effects = std::fs::read_to_string(folder.join("outputs/effects.txt")).unwrap_or_default();
        check_effects(&log, &effects);
        let tree = self.stage.world.tree("work").unwrap();
        let states = |name: &str| tree.get(name).map(|bytes| String::from_utf8(bytes.clone()).unwrap());
        assert!(matches!(states("fresh.txt").as_deref(), None | Some("fresh\n")), "{tree:?}");
        let notes = states("notes.txt").unwrap();
        assert!(notes == NOTES || notes == NOTES.replace("two", "zwei"), "{notes}");

        self.stage.run(&["undo", &task]).exits(0);
        let before = BTreeMap::from([("notes.txt".to_owned(), NOTES.as_bytes().to_vec())]);
        assert_eq!(self.stage.world.tree("work").unwrap(), before, "Undo brings everything back, and nothing is left");
        read_log(&folder);
        none_is_left(&self.stage);
    }
}

/// Each line stands there at most once; exactly once where its command is known to have run.
#[track_caller]
fn check_effects(log: &[Event], effects: &str) {
    let commands: Vec<(&str, CallId)> = log
        .iter()
        .filter_map(|event| match &event.fact {
            Fact::Replied { reply, .. } => Some(reply.calls().filter(|call| call.tool == "Bash")),
            _ => None,
        })
        .flatten()
        .map(|call| (if call.input.as_str().contains("first") { "first" } else { "second" }, call.id.clone()))
        .collect();
    assert_eq!(commands.iter().map(|(word, _)| *word).collect::<Vec<_>>(), ["first", "second"]);
    for (word, call) in &commands {
        let times = effects.lines().filter(|line| line == word).count();
        let ends: Vec<Outcome> = log
            .iter()
            .filter_map(|event| match &event.fact {
                Fact::ToolFinished { call: of, outcome, .. } if of == call => Some(*outcome),
                _ => None,
            })
            .collect();
        match ends.as_slice() {
            [Outcome::Ok] => assert_eq!(times, 1, "{word} ran: {effects}"),
            [Outcome::Unknown] => assert!(times <= 1, "{word} ran twice: {effects}"),
            other => panic!("{word} ended as {other:?}"),
        }
    }
    assert!(effects.is_empty() || effects.ends_with('\n'), "{effects}");
}

#[test]
fn without_a_crash_the_job_does_everything_once() {
    let site = Site::new();
    let arguments = site.arguments();
    let run = Cut::of(&mut site.stage.command(&arguments.iter().map(String::as_str).collect::<Vec<_>>()));
    assert_eq!((run.signal, run.code), (None, Some(0)));
    let folder = site.begun().unwrap();
    assert_eq!(std::fs::read_to_string(folder.join("outputs/effects.txt")).unwrap(), "first\nsecond\n");
    let ends = outcomes(&read_log(&folder));
    assert_eq!(ends.len(), 9, "{ends:?}");
    assert!(ends.iter().all(|(_, outcome)| *outcome == Outcome::Ok), "{ends:?}");
    assert_eq!(site.stage.world.tree("work").unwrap()["notes.txt"], b"one\nzwei\nthree\n");
    site.recover(&run);
}

/// The passes at which a place is tried: the first ones all, later ones thinly.
const PASSES: [u32; 9] = [1, 2, 3, 4, 6, 9, 13, 18, 25];

/// Goes through the passes of the places whose name begins so. Every place must be reached at least once.
fn crash_at(places: &str) {
    let mut points = 0;
    for name in FAIL_POINTS.into_iter().filter(|name| name.starts_with(places)) {
        for pass in PASSES {
            let site = Site::new();
            let cut = site.run_to(&format!("{name}:{pass}"), &site.arguments());
            if cut.signal.is_none() {
                assert!(pass > 1, "`{name}` is never reached");
                assert_eq!(cut.code, Some(0));
                break;
            }
            site.recover(&cut);
            points += 1;
        }
    }
    println!("{points} crashes at places `{places}…`");
    assert!(points >= FAIL_POINTS.iter().filter(|name| name.starts_with(places)).count());
}

#[test]
fn crashes_in_the_store_lose_nothing() {
    crash_at("store.");
}

#[test]
fn crashes_in_the_engine_lose_nothing() {
    crash_at("engine.");
}

#[test]
fn a_request_repeated_after_a_crash_of_the_daemon_is_carried_out_once() {
    for point in FAIL_POINTS {
        let site = Site::new();
        let folder = json!({"path": site.stage.folder("work"), "access": "read_write"});
        let model = format!("script/{}", site.script);
        let new = json!({"id": "k1", "prompt": "go", "mode": "auto", "model": model, "folders": [folder]}).to_string();
        let create = |daemon: &Daemon| {
            daemon.try_request("POST /api/v1/tasks", &["Content-Type: application/json", &daemon.bearer()], &new)
        };
        let daemon = Daemon::start_to(&site.stage, point);
        let first = create(&daemon);
        assert_eq!(daemon.running.end().code, None, "`{point}` is never reached");
        assert!(first.is_none_or(|(status, _)| status == 201));
        none_is_left(&site.stage);

        let daemon = Daemon::start(&site.stage);
        let (status, answer) = create(&daemon).unwrap();
        assert_eq!(status, 201, "{point}: {answer}");
        let id = serde_json::from_str::<Value>(&answer).unwrap()["id"].as_str().unwrap().to_owned();
        let mut follow = site.stage.start(&["follow", &id, "--json"]);
        follow.until(r#""type":"turn_ended""#);
        let said = follow.lines.iter().filter(|line| line.contains(r#""type":"said""#)).count();
        assert_eq!(said, 1, "{point}");
        site.check_end();
        daemon.end();
    }
}

#[test]
fn a_message_that_no_turn_has_read_is_read_when_the_daemon_starts_again() {
    let stage = Stage::new();
    let script = stage.script("replies: [{ text: First answer. }, { text: Second answer. }]");
    stage.run(&["run", "first", "--script", &script]).exits(0);
    let task = stage.task();
    // The first thing this daemon stores is the message.
    let daemon = Daemon::start_to(&stage, "store.append.written");
    stage.run(&["say", &task, "second"]).exits(1).complaint();
    assert_eq!(daemon.running.end().code, None);
    let log = stage.log();
    let said = log.iter().filter(|event| matches!(event.fact, Fact::Said { .. })).count();
    let steps = log.iter().filter(|event| matches!(event.fact, Fact::StepStarted { .. })).count();
    assert_eq!((said, steps), (2, 1), "the message is stored and nothing was done about it yet");
    assert_eq!(stage.tasks()[0]["state"], "working", "a message waits to be read");

    let daemon = Daemon::start(&stage);
    let mut follow = stage.start(&["follow", &task, "--json"]);
    follow.until(r#""type":"turn_ended","data":{"turn":2"#);
    assert_eq!(stage.show(&task)["last_text"], "Second answer.");
    daemon.end();
}

#[test]
fn a_crash_while_recovering_from_a_crash_loses_nothing() {
    let mut points = 0;
    for first in ["engine.tool.ran:2", "engine.intent.synced:6", "store.append.written:9"] {
        for second in FAIL_POINTS.into_iter().filter(|name| !name.starts_with("store.create")) {
            let site = Site::new();
            let arguments = site.crashed_at(first);
            let again = site.run_to(second, &arguments);
            if again.signal.is_some() {
                points += 1;
            } else {
                assert_eq!(again.code, Some(0), "{first}, {second}");
            }
            site.recover(&again);
        }
    }
    println!("{points} crashes while recovering");
    assert!(points >= 20, "{points}");
}
