//! Every test of this binary once more as an ordinary user, where it runs as the superuser.

use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::process::Command;

use crate::world::{GUEST_VARIABLE, guest, scratch};

/// The number that belongs to nobody.
const NOBODY: u32 = 65534;

#[test]
fn every_test_passes_as_an_ordinary_user() {
    if !rustix::process::geteuid().is_root() {
        // Then every test does already.
        return;
    }
    let (_directory, root) = scratch();
    std::fs::set_permissions(&root, std::fs::Permissions::from_mode(0o755)).unwrap();
    let (tests, program, temporary) = (root.join("tests"), root.join("guest"), root.join("tmp"));
    std::fs::copy(std::env::current_exe().unwrap(), &tests).unwrap();
    std::fs::copy(guest(), &program).unwrap();
    std::fs::create_dir(&temporary).unwrap();
    std::fs::set_permissions(&temporary, std::fs::Permissions::from_mode(0o777)).unwrap();
    let output = Command::new(&tests)
        .args(["--skip", "every_test_passes_as_an_ordinary_user"])
        .env(GUEST_VARIABLE, &program)
        .env("TMPDIR", &temporary)
        .env("HOME", &temporary)
        .current_dir(&temporary)
        .uid(NOBODY)
        .gid(NOBODY)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("test limits::a_fork_bomb_is_contained_and_ended ... ok"), "{said}");
}
