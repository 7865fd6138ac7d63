//! What commands changed comes back whole with one Undo: times of directories and names that share a file too.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use event::Access;
use folder::{Action, Guard, Root, Selection, Trust, apply, plan};

use crate::world::{Says, World, mounted};

/// Everything of a tree that must come back: kind and mode, time, the first of the names that share the file, content.
type Tree = BTreeMap<PathBuf, (u32, i64, i64, Option<PathBuf>, Vec<u8>)>;

fn tree(at: &Path) -> Tree {
    let mut found = Tree::new();
    let mut open = vec![at.to_owned()];
    let mut names: BTreeMap<u64, PathBuf> = BTreeMap::new();
    while let Some(path) = open.pop() {
        let meta = fs::symlink_metadata(&path).unwrap();
        let content = if meta.is_file() { fs::read(&path).unwrap() } else { Vec::new() };
        if meta.is_file() {
            let first = names.entry(meta.ino()).or_insert_with(|| path.clone());
            *first = first.clone().min(path.clone());
        }
        let shared = (meta.is_file() && meta.nlink() > 1).then(|| PathBuf::from(meta.ino().to_string()));
        if meta.is_dir() {
            open.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        }
        // The time of a link itself is not kept.
        let (seconds, nanoseconds) = if meta.is_symlink() { (0, 0) } else { (meta.mtime(), meta.mtime_nsec()) };
        found.insert(path, (meta.mode(), seconds, nanoseconds, shared, content));
    }
    for (_, _, _, shared, _) in found.values_mut() {
        let number = shared.take().map(|number| number.to_str().unwrap().parse::<u64>().unwrap());
        *shared = number.map(|number| names[&number].clone());
    }
    found
}

fn guard(world: &World) -> Guard {
    let (known, access, trust) = ("/work/x".to_owned(), Access::ReadWrite, Trust::Granted);
    Guard::new([Root { known, host: world.host().canonicalize().unwrap(), access, trust }])
}

fn undo(world: &World, selection: &Selection) {
    let (guard, journal) = (guard(world), world.journal());
    let planned = plan(&guard, &journal, selection).unwrap();
    let left: Vec<_> = planned.steps.iter().filter(|step| matches!(step.action, Action::Leave(_))).collect();
    assert!(left.is_empty(), "{left:?}");
    assert_eq!(apply(&guard, &journal, &planned, 9).unwrap().failed, []);
}

/// The user's folder: some files, a tree, two names of one file, and times long ago.
fn furnish(world: &World) -> Tree {
    let host = world.host();
    fs::create_dir_all(host.join("d/e/f")).unwrap();
    fs::create_dir_all(host.join("empty")).unwrap();
    for name in ["a", "b", "d/a", "d/e/a", "d/e/f/a"] {
        fs::write(host.join(name), format!("user's {name}")).unwrap();
    }
    fs::hard_link(host.join("a"), host.join("d/linked")).unwrap();
    for (number, name) in ["a", "b", "d/a", "d/e/a", "d/e/f/a", "empty", "d/e/f", "d/e", "d", ""].iter().enumerate() {
        let at = format!("@{}.123456789", 1_000_000_000 + number);
        let set = std::process::Command::new("touch").arg("-d").arg(at).arg(host.join(name)).status();
        assert!(set.unwrap().success());
    }
    tree(&host)
}

#[test]
fn every_time_and_every_shared_name_comes_back_and_goes_again() {
    mounted(|world| {
        world.says(Says::Yes);
        let before = furnish(world);
        let commands = [
            "echo new > d/new && mkdir d/e/made && echo 1 > d/e/made/one",
            "rm d/e/a && rmdir empty",
            "rm -rf d && mkdir d && echo new > d/a",
            "mv d f && echo more >> f/e/a",
            "mv d/e empty/ && mv a b",
            "touch -d @5 d/e && chmod 700 d && chmod 500 d/e/f",
            "echo t > t && rm t",
            "echo new > a",
            "chmod 600 a && touch -d @7 d/linked",
            "rm a d/linked",
            "rm a",
            "mv d/linked d/moved",
            "sed -i s/user/task/ d/a d/e/a b",
            "cp -a d/e copy && rm -rf d/e && mv copy d/e",
            "mkdir x && mv x empty/y && mv empty/y d/e/f/z && rmdir d/e/f/z",
            "python3 -c \"import os; os.rename('d','t'); os.rename('t','d')\"",
        ];
        for (number, command) in (1..).zip(commands) {
            assert!(world.errand(number, command).0, "{command}");
            let task = tree(&world.host());
            undo(world, &Selection::Turn(number));
            assert_eq!(tree(&world.host()), before, "{command}");
            undo(world, &Selection::LastUndo);
            assert_eq!(tree(&world.host()), task, "again: {command}");
            undo(world, &Selection::Turn(number));
            assert_eq!(tree(&world.host()), before, "back again: {command}");
        }
    });
}

#[test]
fn several_commands_come_back_with_the_task_and_one_by_one() {
    mounted(|world| {
        world.says(Says::Yes);
        let before = furnish(world);
        let commands = [
            "rm -rf d/e",
            "mkdir -p d/e && echo 1 > d/e/other",
            "mv d g",
            "mkdir d && mv g/a d/ && rm a",
            "echo 2 > g/e/other && rm -rf g",
        ];
        let mut states = vec![before.clone()];
        for (number, command) in (1..).zip(commands) {
            assert!(world.errand(number, command).0, "{command}");
            states.push(tree(&world.host()));
        }
        let last = states.pop().unwrap();
        undo(world, &Selection::Task);
        assert_eq!(tree(&world.host()), before);
        undo(world, &Selection::LastUndo);
        assert_eq!(tree(&world.host()), last);
        for (number, state) in states.into_iter().enumerate().rev() {
            undo(world, &Selection::Turn(u32::try_from(number).unwrap() + 1));
            assert_eq!(tree(&world.host()), state, "{number}");
        }
    });
}

#[test]
fn what_a_command_left_open_is_closed_before_the_user_goes_on() {
    mounted(|world| {
        furnish(world);
        world.begin(1);
        assert!(world.run("echo task > b && echo task > d/a && echo task > d/new").status.success());
        // As after the end of Deskhand: nobody has said what the command left.
        assert_eq!(folder::sweep(&guard(world), &world.journal()).unwrap(), 0);
        fs::write(world.host().join("b"), "later").unwrap();
        fs::write(world.host().join("d/later"), "later").unwrap();
        let (guard, journal) = (guard(world), world.journal());
        let planned = plan(&guard, &journal, &Selection::Task).unwrap();
        assert_eq!(apply(&guard, &journal, &planned, 9).unwrap().failed, []);
        assert_eq!(fs::read_to_string(world.host().join("b")).unwrap(), "later");
        assert_eq!(fs::read_to_string(world.host().join("d/a")).unwrap(), "user's d/a");
        assert!(fs::metadata(world.host().join("d")).unwrap().mtime() > 1_500_000_000, "the user's own name is in it");
    });
}
