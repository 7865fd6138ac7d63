//! Consent and the journal where things move, or the user changes them, while a command runs.

use std::fs;

use event::Effect;
use folder::{Guard, Root, Selection, State};

use crate::world::{Says, World, mounted};

/// The contents the journal has of a path, oldest first.
fn kept_of(world: &World, path: &str) -> Vec<Vec<u8>> {
    let journal = world.journal();
    let entries = journal.list().unwrap().into_iter().filter(|entry| entry.intent.path == path);
    let contents = entries.filter_map(|entry| match entry.intent.before {
        State::File { digest, .. } => {
            let mut content = Vec::new();
            std::io::Read::read_to_end(&mut journal.object(digest).unwrap(), &mut content).unwrap();
            Some(content)
        }
        State::Absent | State::Directory { .. } | State::Link { .. } => None,
    });
    contents.collect()
}

#[test]
fn consent_is_not_for_what_was_moved_there_afterwards() {
    mounted(|world| {
        let host = world.host();
        fs::create_dir_all(host.join("documents")).unwrap();
        fs::write(host.join("documents/thesis"), "years").unwrap();
        fs::write(host.join("junk"), "junk").unwrap();
        world.says(Says::Yes);
        world.begin(1);
        assert!(world.run("rm junk").status.success());
        assert_eq!(world.asked().len(), 1);
        world.says(Says::No);
        assert!(!world.run("mv documents junk; rm -r junk").status.success());
        assert_eq!(world.asked().len(), 2);
        assert!(host.join("junk/thesis").exists());
        // The same with the directory above.
        fs::create_dir_all(host.join("above/build")).unwrap();
        fs::create_dir_all(host.join("other/build")).unwrap();
        fs::write(host.join("other/build/thesis"), "years").unwrap();
        world.says(Says::Yes);
        assert!(world.run("rm -r above").status.success());
        world.says(Says::No);
        assert!(!world.run("mv other above; rm -r above").status.success());
        assert!(host.join("above/build/thesis").exists());
        world.share.end();
    });
}

#[test]
fn consent_stays_for_what_moves_within_its_tree_or_is_the_tasks_own() {
    mounted(|world| {
        let host = world.host();
        fs::create_dir_all(host.join("d")).unwrap();
        for name in ["a", "b", "c"] {
            fs::write(host.join("d").join(name), name).unwrap();
        }
        world.says(Says::Yes);
        world.begin(1);
        let command = "import os\nos.listdir('d'); os.unlink('d/a'); os.rename('d/b', 'd/gone'); os.unlink('d/gone')\n\
                       open('own', 'w').close(); os.rename('own', 'd/own'); os.unlink('d/c'); os.unlink('d/own')";
        assert!(world.run(&format!("python3 -c \"{command}\"")).status.success());
        let trees: Vec<_> = world.asked().into_iter().map(|inquiry| inquiry.effects).collect();
        assert_eq!(trees, [vec![Effect::DeletePath("/work/x/d".to_owned())]]);
        world.share.end();
    });
}

#[test]
fn what_the_user_saves_while_a_command_runs_is_kept() {
    mounted(|world| {
        let host = world.host();
        let save = |name: &str, content: &str| {
            fs::write(host.join("saving"), content).unwrap();
            fs::rename(host.join("saving"), host.join(name)).unwrap();
        };
        world.says(Says::Yes);
        for (name, command) in [("gone", "rm gone"), ("cut", "echo 3 > cut"), ("over", "echo 3 > t; mv t over")] {
            fs::write(host.join(name), "before").unwrap();
            world.begin(1);
            assert!(world.run(&format!("echo 1 > {name}")).status.success());
            save(name, "the user's");
            assert!(world.run(&format!("sleep 1.1; {command}")).status.success(), "{command}");
            world.share.end();
            let kept = kept_of(world, &format!("/work/x/{name}"));
            assert_eq!(kept, [&b"before"[..], b"the user's"], "{command}");
        }
    });
}

