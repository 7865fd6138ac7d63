//! Tests of the example's stage and command line.

use std::path::{Path, PathBuf};

use super::{Stage, command, newest_task, prepare, sorted_files};

/// A directory of this test's own under the build directory, emptied first.
fn fresh(name: &str) -> PathBuf {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/xtask-tests").join(name);
    if directory.exists() {
        std::fs::remove_dir_all(&directory).unwrap();
    }
    std::fs::create_dir_all(&directory).unwrap();
    directory
}

fn names(files: &[PathBuf]) -> Vec<String> {
    files.iter().map(|path| path.file_name().unwrap().to_string_lossy().into_owned()).collect()
}

#[test]
fn the_command_line_touches_nothing_of_the_users() {
    let stage = Stage {
        script: "/e/script.yaml".into(),
        folder: "/s/weather-report".into(),
        home: "/s/home".into(),
        config: "/s/config".into(),
        runtime: "/s/run".into(),
    };
    let command = command(Path::new("/b/deskhand"), &stage, &["--json".to_owned()]);
    let arguments: Vec<_> = command.get_args().map(|argument| argument.to_string_lossy()).collect();
    assert_eq!(
        arguments,
        ["run", super::PROMPT, "--script", "/e/script.yaml", "--folder", "/s/weather-report", "--json"]
    );
    let environment: Vec<_> = command
        .get_envs()
        .map(|(name, value)| format!("{}={}", name.to_string_lossy(), value.unwrap().to_string_lossy()))
        .collect();
    assert_eq!(environment, ["DESKHAND_HOME=/s/home", "XDG_CONFIG_HOME=/s/config", "XDG_RUNTIME_DIR=/s/run"]);
}

#[test]
fn each_run_starts_with_fresh_data_and_keeps_earlier_results() {
    let scratch = fresh("fresh-data");
    let example = scratch.join("example");
    std::fs::create_dir_all(example.join("data")).unwrap();
    std::fs::write(example.join("data/a.csv"), "a\n1\n").unwrap();
    let stage = prepare(&example, &scratch).unwrap();
    std::fs::write(stage.folder.join("a.csv"), "changed").unwrap();
    std::fs::write(stage.folder.join("left-over.md"), "x").unwrap();
    std::fs::write(stage.home.join("kept"), "x").unwrap();

    let again = prepare(&example, &scratch).unwrap();

    assert_eq!(names(&sorted_files(&again.folder)), ["a.csv"]);
    assert_eq!(std::fs::read_to_string(again.folder.join("a.csv")).unwrap(), "a\n1\n");
    assert_eq!(names(&sorted_files(&again.home)), ["kept"]);
    std::fs::remove_dir_all(&scratch).unwrap();
}

#[test]
fn the_newest_task_is_the_one_whose_log_changed_last() {
    let home = fresh("newest-task");
    let log = |task: &str| {
        let directory = home.join("tasks").join(task);
        std::fs::create_dir_all(&directory).unwrap();
        std::fs::File::create(directory.join("events.jsonl")).unwrap()
    };
    let day = |number: u64| std::time::UNIX_EPOCH + std::time::Duration::from_secs(number * 86_400);
    log("b-older").set_modified(day(1)).unwrap();
    log("a-newer").set_modified(day(2)).unwrap();
    std::fs::create_dir_all(home.join("tasks/c-without-log")).unwrap();
    assert_eq!(newest_task(&home), Some(home.join("tasks/a-newer")));
    assert_eq!(newest_task(&home.join("nothing")), None);
    std::fs::remove_dir_all(&home).unwrap();
}
