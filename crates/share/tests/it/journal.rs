//! Every way to change a file leaves its old content in the journal.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use event::ChangeKind::{Changed, Deleted, Made};

use crate::world::{Says, World, mounted, told};

/// Runs one command over `a` with known content; expects one change that keeps it.
fn changes_a(world: &World, command: &str, kinds: &[(&str, event::ChangeKind)]) {
    fs::write(world.host().join("a"), "old content").unwrap();
    let (success, changes) = world.errand(1, command);
    assert!(success, "{command}");
    assert_eq!(told(&changes), kinds, "{command}");
    let a = changes.iter().find(|change| change.path == "/work/x/a").unwrap();
    assert_eq!(world.kept(a), b"old content", "{command}");
    assert!(a.entry.is_some(), "{command}");
    for name in ["a", "b", "a.bak", "d"] {
        let _gone = fs::remove_file(world.host().join(name)).is_ok();
    }
}

#[test]
fn every_change_keeps_what_was_there() {
    mounted(|world| {
        let a = [("/work/x/a", Changed)];
        changes_a(world, "printf XX | dd of=a bs=1 seek=2 conv=notrunc 2>/dev/null", &a);
        changes_a(world, "truncate -s 3 a", &a);
        changes_a(world, "truncate -s 300 a", &a);
        changes_a(world, "echo new > a", &a);
        changes_a(world, "echo more >> a", &a);
        changes_a(world, "echo new > t && mv t a", &a);
        changes_a(world, "sed -i s/old/new/ a", &a);
        changes_a(world, "python3 -c \"open('a','w').write('new')\"", &a);
        changes_a(world, "shred -n 1 a", &a);
        changes_a(world, "chmod 000 a", &a);
        changes_a(world, "mv a b", &[("/work/x/a", Deleted), ("/work/x/b", Made)]);
        changes_a(
            world,
            "python3 -c \"import mmap\nf=open('a','r+b')\nm=mmap.mmap(f.fileno(),0)\nm[0:3]=b'NEW'\nm.close()\"",
            &a,
        );
        world.says(Says::Yes);
        changes_a(world, "rm a", &[("/work/x/a", Deleted)]);
        changes_a(world, "rm a && ln -s /etc/passwd a", &a);
    });
}

#[test]
fn what_is_made_and_gone_again_leaves_nothing() {
    mounted(|world| {
        let (success, changes) = world.errand(1, "echo 1 > t && mkdir d && echo 2 > d/e && mv d f && rm -r t f");
        assert!(success);
        assert_eq!(told(&changes), []);
        assert_eq!(world.asked(), []);
        assert!(world.journal().list().unwrap().is_empty());
    });
}

#[test]
fn a_directory_is_moved_with_everything_in_it() {
    mounted(|world| {
        fs::create_dir_all(world.host().join("d/e")).unwrap();
        fs::write(world.host().join("d/one"), "1").unwrap();
        fs::write(world.host().join("d/e/two"), "2").unwrap();
        let (success, changes) = world.errand(1, "mv d f && cat f/e/two && echo 3 > f/one");
        assert!(success);
        let expected = [
            ("/work/x/d/e/two", Deleted),
            ("/work/x/d/one", Deleted),
            ("/work/x/f/e/two", Made),
            ("/work/x/f/one", Made),
        ];
        assert_eq!(told(&changes), expected);
        assert_eq!(world.kept(&changes[1]), b"1");
        // It is the user's still.
        let (success, _) = world.errand(2, "rm f/one");
        assert!(!success);
        assert_eq!(world.asked().len(), 1);
    });
}

#[test]
fn another_name_outside_keeps_what_it_has() {
    mounted(|world| {
        let (inside, outside) = (world.host().join("a"), world.at("outside/other"));
        fs::write(&inside, "old").unwrap();
        fs::set_permissions(&inside, fs::Permissions::from_mode(0o640)).unwrap();
        for (number, command) in
            (1_u32..).zip(["echo new > a", "chmod 600 a", "echo more >> a", "truncate -s 1 a", "touch -d @5 a"])
        {
            let _free = fs::remove_file(&outside).is_ok();
            fs::hard_link(&inside, &outside).unwrap();
            let (content, before) = (fs::read(&outside).unwrap(), fs::metadata(&outside).unwrap());
            assert!(world.errand(number, command).0, "{command}");
            let after = fs::metadata(&outside).unwrap();
            assert_eq!(fs::read(&outside).unwrap(), content, "{command}");
            assert_eq!(
                (after.permissions(), after.modified().unwrap()),
                (before.permissions(), before.modified().unwrap())
            );
        }
        assert!(!world.run("ln a b").status.success());
    });
}

#[test]
fn times_modes_and_links_are_written_down() {
    mounted(|world| {
        let host = world.host();
        fs::create_dir(host.join("d")).unwrap();
        fs::write(host.join("d/a"), "1").unwrap();
        symlink("nowhere", host.join("d/link")).unwrap();
        assert!(
            std::process::Command::new("touch").args(["-d", "@1000"]).arg(host.join("d/a")).status().unwrap().success()
        );
        assert!(
            std::process::Command::new("touch").args(["-d", "@2000"]).arg(host.join("d")).status().unwrap().success()
        );
        world.says(Says::Yes);
        assert!(world.errand(1, "rm -rf d").0);
        let entries = world.journal().list().unwrap();
        let before = |path: &str| entries.iter().find(|entry| entry.intent.path == path).unwrap().intent.before.clone();
        let file = before("/work/x/d/a").look().unwrap();
        assert_eq!(file.mtime_ns, Some(1_000_000_000_000));
        assert_eq!(before("/work/x/d").look().unwrap().mtime_ns, Some(2_000_000_000_000));
        assert_eq!(before("/work/x/d/link"), folder::State::Link { target: "nowhere".to_owned() });
    });
}

#[test]
fn a_change_after_the_end_belongs_to_the_errand_before() {
    mounted(|world| {
        fs::write(world.host().join("a"), "old").unwrap();
        assert!(world.errand(1, "true").0);
        assert!(world.run("echo new > a").status.success());
        let (_, changes) = world.errand(2, "echo newer > a");
        assert_eq!(told(&changes), [("/work/x/a", Changed)]);
        assert_eq!(world.kept(&changes[0]), b"old");
        let turns: Vec<_> = world.journal().list().unwrap().iter().map(|entry| entry.intent.author.turn).collect();
        assert_eq!(turns, [1, 2]);
    });
}
