//! Where the example is put: fresh where it was changed, the same where it was not.

use std::path::Path;

use tool::FolderGate as _;

use crate::example::{Laid, lay_out};
use crate::guard::Gate;

fn laid(home: &Path, name: &str) -> Laid {
    let examples = home.join("examples");
    Laid { folder: examples.join(name), script: examples.join(format!("{name}.yaml")) }
}

#[test]
fn what_somebody_changed_stays_and_a_numbered_folder_is_taken() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let first = laid(home, "weather-report");
    assert_eq!(lay_out(home).unwrap(), first);
    assert_eq!(std::fs::read_dir(&first.folder).unwrap().count(), 4);
    assert_eq!(lay_out(home).unwrap(), first, "nothing has changed");
    std::fs::write(first.folder.join("global-temp.csv"), "mine").unwrap();
    let second = laid(home, "weather-report-2");
    assert_eq!(lay_out(home).unwrap(), second);
    std::fs::write(second.folder.join("notes.md"), "mine").unwrap();
    std::fs::write(home.join("examples/weather-report-3.yaml"), "mine").unwrap();
    assert_eq!(lay_out(home).unwrap(), laid(home, "weather-report-4"));
    assert_eq!(std::fs::read_to_string(first.folder.join("global-temp.csv")).unwrap(), "mine");
    assert_eq!(std::fs::read_to_string(home.join("examples/weather-report-3.yaml")).unwrap(), "mine");
}

#[test]
fn of_deskhands_own_data_only_the_folders_of_examples_may_be_granted() {
    let root = tempfile::tempdir().unwrap();
    let home = root.path().canonicalize().unwrap().join("home");
    let laid = lay_out(&home).unwrap();
    std::fs::create_dir_all(home.join("tasks/one")).unwrap();
    std::fs::create_dir_all(laid.folder.join("inner")).unwrap();
    std::os::unix::fs::symlink(home.join("tasks"), home.join("examples/link")).unwrap();
    let gate = Gate { user_home: "/nonexistent".into(), home: home.clone() };
    let allowed = |path: &Path| gate.check(&path.to_string_lossy()).ok();
    assert_eq!(allowed(&laid.folder), Some(laid.folder.clone()));
    for refused in
        ["", "examples", "tasks", "tasks/one", "examples/link", "examples/weather-report/inner", "examples/.."]
    {
        assert_eq!(allowed(&home.join(refused)), None, "{refused}");
    }
    assert_eq!(allowed(&laid.script), None, "a file is no folder");
}
