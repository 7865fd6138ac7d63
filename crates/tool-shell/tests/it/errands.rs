//! What comes up while a command runs: asking, waiting, refusing, and telling what was changed.

use std::sync::Arc;
use std::time::Duration;

use event::{Access, CallId, Change, Consent, Fact, Outcome};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tool::{Desk, OUTPUT_CAP, Report, Tool};
use tool_shell::Bash;

use crate::scripted::{Log, Play, Scripted, Shown, call, changed, deletes, desk, exit, folder, play, run, said};

const INPUT: &str = r#"{"command":"x","timeout_seconds":5}"#;

fn reports() -> Desk {
    desk(vec![folder("Reports", Access::ReadWrite)])
}

fn refused(why: &str) -> Consent {
    Consent::Refused { why: why.to_owned() }
}

/// One run with the answers the user gives, each after a while.
async fn answered(bash: &Bash, answers: impl IntoIterator<Item = (Duration, Consent)>) -> Report {
    let shown = Arc::new(Shown { answers: std::sync::Mutex::new(answers.into_iter().collect()), ..Shown::default() });
    bash.run(call(INPUT), Arc::new(reports()), shown, CancellationToken::new()).await
}

fn facts_of(changes: Vec<Change>, more: u64) -> Vec<Fact> {
    vec![Fact::FilesChanged { call: Some(CallId::from("c1")), turn: 1, changes, more, undo: false }]
}

#[tokio::test]
async fn files_and_network_know_of_each_command() {
    let sandbox = Scripted::playing([play([exit(0)]), play([exit(0)])]);
    let bash = sandbox.bash();
    run(&bash, INPUT, &reports()).await;
    let command = ["network begin c1", "files begin c1 1", "exec", "network end", "files end"];
    assert_eq!(sandbox.steps(), [&["files open", "network open"][..], &command].concat());
    run(&bash, INPUT, &reports()).await;
    assert_eq!(sandbox.steps(), command);
}

#[tokio::test]
async fn what_a_command_changed_is_told_once_it_has_ended() {
    let many: Vec<Change> = (0..250).map(|number| changed(&format!("/work/Reports/{number:03}"))).collect();
    let sandbox = Scripted::playing([play([exit(0)]), play([exit(3)]), play([exit(0)])]).changing([
        vec![changed("/outputs/a"), changed("/work/Reports/b")],
        many.clone(),
        vec![],
    ]);
    let bash = sandbox.bash();
    let (report, _) = run(&bash, INPUT, &reports()).await;
    assert_eq!(report.facts, facts_of(vec![changed("/outputs/a"), changed("/work/Reports/b")], 0));
    let (report, _) = run(&bash, INPUT, &reports()).await;
    assert_eq!((report.outcome, report.facts), (Outcome::Failed, facts_of(many[..200].to_vec(), 50)));
    let (report, _) = run(&bash, INPUT, &reports()).await;
    assert_eq!(report.facts, []);
}

#[tokio::test(start_paused = true)]
async fn the_machine_stands_still_while_the_user_is_asked_and_its_time_does_not_run() {
    let sandbox = Scripted::playing([Play::Ask(vec![deletes("delete 3 files in `/work/Reports`")])]);
    let begun = Instant::now();
    // Far longer than the command may take.
    let report = answered(&sandbox.bash(), [(Duration::from_mins(20), Consent::Given)]).await;
    assert_eq!((report, begun.elapsed().as_secs()), (Report::ok("(no output)"), 20 * 60));
    let steps = sandbox.steps();
    assert_eq!(steps[4..], ["exec", "hold", "release", "network end", "files end"], "{steps:?}");
}

#[tokio::test(start_paused = true)]
async fn two_questions_at_once_hold_the_machine_once() {
    let sandbox = Scripted::playing([Play::Ask(vec![deletes("delete a"), deletes("delete b")])]);
    let answers = [1, 2].map(|minutes| (Duration::from_mins(minutes), Consent::Given));
    let report = answered(&sandbox.bash(), answers).await;
    assert_eq!(report.outcome, Outcome::Ok);
    assert_eq!(sandbox.steps()[4..], ["exec", "hold", "release", "network end", "files end"]);
}

#[tokio::test]
async fn what_a_rule_answers_at_once_holds_nothing() {
    let sandbox = Scripted::playing([Play::Ask(vec![deletes("delete a")])]);
    let report = answered(&sandbox.bash(), [(Duration::ZERO, Consent::Given)]).await;
    assert_eq!(report.outcome, Outcome::Ok);
    assert_eq!(sandbox.steps()[4..], ["exec", "network end", "files end"]);
}

#[tokio::test(start_paused = true)]
async fn a_command_that_hangs_after_its_question_is_given_up_all_the_same() {
    let sandbox = Scripted::playing([Play::Hang("begun")]);
    let begun = Instant::now();
    let report = answered(&sandbox.bash(), []).await;
    assert!(said(&report).contains("it did not end a command in time"), "{report:?}");
    assert_eq!(begun.elapsed().as_secs(), 35);
}

