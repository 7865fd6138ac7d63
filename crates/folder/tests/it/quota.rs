//! The meter and the quota: the oldest goes first, what is needed stays, and plans say why something cannot come back.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use event::Digest;
use folder::{Action, Conflict, Freed, Given, Selection, apply, expire, plan, usage};

use crate::world::World;

const HOUR: Duration = Duration::from_hours(1);

/// A world whose journal is that of a task in `tasks`, beside another task with one object of 1000 bytes, ten hours old.
fn two_tasks() -> (World, PathBuf) {
    let world = World::new();
    let tasks = world.path("tasks");
    std::fs::create_dir_all(tasks.join("b/journal/objects")).unwrap();
    std::fs::create_dir_all(tasks.join("a")).unwrap();
    std::fs::create_dir_all(tasks.join("empty/journal/objects")).unwrap();
    std::fs::remove_dir(world.path("journal")).unwrap();
    std::os::unix::fs::symlink(tasks.join("a/journal"), world.path("journal")).unwrap();
    std::fs::create_dir(tasks.join("a/journal")).unwrap();
    let other = vec![7; 1000];
    let path = tasks.join("b/journal/objects").join(Digest::of(&other).to_string());
    std::fs::write(&path, &other).unwrap();
    age(&path, 10);
    for (name, hours) in [("old", 8), ("older", 9), ("new", 0)] {
        let content = format!("the user's {name}");
        std::fs::write(world.path("Reports").join(name), &content).unwrap();
        world.put(1, &format!("/work/Reports/{name}"), "task");
        age(&world.path(&format!("journal/objects/{}", Digest::of(content.as_bytes()))), hours);
    }
    (world, tasks)
}

fn age(path: &Path, hours: u32) {
    std::fs::File::options().write(true).open(path).unwrap().set_modified(SystemTime::now() - HOUR * hours).unwrap();
}

fn bytes(tasks: &Path) -> Vec<(String, u64, u64)> {
    let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
    usage(tasks).iter().map(|usage| (name(&usage.task_dir), usage.bytes, usage.objects)).collect()
}

#[test]
fn the_oldest_go_first_over_all_tasks() {
    let (world, tasks) = two_tasks();
    assert_eq!(bytes(&tasks), [("a".into(), 14 + 16 + 14, 3), ("b".into(), 1000, 1)]);
    let oldest = usage(&tasks)[0].oldest.unwrap();
    assert!(oldest.elapsed().unwrap() > HOUR * 8);
    let nobody = |_: &Path| false;
    let now = SystemTime::now();
    assert_eq!(expire(&tasks, 1044, now, &nobody).unwrap(), Freed::default(), "within the quota");
    assert_eq!(expire(&tasks, 1043, now, &|task| task.ends_with("b")).unwrap(), Freed { objects: 1, bytes: 16 });
    assert_eq!(expire(&tasks, 40, now, &nobody).unwrap(), Freed { objects: 1, bytes: 1000 });
    assert_eq!(expire(&tasks, 0, now, &nobody).unwrap(), Freed { objects: 1, bytes: 14 }, "what is young stays");
    assert_eq!(bytes(&tasks), [("a".into(), 14, 1)]);

    let plan = plan(&world.guard(), &world.journal(), &Selection::Task).unwrap();
    let found = |name: &str| plan.steps.iter().find(|step| step.path.ends_with(&format!("/{name}"))).unwrap();
    let given = Action::Leave(Conflict::GivenUp(Given::Quota));
    assert_eq!((&found("old").action, &found("older").action), (&given, &given));
    assert!(matches!(found("new").action, Action::Restore { .. }));
    assert_eq!(Conflict::GivenUp(Given::Quota).to_string(), "the old content was given up to stay within the quota");
    let undone = apply(&world.guard(), &world.journal(), &plan, 2).unwrap();
    assert_eq!((undone.failed, undone.changes.len()), (vec![], 1));
    assert_eq!((world.read("Reports/old"), world.read("Reports/new")), ("task".into(), "the user's new".into()));
}

#[test]
fn what_is_kept_once_more_is_young_again_and_there_again() {
    let (world, tasks) = two_tasks();
    // The same content as before is about to be changed again.
    std::fs::write(world.path("Reports/copy"), "the user's older").unwrap();
    world.put(2, "/work/Reports/copy", "task");
    let freed = expire(&tasks, 0, SystemTime::now(), &|_| false).unwrap();
    assert_eq!(freed, Freed { objects: 2, bytes: 1014 });
    // What was given up and then kept again can come back.
    std::fs::write(world.path("Reports/again"), "the user's old").unwrap();
    world.put(3, "/work/Reports/again", "task");
    let plan = plan(&world.guard(), &world.journal(), &Selection::Task).unwrap();
    assert_eq!(apply(&world.guard(), &world.journal(), &plan, 4).unwrap().failed, []);
    for (name, content) in [("old", "old"), ("older", "older"), ("again", "old"), ("copy", "older"), ("new", "new")] {
        assert_eq!(world.read(&format!("Reports/{name}")), format!("the user's {content}"));
    }
}

#[test]
fn emptying_gives_up_everything_and_says_so() {
    let (world, tasks) = two_tasks();
    world.put(1, "/work/Reports/made", "made");
    assert_eq!(world.journal().empty().unwrap(), Freed { objects: 3, bytes: 44 });
    assert_eq!(world.journal().empty().unwrap(), Freed::default());
    assert_eq!(bytes(&tasks), [("b".into(), 1000, 1)]);
    let plan = plan(&world.guard(), &world.journal(), &Selection::Task).unwrap();
    let given = plan.steps.iter().filter(|step| step.action == Action::Leave(Conflict::GivenUp(Given::User))).count();
    assert_eq!((plan.steps.len(), given), (4, 3));
    assert_eq!(Conflict::GivenUp(Given::User).to_string(), "the old content was given up when you emptied the journal");
    assert_eq!(apply(&world.guard(), &world.journal(), &plan, 2).unwrap().failed, []);
    assert!(!world.path("Reports/made").exists(), "what needs no old content is undone all the same");
}
