//! Any sequence of what commands do to files, directories, links, modes and times comes back with one Undo, and goes
//! again with one redo. As root and as an ordinary user, whom rights stop.

use std::path::Path;

use folder::{Selection, apply, plan};
use proptest::prelude::*;

use crate::disk::{again_as_nobody, is_root, room};
use crate::errand::{Errand, chmod, tree};
use crate::world::World;

#[derive(Debug, Clone)]
enum Act {
    Write(usize, Vec<u8>),
    Chmod(usize, u32),
    Time(usize, u64),
    Remove(usize),
    Make(usize),
    Link(usize, usize),
    Rename(usize, usize),
}

const NAMES: [&str; 9] = ["a", "b", "d", "d/a", "d/e", "d/e/f", "d/e/g", "x", "x/y"];

fn act() -> impl Strategy<Value = Act> {
    let name = 0..NAMES.len();
    let mode = prop_oneof![Just(0), Just(0o000), Just(0o500), Just(0o444), Just(0o755), 0u32..0o1000];
    prop_oneof![
        4 => (name.clone(), proptest::collection::vec(any::<u8>(), 0..40)).prop_map(|(name, bytes)| Act::Write(name, bytes)),
        2 => (name.clone(), mode).prop_map(|(name, mode)| Act::Chmod(name, mode)),
        1 => (name.clone(), 0u64..4_000_000_000_000_000_000).prop_map(|(name, time)| Act::Time(name, time)),
        2 => name.clone().prop_map(Act::Remove),
        2 => name.clone().prop_map(Act::Make),
        1 => (name.clone(), name.clone()).prop_map(|(name, target)| Act::Link(name, target)),
        2 => (name.clone(), name).prop_map(|(from, to)| Act::Rename(from, to)),
    ]
}

/// What is not possible is not done.
fn act_out(errand: &mut Errand<'_>, act: &Act) -> Option<()> {
    match act {
        Act::Write(name, bytes) => errand.write(NAMES[*name], bytes),
        Act::Chmod(name, mode) => errand.chmod(NAMES[*name], *mode),
        Act::Time(name, time) => errand.set_time(NAMES[*name], *time),
        Act::Remove(name) => errand.remove(NAMES[*name]),
        Act::Make(name) => errand.make_directory(NAMES[*name]),
        Act::Link(name, target) => errand.link(NAMES[*name], NAMES[*target]),
        Act::Rename(from, to) => errand.rename(NAMES[*from], NAMES[*to]),
    }
}

fn check(start: &[Act], commands: &[Vec<Act>], tells_look: bool) -> Result<(), TestCaseError> {
    // Nothing here is about the disk, and memory need not be waited for.
    let memory = Path::new("/dev/shm");
    let world = if memory.is_dir() {
        World::beneath(memory)
    } else {
        room().map_or_else(World::new, |room| World::beneath(&room))
    };
    let root = world.path("Reports");
    {
        // What the user has is made by the same acts, with a journal of its own.
        let others = folder::Journal::open(world.path("others")).unwrap();
        let mut errand = Errand::begin(&others, &root, "user", 0);
        for act in start {
            // Undo gives rights back that the task took, not those the user never had.
            match act {
                Act::Chmod(name, mode) if root.join(NAMES[*name]).is_dir() => errand.chmod(NAMES[*name], mode | 0o700),
                act => act_out(&mut errand, act),
            };
        }
    }
    age(&root, &mut 1);
    let user = tree(&root);
    let (guard, journal) = (world.guard(), world.journal());
    for (index, acts) in commands.iter().enumerate() {
        let turn = u32::try_from(index).unwrap() + 1;
        let mut errand = Errand::begin(&journal, &root, &format!("call-{index}"), turn);
        errand.tells_look = tells_look;
        for act in acts {
            act_out(&mut errand, act);
        }
        errand.end();
    }
    let task = tree(&root);
    let undo = |selection: &Selection| {
        let plan = plan(&guard, &journal, selection).unwrap();
        apply(&guard, &journal, &plan, 9).unwrap().failed
    };
    let result = (|| {
        prop_assert_eq!(undo(&Selection::Task), vec![]);
        prop_assert_eq!(tree(&root), user.clone(), "undo");
        prop_assert_eq!(plan(&guard, &journal, &Selection::Task).unwrap().steps, vec![], "nothing is left to undo");
        prop_assert_eq!(undo(&Selection::LastUndo), vec![]);
        prop_assert_eq!(tree(&root), task.clone(), "redo");
        prop_assert_eq!(undo(&Selection::Task), vec![]);
        prop_assert_eq!(tree(&root), user.clone(), "undo again");
        Ok(())
    })();
    open_all(&root);
    result
}

/// Gives every directory a time of its own, long ago.
fn age(path: &Path, number: &mut u64) {
    for entry in std::fs::read_dir(path).into_iter().flatten() {
        let path = entry.unwrap().path();
        if std::fs::symlink_metadata(&path).is_ok_and(|meta| meta.is_dir()) {
            age(&path, number);
        }
    }
    *number += 1;
    let old = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::new(1_000_000_000 + *number, 123);
    std::fs::File::open(path).unwrap().set_modified(old).unwrap();
}

/// Lets the directory be removed.
fn open_all(path: &Path) {
    if std::fs::symlink_metadata(path).is_ok_and(|meta| meta.is_dir()) {
        chmod(path, 0o700).unwrap();
        for entry in std::fs::read_dir(path).unwrap() {
            open_all(&entry.unwrap().path());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn comes_back_and_goes_again(
        start in proptest::collection::vec(act(), 0..12),
        commands in proptest::collection::vec(proptest::collection::vec(act(), 1..8), 1..4),
        tells_look in any::<bool>(),
    ) {
        check(&start, &commands, tells_look)?;
    }
}

#[test]
fn comes_back_for_an_ordinary_user() {
    if is_root() {
        again_as_nobody("anything::comes_back_and_goes_again");
    }
}
