//! `cargo xtask run`: the example task in the user's terminal, with nothing of the user's touched.

use std::ffi::OsString;
use std::fs;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

use crate::packages::{self, BUBBLEWRAP, Provided};
use crate::repository::Repository;
use crate::stage::must_succeed;
use crate::unattended;

const EXAMPLE: &str = "examples/weather-report";
const PROMPT: &str = "Write a short report about the weather and climate data in this folder.";

/// Where the example runs. Everything lies under one directory that `cargo clean` removes.
struct Stage {
    script: PathBuf,
    folder: PathBuf,
    home: PathBuf,
    config: PathBuf,
    runtime: PathBuf,
}

/// Builds `deskhand`, runs the example, says where the results are.
pub(crate) fn run(repository: &Repository, arguments: &[String]) -> Result<ExitCode> {
    let release = arguments.iter().any(|argument| argument == "--release");
    let passed_on: Vec<String> = arguments.iter().filter(|argument| *argument != "--release").cloned().collect();
    if !repository.has_package("deskhand") {
        bail!("there is no crate `deskhand` yet");
    }
    if let Provided::Missing(advice) = packages::provide(&[BUBBLEWRAP]) {
        eprintln!("{advice}\nwithout it the example goes on, but its commands cannot run: Bash is withdrawn\n");
    }
    let program = build(repository, if release { Profile::Release } else { Profile::Dev })?;
    let stage = prepare(&repository.root.join(EXAMPLE), &repository.scratch("example"))?;
    let mut status = command(&program, &stage, &passed_on).status().context("cannot start `deskhand`")?;
    if let Some(task) = newest_task(&stage.home)
        && !std::io::stdin().is_terminal()
    {
        status = unattended::answer(|| bare(&program, &stage), status, &task)?;
    }
    tell_results(repository, &stage.home);
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from))
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
enum Profile {
    /// Fast to build.
    Dev,
    /// Fast to run.
    Release,
}

/// Builds `deskhand` and gives its path.
fn build(repository: &Repository, profile: Profile) -> Result<PathBuf> {
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
