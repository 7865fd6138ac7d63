//! The lock of a list of packages: which versions an image was made of, one `name version` a line, and its day.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};

use super::{ARCHITECTURE, SUITE, Versions};

const DAY: u64 = 24 * 60 * 60;
const EPOCH: &str = "# epoch ";

/// Packages and their versions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Lock {
    versions: BTreeMap<String, String>,
}

impl Lock {
    /// Reads a lock file.
    pub(super) fn parse(text: &str) -> Result<Self> {
        let mut versions = BTreeMap::new();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let pair = line.split_once(' ').with_context(|| format!("`{line}` is no package and version"))?;
            versions.insert(pair.0.to_owned(), pair.1.trim().to_owned());
        }
        Ok(Self { versions })
    }

    /// Reads dpkg's record of what is installed.
    pub(super) fn installed(status: &str) -> Self {
        let mut versions = BTreeMap::new();
        for stanza in status.split("\n\n") {
            let field = |name: &str| stanza.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
            if let (Some(package), Some(version), Some("install ok installed")) =
                (field("Package:"), field("Version:"), field("Status:"))
            {
                versions.insert(package.to_owned(), version.to_owned());
            }
        }
        Self { versions }
    }

    /// The lock file of these versions.
    pub(super) fn text(&self, epoch: u64) -> String {
        let head = format!("# Debian {SUITE}, {ARCHITECTURE}; written by `cargo xtask image --lock`\n{EPOCH}{epoch}");
        let lines = self.versions.iter().map(|(name, version)| format!("{name} {version}"));
        std::iter::once(head).chain(lines).collect::<Vec<_>>().join("\n") + "\n"
    }

    /// What differs in `found`, one line for each package.
    pub(super) fn differences(&self, found: &Self) -> Vec<String> {
        let mut lines = Vec::new();
        for (name, version) in &self.versions {
            match found.versions.get(name) {
                Some(other) if other == version => {}
                Some(other) => lines.push(format!("{name}: {version} is now {other}")),
                None => lines.push(format!("{name}: {version} is gone")),
            }
        }
        let new = found.versions.iter().filter(|(name, _)| !self.versions.contains_key(*name));
        lines.extend(new.map(|(name, version)| format!("{name}: {version} is new")));
        lines
    }

    /// What is here beyond `base`; an error where the base is not wholly in it.
    pub(super) fn beyond(&self, base: &Self) -> Result<Self> {
        for (name, version) in &base.versions {
            if self.versions.get(name) != Some(version) {
                bail!("the office layer would change `{name}` of the base: add what it needs to images/base.txt");
            }
        }
        let more = self.versions.iter().filter(|(name, _)| !base.versions.contains_key(*name));
        Ok(Self { versions: more.map(|(name, version)| (name.clone(), version.clone())).collect() })
    }

    /// How many packages.
    pub(super) fn count(&self) -> usize {
        self.versions.len()
    }

    /// All packages with their versions, by name.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.versions.iter().map(|(name, version)| (name.as_str(), version.as_str()))
    }
}

/// The time that everything in the image carries, in seconds since 1970: the day of the base's lock, or today where the
/// locks are written anew.
pub(super) fn epoch(lists: &Path, versions: Versions) -> Result<u64> {
    if versions != Versions::Locked {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).context("the clock stands before 1970")?.as_secs();
        return Ok(now - now % DAY);
    }
    let path = lists.join("base.lock");
    let text = fs::read_to_string(&path);
    let text = text.context("cannot read `images/base.lock`; write it with: cargo xtask image --lock")?;
    named(&text).context("`images/base.lock` names no epoch; write it again with: cargo xtask image --lock")
}

fn named(text: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix(EPOCH))?.trim().parse().ok()
}

#[cfg(test)]
#[path = "lock_tests.rs"]
mod lock_tests;
