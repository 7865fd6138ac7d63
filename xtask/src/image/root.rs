//! One tree of files: Debian's packages, the wheels and the JavaScript packages, put together by mmdebstrap and
//! finished by `images/finish.sh`; then unpacked so that its user may read all of it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use super::lock::Lock;
use super::{ARCHITECTURE, Places, SUITE, fresh};
use crate::stage::must_succeed;

const KEYS: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";
/// The Python of the suite.
const PYTHON: &str = "3.13";
/// Where the wheels go in the tree.
const WHEELS: &str = "/usr/local/lib/python3.13/dist-packages";
/// Where the JavaScript packages go in the tree.
const MODULES: &str = "/usr/local/lib/node_modules";

/// Which tree.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// The base alone.
    Base,
    /// The base and the office layer in one.
    Full,
}

impl Wanted {
    /// The name of the unpacked folder.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::Full => "full",
        }
    }
}

/// Where packages come from and which time they get.
pub(super) struct Source {
    /// Seconds since 1970.
    pub(super) epoch: u64,
    /// A day of Debian's archive instead of today's.
    pub(super) snapshot: Option<String>,
}

impl Source {
    /// The lines of apt's list of sources.
    fn lines(&self) -> Vec<String> {
        let environment = |name: &str, usual: String| std::env::var(name).unwrap_or(usual);
        let (debian, security) = match &self.snapshot {
            Some(day) => (snapshot("debian", day), snapshot("debian-security", day)),
            None => (
                environment("DESKHAND_DEBIAN", "http://deb.debian.org/debian".to_owned()),
                environment("DESKHAND_DEBIAN_SECURITY", "http://deb.debian.org/debian-security".to_owned()),
            ),
        };
        vec![
            format!("deb {debian} {SUITE} main"),
            format!("deb {debian} {SUITE}-updates main"),
            format!("deb {security} {SUITE}-security main"),
        ]
    }
}

fn snapshot(archive: &str, day: &str) -> String {
    format!("http://snapshot.debian.org/archive/{archive}/{day}T000000Z")
}

/// Builds the tree and unpacks it to `out/<name>`; gives the packages in it.
pub(super) fn make(places: &Places, source: &Source, wanted: Wanted) -> Result<Lock> {
    let archive = places.work.join(format!("{}.tar", wanted.name()));
    let wheels = wheels(places)?;
    let mut command = Command::new("mmdebstrap");
    command
        .args(["--quiet", "--variant=essential", "--format=tar", "--skip=cleanup"])
        .arg(format!("--architectures={ARCHITECTURE}"))
        .arg(format!("--keyring={KEYS}"))
        .arg(format!("--include={}", list(places, wanted)?.join(",")))
        .args([
            "--aptopt=APT::Install-Recommends \"false\"",
            "--aptopt=Acquire::Retries \"3\"",
            "--dpkgopt=force-unsafe-io",
        ])
        .arg(format!("--customize-hook=mkdir -p \"$1\"{WHEELS}"))
        .arg(format!("--customize-hook=sync-in {} {WHEELS}", text(&wheels)?));
    if source.snapshot.is_some() {
        command.arg("--aptopt=Acquire::Check-Valid-Until \"false\"");
    }
    if wanted == Wanted::Full {
        add_modules(&mut command, &modules(places)?)?;
    }
    for name in ["drop.txt", "compile.py", "identity.sh", "finish.sh"] {
        command.arg(format!("--customize-hook=copy-in {} /tmp", text(&places.lists.join(name))?));
    }
    command.arg("--customize-hook=sh \"$1\"/tmp/finish.sh \"$1\"").arg(SUITE).arg(&archive).args(source.lines());
    // The person's own Python and locale must not reach into the tree.
    command.env("SOURCE_DATE_EPOCH", source.epoch.to_string()).env("LC_ALL", "C.UTF-8").stdin(Stdio::null());
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PYTHON")) {
        command.env_remove(name);
    }
    must_succeed(&mut command).context(
        "the tree could not be made; where Debian's mirror cannot be reached (its last lines say so), name another one \
         in DESKHAND_DEBIAN and DESKHAND_DEBIAN_SECURITY",
    )?;
    let tree = places.out.join(wanted.name());
    unpack(&archive, &tree)?;
    fs::remove_file(&archive).context("cannot remove the archive of the tree")?;
    let status = fs::read_to_string(tree.join("var/lib/dpkg/status")).context("the tree has no record of packages")?;
    Ok(Lock::installed(&status))
}

