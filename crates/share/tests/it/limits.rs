//! What cannot be reached, made or changed at all; and access taken away while it is used.

use std::fs::{self, File};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::{MetadataExt, symlink};

use event::Access;

use crate::world::mounted;

fn fails(world: &crate::world::World, command: &str, with: &str) {
    let output = world.run(command);
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && error.contains(with), "{command}: {error}");
}

#[test]
fn secret_names_are_not_there_and_cannot_be_made() {
    mounted(|world| {
        fs::create_dir(world.host().join(".ssh")).unwrap();
        fs::write(world.host().join(".ssh/key"), "secret").unwrap();
        fs::write(world.host().join(".deskhand-00.tmp"), "ours").unwrap();
        assert!(world.run("ls -A").stdout.is_empty());
        fails(world, "cat .ssh/key", "No such file");
        fails(world, "cat .deskhand-00.tmp", "No such file");
        fails(world, "mkdir .SSH", "Permission denied");
        fails(world, "echo 1 > .deskhand-01.tmp", "Permission denied");
        fails(world, "mkdir a && mv a .aws", "Permission denied");
    });
}

#[test]
fn every_file_is_the_machines_and_runs_as_nobody_else() {
    mounted(|world| {
        fs::write(world.host().join("a"), "1").unwrap();
        // Where this user may: it shows that the owner does not matter.
        let _given = std::os::unix::fs::chown(world.host().join("a"), Some(0), Some(0)).is_ok();
        let meta = fs::metadata(world.seen().join("a")).unwrap();
        assert_eq!((meta.uid(), meta.gid()), (1000, 1000));
        assert!(world.run("chown 1000 a && chmod 4755 a").status.success());
        assert_eq!(fs::metadata(world.host().join("a")).unwrap().mode() & 0o7777, 0o755);
        // "Not permitted" from the share; "invalid" from a kernel whose users have no number 0.
        fails(world, "chown 0 a", "");
        fails(world, "mkfifo p", "not permitted");
        fails(world, "mknod n c 1 3", "not permitted");
        assert!(world.run("touch n && mkdir -m 2775 g").status.success());
        assert_eq!(fs::metadata(world.host().join("g")).unwrap().mode() & 0o7777, 0o775);
    });
}

#[test]
fn links_are_never_followed_for_a_program() {
    mounted(|world| {
        symlink(world.at("outside"), world.host().join("out")).unwrap();
        symlink("/etc", world.host().join("etc")).unwrap();
        assert!(world.run("readlink out").status.success());
        // The kernel follows links by itself, in the machine's own tree; the share never does.
        assert!(fs::symlink_metadata(world.seen().join("out")).unwrap().is_symlink());
    });
}

#[test]
fn a_folder_to_read_is_not_changed() {
    mounted(|world| {
        fs::write(world.host().join("a"), "1").unwrap();
        world.grant(Some(Access::ReadOnly));
        for command in
            ["echo 2 > a", "rm a", "mv a b", "chmod 600 a", "mkdir d", "touch a", "ln -s a l", "truncate -s 0 a"]
        {
            fails(world, command, "Read-only");
        }
        assert!(world.run("cat a").status.success());
        fails(world, "touch ../../uploads/a", "Read-only");
        fails(world, "touch ../a", "");
        fails(world, "mkdir ../../a", "");
    });
}

#[test]
fn a_folder_taken_away_is_gone_at_once() {
    mounted(|world| {
        fs::write(world.host().join("a"), "secret").unwrap();
        let path = world.seen().join("a");
        let mut file = File::options().read(true).write(true).open(&path).unwrap();
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        world.grant(None);
        file.rewind().unwrap();
        assert!(file.write_all(b"changed").is_err());
        assert!(File::open(&path).is_err());
        assert!(fs::read_dir(world.seen()).is_err());
        assert_eq!(fs::read(world.host().join("a")).unwrap(), b"secret");
        // Given again it is there again; what was open stays cut off.
        world.grant(Some(Access::ReadWrite));
        assert!(file.write_all(b"changed").is_err());
        let again = world.at("mount/work");
        assert_eq!(fs::read_dir(again).unwrap().count(), 1);
    });
}

#[test]
fn the_users_own_edits_are_seen() {
    mounted(|world| {
        let (host, seen) = (world.host().join("a"), world.seen().join("a"));
        fs::write(&host, "one").unwrap();
        assert_eq!(fs::read(&seen).unwrap(), b"one");
        fs::write(&host, "other").unwrap();
        assert_eq!(world.run("sleep 1.1; cat a").stdout, b"other");
        fs::write(world.host().join("b"), "new").unwrap();
        assert!(world.run("sleep 1.1; cat b").status.success());
        // Appending goes to the end there is now.
        let mut file = File::options().append(true).open(&seen).unwrap();
        fs::write(&host, "much longer than before").unwrap();
        file.write_all(b"!").unwrap();
        assert_eq!(fs::read(&host).unwrap(), b"much longer than before!");
    });
}
