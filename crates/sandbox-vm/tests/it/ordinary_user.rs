//! The tests of what is inside and of the end once more as an ordinary user, where this runs as the superuser.

use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::process::Command;

use crate::world::{IMAGE_VARIABLE, STATE_VARIABLE, image, scratch};

/// The number that belongs to nobody.
const NOBODY: u32 = 65534;

#[test]
fn machines_work_for_an_ordinary_user() {
    if !rustix::process::geteuid().is_root() {
        // Then every test does already.
        return;
    }
    let Some(image) = image() else { return };
    let (_directory, root) = scratch();
    std::fs::set_permissions(&root, std::fs::Permissions::from_mode(0o755)).unwrap();
    let tests = root.join("tests");
    std::fs::copy(std::env::current_exe().unwrap(), &tests).unwrap();
    for file in [&image.kernel, &image.initrd] {
        std::fs::copy(file, root.join(file.file_name().unwrap())).unwrap();
    }
    let (temporary, state) = (root.join("tmp"), root.join("state"));
    for directory in [&temporary, &state] {
        std::fs::create_dir(directory).unwrap();
        std::fs::set_permissions(directory, std::fs::Permissions::from_mode(0o700)).unwrap();
        chown(directory, Some(NOBODY), Some(NOBODY)).unwrap();
    }
    let output = Command::new(&tests)
        // What is left out takes minutes, and has nothing to do with who starts machines.
        .args(["--test-threads=1", "inside::", "lifetime::", "--skip", "files_go_both_ways"])
        .env(IMAGE_VARIABLE, &root)
        .env(STATE_VARIABLE, &state)
        .env("TMPDIR", &temporary)
        .env("HOME", &temporary)
        .current_dir(&temporary)
        .uid(NOBODY)
        .gid(NOBODY)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("test lifetime::no_machine_outlives_its_owner ... ok"), "{said}");
}
