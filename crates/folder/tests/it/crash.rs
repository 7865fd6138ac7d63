//! A change cut off after every stage: the file is old or new, never neither, and Undo still works.

use folder::{Expect, Journal, Replacement, Selection, Stage, Writer, apply, plan, sweep};

use crate::world::{World, author};

const STAGES: [Stage; 5] = [Stage::Kept, Stage::Recorded, Stage::Written, Stage::Placed, Stage::Synced];

enum Act {
    Replace,
    Make,
    Remove,
    MakeBelow,
}

fn crash(world: &World, stage: Stage, act: &Act) -> bool {
    let journal = Journal::open(world.path("journal")).unwrap().with_hook(move |at| at != stage);
    let guard = world.guard();
    let writer = Writer::new(&guard, &journal, author(1));
    let new = Replacement::bytes(b"task", Expect::Anything);
    let result = match act {
        Act::Replace => writer.put("/work/Reports/a", &new),
        Act::Make => writer.put("/work/Reports/new", &new),
        Act::Remove => writer.remove("/work/Reports/a", Expect::Anything),
        Act::MakeBelow => writer.put("/work/Reports/d/e/new", &new),
    };
    result.is_err()
}

#[test]
fn after_every_stage_undo_brings_the_old_state_back() {
    for act in [Act::Replace, Act::Make, Act::Remove, Act::MakeBelow] {
        for stage in STAGES {
            let world = World::new();
            std::fs::write(world.path("Reports/a"), "user").unwrap();
            let user = world.snapshot("Reports");
            let crashed = crash(&world, stage, &act);
            // A deletion writes nothing beside.
            assert_eq!(crashed, !matches!((&act, stage), (Act::Remove, Stage::Written)), "{stage:?}");
            let old = std::fs::read(world.path("Reports/a")).ok();
            assert!(
                [Some(&b"user"[..]), Some(b"task"), None].contains(&old.as_deref()),
                "{stage:?}: neither old nor new: {old:?}"
            );
            let (guard, journal) = (world.guard(), world.journal());
            sweep(&guard, &journal).unwrap();
            let leftover = std::process::Command::new("find")
                .arg(world.path("Reports"))
                .args(["-name", ".deskhand-*"])
                .output()
                .unwrap();
            assert_eq!(String::from_utf8(leftover.stdout).unwrap(), "", "{stage:?}");
            let plan = plan(&guard, &journal, &Selection::Task).unwrap();
            assert_eq!(apply(&guard, &journal, &plan, 2).unwrap().failed, [], "{stage:?}");
            assert_eq!(world.snapshot("Reports"), user, "{stage:?}");
        }
    }
}

#[test]
fn undo_works_without_a_sweep_too() {
    for stage in STAGES {
        let world = World::new();
        std::fs::write(world.path("Reports/a"), "user").unwrap();
        assert!(crash(&world, stage, &Act::Replace));
        let (guard, journal) = (world.guard(), world.journal());
        let plan = plan(&guard, &journal, &Selection::Task).unwrap();
        assert_eq!(apply(&guard, &journal, &plan, 2).unwrap().failed, [], "{stage:?}");
        assert_eq!(world.read("Reports/a"), "user", "{stage:?}");
    }
}

#[test]
fn an_undo_cut_off_is_completed_by_the_next_one() {
    for stage in STAGES {
        let world = World::new();
        std::fs::write(world.path("Reports/a"), "user a").unwrap();
        std::fs::write(world.path("Reports/b"), "user b").unwrap();
        let user = world.snapshot("Reports");
        world.put(1, "/work/Reports/a", "task a");
        world.put(1, "/work/Reports/b", "task b");
        let guard = world.guard();
        let cut = Journal::open(world.path("journal")).unwrap().with_hook(move |at| at != stage);
        let first = plan(&guard, &cut, &Selection::Task).unwrap();
        assert_eq!(apply(&guard, &cut, &first, 2).unwrap().failed.len(), 2, "{stage:?}");
        let journal = world.journal();
        sweep(&guard, &journal).unwrap();
        let second = plan(&guard, &journal, &Selection::Task).unwrap();
        assert_eq!(apply(&guard, &journal, &second, 2).unwrap().failed, [], "{stage:?}");
        assert_eq!(world.snapshot("Reports"), user, "{stage:?}");
    }
}

#[test]
fn a_user_edit_after_the_crash_is_a_conflict_and_nothing_of_theirs_is_swept() {
    let world = World::new();
    std::fs::write(world.path("Reports/a"), "user").unwrap();
    assert!(crash(&world, Stage::Placed, &Act::Replace));
    std::fs::write(world.path("Reports/a"), "user, later").unwrap();
    let (guard, journal) = (world.guard(), world.journal());
    sweep(&guard, &journal).unwrap();
    let plan = plan(&guard, &journal, &Selection::Task).unwrap();
    apply(&guard, &journal, &plan, 2).unwrap();
    assert_eq!(world.read("Reports/a"), "user, later");
}
