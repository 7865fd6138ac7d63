//! The office layer: what the full tree has and the base has not, as a tree of its own. Laid over the base it gives the
//! full tree again; nothing has to be taken away, so the layer needs no whiteouts.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::{self, Metadata, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::{Places, fresh};

/// Makes `out/office` of the difference of `out/full` and `out/base`. Files that are the same in both become one on the
/// disk, as do those of `office` and `full`.
pub(super) fn separate(places: &Places) -> Result<()> {
    let trees =
        Trees { base: places.out.join("base"), full: places.out.join("full"), layer: places.out.join("office") };
    fresh(&trees.layer)?;
    trees.walk(Path::new(""))?;
    Ok(())
}

struct Trees {
    base: PathBuf,
    full: PathBuf,
    layer: PathBuf,
}

impl Trees {
    fn walk(&self, directory: &Path) -> Result<()> {
        let names = names(&self.full.join(directory))?;
        if let Ok(before) = names_if_any(&self.base.join(directory))
            && let Some(gone) = before.difference(&names).next()
        {
            let gone = directory.join(gone);
            bail!("the office layer lacks `{}` of the base, and a layer cannot take away", gone.display());
        }
        for name in names {
            let path = directory.join(name);
            let full = fs::symlink_metadata(self.full.join(&path))?;
            let base = fs::symlink_metadata(self.base.join(&path)).ok();
            if full.is_dir() {
                if base.as_ref().is_none_or(|base| !base.is_dir() || base.mode() != full.mode()) {
                    self.keep_directory(&path)?;
                }
                self.walk(&path)?;
            } else if base.is_some_and(|base| self.same(&path, &base, &full).unwrap_or(false)) {
                self.join(&path, &full)?;
            } else {
                self.keep(&path, &full)?;
            }
        }
        Ok(())
    }

    /// Whether kind, mode and content are the same.
    fn same(&self, path: &Path, base: &Metadata, full: &Metadata) -> Result<bool> {
        if base.mode() != full.mode() || base.len() != full.len() {
            return Ok(false);
        }
        let (one, other) = (self.base.join(path), self.full.join(path));
        if full.is_symlink() {
            return Ok(fs::read_link(one)? == fs::read_link(other)?);
        }
        Ok(fs::read(one)? == fs::read(other)?)
    }

    /// Two same files become one.
    fn join(&self, path: &Path, full: &Metadata) -> Result<()> {
        // A file with two names in the full tree keeps them: joining one name alone would part them.
        if !full.is_file() || full.nlink() > 1 {
            return Ok(());
        }
        let target = self.full.join(path);
        fs::remove_file(&target)?;
        fs::hard_link(self.base.join(path), &target).with_context(|| format!("cannot link `{}`", target.display()))
    }

    fn keep_directory(&self, path: &Path) -> Result<()> {
        let mut missing = Vec::new();
        let mut above = Some(path);
        while let Some(directory) = above.filter(|directory| !self.layer.join(directory).exists()) {
            missing.push(directory);
            above = directory.parent();
        }
        for directory in missing.into_iter().rev() {
            let mode = fs::symlink_metadata(self.full.join(directory))?.mode();
            fs::create_dir(self.layer.join(directory))?;
            fs::set_permissions(self.layer.join(directory), Permissions::from_mode(mode & 0o7777))?;
        }
        Ok(())
    }

    fn keep(&self, path: &Path, full: &Metadata) -> Result<()> {
        if let Some(parent) = path.parent() {
            self.keep_directory(parent)?;
        }
        let (from, to) = (self.full.join(path), self.layer.join(path));
        let kept = if full.is_symlink() { symlink(fs::read_link(&from)?, &to) } else { fs::hard_link(&from, &to) };
        kept.with_context(|| format!("cannot put `{}` into the layer", path.display()))
    }
}

fn names(directory: &Path) -> Result<BTreeSet<OsString>> {
    names_if_any(directory).with_context(|| format!("cannot list `{}`", directory.display()))
}

fn names_if_any(directory: &Path) -> std::io::Result<BTreeSet<OsString>> {
    fs::read_dir(directory)?.map(|entry| Ok(entry?.file_name())).collect()
}

#[cfg(test)]
#[path = "layer_tests.rs"]
mod layer_tests;
