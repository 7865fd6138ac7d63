//! Debian's cloud kernel: found through apt, downloaded, unpacked beside its package. Stays until the folder is removed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::packages;
use crate::stage::must_succeed;

/// The package whose only content is to need the newest kernel.
const NEWEST: &str = "linux-image-cloud-amd64";

/// An unpacked kernel.
pub(crate) struct Kernel {
    /// The file that is booted.
    pub(crate) image: PathBuf,
    /// The directory of its modules.
    pub(crate) modules: PathBuf,
}

/// The kernel beneath `place`, fetched where it is not there.
pub(crate) fn unpacked(place: &Path) -> Result<Kernel> {
    let tree = place.join("tree");
    if !tree.is_dir() {
        fetch(place, &tree)?;
    }
    let image = only(&tree.join("boot"), "vmlinuz-")?;
    let modules = only(&tree.join("lib/modules"), "")?;
    Ok(Kernel { image, modules })
}

fn fetch(place: &Path, tree: &Path) -> Result<()> {
    fs::create_dir_all(place).with_context(|| format!("cannot make `{}`", place.display()))?;
    let package = newest()?;
    println!("downloading {package}");
    // apt gives up its rights for downloads where it can; this folder is ours alone.
    let mut apt = Command::new("apt-get");
    apt.args(["-qq", "-o", "APT::Sandbox::User=root", "download", &package]).current_dir(place).stdin(Stdio::null());
    must_succeed(&mut apt)?;
    let archive = only(place, &format!("{package}_"))?;
    let part = place.join("tree.part");
    if part.exists() {
        fs::remove_dir_all(&part).with_context(|| format!("cannot remove `{}`", part.display()))?;
    }
    must_succeed(Command::new("dpkg-deb").arg("-x").arg(&archive).arg(&part).stdin(Stdio::null()))?;
    fs::rename(&part, tree).with_context(|| format!("cannot make `{}`", tree.display()))
}

/// The newest kernel that Debian has.
fn newest() -> Result<String> {
    if let Some(package) = known()? {
        return Ok(package);
    }
    // A machine that never fetched its package lists knows no packages.
    packages::fetch_lists();
    known()?.with_context(|| format!("apt knows no package `{NEWEST}`: run apt-get update"))
}

/// The newest kernel that apt knows.
fn known() -> Result<Option<String>> {
    let output = Command::new("apt-cache").args(["depends", NEWEST]).stdin(Stdio::null()).output();
    let output = output.context("cannot start apt-cache; the kernel comes from Debian's packages")?;
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(text.lines().find_map(|line| line.trim().strip_prefix("Depends: ")).map(str::to_owned))
}

/// The one entry of a directory that begins so.
fn only(directory: &Path, prefix: &str) -> Result<PathBuf> {
    let entries = fs::read_dir(directory).with_context(|| format!("cannot read `{}`", directory.display()))?;
    let begins = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(prefix));
    let mut found: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).filter(begins).collect();
    match (found.pop(), found.is_empty()) {
        (Some(path), true) => Ok(path),
        (None, _) => bail!("there is no `{prefix}…` in `{}`: remove that folder and try again", directory.display()),
        (Some(_), false) => bail!("there are several `{prefix}…` in `{}`: remove the old ones", directory.display()),
    }
}
