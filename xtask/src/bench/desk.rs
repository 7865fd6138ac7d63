//! A world of its own for each measurement: folder, data, settings; and the product's command lines in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use super::Bench;
use super::fake::DATA;

/// Bytes of the file that is read.
const DATA_BYTES: usize = 2_000;

/// Where one measurement lives.
pub(super) struct World {
    root: PathBuf,
    /// The granted folder.
    pub(super) folder: PathBuf,
}

/// What the product prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Printed {
    /// Stored events.
    Events,
    /// Stored events and every streamed token.
    Deltas,
}

impl World {
    /// An empty world with one file in its folder.
    pub(super) fn fresh(bench: &Bench, name: &str) -> Result<Self> {
        let root = bench.scratch.join(name);
        if root.exists() {
            fs::remove_dir_all(&root).with_context(|| format!("cannot clear `{}`", root.display()))?;
        }
        let world = Self { folder: root.join("work"), root };
        for name in ["work", "data", "config", "run"] {
            fs::create_dir_all(world.root.join(name))
                .with_context(|| format!("cannot make `{}`", world.root.display()))?;
        }
        write_data(&world.folder, DATA_BYTES)?;
        Ok(world)
    }

    /// Makes the file that is read this large.
    pub(super) fn resize_data(&self, bytes: usize) -> Result<()> {
        write_data(&self.folder, bytes)
    }

    /// A folder of its own for one task of many.
    pub(super) fn another_folder(&self, number: usize) -> Result<PathBuf> {
        let folder = self.root.join("folders").join(format!("f{number}"));
        fs::create_dir_all(&folder)?;
        write_data(&folder, DATA_BYTES)?;
        Ok(folder)
    }

    /// The product in this world, asking the model at an address.
    pub(super) fn deskhand(&self, bench: &Bench, model: &str) -> Command {
        let mut command = Command::new(&bench.deskhand);
        command
            .current_dir(&self.root)
            .stdin(Stdio::null())
            // The granted folders lie inside it, as a user's would.
            .env("HOME", &self.root)
            .env("DESKHAND_HOME", self.data())
            .env("XDG_CONFIG_HOME", self.root.join("config"))
            .env("XDG_RUNTIME_DIR", self.root.join("run"))
            .env("ANTHROPIC_BASE_URL", model)
            .env("ANTHROPIC_API_KEY", "test")
            .env_remove("OPENAI_API_KEY")
            .env_remove("OPENAI_BASE_URL");
        command
    }

    /// A new task.
    pub(super) fn run(&self, bench: &Bench, model: &str, printed: Printed) -> Command {
        let mut command = self.deskhand(bench, model);
        command.args(["run", "Do the work.", "--model", "anthropic/fake", "--mode", "skip", "--tier", "namespace"]);
        command.arg("--folder").arg(&self.folder).arg("--json");
        if printed == Printed::Deltas {
            command.arg("--deltas");
        }
        command
    }

    /// A task goes on.
    pub(super) fn say(&self, bench: &Bench, model: &str, task: &str) -> Command {
        let mut command = self.deskhand(bench, model);
        command.args(["say", task, "Go on.", "--json"]);
        command
    }

    /// The plain loop in the same folder.
    pub(super) fn plain_loop(&self, bench: &Bench, model: &str) -> Command {
        let mut command = Command::new(&bench.python);
        command.arg("-S").arg(&bench.plain_loop).arg("--folder").arg(&self.folder);
        command.current_dir(&self.root).stdin(Stdio::null());
        command.env("ANTHROPIC_BASE_URL", model).env("ANTHROPIC_API_KEY", "test");
        command
    }

    /// Where errors of a command are kept.
    pub(super) fn errors(&self) -> PathBuf {
        self.root.join("errors.txt")
    }

    /// The product's data directory.
    pub(super) fn data(&self) -> PathBuf {
        self.root.join("data")
    }
}

fn write_data(folder: &Path, bytes: usize) -> Result<()> {
    const LINE: &str = "2026-11-22,a line of data as people keep it,12.5\n";
    let text: String = LINE.chars().cycle().take(bytes).collect();
    fs::write(folder.join(DATA), text).with_context(|| format!("cannot write `{}`", folder.join(DATA).display()))
}

/// Bytes of all files beneath a directory whose names are wanted.
pub(super) fn bytes_beneath(directory: &Path, wanted: &impl Fn(&str) -> bool) -> Result<u64> {
    let mut sum = 0;
    for entry in fs::read_dir(directory).with_context(|| format!("cannot list `{}`", directory.display()))? {
        let entry = entry?;
        let found = entry.file_type()?;
        if found.is_dir() {
            sum += bytes_beneath(&entry.path(), wanted)?;
        } else if found.is_file() && wanted(&entry.file_name().to_string_lossy()) {
            sum += entry.metadata()?.len();
        }
    }
    Ok(sum)
}
