//! The installation as a whole: what goes before the model fits its budget.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::{App, Directories, Environment};

fn app(home: &Path) -> App {
    let home = home.to_string_lossy().into_owned();
    let variable = move |name: &str| match name {
        "DESKHAND_HOME" | "HOME" => Some(home.clone()),
        _ => None,
    };
    let directories = Directories::from_environment(&variable);
    App::open(Environment {
        directories,
        variable: Box::new(variable),
        executable: "/nonexistent".into(),
        policy_file: "/nonexistent".into(),
    })
    .unwrap()
}

#[test]
fn the_setup_fits_its_budget_and_every_tool_is_there() {
    let directory = tempfile::tempdir().unwrap();
    let app = app(directory.path());
    let setup = &app.tasks.parts().setup;
    let tools: usize = setup.tools.iter().map(|tool| tool.description.len() + tool.input.as_str().len()).sum();
    let size = setup.system.len() + tools;
    assert!(size <= engine::MAX_SETUP_BYTES, "{size} bytes");
    let names: Vec<&str> = setup.tools.iter().map(|tool| tool.name.as_str()).collect();
    let expected = [
        "AskUserQuestion",
        "Bash",
        "Edit",
        "Glob",
        "Grep",
        "Note",
        "PresentFiles",
        "Read",
        "RequestFolder",
        "TodoWrite",
        "WebFetch",
        "Write",
    ];
    assert_eq!(names, expected);
}

#[test]
fn what_the_model_reads_about_tools_changes_only_on_purpose() {
    let directory = tempfile::tempdir().unwrap();
    let app = app(directory.path());
    let tools: Vec<String> = app
        .tasks
        .parts()
        .setup
        .tools
        .iter()
        .map(|tool| format!("## {}\n{}\n{}", tool.name, tool.description, tool.input.as_str()))
        .collect();
    insta::assert_snapshot!(tools.join("\n\n"));
}

#[test]
fn directories_follow_the_environment() {
    let identity = Directories::from_environment(|name| (name == "HOME").then(|| "/home/ann".to_owned())).identity;
    assert_eq!(identity, std::path::Path::new("/home/ann/.config/deskhand/keys.identity"));
    let at = |pairs: &[(&str, &str)]| {
        let pairs: Vec<(String, String)> =
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let found = Directories::from_environment(|wanted| {
            pairs.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.clone())
        });
        [found.home, found.config, found.socket].map(|path| path.to_string_lossy().into_owned())
    };
    assert_eq!(
        at(&[("HOME", "/home/ann")]),
        [
            "/home/ann/.local/share/deskhand",
            "/home/ann/.config/deskhand/config.toml",
            "/home/ann/.local/share/deskhand/run/deskhand.sock",
        ]
    );
    assert_eq!(
        at(&[("HOME", "/home/ann"), ("XDG_DATA_HOME", "/d"), ("XDG_CONFIG_HOME", "/c"), ("XDG_RUNTIME_DIR", "/r")]),
        ["/d/deskhand", "/c/deskhand/config.toml", "/r/deskhand.sock"]
    );
    let own = at(&[("HOME", "/home/ann"), ("DESKHAND_HOME", "/own"), ("XDG_RUNTIME_DIR", "/r")]);
    assert_eq!([&own[0], &own[2]], ["/own", "/own/run/deskhand.sock"]);
    let long = at(&[("HOME", "/home/ann"), ("DESKHAND_HOME", &format!("/{}", "x".repeat(120)))]);
    assert!(long[2].len() <= 107, "{}", long[2]);
}

/// A task that was removed this many days ago.
fn removed(home: &Path, name: &str, days: u64) -> PathBuf {
    let folder = home.join("trash").join(name);
    std::fs::create_dir_all(&folder).unwrap();
    let at = SystemTime::now() - Duration::from_hours(24 * days);
    std::fs::File::open(&folder).unwrap().set_modified(at).unwrap();
    folder
}

#[tokio::test(start_paused = true)]
async fn the_trash_is_emptied_at_the_start_and_again_every_day() {
    let directory = tempfile::tempdir().unwrap();
    let home = directory.path();
    let (old, young) = (removed(home, "old-0000000001", 31), removed(home, "young-0000000002", 29));
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    let started = tokio::time::Instant::now();
    let kept = Arc::new(app(home)).keep_trash_empty(move |emptied| tell.send(emptied.unwrap()).unwrap());
    let keeping = tokio::spawn(kept);
    assert_eq!(told.recv().await, Some(1));
    assert!(!old.exists() && young.exists());
    let later = removed(home, "later-0000000003", 31);
    assert_eq!(told.recv().await, Some(1));
    assert!(!later.exists() && young.exists());
    let day = Duration::from_hours(24);
    let passed = started.elapsed();
    assert!((day..day + Duration::from_mins(1)).contains(&passed), "{passed:?}");
    keeping.abort();
}