#[test]
fn undo_goes_back_to_what_the_user_saved_at_most() {
    mounted(|world| {
        let host = world.host();
        fs::write(host.join("a"), "before").unwrap();
        world.begin(1);
        assert!(world.run("echo 1 > a").status.success());
        fs::write(host.join("saving"), "the user's").unwrap();
        fs::rename(host.join("saving"), host.join("a")).unwrap();
        assert!(world.run("sleep 1.1; echo 2 > a; echo 3 > a; echo 4 > t; mv t a").status.success());
        world.share.end();
        let root = Root {
            known: "/work/x".to_owned(),
            host: host.canonicalize().unwrap(),
            access: event::Access::ReadWrite,
            trust: folder::Trust::Granted,
        };
        let (guard, journal) = (Guard::new([root]), world.journal());
        let plan = folder::plan(&guard, &journal, &Selection::Task).unwrap();
        let undone = folder::apply(&guard, &journal, &plan, 1).unwrap();
        assert_eq!(undone.failed, []);
        assert_eq!(fs::read(host.join("a")).unwrap(), b"the user's");
        assert!(plan.steps.iter().any(|step| step.path == "/work/x/a" && step.partial));
    });
}

#[test]
fn what_is_too_much_to_read_at_the_end_is_told_and_undone_all_the_same() {
    mounted(|world| {
        fs::write(world.host().join("a"), "before").unwrap();
        let begun = std::time::Instant::now();
        let (success, changes) = world.errand(1, "truncate -s 64G b; truncate -s 64G a; echo 1 > c");
        assert!(success && begun.elapsed() < std::time::Duration::from_secs(30));
        let told: Vec<_> =
            changes.iter().map(|change| (change.path.as_str(), change.kind, change.after.is_some())).collect();
        let (changed, made) = (event::ChangeKind::Changed, event::ChangeKind::Made);
        assert_eq!(told, [("/work/x/a", changed, false), ("/work/x/b", made, false), ("/work/x/c", made, true)]);
        assert_eq!(world.kept(&changes[0]), b"before");
    });
}

#[test]
fn what_finds_no_room_in_the_journal_does_not_change() {
    mounted(|world| {
        let host = world.host();
        let objects = world.at("journal/objects");
        let options = std::ffi::CString::new("size=16k").unwrap();
        rustix::mount::mount("room", &objects, "tmpfs", rustix::mount::MountFlags::empty(), options.as_c_str())
            .unwrap();
        let old: Vec<u8> = (0..100_000_u32).flat_map(u32::to_le_bytes).collect();
        fs::create_dir(host.join("d")).unwrap();
        // Deletion is tried where nobody is asked: what waits goes on outside this test's mounts.
        let files = [host.join("a"), host.join("d/a"), world.at("outputs/a")];
        for file in &files {
            fs::write(file, &old).unwrap();
        }
        fs::hard_link(host.join("a"), world.at("outside/other")).unwrap();
        let mapped =
            "python3 -c \"import mmap\nf=open('a','r+b')\nm=mmap.mmap(f.fileno(),0)\nm[0:3]=b'NEW'\nm.flush()\"";
        let ways = [
            "echo x >> a",
            "echo x > a",
            "truncate -s 1 a",
            "rm ../../outputs/a",
            "mv a b",
            "echo 1 > t && mv t a",
            "chmod 600 a",
            "fallocate -p -o 0 -l 4096 a",
            "mv d e",
            mapped,
        ];
        for (number, command) in (1..).zip(ways) {
            assert!(!world.errand(number, command).0, "{command}");
            for file in &files {
                assert!(fs::read(file).unwrap() == old, "{command}");
            }
        }
        rustix::mount::unmount(&objects, rustix::mount::UnmountFlags::DETACH).unwrap();
        assert!(world.errand(99, "echo x >> a").0);
    });
}

#[test]
fn what_the_user_changed_in_place_since_is_the_users() {
    mounted(|world| {
        assert!(world.errand(1, "echo 1 > a; echo 1 > b").0);
        fs::write(world.host().join("a"), "the user's, in place").unwrap();
        assert!(!world.errand(2, "sleep 1.1; rm b && rm a").0);
        assert_eq!(world.asked().len(), 1);
        assert_eq!(world.asked()[0].files, Some(1));
        // Nor is it the task's under another name, or with more in it.
        assert!(!world.errand(3, "mv a c; rm c").0);
        assert!(world.errand(4, "echo 1 > d").0);
        fs::write(world.host().join("d"), "the user's, in place").unwrap();
        assert!(!world.errand(5, "sleep 1.1; echo 2 >> d; rm d").0);
        assert_eq!(world.asked().len(), 3);
        fs::rename(world.host().join("c"), world.host().join("a")).unwrap();
        assert!(!world.host().join("b").exists() && world.host().join("a").exists());
    });
}
