//! The window: its tools, its build, its checks, all through the Node that is on the path. Nothing is done twice: what was
//! installed or built from the same files stays.

mod inputs;
mod node;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result, bail};

use crate::repository::Repository;
use crate::stage::must_succeed;

/// Kept in the built UI: what it was built from. `vite` empties the folder, so it never speaks of another build.
const BUILT_FROM: &str = ".built-from";
/// Kept beside installed packages: the lock file they were installed from.
const INSTALLED_FROM: &str = ".installed-from";

/// What came of building the UI.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Built {
    /// It is there.
    Ready,
    /// It cannot be built here; the text says what to do.
    Impossible(String),
}

/// The folder of the UI.
pub(crate) struct Web {
    root: PathBuf,
    openapi: PathBuf,
    scratch: PathBuf,
}

/// `cargo xtask web`.
pub(crate) fn run(repository: &Repository) -> Result<ExitCode> {
    match Web::of(repository).build()? {
        Built::Ready => Ok(ExitCode::SUCCESS),
        Built::Impossible(advice) => {
            eprintln!("{advice}");
            Ok(ExitCode::from(2))
        }
    }
}

impl Web {
    /// The UI of this repository.
    pub(crate) fn of(repository: &Repository) -> Self {
        Self {
            root: repository.root.join("web"),
            openapi: repository.root.join("openapi.json"),
            scratch: repository.scratch("web"),
        }
    }

    /// Where the built UI lies.
    pub(crate) fn dist(&self) -> PathBuf {
        self.root.join("dist")
    }

    /// What is missing here for building and checking; none where nothing is.
    pub(crate) fn missing() -> Option<String> {
        node::missing()
    }

    /// Builds the UI where its files have changed.
    pub(crate) fn build(&self) -> Result<Built> {
        let inputs = inputs::digest(&self.root)?;
        let dist = self.dist();
        let built_from = fs::read_to_string(dist.join(BUILT_FROM)).unwrap_or_default();
        if built_from == inputs && dist.join("index.html").is_file() {
            return Ok(Built::Ready);
        }
        if let Some(advice) = node::missing() {
            return Ok(Built::Impossible(advice));
        }
        install(&self.root)?;
        println!("building the window");
        must_succeed(&mut self.npm(&["run", "--silent", "build"]))?;
        fs::write(dist.join(BUILT_FROM), inputs).with_context(|| format!("cannot write in `{}`", dist.display()))?;
        Ok(Built::Ready)
    }

    /// Runs a script of `package.json`.
    pub(crate) fn script(&self, name: &str, variables: &[(&str, &Path)]) -> Result<()> {
        install(&self.root)?;
        let mut npm = self.npm(&["run", "--silent", name]);
        must_succeed(npm.envs(variables.iter().copied()))
    }

    /// Whether the client is the one that the API's description gives.
    pub(crate) fn client_is_in_step(&self) -> Result<()> {
        let tools = self.root.join("tools");
        install(&tools)?;
        fs::create_dir_all(&self.scratch).with_context(|| format!("cannot make `{}`", self.scratch.display()))?;
        let fresh = self.scratch.join("schema.d.ts");
        let mut generator = Command::new(tools.join("node_modules/.bin/openapi-typescript"));
        generator.arg(&self.openapi).arg("-o").arg(&fresh).current_dir(&tools).stdin(Stdio::null());
        must_succeed(generator.stdout(Stdio::null()))?;
        let committed = self.root.join("src/api/generated/schema.d.ts");
        let read = |path: &Path| fs::read(path).with_context(|| format!("cannot read `{}`", path.display()));
        if read(&fresh)? != read(&committed)? {
            bail!("web/src/api/generated is out of step with openapi.json: run `npm run generate` in web/tools");
        }
        Ok(())
    }

    fn npm(&self, arguments: &[&str]) -> Command {
        npm(&self.root, arguments)
    }
}

fn npm(directory: &Path, arguments: &[&str]) -> Command {
    let mut npm = Command::new("npm");
    npm.args(arguments).current_dir(directory).stdin(Stdio::null());
    npm
}

/// Installs packages where the lock file has changed since the last time. Their own scripts are not run.
fn install(directory: &Path) -> Result<()> {
    let lock = directory.join("package-lock.json");
    let wanted = fs::read_to_string(&lock).with_context(|| format!("cannot read `{}`", lock.display()))?;
    let modules = directory.join("node_modules");
    let note = modules.join(INSTALLED_FROM);
    if fs::read_to_string(&note).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    if !is_newer(&modules.join(".package-lock.json"), &lock) {
        println!("installing what `{}` names", lock.display());
        must_succeed(&mut npm(directory, &["ci", "--ignore-scripts", "--no-audit", "--no-fund"]))?;
    }
    fs::write(&note, wanted).with_context(|| format!("cannot write `{}`", note.display()))
}

/// Whether npm has installed from the lock file by somebody else's hand since it changed.
fn is_newer(installed: &Path, lock: &Path) -> bool {
    let changed = |path: &Path| path.metadata().and_then(|meta| meta.modified());
    matches!((changed(installed), changed(lock)), (Ok(installed), Ok(lock)) if installed >= lock)
}

#[cfg(test)]
#[path = "web_tests.rs"]
mod web_tests;
