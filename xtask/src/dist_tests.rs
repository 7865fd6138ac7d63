//! The archive over a small clone: what is in it, and that the same files give the same bytes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Source, check, files, listed, pack};

fn clone(name: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/xtask-tests").join(name);
    if root.exists() {
        fs::remove_dir_all(&root).unwrap();
    }
    let written = [
        "Cargo.toml",
        "Cargo.lock",
        "crates/deskhand/Cargo.toml",
        "web/dist/index.html",
        "web/dist/assets/app.js.gz",
        "web/node_modules/x/index.js",
        "target/debug/deskhand",
        "notes of mine.txt",
    ];
    for file in written {
        fs::create_dir_all(root.join(file).parent().unwrap()).unwrap();
        fs::write(root.join(file), file).unwrap();
    }
    fs::write(root.join(".gitignore"), "/target\nnode_modules\n/web/dist\n*.txt\n").unwrap();
    for arguments in [&["init", "--quiet"][..], &["add", "."]] {
        assert!(Command::new("git").args(arguments).current_dir(&root).status().unwrap().success());
    }
    root
}

#[test]
fn the_archive_holds_the_sources_and_the_built_window_and_nothing_else() {
    let root = clone("dist");
    let archive = root.join("target/a.tar.gz");
    let found = files(&root).unwrap();
    let source = Source { root: &root, files: &found, time: 1_700_000_000 };
    pack(&source, "deskhand-1.2.3", &archive).unwrap();
    let names = listed(&archive).unwrap();
    let expected = [
        ".gitignore",
        "Cargo.lock",
        "Cargo.toml",
        "crates/deskhand/Cargo.toml",
        "web/dist/assets/app.js.gz",
        "web/dist/index.html",
    ];
    assert_eq!(names, expected.map(|name| format!("deskhand-1.2.3/{name}")));
    check(&names, "deskhand-1.2.3").unwrap();
    let again = root.join("target/b.tar.gz");
    fs::write(root.join("Cargo.lock"), "Cargo.lock").unwrap();
    pack(&source, "deskhand-1.2.3", &again).unwrap();
    assert_eq!(fs::read(archive).unwrap(), fs::read(again).unwrap());
    fs::remove_dir_all(&root).unwrap();
}

#[test]
fn what_is_missing_or_too_much_is_named() {
    let told = |names: &[&str]| {
        let needed = super::NEEDED.iter().copied();
        let listed: Vec<String> = needed.chain(names.iter().copied()).map(|name| format!("d/{name}")).collect();
        check(&listed, "d").map_err(|error| error.to_string())
    };
    assert_eq!(told(&["README.md"]), Ok(()));
    assert_eq!(told(&["web/node_modules/a"]), Err("`d/web/node_modules/a` does not belong into the archive".into()));
    assert_eq!(told(&["target/a"]), Err("`d/target/a` does not belong into the archive".into()));
    let lacking = check(&["d/Cargo.toml".to_owned()], "d").unwrap_err().to_string();
    assert_eq!(lacking, "the archive lacks `d/Cargo.lock`");
    let stray: Vec<String> = super::NEEDED.iter().map(|name| format!("d/{name}")).chain(["x".to_owned()]).collect();
    assert_eq!(check(&stray, "d").unwrap_err().to_string(), "`x` does not belong into the archive");
}
