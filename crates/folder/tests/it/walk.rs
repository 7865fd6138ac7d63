//! Walking: ignore files, links, depth, stopping.

use std::ops::ControlFlow;

use folder::FileKind;

use crate::world::World;

fn walked(world: &World, start: &str) -> Vec<String> {
    let mut found = Vec::new();
    world
        .guard()
        .walk(start, &mut |entry| {
            assert!(entry.path.ends_with(entry.relative), "{} {}", entry.path, entry.relative);
            found.push(if entry.kind == FileKind::Link {
                format!("{} -> not followed", entry.relative)
            } else {
                entry.relative.to_owned()
            });
            ControlFlow::Continue(())
        })
        .unwrap();
    found
}

fn tree() -> World {
    let world = World::new();
    let reports = world.path("Reports");
    for name in ["build/out", "keep", "node/a", ".git", ".ssh", "sub/inner"] {
        std::fs::create_dir_all(reports.join(name)).unwrap();
    }
    for name in [
        "a.txt",
        "a.log",
        "build/out/x.txt",
        "keep/b.log",
        "keep/b.txt",
        "node/a/m.txt",
        ".git/config",
        ".ssh/id",
        ".hidden",
        "sub/c.txt",
        "sub/c.tmp",
        "sub/important.tmp",
        "sub/inner/d.tmp",
        ".deskhand-1.tmp",
    ] {
        std::fs::write(reports.join(name), name).unwrap();
    }
    std::fs::write(reports.join(".gitignore"), "*.log\n/build/\nnode\n[bad\n").unwrap();
    std::fs::write(reports.join("keep/.gitignore"), "!b.log\n").unwrap();
    std::fs::write(reports.join("sub/.ignore"), "*.tmp\n!important.tmp\n").unwrap();
    std::os::unix::fs::symlink(world.path("outside"), reports.join("way-out")).unwrap();
    world
}

#[test]
fn ignore_files_count_and_links_are_not_followed() {
    let world = tree();
    assert_eq!(
        walked(&world, "/work/Reports"),
        [
            ".gitignore",
            ".hidden",
            "a.txt",
            "keep/.gitignore",
            "keep/b.log",
            "keep/b.txt",
            "sub/.ignore",
            "sub/c.txt",
            "sub/important.tmp",
            "way-out -> not followed"
        ]
    );
}

#[test]
fn a_start_beneath_obeys_what_stands_above_unless_it_is_named_itself() {
    let world = tree();
    assert_eq!(walked(&world, "/work/Reports/sub/inner"), Vec::<String>::new());
    assert_eq!(walked(&world, "/work/Reports/build"), ["out/x.txt"]);
    assert_eq!(walked(&world, "/work/Reports/keep"), [".gitignore", "b.log", "b.txt"]);
}

#[test]
fn a_walk_stops_when_told_and_opens_what_it_found() {
    let world = tree();
    let mut seen = Vec::new();
    world
        .guard()
        .walk("/work/Reports", &mut |entry| {
            if entry.relative == "a.txt" {
                assert_eq!(entry.look().unwrap().bytes, 5);
                seen = entry.open().unwrap().read_all(100).unwrap();
                return ControlFlow::Break(());
            }
            assert!(seen.is_empty());
            ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!(seen, b"a.txt");
}

#[test]
fn a_bottomless_tree_ends() {
    let world = World::new();
    let mut path = world.path("Reports");
    for _ in 0..200 {
        path.push("d");
    }
    std::fs::create_dir_all(&path).unwrap();
    let result = world.guard().walk("/work/Reports", &mut |_| ControlFlow::Continue(())).unwrap();
    assert_eq!((result.too_deep, result.unreadable), (1, 0));
}
