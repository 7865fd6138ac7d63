//! `cargo xtask image`: the root file system of the machine that tasks work in, made of Debian packages; the same
//! files again as a folder for the namespace tier.
//!
//! Lives here: what is asked for, the order of the steps, and when CI takes them. Does not live here: what is installed
//! (`images/`), the kernel (`vm_image`), what an installed image is used for (`sandbox-vm`, `sandbox-bwrap`).
//! The formats of what is made are described in `images/README.md`.

mod bill;
mod erofs;
mod inputs;
mod layer;
mod lock;
mod manifest;
mod place;
mod root;
mod smoke;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::packages::{self, BUBBLEWRAP, DEBIAN_KEYS, EROFS, MMDEBSTRAP, NPM, OPENSSL, PIP, Provided};
use crate::repository::Repository;
use lock::Lock;
use root::Source;

/// The one architecture so far, as Debian calls it.
const ARCHITECTURE: &str = "amd64";
/// The Debian release.
const SUITE: &str = "trixie";

/// What building needs.
const NEEDS: [packages::Need; 7] = [BUBBLEWRAP, DEBIAN_KEYS, EROFS, MMDEBSTRAP, NPM, OPENSSL, PIP];

/// What was asked for.
#[derive(Debug, PartialEq, Eq)]
struct Options {
    office: Layers,
    smoke: Smoke,
    versions: Versions,
    /// A day of Debian's archive, as `20261123`.
    snapshot: Option<String>,
    out: Option<PathBuf>,
}

/// Which layers are built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layers {
    Base,
    BaseAndOffice,
}

/// Whether what was built is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Smoke {
    Skip,
    Run,
}

/// What happens where other versions are resolved than stand in the lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Versions {
    /// Say which and stop.
    Locked,
    /// Write them down and go on.
    Update,
    /// Write them down and stop.
    LockOnly,
}

impl Options {
    fn parse(arguments: &[String]) -> Result<Self> {
        let mut options =
            Self { office: Layers::Base, smoke: Smoke::Skip, versions: Versions::Locked, snapshot: None, out: None };
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--office" => options.office = Layers::BaseAndOffice,
                "--smoke" => options.smoke = Smoke::Run,
                "--update" => options.versions = Versions::Update,
                "--lock" => options.versions = Versions::LockOnly,
                "--snapshot" => options.snapshot = Some(value(&mut arguments, "--snapshot", "a day, as 20261123")?),
                "--out" => options.out = Some(PathBuf::from(value(&mut arguments, "--out", "a folder")?)),
                other => bail!(
                    "`{other}` is no option of image; known: --office, --smoke, --lock, --update, --snapshot, --out"
                ),
            }
        }
        if options.versions == Versions::LockOnly {
            options.office = Layers::BaseAndOffice;
        }
        Ok(options)
    }
}

fn value<'a>(rest: &mut impl Iterator<Item = &'a String>, option: &str, what: &str) -> Result<String> {
    Ok(rest.next().with_context(|| format!("`{option}` needs {what}"))?.clone())
}

/// Where the lists are and where everything is made.
struct Places {
    /// `images/` of this repository.
    lists: PathBuf,
    /// What is handed on, and the key that signs it where no other is named.
    home: PathBuf,
    /// Downloads and archives on the way.
    work: PathBuf,
    /// What is being made; it is moved to `home` when it is whole and has been tried.
    out: PathBuf,
    /// Where `cargo xtask vm-image` leaves kernel and initrd.
    machine: PathBuf,
}

impl Places {
    fn of(repository: &Repository, out: Option<&Path>) -> Result<Self> {
        let home = match out {
            None => place::own(&repository.scratch("image"))?,
            Some(named) => place::claim(named)?,
        };
        let work = home.join(place::WORK);
        Ok(Self {
            lists: repository.root.join("images"),
            out: work.join("made"),
            work,
            home,
            machine: repository.scratch("vm"),
        })
    }
}

/// Builds and, where asked, tries the image; 2 where something must be installed first.
pub(crate) fn run(repository: &Repository, arguments: &[String]) -> Result<ExitCode> {
    if arguments == ["--if-changed"] {
        stage(repository)?;
        return Ok(ExitCode::SUCCESS);
    }
    let options = Options::parse(arguments)?;
    if let Provided::Missing(advice) = packages::provide(&NEEDS) {
        eprintln!("{advice}");
        return Ok(ExitCode::from(2));
    }
    build(repository, &Places::of(repository, options.out.as_deref())?, &options)?;
    Ok(ExitCode::SUCCESS)
}