/// The names of the packages that are asked for.
fn list(places: &Places, wanted: Wanted) -> Result<Vec<String>> {
    let files: &[&str] = match wanted {
        Wanted::Base => &["base.txt"],
        Wanted::Full => &["base.txt", "office.txt"],
    };
    let mut names = Vec::new();
    for file in files {
        let text = fs::read_to_string(places.lists.join(file)).with_context(|| format!("cannot read `{file}`"))?;
        names.extend(packages(&text));
    }
    Ok(names)
}

/// The names in a list: one a line, comments aside.
pub(super) fn packages(text: &str) -> Vec<String> {
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
    lines.filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// Downloads the wheels, each checked against its digest, and unpacks them. Nothing of them runs.
fn wheels(places: &Places) -> Result<PathBuf> {
    let (downloads, unpacked) = (places.work.join("wheels"), places.work.join("python"));
    if unpacked.exists() {
        return Ok(unpacked);
    }
    fresh(&downloads)?;
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes"])
        .args(["--only-binary=:all:", "--python-version", PYTHON, "--platform", "manylinux_2_17_x86_64"])
        .args(["--platform", "manylinux2014_x86_64", "--dest"])
        .arg(&downloads)
        .arg("--requirement")
        .arg(places.lists.join("wheels.txt"))
        .stdin(Stdio::null());
    must_succeed(&mut pip).context("the Python packages could not be downloaded")?;
    fresh(&unpacked)?;
    let mut files: Vec<PathBuf> = fs::read_dir(&downloads)?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    files.sort();
    for file in files {
        must_succeed(Command::new("python3").args(["-m", "zipfile", "-e"]).arg(&file).arg(&unpacked))?;
    }
    // Programs of a wheel would be started by a Python that is named here and not there.
    for entry in fs::read_dir(&unpacked)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "data") {
            fs::remove_dir_all(&path).with_context(|| format!("cannot remove `{}`", path.display()))?;
        }
    }
    Ok(unpacked)
}

/// Installs the JavaScript packages of the lock, without running their scripts.
fn modules(places: &Places) -> Result<PathBuf> {
    let home = places.work.join("node");
    fresh(&home)?;
    for name in ["package.json", "package-lock.json"] {
        fs::copy(places.lists.join("node").join(name), home.join(name))?;
    }
    let mut npm = Command::new("npm");
    npm.args(["ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--no-bin-links", "--silent"]);
    must_succeed(npm.current_dir(&home).stdin(Stdio::null()))
        .context("the JavaScript packages could not be downloaded")?;
    let modules = home.join("node_modules");
    // npm's own note of what it did, with nothing in it that the lock lacks.
    let note = modules.join(".package-lock.json");
    if note.exists() {
        fs::remove_file(&note).context("cannot remove npm's note")?;
    }
    Ok(modules)
}

/// Puts the packages where every script finds them: `require` looks below `/usr/share/nodejs` in Debian, `import` in
/// all folders above the script, `/node_modules` being the last.
fn add_modules(command: &mut Command, modules: &Path) -> Result<()> {
    command
        .arg(format!("--customize-hook=mkdir -p \"$1\"{MODULES} \"$1\"/usr/share/nodejs"))
        .arg(format!("--customize-hook=sync-in {} {MODULES}", text(modules)?))
        .arg(format!("--customize-hook=ln -s {} \"$1\"/node_modules", &MODULES[1..]));
    for name in ["docx", "pptxgenjs"] {
        let hook = format!("--customize-hook=ln -sfn ../../..{MODULES}/{name} \"$1\"/usr/share/nodejs/{name}");
        command.arg(hook);
    }
    Ok(())
}

/// Unpacks the archive as the files of whoever builds; device nodes are the machine's own affair.
fn unpack(archive: &Path, tree: &Path) -> Result<()> {
    fresh(tree)?;
    let mut tar = Command::new("tar");
    tar.args(["--extract", "--no-same-owner", "--same-permissions", "--exclude=./dev/*", "--file"]).arg(archive);
    must_succeed(tar.arg("--directory").arg(tree).stdin(Stdio::null()))?;
    if !tree.join("usr/bin/python3").exists() {
        bail!("the tree `{}` is not whole: it has no python3", tree.display());
    }
    Ok(())
}

/// A path as part of a command line.
fn text(path: &Path) -> Result<&str> {
    let text = path.to_str().context("the path of this folder is not UTF-8")?;
    if text.contains([' ', '\'', '"', '$']) {
        bail!("mmdebstrap cannot work below `{text}`: build in a folder without blanks, with --out DIR");
    }
    Ok(text)
}