#[tokio::test]
async fn a_refusal_is_told_to_the_model_with_the_users_words() {
    let sandbox = Scripted::playing([Play::Ask(vec![deletes("delete 3 files in `/work/Reports/old`")])]);
    let why = "the user refused and says: keep 2024";
    let report = answered(&sandbox.bash(), [(Duration::ZERO, refused(why))]).await;
    let expected = "exit code 1\n\
        Refused while it ran: delete 3 files in `/work/Reports/old` (the user refused and says: keep 2024).\n\
        Do not reach the same end in another way; go on without it or ask.";
    assert_eq!(report, Report::failed(expected));
}

#[tokio::test]
async fn hosts_the_gate_refused_are_told_once_each() {
    let asks = deletes("connect to `files.example`");
    let sandbox = Scripted::playing([Play::Ask(vec![asks]), play([exit(0)])]).refusing(&[
        ("files.example", "`files.example` was not allowed: the user said no"),
        ("inside.example", "`inside.example` leads to a private address, not to the open network"),
    ]);
    let bash = sandbox.bash();
    let report = answered(&bash, [(Duration::ZERO, refused("the user said no"))]).await;
    let expected = "exit code 1\n\
        Refused while it ran: connect to `files.example` (the user said no).\n\
        Refused while it ran: connect to `inside.example` (`inside.example` leads to a private address, not to the open \
        network).\n\
        Do not reach the same end in another way; go on without it or ask.";
    assert_eq!(report, Report::failed(expected));
    assert_eq!(answered(&bash, []).await, Report::ok("(no output)"), "they are gone with their command");
}

#[tokio::test]
async fn many_and_long_refusals_are_capped() {
    let long = "x".repeat(10_000);
    let sandbox = Scripted::playing([Play::Ask(vec![deletes(&long); 50])]);
    let report = answered(&sandbox.bash(), vec![(Duration::ZERO, refused(&long)); 50]).await;
    assert!(said(&report).len() < 2_000, "{} bytes", said(&report).len());
    assert!(said(&report).len() < OUTPUT_CAP);
    assert_eq!(said(&report).matches("Refused while it ran").count(), 3);
}

#[tokio::test]
async fn a_stop_refuses_what_waits_then_kills_and_tells_what_was_changed() {
    let (early, late) = (vec![changed("/work/Reports/b")], vec![changed("/work/Reports/a")]);
    let sandbox = Scripted::playing([Play::Hang("begun\n")]).changing([early, late]);
    let stop = CancellationToken::new();
    let shown = Arc::new(Shown { stop_at: Some(("begun", stop.clone())), ..Shown::default() });
    let report = sandbox.bash().run(call(INPUT), Arc::new(reports()), shown, stop).await;
    let both = facts_of(vec![changed("/work/Reports/a"), changed("/work/Reports/b")], 0);
    let expected = Report { outcome: Outcome::Stopped, facts: both, ..Report::ok("begun\nstopped by the user") };
    assert_eq!(report, expected);
    let steps = sandbox.steps();
    let place = |step: &str| steps.iter().position(|known| known == step).unwrap();
    assert!(place("network end") < place("killed"), "{steps:?}");
    assert_eq!(steps.iter().filter(|step| *step == "files end").count(), 2);
    assert_eq!(steps.last().unwrap(), "files end", "the last look is after the kill: {steps:?}");
}

#[tokio::test]
async fn a_stop_in_the_middle_of_a_question_reports_no_refusal() {
    let sandbox = Scripted::playing([Play::Ask(vec![deletes("delete a")])]);
    let stop = CancellationToken::new();
    let shown = Arc::new(Shown { stop_when_asked: Some(stop.clone()), ..Shown::default() });
    let report = sandbox.bash().run(call(INPUT), Arc::new(reports()), shown, stop).await;
    assert_eq!(report, Report { outcome: Outcome::Stopped, ..Report::ok("stopped by the user") });
}

#[tokio::test]
async fn a_call_that_is_abandoned_is_ended_for_its_files_and_what_it_changed_is_told() {
    let sandbox = Scripted::playing([Play::Hang("begun")]).changing([vec![changed("/work/Reports/a")]]);
    let bash = sandbox.bash();
    let shown = Arc::new(Shown::default());
    {
        let running = bash.run(call(INPUT), Arc::new(reports()), shown.clone(), CancellationToken::new());
        until_step(&sandbox, running, "exec").await;
    }
    assert!(sandbox.log(|log| log.steps.iter().any(|step| step == "network end")), "at once");
    let told = facts_of(vec![changed("/work/Reports/a")], 0);
    let ended = async {
        while !shown.facts.lock().unwrap().ends_with(&told) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), ended).await.expect("the task was told");
    assert_eq!(sandbox.steps().iter().filter(|step| *step == "files end").count(), 1);
}

