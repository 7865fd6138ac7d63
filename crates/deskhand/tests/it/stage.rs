//! A world of its own for each test, the binary in it, and what it leaves behind.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use event::{Chain, Event, Fact, Outcome};
use serde_json::Value;
use testkit::World;

use crate::running::Running;

/// Where the example lies.
pub(crate) fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/weather-report").canonicalize().unwrap()
}

/// An empty installation with the image of a virtual machine; none, said aloud, where `cargo xtask vm-image` made none.
pub(crate) fn machine() -> Option<Stage> {
    let image = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/vm");
    let Ok(image) = image.canonicalize().and_then(|image| image.join("initrd").metadata().map(|_| image)) else {
        println!("skipped: run cargo xtask vm-image");
        return None;
    };
    let stage = Stage::new();
    let settings = "emulate = true\nmemory_mib = 384\ncpus = 1\n";
    stage.world.configure(&format!("[machine]\nimage = \"{}\"\n{settings}", image.display())).unwrap();
    Some(stage)
}

/// An empty installation, and how the binary is started in it.
pub(crate) struct Stage {
    pub(crate) world: World,
    variables: Vec<(String, String)>,
    /// The program and arguments that start the binary, and the binary itself.
    pub(crate) program: Vec<OsString>,
}

/// A finished run of the binary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ended {
    /// The same, if it ended with this exit code.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    /// The one complaint: message and hint. Nothing else stands on standard error.
    #[track_caller]
    pub(crate) fn complaint(&self) -> (String, String) {
        let told = &self.stderr;
        let (message, hint) = told
            .strip_prefix("error: ")
            .and_then(|rest| rest.strip_suffix('\n'))
            .and_then(|rest| rest.split_once("\n  hint: "))
            .unwrap_or_else(|| panic!("not one error with one hint:\n{told}"));
        let count = |start: &str| told.lines().filter(|line| line.trim_start().starts_with(start)).count();
        assert_eq!((count("error:"), count("hint:")), (1, 1), "{told}");
        assert!(!hint.is_empty() && !hint.contains('\n'), "{told}");
        assert!(!told.contains("panicked") && !told.contains("RUST_BACKTRACE"), "{told}");
        (message.to_owned(), hint.to_owned())
    }

    /// Every line of standard output as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Vec<Value> {
        self.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Standard output as one JSON value.
    #[track_caller]
    pub(crate) fn value(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap()
    }
}

impl Stage {
    /// An empty world.
    pub(crate) fn new() -> Self {
        let program = vec![OsString::from(env!("CARGO_BIN_EXE_deskhand"))];
        Self { world: World::new().unwrap(), variables: Vec::new(), program }
    }

