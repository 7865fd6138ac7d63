//! Undo through the door: every byte comes back, a dry run changes nothing, what the user changed since is left alone.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::stage::Stage;

type Tree = BTreeMap<String, Vec<u8>>;

const TWO_TURNS: &str = r#"
replies:
  - calls:
      - { tool: Read, input: { path: notes.txt } }
      - { tool: Read, input: { path: deep/list.csv } }
  - calls:
      - { tool: Edit, input: { path: notes.txt, old_string: two, new_string: zwei } }
      - { tool: Write, input: { path: fresh/new.txt, content: "new\n" } }
      - { tool: Edit, input: { path: deep/list.csv, old_string: "b,2", new_string: "b,20" } }
  - text: First turn done.
  - calls:
      - { tool: Edit, input: { path: notes.txt, old_string: zwei, new_string: deux } }
      - { tool: Write, input: { path: second.txt, content: "second\n" } }
  - text: Second turn done.
"#;

/// Two turns of changes; the tree before, between and after.
fn changed(stage: &Stage) -> (String, Tree, Tree, Tree) {
    stage.world.write("work", "notes.txt", "one\ntwo\nthree\n").unwrap();
    stage.world.write("work", "deep/list.csv", "a,1\r\nb,2\r\n").unwrap();
    stage.world.write("work", "bytes.bin", [0, 159, 146, 150]).unwrap();
    let tree = || stage.world.tree("work").unwrap();
    let before = tree();
    let script = stage.script(TWO_TURNS);
    stage.run(&["run", "first", "--script", &script, "--folder", &stage.folder("work"), "--mode", "auto"]).exits(0);
    let between = tree();
    let task = stage.task();
    stage.run(&["say", &task, "second"]).exits(0);
    let after = tree();
    assert!(before != between && between != after);
    (task, before, between, after)
}

fn changes(stage: &Stage, task: &str) -> Vec<(String, String)> {
    let shown = stage.show(task);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    shown["changed"].as_array().unwrap().iter().map(|change| (text(&change["path"]), text(&change["kind"]))).collect()
}

#[test]
fn everything_comes_back_and_the_undo_can_be_undone() {
    let stage = Stage::new();
    let (task, before, _, after) = changed(&stage);
    let tree = || stage.world.tree("work").unwrap();
    let shown = changes(&stage, &task);
    assert_eq!(shown.len(), 4, "{shown:?}");
    let head = stage.show(&task)["head"].clone();

    let dry = stage.run(&["undo", &task, "--dry-run"]).exits(0).stdout;
    assert_eq!(tree(), after, "a dry run changes nothing");
    assert_eq!(stage.show(&task)["head"], head);
    assert_eq!(dry.lines().last(), Some("5 would be undone"), "{dry}");
    assert!(stage.plain(&dry).contains("<world>/folders/work/second.txt: remove the file the task made"), "{dry}");
    assert!(stage.plain(&dry).contains("<world>/folders/work/notes.txt: put back the old content (14 bytes)"), "{dry}");

    let undo = stage.run(&["undo", &task]).exits(0).stdout;
    assert_eq!(tree(), before, "every byte is back");
    assert_eq!(undo.lines().last().unwrap(), format!("take it back with: deskhand undo {task} --redo"));
    let undone = changes(&stage, &task);
    let expected = [
        ("second.txt", "deleted"),
        ("deep/list.csv", "changed"),
        ("fresh/new.txt", "deleted"),
        ("notes.txt", "changed"),
    ];
    assert_eq!(undone, expected.map(|(name, kind)| (format!("/work/work/{name}"), kind.to_owned())));
    let card = stage.run(&["show", &task]).exits(0).stdout;
    assert!(card.contains("second.txt  deleted\n"), "{card}");
    let told = stage.run(&["undo", &task]).exits(0).stdout;
    assert_eq!(told, "nothing to undo\n");

    stage.run(&["undo", &task, "--redo"]).exits(0);
    assert_eq!(tree(), after);
    assert_eq!(changes(&stage, &task).len(), shown.len());
    stage.log();
}

