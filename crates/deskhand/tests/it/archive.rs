//! Tasks as plain folders: exported, imported, moved, and listed again after the index is lost.

use std::path::Path;

use serde_json::json;

use crate::stage::{Stage, log_lines, read_log};

const JOB: &str = r#"
replies:
  - text: The puffin is counted.
    calls:
      - { tool: Write, input: { path: /outputs/count.txt, content: "12\n" } }
      - { tool: PresentFiles, input: { files: [{ path: /outputs/count.txt, title: Count }] } }
  - text: Done.
  - text: Again done.
"#;

fn job(stage: &Stage) -> String {
    let script = stage.script(JOB);
    let note = stage.world.write("hand", "note.txt", "handed over").unwrap();
    stage.run(&["run", "Count puffins", "--script", &script, "--attach", note.to_str().unwrap()]).exits(0);
    stage.task()
}

#[test]
fn a_task_moves_to_another_home_as_one_file() {
    let stage = Stage::new();
    let task = job(&stage);
    let file = stage.world.root().join("puffins.tar");
    let file = file.to_str().unwrap();
    stage.run(&["export", &task, file]).exits(0);
    let there = Stage::new();
    let imported = there.run(&["import", file]).exits(0).stdout;
    assert_eq!(imported, format!("imported as task {task}\n"));
    assert_eq!(there.task(), task);
    assert_eq!(log_lines(&there.task_folder()), log_lines(&stage.task_folder()));
    let read = |stage: &Stage, name: &str| std::fs::read_to_string(stage.task_folder().join(name)).unwrap();
    for (name, content) in [("outputs/count.txt", "12\n"), ("uploads/note.txt", "handed over")] {
        assert_eq!((read(&there, name).as_str(), read(&stage, name).as_str()), (content, content));
    }
    assert_eq!(there.run(&["tasks", "--json", "--search", "puffin"]).exits(0).json().len(), 1);
    // It can be worked with there, and comes in only once.
    there.run(&["undo", &task]).exits(0);
    assert!(!there.task_folder().join("outputs/count.txt").exists());
    let (message, _) = there.run(&["import", file]).exits(1).complaint();
    assert_eq!(message, format!("task `{task}` exists already"));
    // An export never overwrites silently half a file: exporting again gives the same task again.
    stage.run(&["export", &task, file]).exits(0);
    let third = Stage::new();
    third.run(&["import", file]).exits(0);
    assert_eq!(log_lines(&third.task_folder()), log_lines(&stage.task_folder()));
}

#[test]
fn a_moved_folder_is_a_moved_task() {
    let stage = Stage::new();
    let task = job(&stage);
    let there = Stage::new();
    std::fs::create_dir_all(there.world.home().join("tasks")).unwrap();
    assert_eq!(there.tasks(), Vec::<serde_json::Value>::new());
    let folder = stage.task_folder();
    copy(&folder, &there.world.home().join("tasks").join(folder.file_name().unwrap()));
    std::fs::remove_dir_all(&folder).unwrap();
    assert_eq!(stage.tasks(), Vec::<serde_json::Value>::new());
    assert_eq!(there.task(), task);
    there.run(&["say", &task, "once more"]).exits(0);
    assert_eq!(there.show(&task)["last_text"], "Again done.");
    // A person may give the folder another name, as long as the id stays.
    let folder = there.task_folder();
    std::fs::rename(&folder, folder.with_file_name(format!("my-puffins-{task}"))).unwrap();
    assert_eq!(there.show(&task)["turn"], 2);
    there.run(&["undo", &task]).exits(0);
    read_log(&there.task_folder());
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let (source, target) = (entry.as_ref().unwrap().path(), to.join(entry.unwrap().file_name()));
        if source.is_dir() {
            copy(&source, &target);
        } else {
            std::fs::copy(&source, &target).unwrap();
        }
    }
}

#[test]
fn a_lost_or_broken_index_is_made_again() {
    let stage = Stage::new();
    let task = job(&stage);
    let tasks = stage.tasks();
    assert_eq!((&tasks[0]["title"], &tasks[0]["state"]), (&json!("Count puffins"), &json!("done")));
    let index = stage.world.home().join("index.db");
    std::fs::remove_file(&index).unwrap();
    assert_eq!(stage.tasks(), tasks, "made again by itself");
    std::fs::write(&index, "this is no database, ".repeat(1000)).unwrap();
    let rebuilt = stage.run(&["index", "rebuild"]).exits(0).stdout;
    assert_eq!(rebuilt, "index rebuilt from 1 task folders, 0 damaged places\n");
    assert_eq!(stage.tasks(), tasks);
    assert_eq!(stage.run(&["tasks", "--json", "--search", "puffin"]).exits(0).json()[0]["id"], task);
}
