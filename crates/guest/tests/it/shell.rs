//! The Bash tool over real machines.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use event::{Access, CallId, Consent, Fact, Folder, Inquiry, Json, Outcome, Part, TaskId, Tier};
use futures_util::future::BoxFuture;
use share::GuardedShares;
use tokio_util::sync::CancellationToken;
use tool::{Call, Desk, OUTPUT_CAP, Progress, Report, Tool};
use tool_shell::Bash;

use crate::world::{bwrap, scratch};

struct Shown {
    output: Mutex<String>,
    facts: Mutex<Vec<Fact>>,
    asked: Mutex<Vec<Inquiry>>,
    answer: Consent,
    stop: CancellationToken,
}

impl Progress for Shown {
    fn output(&self, text: &str) {
        let mut output = self.output.lock().unwrap();
        output.push_str(text);
        if output.contains("stop me") {
            self.stop.cancel();
        }
    }

    fn fact(&self, fact: Fact) {
        self.facts.lock().unwrap().push(fact);
    }

    fn ask(&self, inquiry: Inquiry) -> BoxFuture<'static, Consent> {
        self.asked.lock().unwrap().push(inquiry);
        Box::pin(std::future::ready(self.answer.clone()))
    }
}

fn desk(root: &Path) -> Desk {
    let place = |name: &str| {
        let path = root.join(name);
        std::fs::create_dir_all(&path).unwrap();
        path
    };
    let folder =
        |name: &str, access| Folder { name: name.to_owned(), path: place(name).to_str().unwrap().to_owned(), access };
    Desk {
        task: TaskId::from_random([1; 8]),
        turn: 1,
        start: "/work/Reports".into(),
        tier: None,
        folders: vec![folder("Reports", Access::ReadWrite), folder("Old ones", Access::ReadOnly)],
        outputs: place("outputs"),
        uploads: place("uploads"),
        blobs: PathBuf::from("/absent"),
        journal: place("journal"),
        ledger: PathBuf::from("/absent"),
    }
}

fn tool() -> Bash {
    Bash::new(Arc::new(bwrap()), Arc::new(GuardedShares::default()), None)
}

/// Runs a command for a user who answers every question so.
async fn run(bash: &Bash, desk: &Desk, command: &str, answer: Consent) -> (Report, Arc<Shown>) {
    let input = serde_json::json!({"command": command, "timeout_seconds": 60});
    let call = Call { id: CallId::from("c"), tool: "Bash".to_owned(), input: Json::of(&input).unwrap() };
    let shown = Arc::new(Shown {
        output: Mutex::default(),
        facts: Mutex::default(),
        asked: Mutex::default(),
        answer,
        stop: CancellationToken::new(),
    });
    let report = bash.run(call, Arc::new(desk.clone()), shown.clone(), shown.stop.clone()).await;
    (report, shown)
}

fn no() -> Consent {
    Consent::Refused { why: "the user said no".to_owned() }
}

