//! Complaints of bubblewrap as people meet them, and what they are told to do.

use std::path::Path;

use sandbox::Readiness;

use super::{Settings, Sharing, explain, ready};

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

#[test]
fn a_machine_that_cannot_change_folders_says_so_with_the_next_step() {
    let runs = "commands run in namespaces of their own with this system's programs";
    let expected = |detail: &str, hint: &str| Readiness { ready: true, detail: detail.into(), hint: hint.into() };
    assert_eq!(ready(&Sharing::Possible, None), expected(runs, ""));
    let image = "commands run in namespaces of their own with the programs of the image `/images/desk`";
    assert_eq!(ready(&Sharing::Possible, Some(Path::new("/images/desk"))), expected(image, ""));
    let table = [
        ("cannot open /dev/fuse: No such file or directory (os error 2)", "load the file device: sudo modprobe fuse"),
        ("cannot open /dev/fuse: Permission denied (os error 13)", "allow the file device: sudo chmod 666 /dev/fuse"),
        ("cannot mount files: No such device (os error 19)", "load the file device: sudo modprobe fuse"),
        (
            "cannot mount files: Operation not permitted (os error 1)",
            "inside a container, allow it to use /dev/fuse, or run outside of it",
        ),
    ];
    for (reason, hint) in table {
        let detail = format!("{runs}; they can read but not change folders ({reason})");
        assert_eq!(ready(&Sharing::Impossible(reason.into()), None), expected(&detail, hint), "{reason}");
    }
}
