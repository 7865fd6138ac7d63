//! Removing and restoring tasks, quiet ones and those at work; exporting; headlines; what a new task may be given.

use std::time::Duration;

use event::{Command, CommandId, Fact, Mark, TaskId, Wish};
use futures_util::StreamExt;
use store::{News, Query, StoreError};
use tasks::{NewTask, TaskError, Tasks};
use view::TaskState;

use crate::world::{World, new, until};

fn ended(fact: &Fact) -> bool {
    matches!(fact, Fact::TurnEnded { .. })
}

fn at_work(fact: &Fact) -> bool {
    matches!(fact, Fact::ToolStarted { .. })
}

async fn wish(tasks: &Tasks, task: TaskId, id: &str, wish: Wish) -> Result<event::Seq, TaskError> {
    tasks.command(task, Command { id: CommandId::from(id), wish }).await
}

fn listed(tasks: &Tasks) -> Vec<(TaskId, TaskState)> {
    let found = tasks.recents(&Query::default()).unwrap();
    found.into_iter().map(|summary| (summary.id, summary.state)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_task_at_work_is_stopped_then_removed_and_does_not_go_on_when_it_is_back() {
    let world = World::new();
    let tasks = world.tasks();
    let task = tasks.create(new("endless")).await.unwrap();
    until(&tasks, task, at_work).await;
    let folder = world.names("tasks");
    tasks.remove(task).await.unwrap();
    assert_eq!((world.names("tasks"), world.names("trash")), (vec![], folder.clone()));
    assert_eq!(listed(&tasks), []);
    assert!(matches!(tasks.view(task), Err(TaskError::Store(StoreError::NoTask(_)))));
    assert!(matches!(wish(&tasks, task, "a", Wish::Resume).await, Err(TaskError::Store(StoreError::NoTask(_)))));
    let again = tasks.remove(task).await.unwrap_err();
    assert_eq!(again.code(), "no_task");

    tasks.restore(task).unwrap();
    assert_eq!((world.names("tasks"), world.names("trash")), (folder, vec![]));
    let head = tasks.view(task).unwrap().head;
    assert_eq!(listed(&tasks), [(task, TaskState::Stopped)]);
    assert_eq!(tasks.restore(task).unwrap_err().code(), "task_exists");
    tasks.close().await;
    drop(tasks);
    // The next run of the program wakes what was at work, and this was not.
    let tasks = world.tasks();
    assert!(tasks.wake_interrupted().await.unwrap().is_empty());
    tasks.ended(task).await;
    assert_eq!(tasks.view(task).unwrap().head, head);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_quiet_task_is_removed_whoever_commands_it_meanwhile() {
    let world = World::new();
    let tasks = world.tasks();
    let task = tasks.create(new("hello")).await.unwrap();
    until(&tasks, task, ended).await;
    let marking = async {
        for number in 0..50 {
            let mark = if number % 2 == 0 { Mark::Pinned } else { Mark::Unpinned };
            match wish(&tasks, task, &format!("m{number}"), Wish::Mark(mark)).await {
                Ok(_) => {}
                Err(error) => {
                    assert_eq!(error.code(), "no_task");
                    return;
                }
            }
        }
    };
    let removing = async {
        tokio::task::yield_now().await;
        tasks.remove(task).await.unwrap();
    };
    tokio::join!(marking, removing);
    assert_eq!(world.names("tasks"), [""; 0]);
    assert_eq!(world.names("trash").len(), 1);
}

#[tokio::test]
async fn a_task_that_does_not_stop_is_cut_off() {
    let world = World::new();
    let tasks = world.tasks();
    let task = tasks.create(new("deaf")).await.unwrap();
    until(&tasks, task, at_work).await;
    // Time runs by itself from here whenever nothing else happens.
    tokio::time::pause();
    let begun = tokio::time::Instant::now();
    tasks.remove(task).await.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    assert_eq!((world.names("tasks").len(), world.names("trash").len()), (0, 1));
}

#[tokio::test]
async fn a_task_that_another_process_works_on_stays() {
    let world = World::new();
    let tasks = world.tasks();
    let task = tasks.create(new("hello")).await.unwrap();
    until(&tasks, task, ended).await;
    tasks.ended(task).await;
    // As another process would, as far as one process can: the system's lock on the log.
    let log = tasks.parts().store.places(task).unwrap().root.join("events.jsonl");
    let held = std::fs::File::options().append(true).open(&log).unwrap();
    held.lock().unwrap();
    std::fs::write(log.with_file_name("lease"), "1").unwrap();
    assert_eq!(tasks.remove(task).await.unwrap_err().code(), "task_busy");
    assert_eq!(tasks.view(task).unwrap().state, TaskState::Done);
    drop(held);
    tasks.remove(task).await.unwrap();
}

#[tokio::test]
async fn an_export_is_a_file_without_a_name() {
    let world = World::new();
    let tasks = world.tasks();
    let task = tasks.create(new("hello")).await.unwrap();
    until(&tasks, task, ended).await;
    tasks.ended(task).await;
    let before = world.names("tasks");
    let (name, mut file) = tasks.export(task).unwrap();
    assert_eq!(name, "play-hello.deskhand.tar");
    assert_eq!(world.names("tasks"), before);
    // Another home takes it in.
    let other = World::new();
    let archive = other.home.path().join("one.tar");
    std::io::copy(&mut file, &mut std::fs::File::create(&archive).unwrap()).unwrap();
    let there = other.tasks();
    assert_eq!(there.parts().store.import(&archive).unwrap(), task);
    assert_eq!(there.view(task).unwrap(), tasks.view(task).unwrap());
    assert_eq!(tasks.export(TaskId::from_random([9; 8])).unwrap_err().code(), "no_task");
}

#[tokio::test]
async fn headlines_tell_of_new_marked_and_removed_tasks() {
    let world = World::new();
    let tasks = world.tasks();
    let mut headlines = tasks.headlines().unwrap();
    let task = tasks.create(new("hello")).await.unwrap();
    let next = async |headlines: &mut store::Headlines| {
        tokio::time::timeout(Duration::from_secs(30), headlines.next()).await.unwrap().unwrap()
    };
    loop {
        match next(&mut headlines).await {
            News::Task(summary) if summary.state == TaskState::Done && summary.unread => break,
            News::Task(summary) => assert_eq!(summary.id, task),
            other => panic!("{other:?}"),
        }
    }
    wish(&tasks, task, "seen", Wish::Mark(Mark::Seen)).await.unwrap();
    let News::Task(summary) = next(&mut headlines).await else { panic!("no summary") };
    assert!(!summary.unread);
    tasks.remove(task).await.unwrap();
    assert_eq!(next(&mut headlines).await, News::Gone(task));
}

#[tokio::test]
async fn what_a_new_task_is_given_is_checked_first() {
    let world = World::new();
    let tasks = world.tasks();
    let wrong = [
        NewTask { instructions: "i".repeat(20_001), ..new("hello") },
        NewTask { effort: Some("very high".to_owned()), ..new("hello") },
    ];
    for wrong in wrong {
        let refused = tasks.create(wrong).await.unwrap_err();
        assert_eq!(refused.code(), "refused");
        assert_ne!(refused.hint(), "see where the task stands with `deskhand show ID`");
    }
    assert_eq!(world.names("tasks"), [""; 0]);
    let given = NewTask { instructions: " Be kind.\n".to_owned(), effort: Some(" ".to_owned()), ..new("hello") };
    let view = tasks.view(tasks.create(given).await.unwrap()).unwrap();
    assert_eq!((view.instructions.as_str(), view.effort), ("Be kind.", None));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_was_asking_when_the_program_was_killed_is_looked_after_at_the_next_start() {
    let (world, killed) = (World::new(), World::new());
    let tasks = world.tasks();
    let task = tasks.create(new("asking")).await.unwrap();
    until(&tasks, task, |fact| matches!(fact, Fact::ApprovalAsked(approval) if approval.running)).await;
    // What a killed program leaves is what is on the disk at this moment.
    killed.copy(&world);
    let tasks = killed.tasks();
    assert_eq!(listed(&tasks), [(task, TaskState::NeedsYou)]);
    assert!(tasks.wake_interrupted().await.unwrap().is_empty());
    until(&tasks, task, ended).await;
    assert!(tasks.view(task).unwrap().approvals.is_empty());
    assert_eq!(listed(&tasks), [(task, TaskState::Done)]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_went_on_in_a_paused_task_is_looked_after_and_the_task_stays_paused() {
    let (world, killed) = (World::new(), World::new());
    let tasks = world.tasks();
    let task = tasks.create(new("deaf")).await.unwrap();
    until(&tasks, task, at_work).await;
    wish(&tasks, task, "p", Wish::Pause).await.unwrap();
    until(&tasks, task, |fact| matches!(fact, Fact::Paused { .. })).await;
    killed.copy(&world);
    let tasks = killed.tasks();
    assert_eq!(listed(&tasks), [(task, TaskState::Paused)]);
    assert!(tasks.wake_interrupted().await.unwrap().is_empty());
    tasks.ended(task).await;
    assert_eq!(killed.mended(), 1);
    assert_eq!(listed(&tasks), [(task, TaskState::Paused)]);
}
