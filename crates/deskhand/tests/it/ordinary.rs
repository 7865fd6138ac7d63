//! Runs as an ordinary user, to whom the system refuses what it grants the superuser.

use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::Path;

use event::Outcome;

use crate::stage::{Stage, outcomes};

/// The number that belongs to nobody.
const NOBODY: u32 = 65534;

impl Stage {
    /// The same world in the hands of an ordinary user, where the tester is the superuser; as it is otherwise.
    pub(crate) fn ordinary(mut self) -> Self {
        if !rustix::process::geteuid().is_root() {
            return self;
        }
        // The build directory may be closed to others.
        let program = self.world.root().join("deskhand");
        std::fs::copy(env!("CARGO_BIN_EXE_deskhand"), &program).unwrap();
        hand_over(self.world.root());
        let user = format!("--reuid={NOBODY}");
        let group = format!("--regid={NOBODY}");
        self.program = ["setpriv", &user, &group, "--clear-groups"].iter().map(Into::into).collect();
        self.program.push(program.into());
        self
    }
}

/// Gives everything beneath a path to the ordinary user.
fn hand_over(path: &Path) {
    chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
    if path.is_dir() {
        for entry in std::fs::read_dir(path).unwrap() {
            hand_over(&entry.unwrap().path());
        }
    }
}

fn set_mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn the_whole_example_works_for_an_ordinary_user() {
    let stage = Stage::new();
    let (folder, script) = stage.example();
    let stage = stage.ordinary();
    stage.run(&["run", "go", "--script", &script, "--folder", &folder, "--mode", "auto"]).exits(4);
    let task = stage.task();
    stage.run(&["answer", &task, "1"]).exits(0);
    assert_eq!(stage.show(&task)["progress"]["done"], 5);
}

#[test]
fn what_may_not_be_read_is_named() {
    let stage = Stage::new();
    let closed = stage.world.folder("closed").unwrap();
    let secret = stage.world.write("open", "secret.txt", "secret").unwrap();
    let script = stage.script("replies: [{ text: Done. }]");
    let stage = stage.ordinary();
    set_mode(&closed, 0o000);
    set_mode(&secret, 0o000);
    let closed = closed.to_str().unwrap();
    let secret = secret.to_str().unwrap();
    let complaint = |arguments: &[&str], code: i32| {
        let (message, _hint) = stage.run(arguments).exits(code).complaint();
        stage.plain(&message)
    };
    assert_eq!(
        complaint(&["run", "go", "--script", &script, "--folder", closed], 2),
        "no permission to read `<world>/folders/closed`"
    );
    assert_eq!(
        complaint(&["run", "go", "--script", secret], 2),
        "cannot read Script `<world>/folders/open/secret.txt`: Permission denied (os error 13)"
    );
    assert_eq!(
        complaint(&["run", "go", "--script", &script, "--attach", secret], 2),
        "cannot attach `<world>/folders/open/secret.txt`: Permission denied (os error 13)"
    );
    assert_eq!(stage.task_folders(), Vec::<std::path::PathBuf>::new(), "nothing was begun");
    set_mode(Path::new(closed), 0o700);
}

#[test]
fn an_unreadable_file_fails_its_call_and_not_the_job() {
    let stage = Stage::new();
    let secret = stage.world.write("work", "secret.txt", "secret").unwrap();
    let script = stage.script(
        r"
replies:
  - calls: [{ tool: Read, input: { path: secret.txt } }]
  - expect: { contains: [ermission] }
    text: I cannot read it.
",
    );
    let stage = stage.ordinary();
    set_mode(&secret, 0o000);
    stage.run(&["run", "go", "--script", &script, "--folder", &stage.folder("work")]).exits(0);
    assert_eq!(outcomes(&stage.log()), [("Read".to_owned(), Outcome::Failed)]);
}

#[test]
fn a_home_that_may_not_be_written_is_one_clear_error() {
    let stage = Stage::new();
    let script = stage.script("replies: [{ text: Done. }]");
    let stage = stage.ordinary();
    set_mode(&stage.world.home(), 0o500);
    let (message, hint) = stage.run(&["run", "go", "--script", &script]).exits(1).complaint();
    assert_eq!(stage.plain(&message), "cannot make `<world>/home/tasks`: Permission denied (os error 13)");
    assert_eq!(hint, "check that the disk is mounted and writable, then try again");

    // One that held tasks before still shows them.
    set_mode(&stage.world.home(), 0o700);
    stage.run(&["run", "go", "--script", &script]).exits(0);
    let task = stage.task();
    let tasks = stage.world.home().join("tasks");
    set_mode(&tasks, 0o500);
    set_mode(&stage.world.home(), 0o500);
    let (message, _hint) = stage.run(&["run", "more", "--script", &script]).exits(1).complaint();
    assert!(stage.plain(&message).starts_with("cannot make `<world>/home/tasks/.new-"), "{message}");
    assert_eq!(stage.show(&task)["last_text"], "Done.");
    set_mode(&stage.world.home(), 0o700);
    set_mode(&tasks, 0o700);
}

#[test]
fn an_unreadable_configuration_is_not_taken_for_none() {
    let stage = Stage::new();
    let script = stage.script("replies: [{ text: Done. }]");
    std::fs::create_dir_all(stage.world.config().join("deskhand")).unwrap();
    let config = stage.world.config().join("deskhand/config.toml");
    std::fs::write(&config, "default_mode = \"ask\"\n").unwrap();
    let stage = stage.ordinary();
    set_mode(&config, 0o000);
    let (message, _hint) = stage.run(&["run", "go", "--script", &script]).exits(1).complaint();
    let expected = "cannot read `<world>/config/deskhand/config.toml`: Permission denied (os error 13)";
    assert_eq!(stage.plain(&message), expected);
}

#[test]
fn a_folder_behind_a_link_is_granted_where_it_really_is() {
    let stage = Stage::new();
    stage.world.write("real", "a.txt", "a").unwrap();
    let link = stage.world.root().join("link");
    symlink(stage.folder("real"), &link).unwrap();
    let script = stage.script("replies: [{ calls: [{ tool: Read, input: { path: a.txt } }] }, { text: Done. }]");
    let stage = stage.ordinary();
    stage.run(&["run", "go", "--script", &script, "--folder", link.to_str().unwrap()]).exits(0);
    assert_eq!(stage.show(&stage.task())["folders"][0]["path"], stage.folder("real"));
    assert_eq!(outcomes(&stage.log()), [("Read".to_owned(), Outcome::Ok)]);
}
