//! `cargo xtask test`: everything a change must pass, in one command that needs no terminal.

use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Result, bail};

use crate::image;
use crate::packages::{self, BUBBLEWRAP, CHROMIUM, EROFS, GIT, Provided, STRACE, VENV, ZIP};
use crate::repository::Repository;
use crate::stage::{Stages, must_succeed};
use crate::tidy;
use crate::vm_image;
use crate::web::{Built, Web};

/// The providers' own clients, which judge our fake servers: each in a virtual environment `target/oracle/<name>`.
const ORACLES: &[(&str, &str)] = &[("anthropic", "2.12.0"), ("openai", "3.54.0")];

/// Both clippy and the tests build the same features, so that nothing is built twice.
const WHOLE: [&str; 2] = ["--workspace", "--all-features"];

/// What was asked for.
#[derive(Debug, PartialEq, Eq)]
struct Options {
    depth: Depth,
    passed_on: Vec<String>,
}

/// How much is checked.
#[derive(Debug, PartialEq, Eq)]
enum Depth {
    Quick,
    Full,
}

impl Options {
    fn parse(arguments: &[String]) -> Self {
        let mut options = Self { depth: Depth::Full, passed_on: Vec::new() };
        for (index, argument) in arguments.iter().enumerate() {
            match argument.as_str() {
                "--quick" => options.depth = Depth::Quick,
                "--" => {
                    options.passed_on.extend(arguments.iter().skip(index + 1).cloned());
                    break;
                }
                _ => options.passed_on.push(argument.clone()),
            }
        }
        options
    }
}

/// Runs every stage; 0 where all passed, 1 where one failed, 2 where something must be installed first.
pub(crate) fn run(repository: &Repository, arguments: &[String]) -> Result<ExitCode> {
    let options = Options::parse(arguments);
    let needs: &[packages::Need] = match options.depth {
        Depth::Quick => &[BUBBLEWRAP, STRACE],
        Depth::Full => &[BUBBLEWRAP, STRACE, VENV, CHROMIUM, EROFS, GIT, ZIP],
    };
    let missing = match packages::provide(needs) {
        Provided::Missing(advice) => Some(advice),
        Provided::Ready => Web::missing(),
    };
    if let Some(advice) = missing {
        eprintln!("{advice}");
        return Ok(ExitCode::from(2));
    }
    let web = Web::of(repository);
    let mut stages = Stages::default();
    // Before anything is compiled: the binary has the window inside.
    stages.run("web build", || match web.build()? {
        Built::Ready => Ok(()),
        Built::Impossible(advice) => bail!(advice),
    });
    stages.run("web types", || web.script("typecheck", &[]));
    stages.run("web lint", || web.script("lint", &[]));
    stages.run("web tests", || web.script("test", &[]));
    stages.run("web client", || web.client_is_in_step());
    if options.depth == Depth::Full {
        stages.run("oracles", || oracles(&repository.scratch("oracle")));
        stages.run("machine", || vm_image::stage(repository));
        stages.run("image", || image::stage(repository));
    }
    let files = packages::provide_file_device();
    stages.run("tidy", || tidy::check(repository));
    stages.run("format", || must_succeed(repository.cargo().args(["fmt", "--all", "--check"])));
    if options.depth == Depth::Full {
        stages.run("clippy", || {
            let mut command = repository.cargo();
            must_succeed(command.arg("clippy").args(WHOLE).args(["--all-targets", "--", "-D", "warnings"]))
        });
    }
    stages.run("tests", || tests(repository, files, &options.passed_on));
    if options.depth == Depth::Full {
        stages.run("web e2e", || in_chromium(repository, &web));
    }
    if tidy::has_doctests(repository)? {
        stages.run("doctests", || must_succeed(repository.cargo().args(["test", "--doc"]).args(WHOLE)));
    }
    Ok(stages.finish())
}

/// The window in a browser, over the binary that the other tests use.
fn in_chromium(repository: &Repository, web: &Web) -> Result<()> {
    must_succeed(repository.cargo().args(["build", "--bins"]).args(WHOLE))?;
    let program = repository.build_directory().join("debug/deskhand");
    web.script("e2e", &[("DESKHAND_BINARY", &program)])
}

/// Tests that need files in sandboxes, as nextest names them; what stands for such a system itself is in `fallback`.
const WITH_FILES: &str = "package(share) | binary_id(guest::it) | \
                          binary_id(deskhand::it) & test(/^(asking|messy|write_through)::/)";

/// `files` says whether files can be given to sandboxes here.
fn tests(repository: &Repository, files: bool, passed_on: &[String]) -> Result<()> {
    let nextest =
        repository.cargo().args(["nextest", "--version"]).stdout(Stdio::null()).stderr(Stdio::null()).status();
    let mut command = repository.cargo();
    if nextest.is_ok_and(|status| status.success()) {
        command.args(["nextest", "run", "--profile", "ci"]);
        if !files {
            println!("without /dev/fuse sandboxes get no files: left out is what needs them ({WITH_FILES})");
            command.args(["-E", &format!("not ({WITH_FILES})")]);
        }
    } else {
        println!("cargo-nextest is not installed: using plain `cargo test`");
        println!("(faster, and with a time limit for each test: cargo install cargo-nextest --locked)");
        command.args(["test", "--lib", "--bins", "--tests", "--no-fail-fast"]);
    }
    must_succeed(command.args(WHOLE).args(passed_on))
}

/// Makes a virtual environment for each provider's client, once per version.
fn oracles(directory: &Path) -> Result<()> {
    for (name, version) in ORACLES {
        let home = directory.join(name);
        if installed(&home, name).is_some_and(|found| found == *version) {
            continue;
        }
        println!("installing {name} {version}");
        must_succeed(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&home).stdin(Stdio::null()))?;
        let mut pip = Command::new(home.join("bin/python"));
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]).arg(format!("{name}=={version}"));
        must_succeed(pip.stdin(Stdio::null()))?;
    }
    Ok(())
}

/// The version of a package in a virtual environment, if both are there.
fn installed(home: &Path, name: &str) -> Option<String> {
    const ASK: &str = "import importlib.metadata, sys; print(importlib.metadata.version(sys.argv[1]))";
    let mut python = Command::new(home.join("bin/python"));
    let output = python.args(["-c", ASK, name]).stdin(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

#[cfg(test)]
mod tests_of_test {
    use std::path::Path;

    use super::{Depth, Options, installed};

    #[test]
    fn nothing_is_installed_where_there_is_no_environment() {
        assert_eq!(installed(Path::new("/nonexistent/oracle"), "anthropic"), None);
    }

    fn parse(arguments: &[&str]) -> Options {
        Options::parse(&arguments.iter().map(|&argument| argument.to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn what_is_not_ours_goes_to_the_runner() {
        assert_eq!(parse(&[]), Options { depth: Depth::Full, passed_on: vec![] });
        assert_eq!(
            parse(&["--quick", "-p", "policy"]),
            Options { depth: Depth::Quick, passed_on: vec!["-p".into(), "policy".into()] }
        );
        assert_eq!(
            parse(&["--", "--quick", "--"]),
            Options { depth: Depth::Full, passed_on: vec!["--quick".into(), "--".into()] }
        );
    }
}