#[test]
fn one_turn_or_one_path_comes_back_alone() {
    let stage = Stage::new();
    let (task, before, between, after) = changed(&stage);
    let tree = || stage.world.tree("work").unwrap();
    stage.run(&["undo", &task, "--turn", "2"]).exits(0);
    assert_eq!(tree(), between);
    stage.run(&["undo", &task, "--redo"]).exits(0);
    assert_eq!(tree(), after);

    // A path as the user sees it, and as the model knows it.
    let seen = format!("{}/deep/list.csv", stage.folder("work"));
    stage.run(&["undo", &task, "--path", &seen]).exits(0);
    let mut expected = after.clone();
    expected.insert("deep/list.csv".to_owned(), before["deep/list.csv"].clone());
    assert_eq!(tree(), expected);
    stage.run(&["undo", &task, "--path", "/work/work/second.txt"]).exits(0);
    expected.remove("second.txt");
    assert_eq!(tree(), expected);
    stage.run(&["undo", &task]).exits(0);
    assert_eq!(tree(), before);
}

#[test]
fn what_the_user_changed_since_is_left_alone() {
    let stage = Stage::new();
    let (task, before, _, after) = changed(&stage);
    stage.world.write("work", "notes.txt", "mine now\n").unwrap();
    let undo = stage.run(&["undo", &task]).exits(1);
    assert!(undo.stdout.contains("notes.txt: left alone, changed since by you"), "{}", undo.stdout);
    assert!(undo.stdout.contains("4 undone, 1 left alone because you changed them since"), "{}", undo.stdout);
    let mut expected = before;
    expected.insert("notes.txt".to_owned(), b"mine now\n".to_vec());
    assert_eq!(stage.world.tree("work").unwrap(), expected);
    // Where nothing else is left to undo nothing happens at all.
    let head = stage.show(&task)["head"].clone();
    stage.run(&["undo", &task]).exits(1);
    assert_eq!(stage.show(&task)["head"], head);
    // Given back what it was, the rest comes back too.
    stage.world.write("work", "notes.txt", &after["notes.txt"]).unwrap();
    stage.run(&["undo", &task]).exits(0);
    expected.insert("notes.txt".to_owned(), b"one\ntwo\nthree\n".to_vec());
    assert_eq!(stage.world.tree("work").unwrap(), expected);
}

#[test]
fn a_read_only_folder_stays_as_it_is() {
    let stage = Stage::new();
    stage.world.write("work", "notes.txt", "one\n").unwrap();
    let script = stage.script(
        r"
replies:
  - calls: [{ tool: Write, input: { path: /work/work/new.txt, content: x } }]
  - expect: { contains: [read-only] }
    calls: [{ tool: Bash, input: { command: 'echo x > /work/work/new.txt || echo refused' } }]
  - expect: { contains: [refused] }
    text: Done.
",
    );
    let folder = stage.folder("work");
    stage.run(&["run", "go", "--script", &script, "--read-only", &folder, "--mode", "skip"]).exits(0);
    let expected = [("notes.txt".to_owned(), b"one\n".to_vec())];
    assert_eq!(stage.world.tree("work").unwrap(), expected.into());
}

#[test]
fn one_call_is_undone_and_nothing_else() {
    let stage = Stage::new();
    let (task, before, _, after) = changed(&stage);
    let mut expected = after;
    expected.insert("deep/list.csv".to_owned(), before["deep/list.csv"].clone());
    let about = |event: &event::Event| match &event.fact {
        event::Fact::FilesChanged { call: Some(call), changes, .. } if changes[0].path.ends_with("list.csv") => {
            Some(call.to_string())
        }
        _ => None,
    };
    let call = stage.log().iter().find_map(about).unwrap();
    stage.run(&["undo", &task, "--call", &call]).exits(0);
    assert_eq!(stage.world.tree("work").unwrap(), expected);
    let nothing = stage.run(&["undo", &task, "--call", "nobody"]).exits(0);
    assert_eq!(nothing.stdout, "nothing to undo\n");
}