fn said(report: &Report) -> (Outcome, &str) {
    match report.output.as_slice() {
        [Part::Text(text)] | [Part::Text(text), Part::Text(_)] => (report.outcome, text.expose()),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_of_commands() {
    let (_directory, root) = scratch();
    let desk = desk(&root);
    std::fs::write(root.join("Reports/a.csv"), "1,2\n").unwrap();
    std::fs::write(root.join("uploads/u"), "up").unwrap();
    let bash = tool();
    let (report, shown) = run(&bash, &desk, "pwd; ls; ls /work; cat /uploads/u >&2", no()).await;
    assert_eq!(said(&report), (Outcome::Ok, "/work/Reports\na.csv\nOld ones\nReports\nup"));
    assert_eq!(
        *shown.facts.lock().unwrap(),
        [Fact::SandboxStarted { tier: Tier::Namespace, folders_read_only: false }]
    );
    assert_eq!(shown.output.lock().unwrap().as_str(), "/work/Reports\na.csv\nOld ones\nReports\nup");

    let (report, shown) = run(&bash, &desk, "x=(1 2); echo ${#x[@]} | tee /outputs/n; echo 3,4 >> a.csv", no()).await;
    assert_eq!(said(&report), (Outcome::Ok, "2\n"));
    assert!(shown.facts.lock().unwrap().is_empty());
    assert_eq!(std::fs::read_to_string(root.join("Reports/a.csv")).unwrap(), "1,2\n3,4\n");
    assert_eq!(std::fs::read_to_string(root.join("outputs/n")).unwrap(), "2\n");

    let (report, _) = run(&bash, &desk, "rm a.csv", no()).await;
    let refused = "rm: cannot remove 'a.csv': Operation not permitted\nexit code 1\n\
        Refused while it ran: delete 1 file, `/work/Reports/a.csv` (Undo brings back what goes) (the user said no).\n\
        Do not reach the same end in another way; go on without it or ask.";
    assert_eq!(said(&report), (Outcome::Failed, refused));
    let (report, _) = run(&bash, &desk, "rm a.csv", Consent::Given).await;
    assert_eq!(said(&report), (Outcome::Ok, "(no output)"));
    assert!(!root.join("Reports/a.csv").exists());

    // A folder that is taken back is gone from the next command on.
    let fewer = Desk { folders: desk.folders[1..].to_vec(), ..desk.clone() };
    let (report, shown) = run(&bash, &fewer, "pwd; ls /work", no()).await;
    assert_eq!(said(&report), (Outcome::Ok, "/\nOld ones\n"));
    assert!(shown.facts.lock().unwrap().is_empty());
    bash.leave(desk.task).await;
}

/// Set for the copy of this test binary that measures its own memory, with no other test beside.
const ALONE: &str = "DESKHAND_TEST_ALONE";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gigabyte_of_output_leaves_memory_as_it_was() {
    if std::env::var_os(ALONE).is_none() {
        let output = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "shell::a_gigabyte_of_output_leaves_memory_as_it_was"])
            .env(ALONE, "1")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && said.contains("1 passed"), "{said}");
        return;
    }
    let (_directory, root) = scratch();
    let bash = tool();
    let desk = desk(&root);
    run(&bash, &desk, "head -c 1M /dev/zero", no()).await;
    let before = peak_memory();
    let (report, _) = run(&bash, &desk, "head -c 1G /dev/zero | tr '\\000' x; echo; echo end", no()).await;
    let (outcome, text) = said(&report);
    assert_eq!(outcome, Outcome::Ok);
    assert!(text.len() <= OUTPUT_CAP && text.starts_with("xxx") && text.ends_with("x\nend\n"));
    let (head, rest) = text.split_once("\n[… ").unwrap();
    let (left_out, tail) = rest.split_once(" bytes left out …]\n").unwrap();
    assert_eq!(head.len() + left_out.parse::<usize>().unwrap() + tail.len(), (1 << 30) + "\nend\n".len());
    let grown = peak_memory() - before;
    assert!(grown < 16 << 10, "grew by {grown} KiB");
}

/// Kibibytes this process has had at most.
fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stopping_a_call_ends_its_processes_and_keeps_the_machine() {
    let (_directory, root) = scratch();
    let bash = tool();
    let desk = desk(&root);
    let (report, _) = run(&bash, &desk, "setsid -f sleep 4716; echo stop me; sleep 4716", no()).await;
    assert_eq!(said(&report), (Outcome::Stopped, "stop me\nstopped by the user"));
    let look = "for i in $(seq 2000); do cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\000' ' ' | grep -q '[s]leep 4716' || { echo gone; exit; }; done";
    let (report, shown) = run(&bash, &desk, look, no()).await;
    assert_eq!(said(&report), (Outcome::Ok, "gone\n"));
    assert!(shown.facts.lock().unwrap().is_empty());
}
