//! Why bubblewrap does not work here, and the one thing to do about it. Pure: the findings come in as text.

use std::path::Path;

use sandbox::{Readiness, SandboxError};

/// Whether machines can mount files that the host answers for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Sharing {
    Possible,
    /// Why not.
    Impossible(String),
}

/// What is said where machines can be started. `root` is the image whose programs they have.
pub(crate) fn ready(sharing: &Sharing, root: Option<&Path>) -> Readiness {
    let programs = match root {
        Some(root) => format!("the programs of the image `{}`", root.display()),
        None => "this system's programs".to_owned(),
    };
    let runs = format!("commands run in namespaces of their own with {programs}");
    let (detail, hint) = match sharing {
        Sharing::Possible => (runs, String::new()),
        Sharing::Impossible(reason) => {
            (format!("{runs}; they can read but not change folders ({reason})"), mounting_hint(reason))
        }
    };
    Readiness { ready: true, detail, hint }
}

fn mounting_hint(reason: &str) -> String {
    let step = if reason.contains("No such file") || reason.contains("No such device") {
        "load the file device: sudo modprobe fuse"
    } else if reason.contains("/dev/fuse") {
        "allow the file device: sudo chmod 666 /dev/fuse"
    } else {
        "inside a container, allow it to use /dev/fuse, or run outside of it"
    };
    step.to_owned()
}

/// Kernel settings that decide about user namespaces; none where the file does not exist.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Settings {
    pub(crate) apparmor_restricts: Option<String>,
    pub(crate) unprivileged_clone: Option<String>,
    pub(crate) max_namespaces: Option<String>,
}

impl Settings {
    pub(crate) fn read() -> Self {
        let read =
            |name: &str| std::fs::read_to_string(format!("/proc/sys/{name}")).ok().map(|text| text.trim().to_owned());
        Self {
            apparmor_restricts: read("kernel/apparmor_restrict_unprivileged_userns"),
            unprivileged_clone: read("kernel/unprivileged_userns_clone"),
            max_namespaces: read("user/max_user_namespaces"),
        }
    }

    /// The setting that forbids, as a command that allows.
    fn forbidding(&self) -> Option<&'static str> {
        if self.max_namespaces.as_deref() == Some("0") {
            Some("user.max_user_namespaces=15000")
        } else if self.unprivileged_clone.as_deref() == Some("0") {
            Some("kernel.unprivileged_userns_clone=1")
        } else if self.apparmor_restricts.as_deref() == Some("1") {
            Some("kernel.apparmor_restrict_unprivileged_userns=0")
        } else {
            None
        }
    }
}

/// bubblewrap is not there.
pub(crate) fn not_installed() -> SandboxError {
    SandboxError::Unavailable {
        what: "bubblewrap is not installed".to_owned(),
        hint: "install it: apt install bubblewrap".to_owned(),
    }
}

/// What bubblewrap's complaint means. `complaint` is its standard error.
pub(crate) fn explain(complaint: &str, settings: &Settings) -> SandboxError {
    let complaint = complaint.trim().trim_start_matches("bwrap: ");
    let namespaces = ["namespace", "uid map", "gid map", "RTM_NEWADDR", "RTM_NEWLINK", "setns", "clone failed"];
    let about_namespaces = namespaces.iter().any(|word| complaint.contains(word));
    if let Some(setting) = settings.forbidding().filter(|_| about_namespaces) {
        return SandboxError::Unavailable {
            what: format!("this system forbids user namespaces ({complaint})"),
            hint: format!("allow them: sudo sysctl -w {setting}"),
        };
    }
    if about_namespaces || complaint.contains("mount proc") {
        return SandboxError::Unavailable {
            what: format!("user namespaces do not work here ({complaint})"),
            hint: "inside a container, allow it to make user namespaces and mount proc, or run outside of it"
                .to_owned(),
        };
    }
    let what = if complaint.is_empty() { "it ended without saying why" } else { complaint };
    SandboxError::Start(what.to_owned())
}

#[cfg(test)]
#[path = "readiness_tests.rs"]
mod tests;
