//! The machine of a task over several calls: kept, started anew, given back.

use std::path::PathBuf;

use event::{Access, Fact, Part, TaskId, Tier};
use sandbox::{Mount, SandboxError};
use tool::{Desk, Tool};
use tool_shell::Bash;

use crate::scripted::{ANEW, Play, Scripted, desk, exit, folder, out, play, run, said};

const INPUT: &str = r#"{"command":"x"}"#;

fn bash(plays: impl IntoIterator<Item = Play>) -> (Bash, Scripted) {
    let sandbox = Scripted::playing(plays);
    (sandbox.bash(), sandbox)
}

fn fine() -> Play {
    play([exit(0)])
}

fn counts(sandbox: &Scripted) -> (usize, usize) {
    sandbox.log(|log| (log.starts.len(), log.stops))
}

#[tokio::test]
async fn the_machine_gets_the_folders_and_the_tasks_own_places() {
    let uploads = tempfile::tempdir().unwrap();
    let (bash, sandbox) = bash([fine()]);
    let desk = Desk {
        uploads: uploads.path().to_owned(),
        ..desk(vec![folder("Reports", Access::ReadWrite), folder("Taxes", Access::ReadOnly)])
    };
    run(&bash, INPUT, &desk).await;
    let mount = |host: &str, inside: &str, access, guarded| Mount {
        host: PathBuf::from(host),
        inside: PathBuf::from(inside),
        access,
        guarded,
    };
    let expected = vec![
        mount("/home/ann/Reports", "/work/Reports", Access::ReadWrite, true),
        mount("/home/ann/Taxes", "/work/Taxes", Access::ReadOnly, true),
        mount("/data/outputs", "/outputs", Access::ReadWrite, false),
        mount(uploads.path().to_str().unwrap(), "/uploads", Access::ReadOnly, false),
    ];
    assert_eq!(sandbox.log(|log| log.starts.clone()), [expected]);
}

#[tokio::test]
async fn a_task_keeps_its_machine_while_its_folders_change() {
    let (bash, sandbox) = bash([fine(), fine(), fine(), fine(), fine()]);
    let started = [Fact::SandboxStarted { tier: Tier::Namespace, folders_read_only: false }];
    let steps = [
        (desk(vec![]), &started[..], false),
        (desk(vec![]), &[], false),
        (desk(vec![folder("a", Access::ReadWrite)]), &[], true),
        (desk(vec![folder("a", Access::ReadOnly)]), &[], true),
        (desk(vec![folder("a", Access::ReadOnly)]), &[], false),
    ];
    for (desk, facts, changes) in steps {
        let (report, shown) = run(&bash, INPUT, &desk).await;
        assert_eq!(*shown.facts.lock().unwrap(), facts);
        assert!(!report.output.contains(&Part::text(ANEW)));
        assert_eq!(sandbox.steps().contains(&"files change".to_owned()), changes);
        assert_eq!(counts(&sandbox), (1, 0));
    }
    let directories = sandbox.log(|log| log.commands.iter().map(|one| one.directory.clone()).collect::<Vec<_>>());
    assert_eq!(directories, ["/outputs", "/outputs", "/work/a", "/work/a", "/work/a"]);
}

#[tokio::test]
async fn tasks_have_machines_of_their_own_and_give_them_back() {
    let (bash, sandbox) = bash([fine(), fine(), fine()]);
    let (one, other) = (desk(vec![]), Desk { task: TaskId::from_random([9; 8]), ..desk(vec![]) });
    run(&bash, INPUT, &one).await;
    run(&bash, INPUT, &other).await;
    assert_eq!(counts(&sandbox), (2, 0));
    bash.leave(one.task).await;
    bash.leave(one.task).await;
    assert_eq!(counts(&sandbox), (2, 1));
    run(&bash, INPUT, &one).await;
    assert_eq!(counts(&sandbox), (3, 1));
}

