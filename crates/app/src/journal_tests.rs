//! The journals of tasks over a real store: the meter, the quota, and giving one up.

use std::path::Path;
use std::time::{Duration, SystemTime};

use api::Installation as _;
use api_types::{JournalFreed, JournalTask, JournalUsage};
use event::{Limits, Mode, ModelRef, TaskId};
use folder::{Freed, Journal};
use tasks::NewTask;

use crate::SCRIPT;
use crate::installation::Installed;
use crate::installation_tests::House;
use crate::journal::journal_in_words;

/// A task that has ended, with one old content of this size, kept this many hours ago.
async fn task(installed: &Installed, title: &str, bytes: usize, hours: u64) -> TaskId {
    let home = &installed.0.directories.home;
    let script = home.join("script.yaml");
    std::fs::write(&script, "replies:\n  - text: Done.\n").unwrap();
    let new = NewTask {
        prompt: title.to_owned(),
        folders: Vec::new(),
        attachments: Vec::new(),
        mode: Mode::Auto,
        model: Some(ModelRef(format!("{SCRIPT}/{}", script.display()))),
        effort: None,
        instructions: String::new(),
        limits: Limits::default(),
        project: None,
        tier: None,
        command: None,
    };
    let id = installed.0.tasks.create(new).await.unwrap();
    installed.0.tasks.ended(id).await;
    let journal = installed.0.store.places(id).unwrap().journal;
    let old = home.join("old.bin");
    std::fs::write(&old, vec![7; bytes]).unwrap();
    let (digest, _) = Journal::open(&journal).unwrap().keep(&mut std::fs::File::open(&old).unwrap()).unwrap();
    let kept = SystemTime::now() - Duration::from_hours(hours);
    let object = journal.join("objects").join(digest.to_string());
    std::fs::File::options().write(true).open(object).unwrap().set_modified(kept).unwrap();
    id
}

fn sizes(usage: &JournalUsage) -> Vec<(TaskId, Option<&str>, u64)> {
    usage.tasks.iter().map(|JournalTask { task, title, bytes, .. }| (*task, title.as_deref(), *bytes)).collect()
}

fn quota(mib: u64) -> String {
    format!("[journal]\nquota_mib = {mib}\n")
}

const MIB: usize = 1 << 20;

#[tokio::test]
async fn the_meter_names_the_largest_first() {
    let house = House::new(&quota(3));
    let installed = house.open();
    let nothing = installed.journal().await.unwrap();
    assert_eq!(nothing, JournalUsage { bytes: 0, quota_bytes: Some(3 << 20), tasks: Vec::new() });
    let small = task(&installed, "small", 1_000, 2).await;
    let large = task(&installed, "large", 2 * MIB, 1).await;
    let usage = installed.journal().await.unwrap();
    assert_eq!(sizes(&usage), [(large, Some("large"), 2 << 20), (small, Some("small"), 1_000)]);
    assert_eq!(usage.bytes, (2 << 20) + 1_000);
    assert!(usage.tasks.iter().all(|task| task.oldest.is_some()));
    let check = installed.checks().await.into_iter().find(|check| check.name == "undo").unwrap();
    assert_eq!((check.ok, check.detail.as_str()), (true, "2 MB of 3 MB kept for Undo"));
    let without = House::new(&quota(0)).open().journal().await.unwrap();
    assert_eq!(
        (without.quota_bytes, journal_in_words(&without).as_str()),
        (None, "0 bytes kept for Undo, without a limit")
    );
    let much = JournalUsage { bytes: 1_288_490_189, quota_bytes: Some(10 << 30), tasks: Vec::new() };
    assert_eq!(journal_in_words(&much), "1.2 GB of 10 GB kept for Undo");
}

#[tokio::test]
async fn the_oldest_are_given_up_beyond_the_quota_but_never_those_of_a_task_that_somebody_holds() {
    let house = House::new(&quota(2));
    let installed = house.open();
    let held = task(&installed, "held", MIB, 9).await;
    let oldest = task(&installed, "oldest", MIB + 1, 8).await;
    let newer = task(&installed, "newer", MIB - 1, 7).await;
    let fresh = task(&installed, "fresh", 2 * MIB, 0).await;
    let lease = installed.0.store.open(held).unwrap();
    let now = SystemTime::now();
    let freed = installed.0.expire_journal(now).unwrap();
    assert_eq!(freed, Freed { objects: 2, bytes: 2 << 20 });
    let left = |usage: &JournalUsage| usage.tasks.iter().map(|task| task.task).collect::<Vec<_>>();
    assert_eq!(left(&installed.journal().await.unwrap()), [fresh, held], "{oldest} and {newer} were free");
    drop(lease);
    assert_eq!(installed.0.expire_journal(now).unwrap().objects, 1, "a lease that was given back holds nothing");
    assert_eq!(left(&installed.journal().await.unwrap()), [fresh], "what was needed just now stays");
    // A process that ended without giving its lease back holds nothing either, though its note is still there.
    let note = installed.0.store.places(fresh).unwrap().root.join("lease");
    std::fs::write(&note, "1").unwrap();
    let tomorrow = now + Duration::from_hours(24);
    std::fs::write(house.file(), quota(1)).unwrap();
    assert_eq!(house.open().0.expire_journal(tomorrow).unwrap().objects, 1);
}

#[tokio::test]
async fn without_a_quota_everything_stays() {
    let house = House::new(&quota(0));
    let installed = house.open();
    task(&installed, "old", MIB, 1_000).await;
    assert_eq!(installed.0.expire_journal(SystemTime::now()).unwrap(), Freed::default());
    assert_eq!(installed.journal().await.unwrap().bytes, 1 << 20);
}

#[tokio::test]
async fn one_is_given_up_at_the_users_wish_and_not_while_somebody_works_on_it() {
    let house = House::new("");
    let installed = house.open();
    let one = task(&installed, "one", 10, 0).await;
    let other = task(&installed, "other", 20, 0).await;
    let lease = installed.0.store.open(one).unwrap();
    let refused = installed.empty_journal(one).await.unwrap_err();
    assert_eq!(refused.code(), "task_busy");
    drop(lease);
    assert_eq!(installed.empty_journal(one).await.unwrap(), JournalFreed { objects: 1, bytes: 10 });
    assert_eq!(sizes(&installed.journal().await.unwrap()), [(other, Some("other"), 20)]);
    let root = installed.0.store.places(one).unwrap().root;
    assert!(told(&root).contains("\"why\":\"user\""), "{}", told(&root));
    assert_eq!(installed.empty_journal(one).await.unwrap(), JournalFreed::default());
    assert!(!root.join("lease").exists(), "its lease is free again");
    let nobody = TaskId::parse("0000000000").unwrap();
    assert_eq!(installed.empty_journal(nobody).await.unwrap_err().code(), "no_task");
}

fn told(root: &Path) -> String {
    std::fs::read_to_string(root.join("journal/entries.jsonl")).unwrap()
}
