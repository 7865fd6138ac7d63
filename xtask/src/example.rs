//! `cargo xtask run`: the example task in the user's terminal and browser, with nothing of the user's touched.

mod daemon;

use std::ffi::OsString;
use std::fs;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, ExitStatus};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::packages::{self, BUBBLEWRAP, Provided};
use crate::repository::Repository;
use crate::stage::must_succeed;
use crate::unattended;
use crate::web::{Built, Web};
use daemon::{Daemon, has_display, open_browser};

const EXAMPLE: &str = "examples/weather-report";
const PROMPT: &str = "Write a short report about the weather and climate data in this folder.";
/// How often is looked whether the task is there yet.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Where the example runs. Everything lies under one directory that `cargo clean` removes.
struct Stage {
    script: PathBuf,
    folder: PathBuf,
    home: PathBuf,
    config: PathBuf,
    runtime: PathBuf,
}

/// Who looks on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Audience {
    /// Somebody at a terminal or a desktop: the window stays until they end it.
    Somebody,
    /// A pipeline: everything ends by itself.
    Nobody,
}

/// Builds the window and `deskhand`, runs the example in both, says where the results are.
pub(crate) fn run(repository: &Repository, arguments: &[String]) -> Result<ExitCode> {
    let release = arguments.iter().any(|argument| argument == "--release");
    let passed_on: Vec<String> = arguments.iter().filter(|argument| *argument != "--release").cloned().collect();
    if !repository.has_package("deskhand") {
        bail!("there is no crate `deskhand` yet");
    }
    if let Provided::Missing(advice) = packages::provide(&[BUBBLEWRAP]) {
        eprintln!("{advice}\nwithout it the example goes on, but its commands cannot run: Bash is withdrawn\n");
    }
    if let Built::Impossible(advice) = Web::of(repository).build()? {
        eprintln!("{advice}\nwithout it the example goes on in this terminal alone\n");
    }
    let program = build(repository, if release { Profile::Release } else { Profile::Dev })?;
    let stage = prepare(&repository.root.join(EXAMPLE), &repository.scratch("example"))?;
    let at_terminal = std::io::stdin().is_terminal();
    let audience = if at_terminal || has_display() { Audience::Somebody } else { Audience::Nobody };
    let mut daemon = Daemon::start(bare(&program, &stage), &stage.home)?;
    let before = newest_task(&stage.home);
    let job = command(&program, &stage, &passed_on).spawn().context("cannot start `deskhand`")?;
    let mut status = watch(job, &daemon, &stage, before.as_deref())?;
    let task = newest_task(&stage.home).filter(|task| Some(task) != before.as_ref());
    if let Some(task) = &task
        && !at_terminal
    {
        status = unattended::answer(|| bare(&program, &stage), status, task)?;
    }
    tell_results(repository, &stage.home);
    if audience == Audience::Somebody {
        let page = daemon.page(task.as_deref().map(id_of).as_deref());
        println!("\nthe task in your browser: {page}\npress Ctrl-C to end");
        daemon.wait();
    }
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from))
}

/// Waits for the job; its page is shown as soon as there is one, because it can be answered there too.
fn watch(mut job: Child, daemon: &Daemon, stage: &Stage, before: Option<&Path>) -> Result<ExitStatus> {
    let mut shown = false;
    loop {
        if let Some(status) = job.try_wait().context("cannot wait for `deskhand`")? {
            return Ok(status);
        }
        if let Some(task) = newest_task(&stage.home).filter(|task| !shown && Some(task.as_path()) != before) {
            shown = true;
            let id = id_of(&task);
            eprintln!("the same in your browser: {}\n", daemon.page(Some(&id)));
            // Where it cannot be opened, the printed address is enough.
            if has_display()
                && let Ok(page) = daemon.page_once(Some(&id))
            {
                open_browser(&page);
            }
        }
        std::thread::sleep(LOOK_EVERY);
    }
}

/// The id of a task, with which the name of its folder ends.
fn id_of(task: &Path) -> String {
    let name = task.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    name.rsplit('-').next().unwrap_or_default().to_owned()
}

/// The whole command line, in one place.
fn command(program: &Path, stage: &Stage, passed_on: &[String]) -> Command {
    let mut command = bare(program, stage);
    command.args(["run", PROMPT]).arg("--script").arg(&stage.script).arg("--folder").arg(&stage.folder);
    command.args(passed_on);
    command
}

/// `deskhand` with the example's own environment.
fn bare(program: &Path, stage: &Stage) -> Command {
    let mut command = Command::new(program);
    command.env("DESKHAND_HOME", &stage.home);
    // Not the user's settings, and not the user's running daemon.
    command.env("XDG_CONFIG_HOME", &stage.config).env("XDG_RUNTIME_DIR", &stage.runtime);
    command
}

/// How to build.
#[derive(Clone, Copy)]
pub(crate) enum Profile {
    /// Fast to build.
    Dev,
    /// Fast to run.
    Release,
}

/// Builds `deskhand` and gives its path.
pub(crate) fn build(repository: &Repository, profile: Profile) -> Result<PathBuf> {
    let mut cargo = repository.cargo();
    cargo.args(["build", "--package", "deskhand"]);
    let directory = match profile {
        Profile::Dev => "debug",
        Profile::Release => {
            cargo.arg("--release");
            "release"
        }
    };
    must_succeed(&mut cargo)?;
    Ok(repository.build_directory().join(directory).join("deskhand"))
}

/// A fresh copy of the data; the home with earlier results stays.
fn prepare(example: &Path, scratch: &Path) -> Result<Stage> {
    let stage = Stage {
        script: example.join("script.yaml"),
        folder: scratch.join("weather-report"),
        home: scratch.join("home"),
        config: scratch.join("config"),
        runtime: scratch.join("run"),
    };
    if stage.folder.exists() {
        fs::remove_dir_all(&stage.folder).with_context(|| format!("cannot clear `{}`", stage.folder.display()))?;
    }
    for directory in [&stage.folder, &stage.home, &stage.config, &stage.runtime] {
        fs::create_dir_all(directory).with_context(|| format!("cannot make `{}`", directory.display()))?;
    }
    private(&stage.runtime)?;
    let data = example.join("data");
    for entry in fs::read_dir(&data).with_context(|| format!("cannot read `{}`", data.display()))? {
        let from = entry?.path();
        let to = stage.folder.join(from.file_name().map(OsString::from).unwrap_or_default());
        fs::copy(&from, &to).with_context(|| format!("cannot copy `{}`", from.display()))?;
    }
    Ok(stage)
}

/// A runtime directory belongs to its user alone.
fn private(directory: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(directory, fs::Permissions::from_mode(0o700))
        .with_context(|| format!("cannot close `{}` to others", directory.display()))
}

fn tell_results(repository: &Repository, home: &Path) {
    let Some(task) = newest_task(home) else { return };
    println!("\nthe task, with its log: {}", repository.relative(&task));
    for file in sorted_files(&task.join("outputs")) {
        println!("a finished file:        {}", repository.relative(&file));
    }
}

fn newest_task(home: &Path) -> Option<PathBuf> {
    let changed = |path: &PathBuf| path.join("events.jsonl").metadata().and_then(|found| found.modified()).ok();
    let tasks = fs::read_dir(home.join("tasks")).ok()?;
    tasks.flatten().map(|entry| entry.path()).filter(|path| changed(path).is_some()).max_by_key(changed)
}

fn sorted_files(directory: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(directory) else { return Vec::new() };
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).filter(|path| path.is_file()).collect();
    files.sort();
    files
}

#[cfg(test)]
#[path = "example_tests.rs"]
mod example_tests;
