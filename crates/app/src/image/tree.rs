//! The unpacked image, which the namespace tier has as its root: made of the checked files and of nothing else.

use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::Path;
use std::process::{Command, Stdio};

use super::failure::ImageError;

/// The tree's name in the folder of an image.
pub(super) const TREE: &str = "tree";
/// The name of its list.
pub(super) const LIST: &str = "tree.list";
/// Where programs of the system are.
pub(super) const PROGRAMS: &str =
    "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin:/run/current-system/sw/bin";
/// Longest complaint of the program that is told on, in bytes.
const MOST_SAID: usize = 300;

/// Whether there is a program that unpacks.
pub(super) fn can_unpack(programs: &str) -> Result<(), ImageError> {
    let tried = unpacker(programs).arg("--help").stdout(Stdio::null()).stderr(Stdio::null()).status();
    match tried {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::NotFound => Err(ImageError::NoUnpacker),
        Err(error) => Err(ImageError::Unpack(error.to_string())),
    }
}

/// Unpacks the files over one another, lowest first. Rights come as they are in the image, owners do not.
pub(super) fn unpack(programs: &str, layers: &[&Path], tree: &Path) -> Result<(), ImageError> {
    for layer in layers {
        let mut command = unpacker(programs);
        let mut extract = OsString::from("--extract=");
        extract.push(tree);
        command.arg(extract);
        command.args(["--overwrite", "--no-preserve-owner", "--preserve-perms"]).arg(layer);
        let done = command.output().map_err(|error| ImageError::Unpack(error.to_string()))?;
        if !done.status.success() {
            let said = String::from_utf8_lossy(&done.stderr);
            let said: String = said.trim().chars().take(MOST_SAID).collect();
            return Err(ImageError::Unpack(format!("fsck.erofs ended with {}: {said}", done.status)));
        }
    }
    Ok(())
}

fn unpacker(programs: &str) -> Command {
    let mut command = Command::new("fsck.erofs");
    command.env_clear().env("PATH", programs).env("LC_ALL", "C.UTF-8").stdin(Stdio::null());
    command
}
