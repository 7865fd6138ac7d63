//! Exit codes: 0 done, 1 failed, 3 stopped or denied, 4 waiting for an answer that nobody can give. (2 is in
//! `complaints`.)

use event::{Ending, Fact, Outcome};
use rustix::process::Signal;
use serde_json::json;

use crate::processes::none_is_left;
use crate::stage::{Stage, outcomes};

const COMMAND: &str = r"
replies:
  - text: I run it.
    calls: [{ tool: Bash, input: { command: 'echo ran > /outputs/ran.txt' } }]
  - when: { contains: [denied] }
    text: Then I leave it.
  - text: It ran.
";

#[test]
fn done_is_0_and_a_failing_script_is_1() {
    let stage = Stage::new();
    let script = stage.script("replies: [{ text: Done. }]");
    let run = stage.run(&["run", "go", "--script", &script]).exits(0);
    assert_eq!(run.stderr, "");
    let script = stage.script("replies: [{ expect: { contains: [pineapple] }, text: Done. }]");
    let run = stage.run(&["run", "stop", "--script", &script]).exits(1);
    let failed = "Failed: reply 1: expected `pineapple` in what it was sent\n  hint: correct the Script or the job";
    assert!(run.stdout.contains(failed), "{}", run.stdout);
}

#[test]
fn waiting_is_4_and_denied_is_3() {
    let stage = Stage::new();
    let script = stage.script(COMMAND);
    stage.run(&["run", "go", "--script", &script, "--mode", "ask"]).exits(4);
    let task = stage.task();
    // Looking at it changes nothing about it.
    assert_eq!(stage.tasks()[0]["state"], "needs_you");
    let run = stage.run(&["deny", &task, "--note", "use the other one"]).exits(3);
    assert!(run.stdout.contains("Then I leave it."), "{}", run.stdout);
    assert_eq!(outcomes(&stage.log()), [("Bash".to_owned(), Outcome::Denied)]);
    assert!(!stage.task_folder().join("outputs/ran.txt").exists());
    let (message, _) = stage.run(&["approve", &task]).exits(1).complaint();
    assert_eq!(message, "no approval is waiting");
    let (message, _) = stage.run(&["answer", &task, "1"]).exits(1).complaint();
    assert_eq!(message, "no question is waiting");
    let (message, _) = stage.run(&["resume", &task]).exits(1).complaint();
    assert_eq!(message, "the task is not paused");
}

#[test]
fn a_waiting_task_can_be_stopped_by_name() {
    let stage = Stage::new();
    let script = stage.script(COMMAND);
    stage.run(&["run", "go", "--script", &script, "--mode", "ask"]).exits(4);
    let task = stage.task();
    let stopped = stage.run(&["stop", &task]).exits(0);
    assert_eq!(stopped.stdout, format!("task {task} stopped\n"));
    assert_eq!(stage.tasks()[0]["state"], "stopped");
    assert_eq!(outcomes(&stage.log()), [("Bash".to_owned(), Outcome::Stopped)]);
    stage.run(&["stop", &task]).exits(1).complaint();
    // And said something, it works again.
    let again = stage.run(&["say", &task, "go on"]).exits(0);
    assert!(again.stdout.contains("It ran."), "{}", again.stdout);
}

#[test]
fn ctrl_c_in_a_slow_command_stops_it_and_leaves_no_process() {
    let stage = Stage::new();
    let script = stage.script(
        r"
replies:
  - calls: [{ tool: Bash, input: { command: 'sleep 4716 & echo ready; sleep 4716' } }]
  - text: never
",
    );
    let mut run = stage.start(&["run", "go", "--script", &script, "--mode", "auto", "--json", "--deltas"]);
    run.until(r#""text":"ready"#);
    run.signal(Signal::INT);
    let ended = run.end().exits(3);
    assert_eq!(ended.stderr, "");
    let log = stage.log();
    assert_eq!(outcomes(&log), [("Bash".to_owned(), Outcome::Stopped)]);
    let last = &log.last().unwrap().fact;
    assert_eq!(*last, Fact::TurnEnded { turn: 1, ending: Ending::Stopped });
    none_is_left(&stage);
}

#[test]
fn the_end_by_sigterm_or_sigkill_leaves_no_process_and_the_task_goes_on() {
    for signal in [Signal::TERM, Signal::KILL] {
        let stage = Stage::new();
        let script = stage.script(
            r"
replies:
  - calls: [{ tool: Bash, input: { command: 'setsid -f sleep 4717; echo ready; sleep 4717' } }]
  - expect: { contains: [Outcome unknown] }
    text: I look first.
",
        );
        let mut run = stage.start(&["run", "go", "--script", &script, "--mode", "auto", "--json", "--deltas"]);
        run.until(r#""text":"ready"#);
        run.signal(signal);
        let ended = run.end();
        assert_eq!(ended.code, None, "{ended:?}");
        none_is_left(&stage);
        let task = stage.task();
        assert_eq!(stage.tasks()[0]["state"], "working");
        stage.run(&["resume", &task]).exits(0);
        assert_eq!(outcomes(&stage.log()), [("Bash".to_owned(), Outcome::Unknown)]);
        assert_eq!(stage.show(&task)["last_text"], "I look first.");
    }
}

#[test]
fn a_limit_pauses_with_1_and_resume_goes_on() {
    let stage = Stage::new();
    let config = stage.world.config().join("deskhand");
    std::fs::create_dir_all(&config).unwrap();
    std::fs::write(config.join("config.toml"), "[limits]\nsteps = 2\n").unwrap();
    let script = stage.script(
        r"
replies:
  - calls: [{ tool: Note, input: { text: one } }]
  - calls: [{ tool: Note, input: { text: two } }]
  - text: Done.
",
    );
    let run = stage.run(&["run", "go", "--script", &script]).exits(1);
    assert!(run.stdout.contains("Paused: the limit of 2 steps is reached\n  hint: "), "{}", run.stdout);
    let task = stage.task();
    assert_eq!(stage.show(&task)["state"], json!("paused"));
    stage.run(&["resume", &task]).exits(0);
    assert_eq!(stage.show(&task)["scratchpad"], "two");
}

#[test]
fn a_task_that_another_process_works_on_is_left_alone() {
    let stage = Stage::new();
    let script = stage.script(
        r"
replies:
  - calls: [{ tool: Bash, input: { command: 'echo ready; sleep 4718' } }]
  - text: never
",
    );
    let mut run = stage.start(&["run", "go", "--script", &script, "--mode", "auto", "--json", "--deltas"]);
    run.until(r#""text":"ready"#);
    let task = stage.task();
    let (message, hint) = stage.run(&["say", &task, "hello"]).exits(1).complaint();
    let holder = run.pid().as_raw_nonzero();
    assert_eq!(message, format!("task `{task}` is open in another process ({holder})"));
    assert_eq!(hint, "wait for the other process, or stop it");
    // Reading needs no permission.
    assert_eq!(stage.show(&task)["state"], "working");
    run.signal(Signal::INT);
    run.end().exits(3);
}
