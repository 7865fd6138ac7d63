//! Complaints of bubblewrap as people meet them, and what they are told to do.

use super::{Settings, explain};

fn settings(apparmor: &str, clone: &str, most: &str) -> Settings {
    let value = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Settings { apparmor_restricts: value(apparmor), unprivileged_clone: value(clone), max_namespaces: value(most) }
}

#[test]
fn every_complaint_has_a_reason_and_a_step() {
    let uid_map = "bwrap: setting up uid map: Permission denied\n";
    let creating = "bwrap: Creating new namespace failed: Operation not permitted\n";
    let container = "inside a container, allow it to make user namespaces and mount proc, or run outside of it";
    let table = [
        (
            uid_map,
            settings("1", "", "63000"),
            "this system forbids user namespaces (setting up uid map: Permission denied)",
            "allow them: sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
        ),
        (
            "bwrap: loopback: Failed RTM_NEWADDR: Operation not permitted",
            settings("1", "1", "63000"),
            "this system forbids user namespaces (loopback: Failed RTM_NEWADDR: Operation not permitted)",
            "allow them: sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
        ),
        (
            "bwrap: No permissions to create new namespace, likely because the kernel does not allow non-privileged user namespaces.",
            settings("", "0", "63000"),
            "this system forbids user namespaces (No permissions to create new namespace, likely because the kernel does not allow non-privileged user namespaces.)",
            "allow them: sudo sysctl -w kernel.unprivileged_userns_clone=1",
        ),
        (
            "bwrap: Creating new namespace failed: No space left on device",
            settings("", "", "0"),
            "this system forbids user namespaces (Creating new namespace failed: No space left on device)",
            "allow them: sudo sysctl -w user.max_user_namespaces=15000",
        ),
        (
            creating,
            settings("0", "1", "63000"),
            "user namespaces do not work here (Creating new namespace failed: Operation not permitted)",
            container,
        ),
        (
            "bwrap: Can't mount proc on /newroot/proc: Operation not permitted",
            settings("1", "", ""),
            "user namespaces do not work here (Can't mount proc on /newroot/proc: Operation not permitted)",
            container,
        ),
        (
            "bwrap: Can't find source path /x: No such file or directory",
            settings("1", "0", "0"),
            "the sandbox did not start: Can't find source path /x: No such file or directory",
            "see `deskhand doctor`",
        ),
        ("", Settings::default(), "the sandbox did not start: it ended without saying why", "see `deskhand doctor`"),
    ];
    for (complaint, settings, what, hint) in table {
        let error = explain(complaint, &settings);
        assert_eq!((error.to_string().as_str(), error.hint()), (what, hint), "{complaint}");
    }
}
