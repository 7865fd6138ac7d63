//! What is kept for Undo, through the door: the meter, giving it up, and the quota that a daemon keeps.

use std::time::{Duration, SystemTime};

use event::Digest;
use serde_json::Value;

use crate::running::Running;
use crate::stage::Stage;

const EDIT: &str = r"
replies:
  - calls: [{ tool: Read, input: { path: notes.txt } }]
  - calls: [{ tool: Edit, input: { path: notes.txt, old_string: two, new_string: zwei } }]
  - text: Done.
";

fn edited(stage: &Stage) -> String {
    stage.world.write("work", "notes.txt", "one\ntwo\n").unwrap();
    let script = stage.script(EDIT);
    stage.run(&["run", "edit", "--script", &script, "--folder", &stage.folder("work"), "--mode", "auto"]).exits(0);
    stage.task()
}

fn usage(stage: &Stage) -> Value {
    stage.run(&["journal", "--json"]).exits(0).value()
}

#[test]
fn what_is_kept_is_shown_and_given_up_only_after_a_clear_yes() {
    let stage = Stage::new();
    assert_eq!(stage.run(&["journal"]).exits(0).stdout, "0 bytes of 10 GB kept for Undo\n");
    let task = edited(&stage);
    let kept = usage(&stage);
    assert_eq!((&kept["bytes"], &kept["tasks"][0]["task"]), (&8.into(), &task.as_str().into()));
    let shown = stage.run(&["journal"]).exits(0).stdout;
    assert!(shown.starts_with(&format!("{task}     8 bytes  edit  oldest ")), "{shown}");
    let check = stage.run(&["doctor", "--json"]).json().into_iter().find(|check| check["name"] == "undo").unwrap();
    assert_eq!(check["detail"], "8 bytes of 10 GB kept for Undo");

    let (message, hint) = stage.run(&["journal", "--empty", &task]).exits(2).complaint();
    assert!(message.contains("nobody can be asked here") && hint == "add --yes", "{message}");
    for wrong in
        [vec!["journal", "--empty"], vec!["journal", "--empty", "--yes"], vec!["journal", "--empty", &task, "--all"]]
    {
        stage.run(&wrong).exits(2);
    }
    stage.run(&["journal", "--all", "--yes"]).exits(2);
    assert_eq!(usage(&stage), kept, "nothing was given up so far");

    assert_eq!(stage.run(&["journal", "--empty", &task, "--yes"]).exits(0).stdout, "8 bytes given up\n");
    assert_eq!(usage(&stage)["bytes"], 0);
    let plan = stage.run(&["undo", &task, "--dry-run"]).exits(0).stdout;
    assert!(plan.contains("left alone"), "{plan}");
    assert_eq!(stage.world.tree("work").unwrap()["notes.txt"], b"one\nzwei\n", "files stay as they are");
    let nothing = stage.run(&["journal", "--empty", "--all", "--yes"]).exits(0).stdout;
    assert_eq!(nothing, "nothing is kept for Undo there\n");
}

#[test]
fn the_daemon_gives_up_the_oldest_beyond_the_quota_when_it_starts() {
    let stage = Stage::new();
    let task = edited(&stage);
    let old = vec![7; 2 << 20];
    let object = stage.task_folder().join("journal/objects").join(Digest::of(&old).to_string());
    std::fs::write(&object, &old).unwrap();
    let long_ago = SystemTime::now() - Duration::from_hours(48);
    std::fs::File::options().write(true).open(&object).unwrap().set_modified(long_ago).unwrap();
    std::fs::create_dir_all(stage.world.config().join("deskhand")).unwrap();
    std::fs::write(stage.world.config().join("deskhand/config.toml"), "[journal]\nquota_mib = 1\n").unwrap();
    assert_eq!(usage(&stage)["quota_bytes"], 1 << 20);
    let mut daemon: Running = stage.start(&["serve"]);
    daemon.line().unwrap();
    let until = std::time::Instant::now() + Duration::from_secs(20);
    while object.exists() {
        assert!(std::time::Instant::now() < until, "it is still there");
        std::thread::yield_now();
    }
    let left = usage(&stage);
    assert_eq!((&left["bytes"], &left["tasks"][0]["task"]), (&8.into(), &task.as_str().into()), "what is young stays");
    daemon.signal(rustix::process::Signal::TERM);
    daemon.end().exits(0);
}
