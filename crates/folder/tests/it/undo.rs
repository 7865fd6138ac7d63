//! Undo: selections, conflicts, undoing an undo, and folders that are gone.

use std::os::unix::fs::PermissionsExt;

use event::{ChangeKind, Digest};
use folder::{Action, Conflict, Expect, Plan, Selection, Undone, Writer, apply, plan};

use crate::world::{World, author};

fn planned(world: &World, selection: &Selection) -> Plan {
    plan(&world.guard(), &world.journal(), selection).unwrap()
}

fn undo(world: &World, selection: &Selection) -> Undone {
    let plan = planned(world, selection);
    apply(&world.guard(), &world.journal(), &plan, 9).unwrap()
}

/// A plan in short: path and what happens to it.
fn short(plan: &Plan) -> Vec<String> {
    plan.steps
        .iter()
        .map(|step| {
            let action = match &step.action {
                Action::Restore { bytes, .. } => format!("restore {bytes}"),
                Action::RemoveFile => "remove".to_owned(),
                Action::RemoveDirectory => "remove directory".to_owned(),
                Action::MakeDirectory { .. } => "make directory".to_owned(),
                Action::RestoreLink { target } => format!("restore link to {target}"),
                Action::Adjust { mode, .. } => format!("adjust {mode:o}"),
                Action::Leave(conflict) => conflict.to_string(),
            };
            let partial = if step.partial { " (partial)" } else { "" };
            format!("{}: {action}{partial}", step.path.trim_start_matches("/work/Reports/"))
        })
        .collect()
}

/// Three turns: 1 changes `a` and makes `d/new`, 2 changes `a` again, 3 changes `b` and deletes `c`.
fn three_turns() -> World {
    let world = World::new();
    for name in ["a", "b", "c"] {
        std::fs::write(world.path("Reports").join(name), format!("user's {name}")).unwrap();
    }
    world.put(1, "/work/Reports/a", "turn 1");
    world.put(1, "/work/Reports/d/new", "made");
    world.put(2, "/work/Reports/a", "turn 2, longer");
    world.put(3, "/work/Reports/b", "turn 3");
    let (guard, journal) = (world.guard(), world.journal());
    Writer::new(&guard, &journal, author(3)).remove("/work/Reports/c", Expect::Anything).unwrap();
    world
}

#[test]
fn each_selection_has_its_plan() {
    let world = three_turns();
    let table = [
        (Selection::Task, vec!["c: restore 8", "b: restore 8", "a: restore 8", "d/new: remove", "d: remove directory"]),
        (
            Selection::Turn(1),
            vec!["d/new: remove", "d: remove directory", "a: changed again in turn 2; undo that turn first"],
        ),
        (Selection::Turn(2), vec!["a: restore 6"]),
        (Selection::Turn(3), vec!["c: restore 8", "b: restore 8"]),
        (Selection::Turn(4), vec![]),
        (Selection::Since(2), vec!["c: restore 8", "b: restore 8", "a: restore 6"]),
        (Selection::Path("/work/Reports/a".into()), vec!["a: restore 8"]),
        (Selection::Path("/work/Reports/d".into()), vec!["d/new: remove", "d: remove directory"]),
        (Selection::Path("/work/Reports/d/".into()), vec!["d/new: remove", "d: remove directory"]),
        (Selection::Path("/work/Rep".into()), vec![]),
        (Selection::Path("/work/Reports/none".into()), vec![]),
        (Selection::LastUndo, vec![]),
    ];
    let before = world.snapshot("Reports");
    for (selection, expected) in table {
        assert_eq!(short(&planned(&world, &selection)), expected, "{selection:?}");
    }
    assert_eq!(world.snapshot("Reports"), before, "a plan changes nothing");
}

