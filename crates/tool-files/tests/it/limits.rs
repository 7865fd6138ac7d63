//! Permissions and disks as the tools report them.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use serde_json::json;

use crate::world::World;

const ROOM: &str = "DESKHAND_TEST_ROOM";

/// Runs one test of this binary again, through `wrapper`; the inner run sees `ROOM`.
fn again(test: &str, room: &Path, wrapper: &[&str]) {
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

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

#[tokio::test]
async fn an_ordinary_user_is_told_of_permissions() {
    if is_root() {
        let room = tempfile::tempdir().unwrap();
        std::fs::set_permissions(room.path(), std::fs::Permissions::from_mode(0o777)).unwrap();
        let wrapper = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
        return again("limits::an_ordinary_user_is_told_of_permissions", room.path(), &wrapper);
    }
    let world = std::env::var_os(ROOM).map_or_else(World::new, |room| World::beneath(Path::new(&room)));
    world.write("Reports/secret", "x");
    world.write("Reports/locked/a", "x");
    world.read("locked/a").await;
    let mode = |name: &str, mode| {
        std::fs::set_permissions(world.path(name), std::fs::Permissions::from_mode(mode)).unwrap();
    };
    mode("Reports/secret", 0o000);
    mode("Reports/locked", 0o555);
    let words = world.failed("Read", json!({"path": "secret"})).await;
    assert_eq!(words, "no permission to read `/work/Reports/secret`. The user must change the file's permissions.");
    let write = json!({"path": "locked/a", "content": "y"});
    let words = world.failed("Write", write).await;
    assert_eq!(words, "no permission to write `/work/Reports/locked/a`. The user must change the file's permissions.");
    let found = world.ok("Grep", json!({"pattern": "x", "output": "files"})).await;
    assert_eq!(found, "/work/Reports/locked/a\n[1 files or directories could not be searched]\n");
    mode("Reports/locked", 0o755);
}

#[tokio::test]
async fn a_full_disk_and_a_read_only_disk_are_told() {
    let Some(room) = std::env::var_os(ROOM) else {
        let room = tempfile::tempdir().unwrap();
        let mount = format!("mount -t tmpfs -o size=1m tmpfs \"${ROOM}\" && exec \"$@\"");
        let flags = if is_root() { "-m" } else { "-rm" };
        let wrapper = ["unshare", flags, "sh", "-c", &mount, "sh"];
        return again("limits::a_full_disk_and_a_read_only_disk_are_told", room.path(), &wrapper);
    };
    let room = Path::new(&room);
    let mut world = World::beneath(room);
    // The journal lies on another disk: what fails here is the folder's.
    let elsewhere = tempfile::tempdir().unwrap();
    std::sync::Arc::make_mut(&mut world.desk).journal = elsewhere.path().to_owned();
    world.write("Reports/a", "user");
    world.read("a").await;
    let words = world.failed("Write", json!({"path": "a", "content": "x".repeat(4 << 20)})).await;
    assert_eq!(words, "no space left to write `/work/Reports/a`. The user must free some space; then try again.");
    assert_eq!(world.content("Reports/a"), "user");
    assert_eq!(std::fs::read_dir(world.path("Reports")).unwrap().count(), 1, "nothing is left of it");
    assert!(Command::new("mount").args(["-o", "remount,bind,ro"]).arg(room).status().unwrap().success());
    let words = world.failed("Write", json!({"path": "a", "content": "y"})).await;
    assert_eq!(words, "`/work/Reports/a` is on a disk that can only be read. Write to `/outputs` instead.");
    assert!(Command::new("mount").args(["-o", "remount,bind,rw"]).arg(room).status().unwrap().success());
}
