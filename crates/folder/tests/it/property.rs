//! Any sequence of changes, undone, leaves every byte, mode and time as it was.

use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, SystemTime};

use folder::{Expect, Replacement, Selection, Writer, apply, plan};
use proptest::prelude::*;

use crate::world::{World, author};

#[derive(Debug, Clone)]
enum Step {
    Put(usize, Vec<u8>),
    Remove(usize),
    UndoTurn,
    UndoLast,
}

const NAMES: [&str; 5] = ["a", "b.bin", "dir/c", "new/deep/d", "é ü"];

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        5 => (0..NAMES.len(), proptest::collection::vec(any::<u8>(), 0..2_000)).prop_map(|(name, bytes)| Step::Put(name, bytes)),
        2 => (0..NAMES.len()).prop_map(Step::Remove),
        1 => Just(Step::UndoTurn),
        1 => Just(Step::UndoLast),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn undo_restores_bytes_mode_and_time(
        start in proptest::collection::vec((any::<bool>(), 0u32..0o1000, 0u64..4_000_000_000, 0u32..1_000_000_000), 3),
        steps in proptest::collection::vec(step(), 1..8),
    ) {
        let world = World::new();
        std::fs::create_dir(world.path("Reports/dir")).unwrap();
        for (name, (there, mode, seconds, nanoseconds)) in NAMES.iter().zip(&start) {
            if *there {
                let path = world.path("Reports").join(name);
                std::fs::write(&path, format!("user's {name}")).unwrap();
                let time = SystemTime::UNIX_EPOCH + Duration::new(*seconds, *nanoseconds);
                std::fs::File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
                // The owner can always read, or an ordinary user could not look at the result.
                std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode | 0o400)).unwrap();
            }
        }
        let user = world.snapshot("Reports");
        let (guard, journal) = (world.guard(), world.journal());
        let undo = |selection: &Selection, turn| {
            let plan = plan(&guard, &journal, selection).unwrap();
            apply(&guard, &journal, &plan, turn).unwrap()
        };
        for (index, step) in steps.iter().enumerate() {
            let turn = u32::try_from(index).unwrap() + 1;
            let writer = Writer::new(&guard, &journal, author(turn));
            match step {
                Step::Put(name, bytes) => {
                    writer.put(&format!("/work/Reports/{}", NAMES[*name]), &Replacement::bytes(bytes, Expect::Anything)).unwrap();
                }
                Step::Remove(name) => {
                    let _absent = writer.remove(&format!("/work/Reports/{}", NAMES[*name]), Expect::Anything).is_ok();
                }
                Step::UndoTurn => { undo(&Selection::Turn(turn - 1), turn); }
                Step::UndoLast => { undo(&Selection::LastUndo, turn); }
            }
        }
        let undone = undo(&Selection::Task, 99);
        prop_assert_eq!(undone.failed, vec![]);
        prop_assert_eq!(world.snapshot("Reports"), user);
    }
}
