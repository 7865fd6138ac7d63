//! `cargo xtask bench`: the budgets of the design, measured beside a plain loop in the same run.
//!
//! Lives here: the order of things and the printed table. Scenarios are in `scenario`, arithmetic in `figure` and
//! `statistics`, everything that touches processes in `fake`, `desk` and `process`.

mod contest;
mod desk;
mod fake;
mod figure;
mod http;
mod machine;
mod options;
mod process;
mod relay;
mod scenario;
mod serve;
mod statistics;
mod times;

use std::fs;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};
use serde_json::json;

use crate::example::{self, Profile};
use crate::packages::{self, CHROMIUM, Provided};
use crate::repository::Repository;
use crate::stage::must_succeed;
use crate::web::{Built, Web};
use figure::Figure;
use options::Options;

/// What every scenario needs.
struct Bench<'a> {
    /// Where this is.
    repository: &'a Repository,
    /// The release build of the product; made where a scenario needs it.
    deskhand: PathBuf,
    /// The fake model server.
    fake_model: PathBuf,
    /// The interpreter itself, not a launcher that picks one.
    python: PathBuf,
    /// The plain loop.
    plain_loop: PathBuf,
    /// Where worlds are made.
    scratch: PathBuf,
    /// How often each figure is measured.
    runs: usize,
}

/// Measures and prints. 0 also where a budget is missed; 1 where a scenario could not run.
pub(crate) fn run(repository: &Repository, arguments: &[String]) -> Result<ExitCode> {
    let options = Options::parse(arguments)?;
    if options.only.as_deref() == Some("web") {
        return window(repository, &options);
    }
    let chosen: Vec<_> =
        scenario::ALL.iter().filter(|(name, _)| options.only.as_ref().is_none_or(|only| only == name)).collect();
    if chosen.is_empty() {
        let names: Vec<&str> = scenario::ALL.iter().map(|(name, _)| *name).collect();
        bail!("there is no such scenario; there are: {}, web", names.join(", "));
    }
    let bench = prepare(repository, &options)?;
    let mut figures = Vec::new();
    let mut broken = Vec::new();
    for (name, measure) in chosen {
        eprintln!("measuring {name}");
        match measure(&bench) {
            Ok(measured) => figures.extend(measured),
            Err(error) => broken.push(format!("{name} could not run: {error:#}")),
        }
    }
    println!("{}", figure::table(&figures));
    for line in &broken {
        println!("{line}");
    }
    if let Some(file) = &options.json {
        let value = json!({
            "runs": options.runs,
            "figures": figures.iter().map(Figure::to_json).collect::<Vec<_>>(),
            "broken": broken,
        });
        fs::write(file, format!("{value:#}\n")).with_context(|| format!("cannot write `{}`", file.display()))?;
    }
    Ok(if broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// The window in Chromium, measured by its own program over the release build.
fn window(repository: &Repository, options: &Options) -> Result<ExitCode> {
    let web = Web::of(repository);
    let built = match packages::provide(&[CHROMIUM]) {
        Provided::Ready => web.build()?,
        Provided::Missing(advice) => Built::Impossible(advice),
    };
    if let Built::Impossible(advice) = built {
        eprintln!("{advice}");
        return Ok(ExitCode::from(2));
    }
    let program = match &options.program {
        Some(program) => program.canonicalize().with_context(|| format!("cannot find `{}`", program.display()))?,
        None => example::build(repository, Profile::Release)?,
    };
    web.script("bench", &[("DESKHAND_BINARY", &program)])?;
    Ok(ExitCode::SUCCESS)
}

fn prepare<'a>(repository: &'a Repository, options: &Options) -> Result<Bench<'a>> {
    let build_release = |package: &str| {
        if !repository.has_package(package) {
            bail!("there is no crate `{package}` yet");
        }
        // Each package apart, so that the product has only its own features.
        must_succeed(repository.cargo().args(["build", "--release", "--package", package, "--bins"]))
    };
    let without_product = options.only.as_deref() == Some(scenario::MACHINE);
    let release = repository.build_directory().join("release");
    let deskhand = match &options.program {
        Some(program) => program.canonicalize().with_context(|| format!("cannot find `{}`", program.display()))?,
        None => {
            if !without_product {
                build_release("deskhand")?;
            }
            release.join("deskhand")
        }
    };
    if !without_product {
        build_release("testkit")?;
    }
    Ok(Bench {
        repository,
        deskhand,
        fake_model: release.join("fake-model"),
        python: python()?,
        plain_loop: repository.root.join("xtask/bench/plain_loop.py"),
        scratch: repository.scratch("bench"),
        runs: options.runs,
    })
}

fn python() -> Result<PathBuf> {
    let asked = Command::new("python3").args(["-c", "import sys; print(sys.executable)"]).output();
    let output = asked.context("cannot start `python3`, which runs the plain loop")?;
    Ok(PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()))
}
