//! The folder that an image is made in: told apart from folders of other people, and changed only when what is new is
//! whole.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// Lies in every folder that this command may work in.
const MARK: &str = ".deskhand-image";
const WORDS: &str = "cargo xtask image makes what lies here and removes it again.\n";

/// Downloads and archives on the way, in a folder of ours.
pub(super) const WORK: &str = "work";

/// Everything that a build hands on. What the last build made and this one does not is taken away.
const MADE: [&str; 11] = [
    "manifest.toml",
    "manifest.toml.sig",
    "manifest.toml.pub",
    "base",
    "full",
    "office",
    "base.erofs",
    "office.erofs",
    "bill.cdx.json",
    "vmlinuz",
    "initrd",
];

/// A folder below `target`, which is ours whatever lies in it.
pub(super) fn own(directory: &Path) -> Result<PathBuf> {
    fs::create_dir_all(directory).with_context(|| format!("cannot make `{}`", directory.display()))?;
    marked(directory)
}

/// A folder that somebody named: a new one, an empty one or one that was made here.
pub(super) fn claim(directory: &Path) -> Result<PathBuf> {
    let shown = directory.display();
    match fs::read_dir(directory) {
        Ok(mut entries) => {
            // The mark counts as a file alone: a link could stand for anything.
            let ours = fs::symlink_metadata(directory.join(MARK)).is_ok_and(|found| found.is_file());
            if !ours && entries.next().is_some() {
                bail!(
                    "`{shown}` holds files and was not made by `cargo xtask image`, which would remove `{WORK}`, \
                     `base`, `full` and `office` in it; name a new folder or an empty one"
                );
            }
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            fs::create_dir_all(directory).with_context(|| format!("cannot make `{shown}`"))?;
        }
        Err(error) => return Err(error).with_context(|| format!("cannot look into `{shown}`")),
    }
    marked(directory)
}

fn marked(directory: &Path) -> Result<PathBuf> {
    let directory = directory.canonicalize().with_context(|| format!("cannot find `{}`", directory.display()))?;
    let mark = directory.join(MARK);
    if !mark.exists() {
        fs::write(&mark, WORDS).with_context(|| format!("cannot write `{}`", mark.display()))?;
    }
    Ok(directory)
}

/// Moves what was made to where it is used. What was there before goes to `before` first; the manifest leaves as the
/// first and comes as the last, so that one that is there tells of files that are there.
pub(super) fn hand_on(made: &Path, home: &Path, before: &Path) -> Result<()> {
    fs::create_dir_all(before).with_context(|| format!("cannot make `{}`", before.display()))?;
    for name in MADE {
        move_if_any(&home.join(name), &before.join(name))?;
    }
    for name in MADE.iter().rev() {
        move_if_any(&made.join(name), &home.join(name))?;
    }
    Ok(())
}

fn move_if_any(from: &Path, to: &Path) -> Result<()> {
    match fs::rename(from, to) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error).with_context(|| format!("cannot move `{}`", from.display())),
    }
}

#[cfg(test)]
#[path = "place_tests.rs"]
mod place_tests;
