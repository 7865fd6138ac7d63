//! A tree of files as text: one line for each, with its kind, rights, content and path; so that a change of any of
//! them is seen and can be named.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::fingerprint::Fingerprint;

/// Writes the list of everything beneath a folder, sorted.
pub(super) fn of(tree: &Path) -> io::Result<String> {
    let mut lines = Vec::new();
    walk(tree, tree, &mut lines)?;
    lines.sort();
    Ok(lines.concat())
}

fn walk(tree: &Path, directory: &Path, lines: &mut Vec<String>) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        let found = fs::symlink_metadata(&path)?;
        let mode = found.permissions().mode() & 0o7777;
        let name = escaped(path.strip_prefix(tree).unwrap_or(&path).as_os_str().as_bytes());
        let line = if found.is_symlink() {
            format!("link {} {name}\n", escaped(fs::read_link(&path)?.as_os_str().as_bytes()))
        } else if found.is_file() {
            let (digest, _) = Fingerprint::of(&mut File::open(&path)?, u64::MAX - 1)?;
            format!("file {mode:04o} {digest} {name}\n")
        } else if found.is_dir() {
            walk(tree, &path, lines)?;
            format!("folder {mode:04o} {name}\n")
        } else {
            format!("device {name}\n")
        };
        lines.push(line);
    }
    Ok(())
}

/// Letters that could end a word or a line, and all that are not ASCII, as `%` and two digits.
fn escaped(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for &byte in bytes {
        if byte.is_ascii_graphic() && byte != b'%' {
            text.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            write!(text, "%{byte:02X}").ok();
        }
    }
    text
}

/// The path of one line that is in one list and not in the other.
pub(super) fn difference(before: &str, now: &str) -> Option<String> {
    let [before, now] = [before, now].map(|list| list.lines().collect::<BTreeSet<&str>>());
    let line = before.symmetric_difference(&now).next()?;
    line.rsplit(' ').next().map(str::to_owned)
}
