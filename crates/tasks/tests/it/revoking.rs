//! Standing permissions taken back while tasks run with them, and the ledger.

use event::{Command, Fact, GrantId, Outcome, Wish};
use tasks::NewTask;

use crate::world::{World, new, until};

const GRANTS: &str = r#"[
    {"id":"s1","folder":"*","allows":{"type":"run","data":""}},
    {"id":"s2","folder":"*","allows":{"type":"connect","data":"files.example.org"}}
]"#;

fn say(text: &str) -> Wish {
    Wish::Say { text: text.to_owned(), attachments: Vec::new() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn taking_a_standing_permission_back_cuts_what_runs_with_it() {
    let world = World::new();
    std::fs::write(world.home.path().join("grants.json"), GRANTS).unwrap();
    let tasks = world.tasks();
    let named = |script: &str| NewTask { command: Some(script.into()), ..new(script) };
    let one = tasks.create(named("endless")).await.unwrap();
    let quiet = tasks.create(named("hello")).await.unwrap();
    until(&tasks, one, |fact| matches!(fact, Fact::ToolStarted { .. })).await;
    until(&tasks, quiet, |fact| matches!(fact, Fact::TurnEnded { .. })).await;
    tasks.ended(quiet).await;
    let before = tasks.view(quiet).unwrap();
    assert_eq!((tasks.view(one).unwrap().grants.len(), before.grants.len()), (2, 2));

    assert!(tasks.revoke_standing(&GrantId::from("s1")).await.unwrap());
    until(&tasks, one, |fact| matches!(fact, Fact::ToolFinished { outcome: Outcome::Stopped, .. })).await;
    let left: Vec<String> = tasks.view(one).unwrap().grants.iter().map(|grant| format!("{:?}", grant.allows)).collect();
    assert_eq!(left, [r#"Connect("files.example.org")"#], "the other one stays");
    assert_eq!(tasks.view(quiet).unwrap(), before, "a task that does not run is not opened for it");
    assert!(!tasks.revoke_standing(&GrantId::from("s1")).await.unwrap(), "it is gone");
    assert_eq!(tasks.standing().list().unwrap().len(), 1);

    let seen = before.head;
    tasks.command(quiet, Command { id: "more".into(), wish: say("more") }).await.unwrap();
    tasks.ended(quiet).await;
    let after = tasks.view(quiet).unwrap();
    let left: Vec<String> = after.grants.iter().map(|grant| format!("{:?}", grant.allows)).collect();
    assert_eq!(left, [r#"Connect("files.example.org")"#], "it loses it before it goes on");
    let events = tasks.parts().store.read(quiet, seen).unwrap();
    assert!(matches!(events[0].fact, Fact::GrantRevoked { .. }), "{events:?}");
}

#[tokio::test]
async fn the_ledger_is_read_as_it_stands() {
    let world = World::new();
    let tasks = world.tasks();
    let task = tasks.create(new("hello")).await.unwrap();
    assert_eq!(tasks.ledger(task).unwrap(), "");
    let ledger = tasks.desk(task).unwrap().ledger;
    assert_eq!(ledger, tasks.parts().store.places(task).unwrap().root.join("network.jsonl"));
    std::fs::write(&ledger, "{\"at\":1}\n").unwrap();
    assert_eq!(tasks.ledger(task).unwrap(), "{\"at\":1}\n");
}
