//! What the operating system must provide: found, installed where that is allowed, otherwise named.

use std::path::Path;
use std::process::{Command, Stdio};

/// A Debian or Ubuntu package and how to tell that what it brings is there.
#[derive(Clone, Copy)]
pub(crate) struct Need {
    /// Its name for apt.
    pub(crate) package: &'static str,
    /// Whether it is there already.
    pub(crate) present: fn() -> bool,
}

/// Namespaces for commands.
pub(crate) const BUBBLEWRAP: Need = Need { package: "bubblewrap", present: || on_path("bwrap") };
/// Counting system calls in tests.
pub(crate) const STRACE: Need = Need { package: "strace", present: || on_path("strace") };
/// Virtual environments for the providers' own clients.
pub(crate) const VENV: Need = Need { package: "python3-venv", present: has_venv };

/// Debian's keys, which say that a package is Debian's.
pub(crate) const DEBIAN_KEYS: Need = Need { package: "debian-archive-keyring", present: has_debian_keys };
/// Read-only file systems.
pub(crate) const EROFS: Need = Need { package: "erofs-utils", present: || on_path("mkfs.erofs") };
/// Trees of Debian packages.
pub(crate) const MMDEBSTRAP: Need = Need { package: "mmdebstrap", present: || on_path("mmdebstrap") };
/// JavaScript packages.
pub(crate) const NPM: Need = Need { package: "npm", present: || on_path("npm") };
/// Signatures.
pub(crate) const OPENSSL: Need = Need { package: "openssl", present: || on_path("openssl") };
/// Python packages.
pub(crate) const PIP: Need = Need { package: "python3-pip", present: has_pip };

/// A program that changes many files in its own ways.
pub(crate) const GIT: Need = Need { package: "git", present: || on_path("git") };
/// A program that deletes what it has packed.
pub(crate) const ZIP: Need = Need { package: "zip", present: || on_path("zip") };

/// The browser that the window is tested in.
pub(crate) const CHROMIUM: Need = Need { package: "chromium", present: || on_path("chromium") };

/// What came of providing packages.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Provided {
    /// Everything is there.
    Ready,
    /// Something is missing and may not be installed from here; the text says what to do.
    Missing(String),
}

/// Who may install.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Installer {
    Root,
    Sudo,
    Nobody,
    NoApt,
}

/// Makes sure that everything needed is there.
pub(crate) fn provide(needs: &[Need]) -> Provided {
    let missing = missing(needs);
    if missing.is_empty() {
        return Provided::Ready;
    }
    let installer = installer();
    if matches!(installer, Installer::Nobody | Installer::NoApt) {
        return Provided::Missing(advice(&missing, installer));
    }
    println!("installing {}", missing.join(" "));
    if !install(installer, &missing) {
        // A machine that never fetched its package lists knows no packages.
        apt(installer, &["update"]);
        install(installer, &missing);
    }
    let still = self::missing(needs);
    if still.is_empty() { Provided::Ready } else { Provided::Missing(advice(&still, Installer::Nobody)) }
}

/// Whether there is the device that gives files to sandboxes; made where the system has none and this user may.
pub(crate) fn provide_file_device() -> bool {
    let device = Path::new("/dev/fuse");
    if !device.exists() && installer() == Installer::Root {
        println!("making {}", device.display());
        let mut make = Command::new("mknod");
        let made = make.args(["-m", "0666", "/dev/fuse", "c", "10", "229"]).stdin(Stdio::null()).status();
        if !made.is_ok_and(|status| status.success()) {
            println!("it cannot be made here");
        }
    }
    std::fs::File::options().read(true).write(true).open(device).is_ok()
}

/// Fetches the lists of packages, for a machine that has none yet; says nothing where that is not allowed.
pub(crate) fn fetch_lists() {
    let installer = installer();
    if matches!(installer, Installer::Root | Installer::Sudo) {
        apt(installer, &["update"]);
    }
}

fn missing(needs: &[Need]) -> Vec<&'static str> {
    needs.iter().filter(|need| !(need.present)()).map(|need| need.package).collect()
}

fn advice(missing: &[&str], installer: Installer) -> String {
    let names = missing.join(" ");
    match installer {
        Installer::NoApt => format!("missing: {names}; install them with this system's package manager"),
        Installer::Root | Installer::Sudo | Installer::Nobody => {
            format!("missing: {names}; install them with: sudo apt-get install -y {names}")
        }
    }
}

fn installer() -> Installer {
    if !on_path("apt-get") {
        return Installer::NoApt;
    }
    let user = Command::new("id").arg("-u").output().map(|output| output.stdout).unwrap_or_default();
    if user.trim_ascii() == b"0" {
        return Installer::Root;
    }
    let sudo = Command::new("sudo").args(["-n", "true"]).stderr(Stdio::null()).stdin(Stdio::null()).status();
    if sudo.is_ok_and(|status| status.success()) { Installer::Sudo } else { Installer::Nobody }
}

fn install(installer: Installer, packages: &[&str]) -> bool {
    let mut arguments = vec!["install", "-y", "--no-install-recommends"];
    arguments.extend(packages);
    apt(installer, &arguments)
}

fn apt(installer: Installer, arguments: &[&str]) -> bool {
    let mut command = match installer {
        Installer::Sudo => {
            let mut command = Command::new("sudo");
            command.args(["-n", "env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
            command
        }
        Installer::Root | Installer::Nobody | Installer::NoApt => {
            let mut command = Command::new("apt-get");
            command.env("DEBIAN_FRONTEND", "noninteractive");
            command
        }
    };
    command.args(["-qq"]).args(arguments).stdin(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// Whether a program of this name can be started.
pub(crate) fn on_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|directory| is_program(&directory.join(program)))
}

fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

fn has_venv() -> bool {
    let check = Command::new("python3").args(["-c", "import ensurepip, venv"]).stderr(Stdio::null()).status();
    check.is_ok_and(|status| status.success())
}

fn has_pip() -> bool {
    let mut check = Command::new("python3");
    check.args(["-m", "pip", "--version"]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    check.status().is_ok_and(|status| status.success())
}

fn has_debian_keys() -> bool {
    Path::new("/usr/share/keyrings/debian-archive-keyring.gpg").exists()
}

#[cfg(test)]
mod tests {
    use super::{BUBBLEWRAP, Installer, Need, Provided, advice, missing, on_path, provide};

    #[test]
    fn what_is_there_needs_nothing() {
        let there = Need { package: "there", present: || true };
        assert_eq!(provide(&[there]), Provided::Ready);
        let gone = Need { package: "gone", present: || false };
        assert_eq!(missing(&[there, gone]), ["gone"]);
        assert!(on_path("sh"));
        assert!(!on_path("a-program-nobody-has"));
        assert_eq!(BUBBLEWRAP.package, "bubblewrap");
    }

    #[test]
    fn advice_names_the_exact_command() {
        assert_eq!(
            advice(&["bubblewrap", "strace"], Installer::Nobody),
            "missing: bubblewrap strace; install them with: sudo apt-get install -y bubblewrap strace"
        );
        assert_eq!(
            advice(&["strace"], Installer::NoApt),
            "missing: strace; install them with this system's package manager"
        );
    }
}
