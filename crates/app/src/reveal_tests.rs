//! Which files of a task the desktop is shown, and which it is not.

use std::path::{Path, PathBuf};

use event::{Access, Folder, TaskId};
use tool::Desk;

use crate::reveal::{check_harmless, real_path};

fn world() -> (tempfile::TempDir, PathBuf, Desk) {
    let temporary = tempfile::tempdir().unwrap();
    let root = temporary.path().canonicalize().unwrap();
    let place = |name: &str| {
        let path = root.join(name);
        std::fs::create_dir_all(&path).unwrap();
        path
    };
    let path = place("data").display().to_string();
    let desk = Desk {
        task: TaskId::from_random([1; 8]),
        turn: 1,
        tier: None,
        start: "/work/data".to_owned(),
        folders: vec![Folder { name: "data".to_owned(), path, access: Access::ReadOnly }],
        outputs: place("outputs"),
        uploads: place("uploads"),
        blobs: place("blobs"),
        journal: place("journal"),
        ledger: root.join("network.jsonl"),
    };
    (temporary, root, desk)
}

#[test]
fn files_and_folders_of_the_task_are_shown_where_they_are() {
    let (_kept, root, desk) = world();
    for file in ["data/a b.csv", "outputs/report.md", "uploads/in.pdf"] {
        std::fs::write(root.join(file), "x").unwrap();
    }
    let real = |path: &str| real_path(&desk, path).unwrap();
    assert_eq!(real("/outputs/report.md"), root.join("outputs/report.md"));
    assert_eq!(real("/uploads/in.pdf"), root.join("uploads/in.pdf"));
    assert_eq!(real("a b.csv"), root.join("data/a b.csv"));
    assert_eq!(real("/work/data"), root.join("data"));
}

#[test]
fn nothing_outside_and_nothing_behind_a_link_is_shown() {
    let (_kept, root, desk) = world();
    std::fs::write(root.join("blobs/secret.txt"), "x").unwrap();
    std::fs::write(root.join("secret.txt"), "x").unwrap();
    std::os::unix::fs::symlink(root.join("secret.txt"), root.join("outputs/link.txt")).unwrap();
    std::os::unix::fs::symlink(&root, root.join("data/up")).unwrap();
    let outside = [
        "/outputs/../secret.txt",
        "/outputs/link.txt",
        "/work/data/up/secret.txt",
        "/work/data/up",
        "/blobs/secret.txt",
        "/etc/passwd",
        "/outputs/none.txt",
        "/work/other/a.txt",
        root.join("secret.txt").to_str().unwrap(),
    ]
    .map(str::to_owned);
    for path in outside {
        let refused = real_path(&desk, &path).unwrap_err();
        assert!(!refused.message.is_empty() && !refused.hint.is_empty(), "{path}");
    }
}

#[test]
fn opening_shows_and_never_runs() {
    let (_kept, root, _desk) = world();
    // A directory is opened unless its name says that it is a program.
    let program = root.join("outputs/Tool.app");
    std::fs::create_dir(&program).unwrap();
    check_harmless(&root.join("outputs")).unwrap();
    check_harmless(&program).unwrap_err();
    for name in ["report.md", "REPORT.PDF", "table.xlsx", "picture.jpeg"] {
        check_harmless(Path::new("/outputs").join(name).as_path()).unwrap();
    }
    for name in ["page.html", "drawing.svg", "run.sh", "install.desktop", "tool.command", "a.exe", "macro.docm", "none"]
    {
        let refused = check_harmless(Path::new("/outputs").join(name).as_path()).unwrap_err();
        assert_eq!(refused.hint, "show it in its folder and open it yourself", "{name}");
    }
}
