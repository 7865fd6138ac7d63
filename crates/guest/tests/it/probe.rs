//! Readiness: that it is found, and that what is missing is named with the one next step.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use event::Tier;
use sandbox::{Readiness, Sandbox};
use sandbox_bwrap::{BwrapSandbox, GuestProgram};

use crate::world::{bwrap, guest, scratch};

fn not_ready(detail: &str, hint: &str) -> Readiness {
    Readiness { ready: false, detail: detail.to_owned(), hint: hint.to_owned() }
}

#[tokio::test]
async fn a_working_system_is_ready() {
    let detail = "commands run in namespaces of their own with this system's programs".to_owned();
    assert_eq!(bwrap().probe().await, Readiness { ready: true, detail, hint: String::new() });
    assert_eq!(bwrap().tier(), Tier::Namespace);
}

#[tokio::test]
async fn without_bubblewrap_the_step_is_to_install_it() {
    let sandbox = bwrap().with_program(Path::new("/absent/bwrap"));
    let expected = not_ready("bubblewrap is not installed", "install it: apt install bubblewrap");
    assert_eq!(sandbox.probe().await, expected);
}

#[tokio::test]
async fn what_bubblewrap_says_is_passed_on() {
    let (_directory, root) = scratch();
    let table = [
        ("echo 'bwrap: Unknown option --as-pid-1' >&2; exit 1", "Unknown option --as-pid-1"),
        ("exit 1", "it ended without saying why"),
        ("head -c 10000 /dev/zero | tr '\\000' x >&2; exit 1", &"x".repeat(4096)),
    ];
    for (number, (script, said)) in table.into_iter().enumerate() {
        let path = root.join(format!("bwrap{number}"));
        std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        let expected = not_ready(&format!("the sandbox did not start: {said}"), "see `deskhand doctor`");
        assert!(bwrap().with_program(&path).probe().await == expected, "{script}");
    }
    // A system that forbids namespaces, as its bubblewrap says it.
    let path = root.join("forbidden");
    std::fs::write(&path, "#!/bin/sh\necho 'bwrap: setting up uid map: Permission denied' >&2; exit 1\n").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    let found = bwrap().with_program(&path).probe().await;
    assert!(!found.ready && found.detail.contains("setting up uid map: Permission denied"), "{found:?}");
    assert!(found.hint.contains("allow"), "{found:?}");
}

#[tokio::test]
async fn a_guest_that_is_not_one_is_named() {
    let other = |path: &str| BwrapSandbox::new(GuestProgram { path: path.into(), args: vec!["x".into()] });
    let found = other("/usr/bin/false").probe().await;
    assert_eq!(found, not_ready("the sandbox did not start: it ended without saying why", "see `deskhand doctor`"));
    let found = other("/absent/guest").probe().await;
    let detail = "the sandbox did not start: Can't find source path /absent/guest: No such file or directory";
    assert_eq!(found, not_ready(detail, "see `deskhand doctor`"));
}

#[test]
fn the_guest_refuses_to_run_outside_of_a_machine() {
    let output = Command::new(guest()).stdin(Stdio::null()).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(
        (output.status.code(), said.as_str()),
        (Some(2), "the guest only runs as the first process of a machine\n")
    );
}