#[test]
fn undoing_the_task_brings_everything_back_and_can_be_undone_itself() {
    let world = World::new();
    for name in ["a", "b", "c"] {
        std::fs::write(world.path("Reports").join(name), format!("user's {name}")).unwrap();
    }
    std::fs::set_permissions(world.path("Reports/a"), std::fs::Permissions::from_mode(0o640)).unwrap();
    let user = world.snapshot("Reports");
    world.put(1, "/work/Reports/a", "task");
    world.put(1, "/work/Reports/d/e/new", "made");
    {
        let (guard, journal) = (world.guard(), world.journal());
        Writer::new(&guard, &journal, author(2)).remove("/work/Reports/c", Expect::Anything).unwrap();
    }
    let task = world.snapshot("Reports");

    let undone = undo(&world, &Selection::Task);
    assert_eq!(undone.failed, []);
    let kinds: Vec<_> = undone.changes.iter().map(|change| (change.path.as_str(), change.kind)).collect();
    assert_eq!(
        kinds,
        [
            ("/work/Reports/c", ChangeKind::Made),
            ("/work/Reports/d/e/new", ChangeKind::Deleted),
            ("/work/Reports/a", ChangeKind::Changed)
        ]
    );
    assert_eq!(undone.changes[2].before, Some(Digest::of(b"task")));
    assert_eq!(undone.changes[2].after, Some(Digest::of(b"user's a")));
    assert_eq!(world.snapshot("Reports"), user);
    assert_eq!(undo(&world, &Selection::Task), Undone::default(), "twice does nothing more");

    assert_eq!(undo(&world, &Selection::LastUndo).failed, []);
    assert_eq!(contents(&world.snapshot("Reports")), contents(&task));
    assert_eq!(undo(&world, &Selection::LastUndo).failed, []);
    assert_eq!(world.snapshot("Reports"), user);
    assert_eq!(undo(&world, &Selection::LastUndo).failed, []);
    assert_eq!(undo(&world, &Selection::Task).failed, []);
    assert_eq!(world.snapshot("Reports"), user, "the task's own changes can be undone again");
}

fn contents(snapshot: &crate::world::Snapshot) -> Vec<(&std::path::PathBuf, u32, &[u8])> {
    snapshot.iter().map(|(path, (mode, _, _, bytes))| (path, *mode, bytes.as_slice())).collect()
}

#[test]
fn later_edits_of_the_user_are_never_overwritten() {
    let world = three_turns();
    std::fs::write(world.path("Reports/a"), "edited").unwrap();
    std::fs::remove_file(world.path("Reports/b")).unwrap();
    std::fs::write(world.path("Reports/c"), "a new c").unwrap();
    std::fs::write(world.path("Reports/d/mine"), "the user's").unwrap();
    let plan = planned(&world, &Selection::Task);
    assert_eq!(
        short(&plan),
        [
            "c: changed since by you",
            "b: deleted since by you",
            "a: changed since by you",
            "d/new: remove",
            "d: remove directory"
        ]
    );
    let undone = apply(&world.guard(), &world.journal(), &plan, 9).unwrap();
    assert_eq!(undone.changes.iter().map(|change| change.path.as_str()).collect::<Vec<_>>(), ["/work/Reports/d/new"]);
    let failed: Vec<_> = undone.failed.iter().map(|failure| failure.reason.as_str()).collect();
    assert_eq!(failed, ["directory `/work/Reports/d` is not empty"]);
    assert_eq!((world.read("Reports/a"), world.read("Reports/c")), ("edited".into(), "a new c".into()));
    assert_eq!(world.names("Reports"), ["a", "c", "d"]);
    assert_eq!(world.read("Reports/d/mine"), "the user's");
}

#[test]
fn an_edit_between_two_changes_stops_the_way_back() {
    let world = World::new();
    std::fs::write(world.path("Reports/a"), "user").unwrap();
    world.put(1, "/work/Reports/a", "task 1");
    std::fs::write(world.path("Reports/a"), "user again").unwrap();
    world.put(2, "/work/Reports/a", "task 2");
    assert_eq!(short(&planned(&world, &Selection::Task)), ["a: restore 10 (partial)"]);
    assert_eq!(undo(&world, &Selection::Task).failed, []);
    assert_eq!(world.read("Reports/a"), "user again");
    assert_eq!(short(&planned(&world, &Selection::Turn(1))), ["a: changed again in turn 2; undo that turn first"]);
}

#[test]
fn an_edit_between_plan_and_act_is_kept() {
    let world = three_turns();
    let plan = planned(&world, &Selection::Task);
    std::fs::write(world.path("Reports/a"), "just now").unwrap();
    let undone = apply(&world.guard(), &world.journal(), &plan, 9).unwrap();
    let failed: Vec<_> = undone.failed.iter().map(|failure| failure.path.as_str()).collect();
    assert_eq!(failed, ["/work/Reports/a"]);
    assert_eq!(world.read("Reports/a"), "just now");
    assert_eq!(world.read("Reports/b"), "user's b", "the others go on");
}

