//! `--json`: the stored events and nothing else, line by line as in the log.

use rustix::process::Signal;
use serde_json::Value;

use crate::stage::{Stage, log_lines};

#[test]
fn every_line_is_the_line_of_the_log() {
    let stage = Stage::new();
    let (folder, script) = stage.example();
    let arguments = ["run", "Weather report", "--script", &script, "--folder", &folder, "--mode", "auto", "--json"];
    let first = stage.run(&arguments).exits(4);
    let stored = log_lines(&stage.task_folder());
    assert_eq!(first.stdout.lines().collect::<Vec<_>>(), stored);
    assert_eq!(first.stderr, "");
    let numbers: Vec<u64> = first.json().iter().map(|event| event["seq"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (1..=stored.len() as u64).collect::<Vec<_>>());

    // A later command prints what came after it, also from the first line on that is new.
    let second = stage.run(&["answer", &stage.task(), "1", "--json"]).exits(0);
    let whole = log_lines(&stage.task_folder());
    assert_eq!(whole[..stored.len()], stored, "the log only grows");
    assert_eq!(second.stdout.lines().collect::<Vec<_>>(), whole[stored.len()..]);

    // Following prints all of it and ends when the user has seen enough.
    let mut follow = stage.start(&["follow", &stage.task(), "--json"]);
    for line in &whole {
        assert_eq!(follow.line().as_ref(), Some(line));
    }
    follow.signal(Signal::INT);
    follow.end().exits(0);
}

#[test]
fn deltas_stand_between_the_events_and_only_on_wish() {
    let stage = Stage::new();
    let script = stage.script(
        r"
replies:
  - text: I run a command now.
    calls: [{ tool: Bash, input: { command: 'echo some output' } }]
  - text: It said something.
",
    );
    let run = stage.run(&["run", "go", "--script", &script, "--mode", "skip", "--json", "--deltas"]).exits(0);
    let (deltas, events): (Vec<&str>, Vec<&str>) =
        run.stdout.lines().partition(|line| line.starts_with(r#"{"ephemeral":"#));
    assert_eq!(events, log_lines(&stage.task_folder()));
    let said: Vec<Value> = deltas.iter().map(|line| serde_json::from_str::<Value>(line).unwrap()).collect();
    let text = |kind: &str, place: &str, of: Value| -> String {
        let fitting = said.iter().map(|delta| &delta["ephemeral"]).filter(|delta| delta["type"] == kind);
        let data = fitting.map(|delta| &delta["data"]).filter(|data| data[place] == of);
        data.map(|data| data["text"].as_str().unwrap()).collect()
    };
    assert_eq!(text("text", "step", 1.into()), "I run a command now.");
    assert_eq!(text("text", "step", 2.into()), "It said something.");
    assert_eq!(text("output", "call", "script_1_1".into()), "some output\n");
}

#[test]
fn a_failed_job_says_so_in_its_last_event_and_in_words() {
    let stage = Stage::new();
    let script = stage.script("replies: [{ expect: { contains: [pineapple] }, text: Hello. }]");
    let run = stage.run(&["run", "go", "--script", &script, "--json"]).exits(1);
    let last = run.json().pop().unwrap();
    assert_eq!(last["fact"]["type"], "turn_ended");
    let ending = &last["fact"]["data"]["ending"]["data"];
    assert_eq!(ending["code"], "script");
    let (message, hint) = run.complaint();
    assert_eq!((ending["message"].as_str(), ending["hint"].as_str()), (Some(&*message), Some(&*hint)));
    assert_eq!(run.stdout.lines().collect::<Vec<_>>(), log_lines(&stage.task_folder()));
}

#[test]
fn the_reader_may_go_away() {
    let stage = Stage::new();
    let script = stage.script("pace_ms: 1\nreplies: [{ text: One two three four five six seven eight nine ten. }]");
    let mut command = std::process::Command::new("sh");
    stage.prepare(&mut command);
    command.args(["-c", r#""$0" run go --script "$1" --json | head -n 1"#]).arg(&stage.program[0]).arg(&script);
    let ended = crate::stage::ended(&mut command).exits(0);
    assert_eq!(ended.stdout.lines().count(), 1);
    assert!(!ended.stderr.contains("panicked"), "{}", ended.stderr);
    // What was under way is kept, and goes on.
    let task = stage.task();
    if stage.show(&task)["state"] != "done" {
        stage.run(&["resume", &task]).exits(0);
    }
    assert_eq!(stage.show(&task)["last_text"], "One two three four five six seven eight nine ten.");
}