#[tokio::test]
async fn files_that_are_at_work_hold_nobody_else_up() {
    let sandbox = Scripted::playing((0..5).map(|_| play([exit(0)])));
    let bash = sandbox.bash();
    let more = desk(vec![folder("Reports", Access::ReadWrite), folder("Letters", Access::ReadWrite)]);
    let steps = [("open", reports()), ("look", reports()), ("change", more), ("begin", reports()), ("end", reports())];
    for (step, desk) in steps {
        let (over, busy) = std::sync::mpsc::channel();
        sandbox.busy_at(step, busy);
        // One thread: what blocks in the first is never followed by the second.
        let (ran, ()) = tokio::join!(run(&bash, INPUT, &desk), async { over.send(()).unwrap() });
        assert_eq!(ran.0.outcome, Outcome::Ok, "{step}");
    }
}

/// Waits until the files of a command were told of its end.
async fn until_ended(sandbox: &Scripted) {
    let ended = async {
        while sandbox.log(|log| log.steps.last().is_none_or(|step| step != "files end")) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), ended).await.expect("it ends");
}

#[tokio::test]
async fn a_call_given_up_while_it_begins_is_ended_after_its_beginning() {
    let (over, busy) = std::sync::mpsc::channel();
    let sandbox = Scripted::playing([]);
    sandbox.busy_at("begin", busy);
    let bash = sandbox.bash();
    let shown = Arc::new(Shown::default());
    {
        let running = bash.run(call(INPUT), Arc::new(reports()), shown.clone(), CancellationToken::new());
        until_step(&sandbox, running, "network begin c1").await;
    }
    over.send(()).unwrap();
    until_ended(&sandbox).await;
    let expected = ["files open", "network open", "network begin c1", "network end", "files begin c1 1", "files end"];
    assert_eq!(sandbox.steps(), expected);
}

/// Lets a call run until this step was taken.
async fn until_step(sandbox: &Scripted, mut running: futures_util::future::BoxFuture<'_, Report>, step: &str) {
    let begun = async {
        while sandbox.log(|log| log.steps.iter().all(|known| known != step)) {
            assert!(futures_util::poll!(&mut running).is_pending());
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), begun).await.expect("it begins");
}

#[tokio::test]
async fn a_stop_waits_for_no_files_at_work() {
    for (step, begun) in [("open", false), ("begin", true)] {
        let (over, busy) = std::sync::mpsc::channel();
        let sandbox = Scripted::playing([play([exit(0)])]);
        sandbox.busy_at(step, busy);
        let bash = sandbox.bash();
        let stop = CancellationToken::new();
        let running = bash.run(call(INPUT), Arc::new(reports()), Arc::new(Shown::default()), stop.clone());
        let (report, ()) = tokio::join!(running, async {
            while !sandbox.is_busy() {
                tokio::task::yield_now().await;
            }
            stop.cancel();
        });
        assert_eq!(report, Report { outcome: Outcome::Stopped, ..Report::ok("stopped by the user") });
        assert!(sandbox.log(|log| log.commands.is_empty()), "nothing ran");
        over.send(()).unwrap();
        if begun {
            until_ended(&sandbox).await;
        }
        // The next command is one like any other.
        let (report, _) = run(&bash, INPUT, &reports()).await;
        assert_eq!(report.outcome, Outcome::Ok);
        let steps = sandbox.steps();
        let command = ["network begin c1", "files begin c1 1", "exec", "network end", "files end"];
        assert!(steps.ends_with(&command.map(str::to_owned)), "{steps:?}");
    }
}

#[tokio::test]
async fn a_late_end_never_hits_the_next_command() {
    let (over, busy) = std::sync::mpsc::channel();
    let sandbox =
        Scripted::playing([Play::Hang("begun"), play([exit(0)])]).changing([vec![changed("/outputs/a")], Vec::new()]);
    let bash = sandbox.bash();
    let shown = Arc::new(Shown::default());
    sandbox.busy_at("end", busy);
    {
        let running = bash.run(call(INPUT), Arc::new(reports()), shown.clone(), CancellationToken::new());
        until_step(&sandbox, running, "exec").await;
    }
    // The first one is given up, and its files take their time to end it.
    let desk = reports();
    let ((report, _), ()) = tokio::join!(run(&bash, INPUT, &desk), async {
        let begins = |log: &Log| log.steps.iter().filter(|step| *step == "network begin c1").count();
        for _ in 0..2_000 {
            tokio::task::yield_now().await;
            assert_eq!(sandbox.log(begins), 1, "the next one waits");
        }
        over.send(()).unwrap();
    });
    assert_eq!((report.outcome, report.facts), (Outcome::Ok, Vec::new()));
    let command = ["network begin c1", "files begin c1 1", "exec", "network end", "files end"];
    let steps: Vec<String> = sandbox.steps().into_iter().filter(|step| step != "killed").collect();
    assert_eq!(steps, [&["files open", "network open"][..], &command, &command].concat());
    assert!(shown.facts.lock().unwrap().ends_with(&facts_of(vec![changed("/outputs/a")], 0)));
}