/// The stage `image` of `cargo xtask test`: builds and tries the whole image where its inputs are others than those that
/// were last found good, which `images/verified.txt` names; that file is written again afterwards and belongs into the
/// commit. Inputs are all files of `images/` but that one and its README, and the sources of this command.
pub(crate) fn stage(repository: &Repository) -> Result<()> {
    let now = inputs::digest(&repository.root)?;
    let verified = repository.root.join("images/verified.txt");
    if inputs::recorded(&fs::read_to_string(&verified).unwrap_or_default()) == Some(now.as_str()) {
        println!("the image's inputs are those that were last built and tried");
        return Ok(());
    }
    if let Provided::Missing(advice) = packages::provide(&NEEDS) {
        bail!(advice);
    }
    let options = Options {
        office: Layers::BaseAndOffice,
        smoke: Smoke::Run,
        versions: Versions::Locked,
        snapshot: None,
        out: None,
    };
    let files = build(repository, &Places::of(repository, None)?, &options)?;
    fs::write(&verified, inputs::record(&now, &files)).context("cannot write `images/verified.txt`")?;
    println!("images/verified.txt names the new inputs: commit it with them");
    Ok(())
}

/// Makes everything; gives the files of the manifest.
fn build(repository: &Repository, places: &Places, options: &Options) -> Result<Vec<manifest::File>> {
    let begun = Instant::now();
    let said = |what: &str| println!("{:>6.1} s  {what}", begun.elapsed().as_secs_f64());
    let documents = match options.smoke {
        Smoke::Run => Some(smoke::Documents::compile(repository, places)?),
        Smoke::Skip => None,
    };
    fresh(&places.work)?;
    fresh(&places.out)?;
    let epoch = lock::epoch(&places.lists, options.versions)?;
    let source = Source { epoch, snapshot: options.snapshot.clone() };
    let base = root::make(places, &source, root::Wanted::Base)?;
    said("base: packages installed");
    settle(places, "base", &base, options.versions, epoch)?;
    let full = match options.office {
        Layers::Base => None,
        Layers::BaseAndOffice => Some(root::make(places, &source, root::Wanted::Full)?),
    };
    if let Some(full) = &full {
        said("office: packages installed");
        settle(places, "office", &full.beyond(&base)?, options.versions, epoch)?;
    }
    if options.versions == Versions::LockOnly {
        return Ok(Vec::new());
    }
    let mut files = vec![erofs::pack(places, erofs::Role::Base, epoch, base.count())?];
    said("base.erofs packed, unpacked and compared");
    if let Some(full) = &full {
        layer::separate(places)?;
        let count = full.beyond(&base)?.count();
        files.push(erofs::pack(places, erofs::Role::Office, epoch, count)?);
        said("office.erofs packed, unpacked and compared");
    }
    files.push(bill::write(places, full.as_ref().unwrap_or(&base), options.office)?);
    files.extend(manifest::machine(places)?);
    manifest::write(places, epoch, &files)?;
    report(&files);
    if let Some(documents) = documents {
        smoke::run(places, options.office)?;
        said("tried, every program in namespaces");
        documents.try_in_both_tiers(places)?;
        said("tried, documents in both tiers");
    }
    place::hand_on(&places.out, &places.home, &places.work.join("before"))?;
    fs::remove_dir_all(&places.work).with_context(|| format!("cannot remove `{}`", places.work.display()))?;
    Ok(files)
}

/// Compares what was resolved with the lock, or writes the lock.
fn settle(places: &Places, name: &str, found: &Lock, versions: Versions, epoch: u64) -> Result<()> {
    let path = places.lists.join(format!("{name}.lock"));
    if versions != Versions::Locked {
        return fs::write(&path, found.text(epoch)).with_context(|| format!("cannot write `{}`", path.display()));
    }
    let text = fs::read_to_string(&path);
    let text = text.with_context(|| format!("cannot read `{}`; write it with: xtask image --lock", path.display()))?;
    let differences = Lock::parse(&text)?.differences(found);
    if differences.is_empty() {
        return Ok(());
    }
    bail!(
        "Debian gives other versions than `images/{name}.lock` names:\n  {}\n\
         take them with `cargo xtask image --update`, or build of the old ones with `--snapshot DAY`",
        differences.join("\n  ")
    )
}

fn report(files: &[manifest::File]) {
    for file in files {
        println!("{:>12} bytes  {}  {}", file.size, file.sha256, file.name);
    }
}

/// What a program prints, or an error that names it.
fn output(command: &mut Command) -> Result<Vec<u8>> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output();
    let output = output.with_context(|| format!("cannot start `{program}`"))?;
    if !output.status.success() {
        bail!("`{program}` ended with {}", output.status);
    }
    Ok(output.stdout)
}

/// Empties a folder, or makes it.
fn fresh(directory: &Path) -> Result<()> {
    if directory.exists() {
        fs::remove_dir_all(directory).with_context(|| format!("cannot empty `{}`", directory.display()))?;
    }
    fs::create_dir_all(directory).with_context(|| format!("cannot make `{}`", directory.display()))
}

#[cfg(test)]
#[path = "image_tests.rs"]
mod image_tests;
