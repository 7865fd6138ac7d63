//! Single calls: what is declared, what runs, what is reported.

use std::sync::Arc;
use std::time::Duration;

use event::{Access, Effect, Fact, Outcome, Tier};
use sandbox::{Command, Exit, Output, SandboxError, Stream};
use tokio_util::sync::CancellationToken;
use tool::{OUTPUT_CAP, Preview, Reach, Report, Tool};
use tool_shell::Bash;

use crate::scripted::{Play, Scripted, Shown, call, desk, err, exit, folder, out, play, run, said};

fn bash(plays: impl IntoIterator<Item = Play>) -> (Bash, Scripted) {
    let sandbox = Scripted::playing(plays);
    (sandbox.bash(), sandbox)
}

fn two_folders() -> tool::Desk {
    desk(vec![folder("Reports", Access::ReadWrite), folder("Taxes", Access::ReadOnly)])
}

#[test]
fn what_the_model_reads_is_short_and_whole() {
    let (bash, _) = bash([]);
    let spec = bash.spec();
    assert_eq!((spec.name, spec.reach), ("Bash", Reach::Changes));
    assert!(spec.description.len() <= 1_400, "{} bytes", spec.description.len());
    for word in [
        "/work/<name>",
        "/outputs",
        "/uploads",
        "makes the command wait while the user is asked",
        "do not work around",
        "renaming",
        "HTTP_PROXY",
        "can be undone",
        "Read, Glob and Grep",
        "Quote",
        "30,000",
        "120",
    ] {
        assert!(spec.description.contains(word), "{word}");
    }
    let schema: serde_json::Value = spec.input.decode().unwrap();
    let mut names: Vec<_> = schema["properties"].as_object().unwrap().keys().cloned().collect();
    names.sort();
    assert_eq!(names, ["command", "description", "timeout_seconds"]);
    assert_eq!(schema["required"], serde_json::json!(["command"]));
}

#[test]
fn without_a_network_the_model_is_told_so() {
    let sandbox = Scripted::default();
    let bash = Bash::new(Arc::new(sandbox.clone()), Arc::new(sandbox), None);
    assert!(bash.spec().description.contains("No network") && !bash.spec().description.contains("HTTP_PROXY"));
}