#[tokio::test]
async fn a_machine_lost_between_commands_is_replaced_unseen() {
    let lost = || SandboxError::Lost("its first process ended".to_owned());
    let (bash, sandbox) = bash([fine(), Play::Refuse(lost()), play([out("on"), exit(0)])]);
    run(&bash, INPUT, &desk(vec![])).await;
    let (report, _) = run(&bash, INPUT, &desk(vec![])).await;
    assert_eq!(said(&report), "on");
    assert_eq!(counts(&sandbox), (2, 0));
}

#[tokio::test]
async fn a_machine_lost_during_a_command_is_reported_and_the_command_not_repeated() {
    let lost = Play::Items(vec![Ok(out("begun\n")), Err(SandboxError::Lost("its first process ended".to_owned()))]);
    let (bash, sandbox) = bash([lost, fine()]);
    let (report, _) = run(&bash, INPUT, &desk(vec![])).await;
    let text = "begun\nthe sandbox ended unexpectedly: its first process ended. \
        Next step: run the command again; the sandbox starts afresh";
    assert_eq!(said(&report), text);
    assert_eq!(sandbox.log(|log| log.commands.len()), 1);
    run(&bash, INPUT, &desk(vec![])).await;
    assert_eq!(counts(&sandbox), (2, 0));
}

#[tokio::test]
async fn without_bash_the_plain_shell_is_used_from_then_on() {
    let missing = || SandboxError::Spawn { program: "/bin/bash".to_owned(), what: "No such file".to_owned() };
    let (bash, sandbox) = bash([Play::Items(vec![Err(missing())]), play([out("on"), exit(0)]), fine()]);
    let (report, _) = run(&bash, INPUT, &desk(vec![])).await;
    assert_eq!(said(&report), "on");
    run(&bash, INPUT, &desk(vec![])).await;
    let shells = sandbox.log(|log| log.commands.iter().map(|one| one.argv[0].clone()).collect::<Vec<_>>());
    assert_eq!(shells, ["/bin/bash", "/bin/sh", "/bin/sh"]);
}

#[tokio::test]
async fn a_machine_in_place_of_another_is_of_the_same_tier() {
    let lost = || SandboxError::Lost("its first process ended".to_owned());
    let (bash, sandbox) = bash([fine(), Play::Refuse(lost()), fine(), fine()]);
    run(&bash, INPUT, &desk(vec![])).await;
    run(&bash, INPUT, &desk(vec![])).await;
    assert_eq!(sandbox.log(|log| log.tiers.clone()), [None, Some(Tier::Namespace)]);
    // After a restart the log knows it.
    let next = Desk { task: TaskId::from_random([9; 8]), tier: Some(Tier::Vm), ..desk(vec![]) };
    run(&bash, INPUT, &next).await;
    assert_eq!(sandbox.log(|log| log.tiers.clone()), [None, Some(Tier::Namespace), Some(Tier::Vm)]);
}

#[tokio::test]
async fn where_commands_cannot_change_folders_the_task_and_the_model_are_told() {
    let sandbox = Scripted::playing([fine(), fine(), fine()]).read_only();
    let bash = sandbox.bash();
    let note = "In this machine commands can read the folders in /work and not change them: use Write and Edit for \
        that. /outputs and /tmp can be written.";
    let told = |output: &[Part]| output.contains(&Part::text(note));
    let started = Fact::SandboxStarted { tier: Tier::Namespace, folders_read_only: true };
    let (report, shown) = run(&bash, INPUT, &desk(vec![folder("a", Access::ReadWrite)])).await;
    assert_eq!((told(&report.output), shown.facts.lock().unwrap().as_slice()), (true, &[started][..]));
    let (report, _) = run(&bash, INPUT, &desk(vec![folder("a", Access::ReadWrite)])).await;
    assert!(!told(&report.output), "once");
    let (report, _) = run(&bash, INPUT, &Desk { task: TaskId::from_random([9; 8]), ..desk(vec![]) }).await;
    assert!(!told(&report.output), "there are no folders");
}
