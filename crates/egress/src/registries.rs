//! The hosts of package registries, as one table. Each is here because an installer asks it by default.

use crate::host::{Host, Pattern, Target};

/// Exact names, without suffixes: a registry's whole domain often serves what anybody uploads.
const HOSTS: &[&str] = &[
    // PyPI
    "pypi.org",
    "files.pythonhosted.org",
    // npm, and Yarn's name for it
    "registry.npmjs.org",
    "registry.yarnpkg.com",
    // crates
    "crates.io",
    "index.crates.io",
    "static.crates.io",
    // Debian
    "deb.debian.org",
    "ftp.debian.org",
    "security.debian.org",
    "snapshot.debian.org",
    // Ubuntu
    "archive.ubuntu.com",
    "ports.ubuntu.com",
    "security.ubuntu.com",
];

/// Whether a target is a package registry.
pub(crate) fn holds(target: &Target) -> bool {
    target.name().is_some_and(|host| HOSTS.contains(&host.as_str()))
}

/// The table as patterns, for showing it in the settings.
pub fn registries() -> Vec<Pattern> {
    HOSTS.iter().filter_map(|name| Host::parse(name).ok()).map(Pattern::Exact).collect()
}
