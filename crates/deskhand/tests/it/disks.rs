//! Disks that are full: said in words, nothing acknowledged lost, and the work goes on when there is space again.

use std::path::PathBuf;
use std::process::Command;

use event::Outcome;

use crate::running::Running;
use crate::stage::{Stage, ended, outcomes, read_log};

/// A small disk under a stage's home, in a mount namespace of its own.
struct SmallDisk {
    stage: Stage,
    holder: Running,
}

impl SmallDisk {
    fn new(kilobytes: u32) -> Self {
        let mut stage = Stage::new();
        let root = rustix::process::geteuid().is_root();
        let mut command = Command::new("unshare");
        stage.prepare(&mut command);
        // An ordinary user may mount within a user namespace.
        command.args(if root { &["--mount"][..] } else { &["--map-root-user", "--mount"] });
        command.args(["sh", "-c", r#"mount -t tmpfs -o "$1" none "$0" && echo mounted && exec sleep 300"#]);
        command.arg(stage.world.home()).arg(format!("size={kilobytes}k,mode=700"));
        let mut holder = Running::start(&mut command);
        holder.until("mounted");
        let pid = holder.pid().as_raw_nonzero().to_string();
        let mut enter = vec!["nsenter", "--target", &pid, "--mount"];
        if !root {
            enter.extend(["--user", "--preserve-credentials"]);
        }
        stage.program.splice(0..0, enter.into_iter().map(Into::into));
        Self { stage, holder }
    }

    /// The home as this process can reach it.
    fn home(&self) -> PathBuf {
        let root = PathBuf::from(format!("/proc/{}/root", self.holder.pid().as_raw_nonzero()));
        root.join(self.stage.world.home().strip_prefix("/").unwrap())
    }

    /// The folder of the only task.
    fn task_folder(&self) -> PathBuf {
        let folders = std::fs::read_dir(self.home().join("tasks")).unwrap().map(|entry| entry.unwrap().path());
        let mut folders: Vec<PathBuf> = folders.filter(|path| path.join("events.jsonl").exists()).collect();
        assert_eq!(folders.len(), 1, "{folders:?}");
        folders.remove(0)
    }

    /// Takes all space that is left.
    fn fill(&self) {
        let mut command = Command::new(&self.stage.program[0]);
        self.stage.prepare(&mut command);
        command.args(&self.stage.program[1..self.stage.program.len() - 1]);
        command.args(["sh", "-c", r#"head -c 100000000 /dev/zero > "$0/filler""#]).arg(self.stage.world.home());
        // It ends where the space does.
        ended(&mut command).exits(1);
    }
}

#[test]
fn on_a_full_disk_nothing_begins_and_with_space_it_works() {
    let disk = SmallDisk::new(300);
    let stage = &disk.stage;
    let script = stage.script("replies: [{ text: Done. }]");
    disk.fill();
    let ended = stage.run(&["run", "go", "--script", &script]).exits(1);
    let (message, hint) = ended.complaint();
    assert!(stage.plain(&message).starts_with("no space left to write `<world>/home/"), "{message}");
    assert_eq!(hint, "free some space, then `deskhand resume` the task");
    assert_eq!(ended.stdout, "");
    std::fs::remove_file(disk.home().join("filler")).unwrap();
    stage.run(&["run", "go", "--script", &script]).exits(0);
    assert_eq!(stage.tasks().len(), 1, "what could not begin is not listed");
}

#[test]
fn a_disk_that_fills_in_the_middle_ends_with_a_reason_and_resume_goes_on() {
    let disk = SmallDisk::new(300);
    let stage = &disk.stage;
    let script = stage.script(
        r#"
replies:
  - text: I fill the disk.
    calls: [{ tool: Bash, input: { command: 'head -c 9000000 /dev/zero > /outputs/big; seq 1 3000' } }]
  - text: Now something small.
    calls: [{ tool: Write, input: { path: /outputs/small.txt, content: "small\n" } }]
  - text: Done.
"#,
    );
    let ended = stage.run(&["run", "go", "--script", &script, "--mode", "auto", "--json"]).exits(1);
    let (message, hint) = ended.complaint();
    assert!(stage.plain(&message).starts_with("no space left to write `<world>/home/tasks/"), "{message}");
    assert_eq!(hint, "free some space, then `deskhand resume` the task");
    let folder = disk.task_folder();
    let stored = std::fs::read_to_string(folder.join("events.jsonl")).unwrap();
    assert_eq!(stored, ended.stdout, "what was shown is kept, and nothing half behind it");
    let task = read_log(&folder)[0].task.to_string();

    std::fs::remove_file(folder.join("outputs/big")).unwrap();
    stage.run(&["resume", &task]).exits(0);
    let log = read_log(&folder);
    assert_eq!(outcomes(&log), [("Bash".to_owned(), Outcome::Unknown), ("Write".to_owned(), Outcome::Ok)]);
    assert_eq!(std::fs::read_to_string(folder.join("outputs/small.txt")).unwrap(), "small\n");
    assert_eq!(stage.show(&task)["state"], "done");
}

#[test]
fn while_the_disk_stays_full_resume_says_so_each_time() {
    let disk = SmallDisk::new(300);
    let stage = &disk.stage;
    let notes = "x".repeat(3000);
    let script = stage.script(&format!(
        r"
replies:
  - calls: [{{ tool: Bash, input: {{ command: 'head -c 9000000 /dev/zero > /outputs/big; seq 1 3000' }} }}]
  - calls: [{{ tool: Note, input: {{ text: {notes} }} }}]
  - text: {notes}
"
    ));
    stage.run(&["run", "go", "--script", &script, "--mode", "auto"]).exits(1).complaint();
    let folder = disk.task_folder();
    let task = read_log(&folder)[0].task.to_string();
    for _ in 0..3 {
        // Each try may come a little further within the file's last block; none is for ever.
        let (message, _) = stage.run(&["resume", &task]).exits(1).complaint();
        assert!(stage.plain(&message).starts_with("no space left to write `<world>/home/tasks/"), "{message}");
        assert_eq!(stage.show(&task)["state"], "working");
        read_log(&folder);
    }
    std::fs::remove_file(folder.join("outputs/big")).unwrap();
    stage.run(&["resume", &task]).exits(0);
    assert_eq!(stage.show(&task)["last_text"], notes);
}

#[test]
fn a_full_disk_fails_a_change_before_it_touches_the_file() {
    let disk = SmallDisk::new(300);
    let stage = &disk.stage;
    stage.world.write("work", "notes.txt", "x".repeat(200_000)).unwrap();
    let before = stage.world.tree("work").unwrap();
    // The old content has to be kept first, and there is no room for it.
    let script = stage.script(
        r"
replies:
  - calls: [{ tool: Bash, input: { command: 'head -c 100000 /dev/zero > /outputs/big' } }]
  - calls: [{ tool: Read, input: { path: /work/work/notes.txt } }]
  - calls: [{ tool: Write, input: { path: /work/work/notes.txt, content: short } }]
  - expect: { contains: [no space left] }
    text: Then I leave it.
",
    );
    let folder = stage.folder("work");
    stage.run(&["run", "go", "--script", &script, "--folder", &folder, "--mode", "auto"]).exits(0);
    assert_eq!(stage.world.tree("work").unwrap(), before);
    let log = read_log(&disk.task_folder());
    let expected = [("Bash", Outcome::Ok), ("Read", Outcome::Ok), ("Write", Outcome::Failed)];
    assert_eq!(outcomes(&log), expected.map(|(tool, outcome)| (tool.to_owned(), outcome)));
}