#[test]
fn a_call_says_what_it_will_do_before_it_runs() {
    let (bash, sandbox) = bash([]);
    let effects = |input: &str| bash.preview(&call(input), &two_folders()).map_err(|error| error.0);
    let run = Effect::Run("ls -l".to_owned());
    assert_eq!(effects(r#"{"command":"ls -l"}"#), Ok(Preview::Effects(vec![run.clone()])));
    let all = r#"{"command":"ls -l","description":"lists","timeout_seconds":3600,"may_delete":true}"#;
    assert_eq!(effects(all), Ok(Preview::Effects(vec![run])), "what it does not know is passed over");
    let range = "`timeout_seconds` must be from 1 to 3600";
    let table = [
        (r#"{"command":""}"#, "`command` is empty"),
        (r#"{"command":" \n"}"#, "`command` is empty"),
        (r#"{"command":"ls","timeout_seconds":0}"#, range),
        (r#"{"command":"ls","timeout_seconds":3601}"#, range),
        ("{}", "the input of Bash cannot be read: missing field `command` at line 1 column 2"),
    ];
    for (input, error) in table {
        assert_eq!(effects(input), Err(error.to_owned()), "{input}");
    }
    assert_eq!(sandbox.log(|log| log.starts.len()), 0);
}

#[tokio::test]
async fn a_command_runs_in_the_first_folder_and_its_output_comes_back() {
    let (bash, sandbox) = bash([play([out("one\n"), err("two\n"), out("three"), exit(0)])]);
    let (report, shown) = run(&bash, r#"{"command":"./go","timeout_seconds":7}"#, &two_folders()).await;
    assert_eq!(report, Report::ok("one\ntwo\nthree"));
    assert_eq!(shown.output.lock().unwrap().as_str(), "one\ntwo\nthree");
    assert_eq!(
        *shown.facts.lock().unwrap(),
        [Fact::SandboxStarted { tier: Tier::Namespace, folders_read_only: false }]
    );
    let expected = Command {
        argv: ["/bin/bash", "-c", "./go"].map(str::to_owned).to_vec(),
        directory: "/work/Reports".to_owned(),
        environment: Vec::new(),
        timeout: Duration::from_secs(7),
    };
    assert_eq!(sandbox.log(|log| log.commands.clone()), [expected]);
}

#[tokio::test]
async fn every_ending_has_its_outcome_and_its_line() {
    let ended = |code, signal, timed_out| Output::Exit(Exit { code, signal, timed_out, out_of_memory: false });
    let starved = Output::Exit(Exit { code: Some(0), signal: None, timed_out: false, out_of_memory: true });
    let table = [
        (vec![exit(0)], Outcome::Ok, "(no output)"),
        (vec![out("a\n"), exit(0)], Outcome::Ok, "a\n"),
        (vec![exit(3)], Outcome::Failed, "exit code 3"),
        (vec![out("a"), exit(3)], Outcome::Failed, "a\nexit code 3"),
        (vec![err("a\n"), ended(None, Some(9), false)], Outcome::Failed, "a\nended by signal 9"),
        (vec![out("a\n"), ended(None, Some(9), true)], Outcome::TimedOut, "a\ntimed out after 120 s"),
        (vec![out("a\n"), starved], Outcome::Ok, "a\na process of it was ended because memory ran out"),
        (vec![Output::Bytes(Stream::Out, vec![0xff, b'a']), exit(0)], Outcome::Ok, "\u{fffd}a"),
    ];
    for (outputs, outcome, text) in table {
        let (bash, _) = bash([play(outputs)]);
        let (report, _) = run(&bash, r#"{"command":"x"}"#, &two_folders()).await;
        assert_eq!(report, Report { outcome, ..Report::ok(text) });
    }
}

#[tokio::test]
async fn a_flood_of_output_is_capped_before_the_model_and_on_the_screen() {
    let piece = "0123456789abcdef";
    let (bash, _) = bash([Play::Flood(2_000_000, piece)]);
    let (report, shown) = run(&bash, r#"{"command":"yes"}"#, &two_folders()).await;
    let text = said(&report);
    assert!(text.len() <= OUTPUT_CAP && text.len() > OUTPUT_CAP * 9 / 10, "{} bytes", text.len());
    assert!(text.starts_with(piece) && text.ends_with(piece) && text.contains(" bytes left out …]"));
    let live = shown.output.lock().unwrap();
    assert!(live.len() < (1 << 20) + 200, "{} bytes", live.len());
    assert!(live.ends_with("further output is not shown here …]\n"));
}

#[tokio::test]
async fn a_stopped_call_reports_what_there_was() {
    let (bash, sandbox) = bash([Play::Hang("begun\n"), play([exit(0)])]);
    let stop = CancellationToken::new();
    let shown = Arc::new(Shown { stop_at: Some(("begun", stop.clone())), ..Shown::default() });
    let report = bash.run(call(r#"{"command":"x"}"#), Arc::new(two_folders()), shown, stop).await;
    assert_eq!(report, Report { outcome: Outcome::Stopped, ..Report::ok("begun\nstopped by the user") });
    // The machine stays for the next command.
    let (report, _) = run(&bash, r#"{"command":"x"}"#, &two_folders()).await;
    assert_eq!(report.outcome, Outcome::Ok);
    assert_eq!(sandbox.log(|log| log.starts.len()), 1);
}

#[tokio::test(start_paused = true)]
async fn a_machine_that_never_answers_is_given_up() {
    let (bash, sandbox) = bash([Play::Hang("begun\n"), play([exit(0)])]);
    let (report, _) = run(&bash, r#"{"command":"x","timeout_seconds":5}"#, &two_folders()).await;
    let text = "begun\nthe sandbox ended unexpectedly: it did not end a command in time. \
        Next step: run the command again; the sandbox starts afresh";
    assert_eq!(report, Report::failed(text));
    let (report, _) = run(&bash, r#"{"command":"x"}"#, &two_folders()).await;
    assert_eq!(report.outcome, Outcome::Ok);
    assert_eq!(sandbox.log(|log| log.starts.len()), 2);
}

#[tokio::test]
async fn without_a_sandbox_the_tool_is_withdrawn() {
    let error = SandboxError::Unavailable { what: "bubblewrap is not installed".into(), hint: "install it".into() };
    let bash = Scripted::failing(error).bash();
    let (report, shown) = run(&bash, r#"{"command":"x"}"#, &two_folders()).await;
    let withdrawn = Fact::ToolWithdrawn {
        tool: "Bash".to_owned(),
        reason: "bubblewrap is not installed".to_owned(),
        hint: "install it".to_owned(),
    };
    assert_eq!(report, Report::failed("bubblewrap is not installed. Next step: install it").with(withdrawn));
    assert!(shown.facts.lock().unwrap().is_empty());
    // A folder that is gone is no reason to withdraw it.
    let bash = Scripted::failing(SandboxError::Start("no folder".into())).bash();
    let (report, _) = run(&bash, r#"{"command":"x"}"#, &two_folders()).await;
    assert_eq!(report, Report::failed("the sandbox did not start: no folder. Next step: see `deskhand doctor`"));
}
