//! Logs that were altered or torn: named with task and line, never guessed at, nothing intact lost.

use std::io::Write as _;

use serde_json::Value;
use testkit::FakeServer;

use crate::stage::{Ended, Stage, log_lines};

/// A server that offers a model, so that nothing but the log can be wrong.
fn ready() -> (FakeServer, Stage) {
    let server = FakeServer::start(Vec::<testkit::Turn>::new()).unwrap();
    let stage = Stage::new().with("ANTHROPIC_BASE_URL", server.url());
    (server, stage)
}

/// The example, waiting at its question.
fn waiting(stage: &Stage) -> String {
    let (folder, script) = stage.example();
    stage.run(&["run", "Weather report", "--script", &script, "--folder", &folder, "--mode", "auto"]).exits(4);
    stage.task()
}

/// The checks that failed: name and detail.
fn failures(doctor: &Ended) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let checks = doctor.json();
    let bad = checks.iter().filter(|check| check["ok"] == false);
    bad.map(|check| (text(&check["name"]), text(&check["detail"]))).collect()
}

#[test]
fn an_altered_log_is_named_by_task_and_line_everywhere() {
    let (_server, stage) = ready();
    let task = waiting(&stage);
    assert_eq!(failures(&stage.run(&["doctor", "--json"]).exits(0)), []);
    let log = stage.task_folder().join("events.jsonl");
    let sound = std::fs::read(&log).unwrap();
    let lines = log_lines(&stage.task_folder());
    let middle = lines.len() / 2;
    let start: usize = lines[..middle].iter().map(|line| line.len() + 1).sum();
    let digit = start + lines[middle].find(r#""at":"#).unwrap() + 8;
    // A byte that breaks the line, and one that leaves it whole JSON that says something else.
    for (place, bit) in [(start, 0x01), (digit, 0x01)] {
        let mut bytes = sound.clone();
        bytes[place] ^= bit;
        std::fs::write(&log, &bytes).unwrap();
        let line = middle + 1;
        let begin = format!("the log of task `{task}` is damaged at line {line}: ");
        for arguments in [&["show", &task][..], &["resume", &task], &["answer", &task, "1"], &["follow", &task]] {
            let (message, hint) = stage.run(arguments).exits(1).complaint();
            assert!(message.starts_with(&begin), "{arguments:?}: {message}");
            assert_eq!(hint, "see the damage with `deskhand doctor`; the lines before it are intact");
        }
        let found = failures(&stage.run(&["doctor", "--json"]).exits(1));
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].0, format!("log of {task}"));
        assert!(found[0].1.contains(&format!("events.jsonl line {line}: ")), "{found:?}");
        let rebuilt = stage.run(&["index", "rebuild"]).exits(1).stdout;
        assert!(rebuilt.starts_with(&format!("damaged: task {task}, ")), "{rebuilt}");
        assert!(rebuilt.contains(&format!("events.jsonl line {line}: ")), "{rebuilt}");
        assert_eq!(std::fs::read(&log).unwrap(), bytes, "a damaged log is not touched");
    }
    // Other tasks go on, and so does this one when the file is what it was.
    let script = stage.script("replies: [{ text: Done. }]");
    stage.run(&["run", "another", "--script", &script]).exits(0);
    std::fs::write(&log, &sound).unwrap();
    stage.example();
    stage.run(&["answer", &task, "1"]).exits(0);
    stage.run(&["index", "rebuild"]).exits(0);
}

#[test]
fn a_torn_last_line_costs_nothing_that_was_whole() {
    let (_server, stage) = ready();
    let task = waiting(&stage);
    let mut whole = log_lines(&stage.task_folder());
    let log = stage.task_folder().join("events.jsonl");
    let begun = whole[whole.len() - 1][..40].to_owned();
    for torn in [begun.as_str(), "\0\0\0\0\0\0", "{"] {
        std::fs::OpenOptions::new().append(true).open(&log).unwrap().write_all(torn.as_bytes()).unwrap();
        assert_eq!(stage.show(&task)["state"], "needs_you");
        let found = failures(&stage.run(&["doctor", "--json"]).exits(1));
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].1.contains("torn") && found[0].1.contains("cut when the task is opened"), "{found:?}");
        // A question answered with the wrong number of answers writes nothing; opening it cuts the line.
        stage.run(&["say", &task, " "]).exits(1).complaint();
        let now = log_lines(&stage.task_folder());
        assert_eq!(now[..whole.len()], whole);
        let told = format!(r#"{{"type":"log_mended","data":{{"bytes":{}}}}}"#, torn.len());
        assert!(now.len() == whole.len() + 1 && now[whole.len()].contains(&told), "{:?}", now.last());
        whole = now;
        assert_eq!(failures(&stage.run(&["doctor", "--json"]).exits(0)), []);
    }
    stage.run(&["answer", &task, "1"]).exits(0);
    assert_eq!(log_lines(&stage.task_folder())[..whole.len()], whole);
    assert_eq!(stage.show(&task)["progress"]["done"], 5);
    stage.log();
}

#[test]
fn a_folder_without_a_log_does_not_disturb_the_others() {
    let (_server, stage) = ready();
    let script = stage.script("replies: [{ text: Done. }]");
    stage.run(&["run", "one", "--script", &script]).exits(0);
    let task = stage.task();
    let empty = stage.world.home().join("tasks/2026-01-01-empty-017bhw40r4");
    std::fs::create_dir(&empty).unwrap();
    std::fs::create_dir(stage.world.home().join("tasks/my own folder")).unwrap();
    assert_eq!(stage.task(), task);
    stage.run(&["run", "two", "--script", &script]).exits(0);
    assert_eq!(stage.tasks().len(), 2);
    let (message, _) = stage.run(&["show", "017bhw40r4"]).exits(1).complaint();
    assert!(message.contains("events.jsonl"), "{message}");
}
