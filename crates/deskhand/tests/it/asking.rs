//! What comes up while a command runs: refused where nobody can be asked, answered from another door where one is open.

use event::{Fact, Outcome};

use crate::daemon::Daemon;
use crate::stage::{Stage, outcomes};

const CLEANING: &str = r"
replies:
  - calls: [{ tool: Bash, input: { command: 'rm notes.txt; touch mine.txt && rm mine.txt && echo went on' } }]
  - expect: { contains: [went on, 'Refused while it ran', nobody is there to answer] }
    text: I left it.
";

#[test]
fn without_a_terminal_a_deletion_is_refused_at_once_and_the_job_goes_on() {
    let stage = Stage::new();
    stage.world.write("work", "notes.txt", "one\n").unwrap();
    let before = stage.world.tree("work").unwrap();
    let script = stage.script(CLEANING);
    let arguments = ["run", "go", "--script", &script, "--folder", &stage.folder("work"), "--mode", "skip"];
    let run = stage.run(&arguments).exits(0);
    assert!(run.stdout.contains("refused: nobody is there to answer"), "{}", run.stdout);
    assert_eq!(stage.world.tree("work").unwrap(), before);
    assert_eq!(outcomes(&stage.log()), [("Bash".to_owned(), Outcome::Ok)]);
    let asked = |fact: &Fact| matches!(fact, Fact::ApprovalAsked(approval) if approval.running);
    assert_eq!(stage.log().iter().filter(|event| asked(&event.fact)).count(), 1, "the log tells of it");
}

const TIDY: &str = r"
replies:
  - calls: [{ tool: Bash, input: { command: 'rm notes.txt && echo gone' } }]
  - when: { contains: ['the user refused and says: keep it'] }
    text: It stayed.
  - text: It is gone.
";

#[test]
fn with_a_daemon_the_command_waits_until_it_is_answered_from_any_door() {
    for (answer, code, said, left) in
        [(&["approve"][..], 0, "It is gone.", false), (&["deny", "--note", "keep it"], 3, "It stayed.", true)]
    {
        let stage = Stage::new();
        stage.world.write("work", "notes.txt", "one\n").unwrap();
        let daemon = Daemon::start(&stage);
        let script = stage.script(TIDY);
        let run = ["run", "go", "--script", &script, "--folder", &stage.folder("work"), "--mode", "auto"];
        let waiting = stage.run(&run).exits(4).stdout;
        assert!(waiting.contains("the call is running and waits for your answer"), "{waiting}");
        let task = stage.task();
        let view = stage.show(&task);
        assert_eq!((&view["state"], &view["approvals"][0]["running"]), (&"needs_you".into(), &true.into()), "{view}");
        assert!(stage.world.tree("work").unwrap().contains_key("notes.txt"), "nothing goes before it is allowed");
        let answered = stage.run(&[&answer[..1], &[task.as_str()], &answer[1..]].concat()).exits(code).stdout;
        assert!(answered.contains(said), "{answered}");
        assert_eq!(stage.world.tree("work").unwrap().contains_key("notes.txt"), left);
        stage.run(&["undo", &task]).exits(0);
        assert_eq!(stage.world.tree("work").unwrap()["notes.txt"], b"one\n");
        daemon.end();
    }
}
