//! `cargo xtask dist`: the sources with the built UI among them, from which `cargo install` needs no Node.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result, bail};

use crate::repository::Repository;
use crate::stage::must_succeed;
use crate::web::{Built, Web};

/// What an archive must hold to be of any use.
const NEEDED: [&str; 4] = ["Cargo.toml", "Cargo.lock", "crates/deskhand/Cargo.toml", "web/dist/index.html"];

/// Builds the UI, packs the archive and looks into it.
pub(crate) fn run(repository: &Repository) -> Result<ExitCode> {
    let web = Web::of(repository);
    if let Built::Impossible(advice) = web.build()? {
        eprintln!("{advice}");
        return Ok(ExitCode::from(2));
    }
    let name = format!("deskhand-{}", version(repository)?);
    let directory = repository.scratch("dist");
    fs::create_dir_all(&directory).with_context(|| format!("cannot make `{}`", directory.display()))?;
    let archive = directory.join(format!("{name}-source.tar.gz"));
    let files = files(&repository.root)?;
    let source = Source { root: &repository.root, files: &files, time: commit_time(&repository.root)? };
    pack(&source, &name, &archive)?;
    check(&listed(&archive)?, &name)?;
    println!("{} ({} files)", repository.relative(&archive), files.len());
    println!("unpack it, then: cargo install --locked --path crates/deskhand");
    Ok(ExitCode::SUCCESS)
}

fn version(repository: &Repository) -> Result<String> {
    let packages = repository.metadata["packages"].as_array().context("cargo metadata lists no packages")?;
    let deskhand = packages.iter().find(|package| package["name"] == "deskhand");
    let version = deskhand.and_then(|package| package["version"].as_str());
    Ok(version.context("cargo metadata names no version of `deskhand`")?.to_owned())
}

/// Every file that is part of a commit, as it is now, and the built UI; relative to the root.
fn files(root: &Path) -> Result<BTreeSet<PathBuf>> {
    let output = Command::new("git").args(["ls-files", "-z"]).current_dir(root).stdin(Stdio::null()).output();
    let output = output.context("cannot start `git`, which knows the sources")?;
    if !output.status.success() {
        bail!("`git ls-files` ended with {}: the archive is made in a clone", output.status);
    }
    let names = String::from_utf8(output.stdout).context("a file's name is not UTF-8")?;
    let mut found: BTreeSet<PathBuf> =
        names.split('\0').filter(|name| root.join(name).is_file()).map(PathBuf::from).collect();
    walk(root, Path::new("web/dist"), &mut found)?;
    Ok(found)
}

fn walk(root: &Path, directory: &Path, found: &mut BTreeSet<PathBuf>) -> Result<()> {
    let here = root.join(directory);
    for entry in fs::read_dir(&here).with_context(|| format!("cannot list `{}`", here.display()))? {
        let entry = entry?;
        let path = directory.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            walk(root, &path, found)?;
        } else {
            found.insert(path);
        }
    }
    Ok(())
}

/// What is packed.
struct Source<'s> {
    root: &'s Path,
    /// Relative to the root.
    files: &'s BTreeSet<PathBuf>,
    /// When they all were changed, in seconds since 1970.
    time: u64,
}

/// When the last commit was made: later archives have later files, which cargo goes by.
fn commit_time(root: &Path) -> Result<u64> {
    let mut git = Command::new("git");
    let output = git.args(["log", "-1", "--format=%ct"]).current_dir(root).stdin(Stdio::null()).output();
    let text = String::from_utf8(output.context("cannot start `git`")?.stdout)?;
    text.trim().parse().context("`git log` names no time: the archive is made of commits")
}

/// Packs these files beneath one folder: the same files give the same bytes.
fn pack(source: &Source<'_>, folder: &str, archive: &Path) -> Result<()> {
    let list = archive.with_extension("list");
    let mut names = fs::File::create(&list).with_context(|| format!("cannot write `{}`", list.display()))?;
    for file in source.files {
        write!(names, "{}\0", file.display())?;
    }
    drop(names);
    let mut tar = Command::new("tar");
    tar.args(["--owner=0", "--group=0", "--numeric-owner", "--mode=go=rX,u+rw,a-s"])
        .arg(format!("--mtime=@{}", source.time))
        .arg(format!("--transform=s,^,{folder}/,"))
        .args(["--use-compress-program=gzip -n", "--null", "--no-recursion", "--create", "--file"])
        .arg(archive)
        .arg("--directory")
        .arg(source.root)
        .arg("--files-from")
        .arg(&list)
        .stdin(Stdio::null());
    let packed = must_succeed(&mut tar);
    fs::remove_file(&list).with_context(|| format!("cannot remove `{}`", list.display()))?;
    packed
}

fn listed(archive: &Path) -> Result<Vec<String>> {
    let output = Command::new("tar").arg("--list").arg("--file").arg(archive).stdin(Stdio::null()).output()?;
    if !output.status.success() {
        bail!("`{}` cannot be read again", archive.display());
    }
    Ok(String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect())
}

/// Whether an archive has what it needs, all in one folder, and nothing that was only built or installed.
fn check(listed: &[String], folder: &str) -> Result<()> {
    for needed in NEEDED {
        let path = format!("{folder}/{needed}");
        if !listed.contains(&path) {
            bail!("the archive lacks `{path}`");
        }
    }
    let wrong = |path: &&String| {
        let inside = path.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/'));
        inside
            .is_none_or(|inside| inside.starts_with("target/") || inside.split('/').any(|part| part == "node_modules"))
    };
    match listed.iter().find(wrong) {
        Some(path) => bail!("`{path}` does not belong into the archive"),
        None => Ok(()),
    }
}

#[cfg(test)]
#[path = "dist_tests.rs"]
mod dist_tests;