#[test]
fn a_turn_undone_twice_over() {
    let world = three_turns();
    assert_eq!(undo(&world, &Selection::Turn(2)).failed, []);
    assert_eq!(world.read("Reports/a"), "turn 1");
    assert_eq!(undo(&world, &Selection::Turn(1)).failed, []);
    assert_eq!(world.read("Reports/a"), "user's a");
    assert_eq!(undo(&world, &Selection::LastUndo).failed, []);
    assert_eq!(world.read("Reports/a"), "turn 1");
    assert_eq!(undo(&world, &Selection::Task).failed, []);
    assert_eq!(world.read("Reports/a"), "user's a");
}

#[test]
fn a_folder_that_is_gone_holds_up_nobody() {
    let world = three_turns();
    world.put(3, "/outputs/report", "made");
    std::fs::rename(world.path("Reports"), world.path("elsewhere")).unwrap();
    let plan = planned(&world, &Selection::Task);
    assert_eq!(plan.steps.len(), 6);
    let refused = plan.steps.iter().filter(|step| matches!(step.action, Action::Leave(Conflict::Refused { .. })));
    assert_eq!(refused.count(), 5);
    let undone = apply(&world.guard(), &world.journal(), &plan, 9).unwrap();
    assert_eq!(undone.changes.len(), 1);
    assert_eq!(world.names("outputs"), Vec::<String>::new());
    std::fs::rename(world.path("elsewhere"), world.path("Reports")).unwrap();
    assert_eq!(undo(&world, &Selection::Task).failed, []);
    assert_eq!(world.read("Reports/a"), "user's a");
}

#[test]
fn a_folder_that_is_read_only_now_is_told_per_file() {
    let world = three_turns();
    world.put(3, "/outputs/report", "made");
    let folder = event::Folder {
        name: "Reports".into(),
        path: world.path("Reports").to_str().unwrap().into(),
        access: event::Access::ReadOnly,
    };
    let guard = folder::Guard::new([folder::Root::folder(&folder), folder::Root::outputs(world.path("outputs"))]);
    let before = world.snapshot("Reports");
    let plan = plan(&guard, &world.journal(), &Selection::Task).unwrap();
    let undone = apply(&guard, &world.journal(), &plan, 9).unwrap();
    assert_eq!(undone.changes.iter().map(|change| change.path.as_str()).collect::<Vec<_>>(), ["/outputs/report"]);
    assert_eq!(undone.failed.len(), 5);
    assert_eq!(undone.failed[0].reason, "`/work/Reports/c` cannot be changed: `/work/Reports` is read-only");
    assert_eq!(world.snapshot("Reports"), before);
}

#[test]
fn an_old_content_that_is_lost_is_reported() {
    let world = three_turns();
    std::fs::remove_file(world.path(&format!("journal/objects/{}", Digest::of(b"user's a")))).unwrap();
    let undone = undo(&world, &Selection::Task);
    assert_eq!(undone.failed.iter().map(|failure| failure.path.as_str()).collect::<Vec<_>>(), ["/work/Reports/a"]);
    assert_eq!(world.read("Reports/a"), "turn 2, longer");
    assert_eq!(world.names("Reports"), ["a", "b", "c"], "the others go on, and no temporary file is left");
}

#[test]
fn a_link_put_in_place_of_the_file_is_left_alone() {
    let world = three_turns();
    std::fs::remove_file(world.path("Reports/a")).unwrap();
    std::os::unix::fs::symlink(world.path("outside/canary"), world.path("Reports/a")).unwrap();
    let outside = world.snapshot("outside");
    let plan = planned(&world, &Selection::Path("/work/Reports/a".into()));
    assert!(short(&plan)[0].contains("is a symbolic link"), "{:?}", short(&plan));
    assert_eq!(undo(&world, &Selection::Task).failed, []);
    assert_eq!(world.snapshot("outside"), outside);
    assert!(world.path("Reports/a").is_symlink());
}
