//! The manifest: every file of the image with size and digest, and the signature over it. The format is described in
//! `images/README.md`; `app` checks it when an image is installed.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use super::{ARCHITECTURE, Places, SUITE, erofs, output};
use crate::stage::must_succeed;

/// Names the private key of a release: a file in PEM, never part of the repository.
const KEY: &str = "DESKHAND_IMAGE_KEY";

/// A file of the image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct File {
    /// Its name in the folder of the manifest.
    pub(super) name: String,
    /// What it is for: `base`, `office`, `kernel`, `initrd` or `bill`.
    role: String,
    /// Bytes.
    pub(super) size: u64,
    /// In lower-case hexadecimal.
    pub(super) sha256: String,
    /// How many Debian packages it holds, where that can be said.
    packages: Option<usize>,
}

impl File {
    /// Measures a file.
    pub(super) fn of(directory: &Path, name: &str, role: &str, packages: Option<usize>) -> Result<Self> {
        let path = directory.join(name);
        let size = path.metadata().with_context(|| format!("cannot read `{}`", path.display()))?.len();
        Ok(Self { name: name.to_owned(), role: role.to_owned(), size, sha256: sha256(&path)?, packages })
    }

    fn text(&self) -> String {
        let packages = self.packages.map(|count| format!("packages = {count}\n")).unwrap_or_default();
        format!(
            "\n[[file]]\nname = \"{}\"\nrole = \"{}\"\nsize = {}\nsha256 = \"{}\"\n{packages}",
            self.name, self.role, self.size, self.sha256
        )
    }
}

/// Kernel and initrd where `cargo xtask vm-image` has made them, copied beside the rest.
pub(super) fn machine(places: &Places) -> Result<Vec<File>> {
    let mut files = Vec::new();
    for (name, role) in [("vmlinuz", "kernel"), ("initrd", "initrd")] {
        let from = places.machine.join(name);
        if from.is_file() {
            fs::copy(&from, places.out.join(name)).with_context(|| format!("cannot copy `{}`", from.display()))?;
            files.push(File::of(&places.out, name, role, None)?);
        }
    }
    Ok(files)
}

/// Writes `manifest.toml`, its signature and, for a key of this folder's own, the public half.
pub(super) fn write(places: &Places, epoch: u64, files: &[File]) -> Result<()> {
    let manifest = places.out.join("manifest.toml");
    let text = text(version(&places.lists)?, epoch, &erofs::version()?, files);
    fs::write(&manifest, text).context("cannot write the manifest")?;
    let key = match std::env::var_os(KEY) {
        Some(path) => PathBuf::from(path),
        None => own_key(&places.home)?,
    };
    sign(&manifest, &key, &places.out)
}

/// The number of this image, of `images/version.txt`: whoever has a higher one installed does not take this one.
fn version(lists: &Path) -> Result<u64> {
    let text = fs::read_to_string(lists.join("version.txt")).context("cannot read `images/version.txt`")?;
    let line = text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'));
    let number = line.and_then(|line| line.parse().ok());
    number.context("`images/version.txt` names no version: write a whole number into it")
}

fn text(version: u64, epoch: u64, tool: &str, files: &[File]) -> String {
    let files: String = files.iter().map(File::text).collect();
    format!(
        "format = 1\nversion = {version}\nsuite = \"{SUITE}\"\narchitecture = \"{ARCHITECTURE}\"\nepoch = {epoch}\n\
         packed_by = \"{tool}\"\n{files}"
    )
}

/// A throwaway key: what it signs is good for trying, not for handing on.
fn own_key(out: &Path) -> Result<PathBuf> {
    use std::os::unix::fs::OpenOptionsExt;
    let path = out.join("throwaway-key.pem");
    if !path.exists() {
        let key = output(Command::new("openssl").args(["genpkey", "-algorithm", "ed25519"]))?;
        let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        file.write_all(&key).context("cannot write the throwaway key")?;
    }
    println!("signed with a throwaway key; a release names its own in {KEY}");
    Ok(path)
}

fn sign(manifest: &Path, key: &Path, out: &Path) -> Result<()> {
    let raw = out.join("manifest.toml.raw");
    let mut sign = Command::new("openssl");
    sign.args(["pkeyutl", "-sign", "-rawin", "-inkey"]).arg(key).arg("-in").arg(manifest).arg("-out").arg(&raw);
    must_succeed(sign.stdin(Stdio::null())).context("the manifest could not be signed")?;
    let public = output(Command::new("openssl").args(["pkey", "-pubout", "-outform", "DER", "-in"]).arg(key))?;
    let signature = fs::read(&raw)?;
    fs::remove_file(&raw)?;
    // The last 32 bytes of an Ed25519 key in DER (RFC 8410) are the key itself.
    let Some(public) = public.len().checked_sub(32).map(|start| &public[start..]) else {
        bail!("`{}` is no Ed25519 key; make one with: openssl genpkey -algorithm ed25519", key.display());
    };
    if signature.len() != 64 {
        bail!("`{}` is no Ed25519 key; make one with: openssl genpkey -algorithm ed25519", key.display());
    }
    fs::write(out.join("manifest.toml.sig"), format!("{}\n", hexadecimal(&signature)))?;
    fs::write(out.join("manifest.toml.pub"), format!("{}\n", hexadecimal(public)))?;
    Ok(())
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

/// The digest of a file.
pub(super) fn sha256(path: &Path) -> Result<String> {
    let text = output(Command::new("sha256sum").arg("--").arg(path))?;
    first_word(&text)
}

/// The digest of bytes.
pub(super) fn sha256_of(bytes: &[u8]) -> Result<String> {
    let mut child = Command::new("sha256sum").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    child.stdin.take().context("sha256sum reads nothing")?.write_all(bytes)?;
    first_word(&child.wait_with_output()?.stdout)
}

fn first_word(text: &[u8]) -> Result<String> {
    let text = String::from_utf8_lossy(text);
    let word = text.split_whitespace().next().unwrap_or_default().trim_start_matches('\\');
    if word.len() != 64 {
        bail!("sha256sum gave `{}` and no digest", text.trim());
    }
    Ok(word.to_owned())
}

/// Text as it may stand in the manifest.
pub(super) fn one_line(text: &str) -> String {
    text.chars().filter(|character| !character.is_control() && !"\"\\".contains(*character)).collect()
}

#[cfg(test)]
#[path = "manifest_tests.rs"]
mod manifest_tests;