    /// The same with a variable more.
    pub(crate) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.variables.push((name.to_owned(), value.into()));
        self
    }

    /// The binary in this world: nothing of the tester's own environment reaches it, and there is no terminal.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let (first, rest) = self.program.split_first().unwrap();
        let mut command = Command::new(first);
        self.prepare(&mut command);
        command.args(rest).args(arguments);
        command
    }

    /// Gives a program the environment of this world.
    pub(crate) fn prepare(&self, command: &mut Command) {
        command
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin")
            .env("LANG", "C.UTF-8")
            .envs(self.world.variables())
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .current_dir(self.world.root())
            .stdin(Stdio::null());
    }

    /// Runs the binary to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        ended(&mut self.command(arguments))
    }

    /// Starts the binary and reads its lines as they come.
    pub(crate) fn start(&self, arguments: &[&str]) -> Running {
        Running::start(&mut self.command(arguments))
    }

    /// Writes a Script.
    pub(crate) fn script(&self, text: &str) -> String {
        let path = self.world.root().join("script.yaml");
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// A copy of the example's data as a work folder; and the example's Script without its pauses.
    pub(crate) fn example(&self) -> (String, String) {
        for file in std::fs::read_dir(example().join("data")).unwrap() {
            let file = file.unwrap();
            self.world.write("data", file.file_name().to_str().unwrap(), std::fs::read(file.path()).unwrap()).unwrap();
        }
        let script = std::fs::read_to_string(example().join("script.yaml")).unwrap();
        let quick = script.replace("pace_ms: 6\n", "");
        assert_ne!(quick, script);
        (self.folder("data"), self.script(&quick))
    }

    /// The path of a work folder.
    pub(crate) fn folder(&self, name: &str) -> String {
        self.world.folder(name).unwrap().to_str().unwrap().to_owned()
    }

    /// What `tasks --json` says.
    #[track_caller]
    pub(crate) fn tasks(&self) -> Vec<Value> {
        self.run(&["tasks", "--json"]).exits(0).json()
    }

    /// The id of the only task.
    #[track_caller]
    pub(crate) fn task(&self) -> String {
        let tasks = self.tasks();
        assert_eq!(tasks.len(), 1, "{tasks:?}");
        tasks[0]["id"].as_str().unwrap().to_owned()
    }

    /// What `show --json` says.
    #[track_caller]
    pub(crate) fn show(&self, task: &str) -> Value {
        self.run(&["show", task, "--json"]).exits(0).value()
    }

    /// The folders of all tasks, whole or not.
    pub(crate) fn task_folders(&self) -> Vec<PathBuf> {
        let Ok(entries) = std::fs::read_dir(self.world.home().join("tasks")) else { return Vec::new() };
        let mut folders: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        folders.retain(|folder| !name_of(folder).starts_with('.'));
        folders.sort();
        folders
    }

    /// The folder of the only task.
    #[track_caller]
    pub(crate) fn task_folder(&self) -> PathBuf {
        let folders = self.task_folders();
        assert_eq!(folders.len(), 1, "{folders:?}");
        folders.into_iter().next().unwrap()
    }

    /// The only task's log, its chain checked.
    #[track_caller]
    pub(crate) fn log(&self) -> Vec<Event> {
        read_log(&self.task_folder())
    }

    /// A text with the paths of this world made the same in every run.
    pub(crate) fn plain(&self, text: &str) -> String {
        text.replace(self.world.root().to_str().unwrap(), "<world>")
    }
}

/// Runs a program to its end.
pub(crate) fn ended(command: &mut Command) -> Ended {
    let output = command.output().unwrap_or_else(|error| panic!("cannot start {command:?}: {error}"));
    Ended {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The last part of a path.
pub(crate) fn name_of(path: &Path) -> String {
    path.file_name().and_then(OsStr::to_str).unwrap().to_owned()
}

/// The lines of a task's log.
#[track_caller]
pub(crate) fn log_lines(folder: &Path) -> Vec<String> {
    std::fs::read_to_string(folder.join("events.jsonl")).unwrap().lines().map(str::to_owned).collect()
}

/// A task's log; every line must be an event that continues the chain.
#[track_caller]
pub(crate) fn read_log(folder: &Path) -> Vec<Event> {
    let mut chain = Chain::default();
    log_lines(folder)
        .iter()
        .map(|line| {
            let event = Event::from_line(line).unwrap_or_else(|error| panic!("{error}: {line}"));
            chain.check(&event, line).unwrap();
            event
        })
        .collect()
}

/// How each call ended, in the order of the log: tool and outcome.
pub(crate) fn outcomes(log: &[Event]) -> Vec<(String, Outcome)> {
    let tool = |wanted: &event::CallId| {
        log.iter()
            .find_map(|event| match &event.fact {
                Fact::Replied { reply, .. } => {
                    reply.calls().find(|call| call.id == *wanted).map(|call| call.tool.clone())
                }
                _ => None,
            })
            .unwrap()
    };
    log.iter()
        .filter_map(|event| match &event.fact {
            Fact::ToolFinished { call, outcome, .. } => Some((tool(call), *outcome)),
            _ => None,
        })
        .collect()
}
