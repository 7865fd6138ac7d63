//! What is noticed as changed, without Node.

use std::fs;
use std::path::{Path, PathBuf};

use super::inputs::digest;
use super::{INSTALLED_FROM, install};

/// A directory of this test's own under the build directory, emptied first.
fn fresh(name: &str) -> PathBuf {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/xtask-tests").join(name);
    if directory.exists() {
        fs::remove_dir_all(&directory).unwrap();
    }
    fs::create_dir_all(directory.join("src")).unwrap();
    directory
}

#[test]
fn every_file_that_is_built_from_counts_and_no_other() {
    let root = fresh("web-inputs");
    fs::write(root.join("src/a.ts"), "1").unwrap();
    let before = digest(&root).unwrap();
    for (directory, file) in [("dist", "a.js"), ("node_modules", "b.js"), ("tests", "c.ts"), (".cache", "d")] {
        fs::create_dir_all(root.join(directory)).unwrap();
        fs::write(root.join(directory).join(file), "x").unwrap();
    }
    assert_eq!(digest(&root).unwrap(), before);
    fs::write(root.join("src/a.ts"), "2").unwrap();
    let changed = digest(&root).unwrap();
    assert_ne!(changed, before);
    fs::rename(root.join("src/a.ts"), root.join("src/b.ts")).unwrap();
    assert_ne!(digest(&root).unwrap(), changed, "a name counts too");
    fs::remove_dir_all(&root).unwrap();
}

#[test]
fn what_was_installed_from_the_same_lock_file_stays() {
    let root = fresh("web-install");
    fs::create_dir_all(root.join("node_modules")).unwrap();
    fs::write(root.join("package-lock.json"), "{}").unwrap();
    fs::write(root.join("node_modules").join(INSTALLED_FROM), "{}").unwrap();
    install(&root).unwrap();
    // Installed by hand since the lock file changed: that counts, and is noted.
    fs::remove_file(root.join("node_modules").join(INSTALLED_FROM)).unwrap();
    fs::write(root.join("node_modules/.package-lock.json"), "{}").unwrap();
    install(&root).unwrap();
    assert_eq!(fs::read_to_string(root.join("node_modules").join(INSTALLED_FROM)).unwrap(), "{}");
    fs::remove_dir_all(&root).unwrap();
}
