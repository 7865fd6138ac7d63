//! Disks that are full or read-only, and permissions of an ordinary user: the old content stays, the error is clear.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use folder::{Selection, apply, plan};

use crate::world::{World, variant};

const ROOM: &str = "DESKHAND_TEST_ROOM";

/// Runs one test of this binary again, through `wrapper`; the inner run sees `ROOM`.
pub(crate) fn again(test: &str, room: &Path, wrapper: &[&str]) {
    let this = std::env::current_exe().unwrap();
    let output = Command::new(wrapper[0])
        .args(&wrapper[1..])
        .arg(this)
        .args(["--exact", test, "--nocapture"])
        .env(ROOM, room)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
}

pub(crate) fn room() -> Option<std::path::PathBuf> {
    std::env::var_os(ROOM).map(Into::into)
}

pub(crate) fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Runs one test of this binary again as a user without any rights of root.
pub(crate) fn again_as_nobody(test: &str) {
    let room = tempfile::tempdir().unwrap();
    std::fs::set_permissions(room.path(), std::fs::Permissions::from_mode(0o777)).unwrap();
    again(test, room.path(), &["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]);
}

/// In a mount namespace of its own, with a tmpfs of this size on `room`.
pub(crate) fn with_tmpfs(test: &str, options: &str) {
    in_namespace(test, options, "");
}

/// The same without any rights of root: modes count as for an ordinary user.
pub(crate) fn with_tmpfs_as_ordinary_user(test: &str, options: &str) {
    in_namespace(test, options, "setpriv --bounding-set=-all --inh-caps=-all");
}

fn in_namespace(test: &str, options: &str, through: &str) {
    let room = tempfile::tempdir().unwrap();
    let mount = format!("mount -t tmpfs -o {options} tmpfs \"${ROOM}\" && exec {through} \"$@\"");
    let flags = if is_root() { "-m" } else { "-rm" };
    again(test, room.path(), &["unshare", flags, "sh", "-c", &mount, "sh"]);
}

#[test]
fn a_full_disk_keeps_the_old_content() {
    let Some(room) = room() else { return with_tmpfs("disk::a_full_disk_keeps_the_old_content", "size=512k") };
    let world = World::new();
    // The folder lies on the small disk, the journal elsewhere.
    let small = room.canonicalize().unwrap().join("Reports");
    std::fs::create_dir(&small).unwrap();
    std::fs::write(small.join("a"), "user").unwrap();
    let guard = folder::Guard::new([folder::Root::folder(&event::Folder {
        name: "Reports".into(),
        path: small.to_str().unwrap().into(),
        access: event::Access::ReadWrite,
    })]);
    let journal = world.journal();
    let writer = folder::Writer::new(&guard, &journal, crate::world::author(1));
    let huge = vec![7; 2 << 20];
    for name in ["a", "new", "d/new"] {
        let new = folder::Replacement::bytes(&huge, folder::Expect::Anything);
        let error = writer.put(&format!("/work/Reports/{name}"), &new).unwrap_err();
        assert_eq!(variant(&error), "Full", "{name}: {error}");
    }
    assert_eq!(std::fs::read(small.join("a")).unwrap(), b"user");
    let names: Vec<_> = std::fs::read_dir(&small).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names.len(), 2, "only `a` and the directory made: {names:?}");
    let plan = plan(&guard, &journal, &Selection::Task).unwrap();
    assert_eq!(apply(&guard, &journal, &plan, 2).unwrap().failed, []);
    assert_eq!(std::fs::read_dir(&small).unwrap().count(), 1);
}

#[test]
fn a_full_disk_for_the_journal_changes_nothing() {
    let Some(room) = room() else {
        return with_tmpfs("disk::a_full_disk_for_the_journal_changes_nothing", "size=64k");
    };
    let world = World::new();
    std::fs::write(world.path("Reports/a"), vec![7; 1 << 20]).unwrap();
    let before = world.snapshot("Reports");
    let guard = world.guard();
    let journal = folder::Journal::open(room.join("journal")).unwrap();
    let writer = folder::Writer::new(&guard, &journal, crate::world::author(1));
    let new = folder::Replacement::bytes(b"new", folder::Expect::Anything);
    let error = writer.put("/work/Reports/a", &new).unwrap_err();
    assert_eq!(variant(&error), "Journal", "{error}");
    assert!(error.to_string().contains("no space left"), "{error}");
    assert_eq!(world.snapshot("Reports"), before);
    assert_eq!(std::fs::read_dir(room.join("journal/objects")).unwrap().count(), 0, "no half object is left");
    // The ledger itself: lines until nothing fits; the file stays whole and usable.
    let mut failed = None;
    for _ in 0..2_000 {
        if let Err(error) = writer.put("/outputs/x", &folder::Replacement::bytes(b"1", folder::Expect::Anything)) {
            failed = Some(error);
            break;
        }
        if let Err(error) = writer.remove("/outputs/x", folder::Expect::Anything) {
            failed = Some(error);
            break;
        }
    }
    assert_eq!(failed.map(|error| variant(&error)).as_deref(), Some("Journal"));
    let text = std::fs::read(room.join("journal/entries.jsonl")).unwrap();
    assert!(text.ends_with(b"\n"));
}

#[test]
fn a_read_only_disk_says_so() {
    let Some(room) = room() else {
        return with_tmpfs("disk::a_read_only_disk_says_so", "size=1m");
    };
    let world = World::beneath(&room);
    std::fs::write(world.path("Reports/a"), "user").unwrap();
    let elsewhere = World::new();
    let status = Command::new("mount").args(["-o", "remount,bind,ro"]).arg(&room).status().unwrap();
    assert!(status.success());
    let (guard, journal) = (world.guard(), elsewhere.journal());
    let writer = folder::Writer::new(&guard, &journal, crate::world::author(1));
    assert_eq!(guard.open("/work/Reports/a").unwrap().read_all(10).unwrap(), b"user");
    for path in ["/work/Reports/a", "/work/Reports/new", "/work/Reports/d/new"] {
        let new = folder::Replacement::bytes(b"x", folder::Expect::Anything);
        assert_eq!(variant(&writer.put(path, &new).unwrap_err()), "ReadOnlyDisk", "{path}");
    }
    assert_eq!(variant(&writer.remove("/work/Reports/a", folder::Expect::Anything).unwrap_err()), "ReadOnlyDisk");
    assert_eq!(journal.list().unwrap(), [], "nothing came of any of it");
    let status = Command::new("mount").args(["-o", "remount,bind,rw"]).arg(&room).status().unwrap();
    assert!(status.success());
}

#[test]
fn an_ordinary_user_meets_permissions() {
    if is_root() {
        return again_as_nobody("disk::an_ordinary_user_meets_permissions");
    }
    let world = room().map_or_else(World::new, |room| World::beneath(&room));
    let mode = |name: &str, mode| {
        std::fs::set_permissions(world.path(name), std::fs::Permissions::from_mode(mode)).unwrap();
    };
    for name in ["Reports/locked", "Reports/sealed"] {
        std::fs::create_dir(world.path(name)).unwrap();
        std::fs::write(world.path(name).join("a"), "user").unwrap();
    }
    for name in ["Reports/secret", "Reports/frozen"] {
        std::fs::write(world.path(name), "user").unwrap();
    }
    mode("Reports/secret", 0o000);
    mode("Reports/frozen", 0o444);
    mode("Reports/locked", 0o555);
    mode("Reports/sealed", 0o000);
    let guard = world.guard();
    let denied = |path: &str| variant(&guard.open(path).unwrap_err());
    assert_eq!(denied("/work/Reports/secret"), "Denied");
    assert_eq!(denied("/work/Reports/sealed/a"), "Denied");
    assert_eq!(variant(&guard.list("/work/Reports/sealed").unwrap_err()), "Denied");
    for path in ["secret", "locked/a", "locked/new", "locked/d/new", "sealed/a"] {
        let error = world.try_put(1, &format!("/work/Reports/{path}"), "x").unwrap_err();
        assert_eq!(variant(&error), "Denied", "{path}: {error}");
    }
    assert_eq!(world.journal().list().unwrap(), []);
    // Replacing needs the directory, not the file; the mode stays as the user set it.
    world.put(1, "/work/Reports/frozen", "new");
    assert_eq!(std::fs::metadata(world.path("Reports/frozen")).unwrap().permissions().mode() & 0o777, 0o444);
    // In a directory that was locked meanwhile a file is changed in place; one that is to go fails, and only that.
    std::fs::create_dir(world.path("Reports/later")).unwrap();
    std::fs::write(world.path("Reports/later/a"), "user").unwrap();
    world.put(2, "/work/Reports/later/a", "task");
    world.put(2, "/work/Reports/later/new", "task");
    mode("Reports/later", 0o555);
    let (guard, journal) = (world.guard(), world.journal());
    let plan = plan(&guard, &journal, &Selection::Task).unwrap();
    let undone = apply(&guard, &journal, &plan, 3).unwrap();
    let failed: Vec<_> = undone.failed.iter().map(|failure| failure.reason.as_str()).collect();
    assert_eq!(failed, ["no permission to write `/work/Reports/later/new`"]);
    assert_eq!(world.read("Reports/later/a"), "user");
    assert_eq!(world.read("Reports/frozen"), "user");
    for name in ["Reports/locked", "Reports/sealed", "Reports/later"] {
        mode(name, 0o755);
    }
}
