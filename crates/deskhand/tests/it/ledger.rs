//! The ledger through the door.

use crate::stage::Stage;

const LINES: &str = r#"{"at":1,"host":"files.example.org","port":443,"verdict":"allowed","rule":"allowed for this task","bytes_up":120,"bytes_down":4100,"call":"c1"}
{"at":2,"host":"bad\u001b.example","port":80,"verdict":"refused","rule":"not listed","bytes_up":0,"bytes_down":0,"call":""}
{"at":3,"host":"cut.example","port":443,"verdict":"refused","rule":"cut: taken back","bytes_up":7,"bytes_down":0,"call":"c1"}
{"at":4,"host":"idle.example","port":443,"verdict":"allowed","rule":"listed","bytes_up":0,"bytes_down":0,"call":"c1"}
{"at":5,"host":"open.example","port":443,"verdict":"allowed","rule":"listed","bytes_up":0,"bytes_down":0,"call":"c1","open":true}
"#;

#[test]
fn every_decision_is_shown_and_nothing_in_it_moves_the_terminal() {
    let stage = Stage::new();
    let script = stage.script("replies: [{ text: Done. }]");
    stage.run(&["run", "go", "--script", &script]).exits(0);
    let task = stage.task();
    assert_eq!(stage.run(&["ledger", &task]).exits(0).stdout, "no connections\n");
    assert_eq!(stage.run(&["ledger", &task, "--json"]).exits(0).stdout, "");
    std::fs::write(stage.task_folder().join("network.jsonl"), LINES).unwrap();
    assert_eq!(stage.run(&["ledger", &task, "--json"]).exits(0).stdout, LINES);
    let shown = stage.run(&["ledger", &task]).exits(0).stdout;
    let [first, second, cut, idle, open] = shown.lines().collect::<Vec<_>>()[..] else { panic!("{shown}") };
    let allowed = "✓ allowed  files.example.org:443  allowed for this task · 120 bytes sent, 4.1 KB received · ";
    assert!(first.starts_with(allowed), "{first}");
    assert!(second.starts_with("✗ refused  bad") && second.contains("not listed"), "{second}");
    assert!(!second.contains("sent"), "{second}");
    assert!(cut.contains("cut: taken back · 7 bytes sent, 0 bytes received · "), "{cut}");
    assert!(idle.contains("listed · 0 bytes sent, 0 bytes received · "), "{idle}");
    assert!(open.contains("listed · open, or cut off when Deskhand ended · ") && !open.contains("sent"), "{open}");
    assert!(!shown.contains('\u{1b}'), "{shown}");
}
