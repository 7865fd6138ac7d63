//! What an image is made of, as one digest, and the record of the last one that was built and tried.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::manifest::{self, File};

/// Files that lie among the inputs and are none.
const NONE: [&str; 2] = ["images/verified.txt", "images/README.md"];

/// The digest over the names and contents of all inputs.
pub(super) fn digest(root: &Path) -> Result<String> {
    let mut paths = BTreeSet::new();
    walk(root, Path::new("images"), &mut paths)?;
    walk(root, Path::new("xtask/src/image"), &mut paths)?;
    paths.insert(PathBuf::from("xtask/src/image.rs"));
    let mut whole = Vec::new();
    for path in paths.iter().filter(|path| !is_none(path)) {
        let file = root.join(path);
        let sum = manifest::sha256(&file).with_context(|| format!("cannot read `{}`", path.display()))?;
        whole.extend(format!("{sum}  {}\n", path.display()).into_bytes());
    }
    manifest::sha256_of(&whole)
}

fn is_none(path: &Path) -> bool {
    let name = path.to_string_lossy();
    NONE.contains(&name.as_ref()) || name.ends_with("_tests.rs") || name.contains("node_modules/")
}

fn walk(root: &Path, directory: &Path, found: &mut BTreeSet<PathBuf>) -> Result<()> {
    let here = root.join(directory);
    for entry in fs::read_dir(&here).with_context(|| format!("cannot list `{}`", directory.display()))? {
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

/// The digest that a record names.
pub(super) fn recorded(text: &str) -> Option<&str> {
    text.lines().find_map(|line| line.strip_prefix("inputs ")).map(str::trim)
}

/// The record of inputs that gave these files.
pub(super) fn record(digest: &str, files: &[File]) -> String {
    let head = "# The inputs of the image that was last built and tried, and what came of it: written by the tests.";
    let files = files.iter().map(|file| format!("{} {} {}", file.name, file.size, file.sha256));
    let lines: Vec<String> = [head.to_owned(), format!("inputs {digest}")].into_iter().chain(files).collect();
    lines.join("\n") + "\n"
}
