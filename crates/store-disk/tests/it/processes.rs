//! Several processes, killed processes, full and read-only disks. Each test starts itself again as the other process.

use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use event::{Seq, Timestamp};
use store::conformance::{id, said};
use store::{Query, Store, StoreError, TaskLog};
use store_disk::DiskStore;

use crate::world::{World, begin, read_all};

const ROLE: &str = "DESKHAND_TEST_ROLE";
const HOME: &str = "DESKHAND_TEST_HOME";

/// The part this process plays, where it is the other process.
fn role() -> Option<(String, DiskStore)> {
    let role = std::env::var(ROLE).ok()?;
    let home = PathBuf::from(std::env::var_os(HOME).expect("a home"));
    Some((role, DiskStore::open(&home).expect("a store")))
}

/// This test again, as another process with a role, started by `wrapper` if there is one.
fn again(wrapper: &[&str], test: &str, role: &str, world: &World) -> Command {
    let exe = std::env::current_exe().expect("this program");
    let name = format!("processes::{test}");
    let mut words: Vec<&str> = wrapper.to_vec();
    words.extend([exe.to_str().expect("a plain path"), &name, "--exact", "--nocapture", "--test-threads=1"]);
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).env(ROLE, role).env(HOME, world.home());
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    command
}

/// The child's lines that begin with a word, without it.
fn lines(child: &mut Child, word: &'static str) -> impl Iterator<Item = String> + use<> {
    let output = BufReader::new(child.stdout.take().expect("its output"));
    // The test harness writes before the test's first word on the same line.
    output.lines().map_while(Result::ok).filter_map(move |line| Some(line.split_once(word)?.1.to_owned()))
}

fn kill(mut child: Child) -> u32 {
    let pid = child.id();
    child.kill().expect("a kill");
    child.wait().expect("an end");
    pid
}

#[test]
fn the_lease_names_its_holder_and_ends_with_it() {
    if let Some((_, store)) = role() {
        let _log = store.open(id(1)).expect("the lease").log;
        println!("held=yes");
        let mut nothing = Vec::new();
        std::io::stdin().read_to_end(&mut nothing).expect("the end of input");
        return;
    }
    let world = World::new();
    let store = world.store();
    drop(begin(&store, id(1), &["One"]));
    let test = "the_lease_names_its_holder_and_ends_with_it";
    let mut child = again(&[], test, "hold", &world).spawn().expect("a child");
    assert_eq!(lines(&mut child, "held=").next(), Some("yes".to_owned()));
    let refused = store.open(id(1)).err();
    assert!(
        matches!(refused, Some(StoreError::Leased { task, holder }) if task == id(1) && holder == Some(child.id())),
        "{refused:?}"
    );
    assert_eq!(read_all(&store, id(1)).len(), 1);
    let kept = store.remove(id(1)).err();
    assert!(matches!(kept, Some(StoreError::Leased { holder, .. }) if holder == Some(child.id())), "{kept:?}");
    let pid = kill(child);
    // Nobody gave the lease back, so the note still lies there; the lock is what counts.
    let note = store.places(id(1)).expect("places").root.join("lease");
    assert_eq!(std::fs::read_to_string(&note).expect("the note"), pid.to_string());
    let opened = store.open(id(1)).expect("the lease");
    assert_eq!(std::fs::read_to_string(&note).expect("the note"), std::process::id().to_string());
    drop(opened);
    assert!(!note.exists());
    store.remove(id(1)).expect("nobody holds it");
}

#[test]
fn processes_that_fight_for_a_lease_write_one_log() {
    const EACH: usize = 40;
    if let Some((_, store)) = role() {
        let mut written = 0;
        while written < EACH {
            match store.open(id(1)) {
                Ok(mut opened) => {
                    opened.log.append(Timestamp(2), vec![said("mine"), said("all mine")]).expect("events");
                    written += 1;
                }
                Err(StoreError::Leased { .. }) => std::thread::yield_now(),
                Err(error) => panic!("{error}"),
            }
        }
        return;
    }
    let world = World::new();
    let store = world.store();
    drop(begin(&store, id(1), &["One"]));
    let test = "processes_that_fight_for_a_lease_write_one_log";
    let children: Vec<Child> = (0..4).map(|_| again(&[], test, "fight", &world).spawn().expect("a child")).collect();
    for child in children {
        assert!(child.wait_with_output().expect("an end").status.success());
    }
    assert_eq!(store.check(id(1)).expect("a check"), []);
    assert_eq!(read_all(&store, id(1)).len(), 1 + 4 * EACH * 2);
}

#[test]
fn a_killed_writer_loses_nothing_it_was_told_is_stored() {
    if let Some((_, store)) = role() {
        let opened = store.open(id(1)).expect("the lease");
        let mut log = opened.log;
        for round in 0.. {
            let text = "word ".repeat(round % 97);
            let facts = (0..=round % 3).map(|_| said(&text)).collect();
            log.append(Timestamp(2), facts).expect("events");
            log.keep_draft("x").expect("a draft");
            println!("head={}", log.head());
        }
    }
    let world = World::new();
    let store = world.store();
    drop(begin(&store, id(1), &["One"]));
    let mut events = 1;
    for round in 0..25_usize {
        let test = "a_killed_writer_loses_nothing_it_was_told_is_stored";
        let mut child = again(&[], test, "write", &world).spawn().expect("a child");
        let mut heads = lines(&mut child, "head=").map(|line| line.parse::<u64>().expect("a number"));
        let reached = heads.nth(round * round % 83).expect("an acknowledgement");
        // What it said after that line is still in the pipe when it is dead.
        child.kill().expect("a kill");
        let stored = heads.last().unwrap_or(reached);
        child.wait().expect("an end");
        assert!(stored > events);
        let opened = store.open(id(1)).expect("an open task");
        events = opened.events.len() as u64;
        assert!(events >= stored, "{events} events, {stored} were acknowledged");
        assert!(!opened.draft.is_empty());
        drop(opened);
        assert_eq!(store.check(id(1)).expect("a check"), []);
        assert_eq!(read_all(&store, id(1)).len() as u64, events);
    }
}

/// Runs this test again in a mount namespace of its own, where the home is a file system of 512 KiB. Where the system
/// does not let ordinary users have that, there is nothing to test.
fn on_a_small_disk(script: &str, test: &str) {
    const NAMESPACE: [&str; 4] = ["unshare", "--user", "--map-root-user", "--mount"];
    let allowed = Command::new(NAMESPACE[0]).args(&NAMESPACE[1..]).arg("true").output();
    if !allowed.is_ok_and(|output| output.status.success()) {
        eprintln!("no mount namespace for this user: not tested");
        return;
    }
    let world = World::new();
    std::fs::create_dir_all(world.home()).expect("a directory");
    let script = format!("set -e; mount -t tmpfs -o size=512k,mode=700 tmpfs \"${HOME}\"; {script}");
    let wrapper = [NAMESPACE.as_slice(), &["sh", "-c", &script, "sh"]].concat();
    let output = again(&wrapper, test, "small", &world).stderr(Stdio::piped()).output().expect("a child");
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{said}");
    assert!(said.contains("1 passed"), "{said}");
}

/// Appends until nothing more fits. Gives what was stored.
fn fill(log: &mut Box<dyn TaskLog>, size: usize) -> (u64, StoreError) {
    let text = "x".repeat(size);
    loop {
        let head = log.head();
        match log.append(Timestamp(2), vec![said(&text), said(&text), said(&text)]) {
            Ok(events) => assert_eq!(events.len(), 3),
            Err(error) => {
                assert_eq!(log.head(), head);
                return (head.0, error);
            }
        }
    }
}

#[test]
fn a_full_disk_is_told_and_lost_on_nobody() {
    let Some((_, store)) = role() else {
        return on_a_small_disk("\"$@\"", "a_full_disk_is_told_and_lost_on_nobody");
    };
    let mut log = begin(&store, id(1), &["One"]);
    let root = log.places().root;
    let path = root.join("events.jsonl");
    let ballast = root.join("outputs/ballast");
    std::fs::write(&ballast, vec![0; 100_000]).expect("ballast");
    let watch = store.watch(id(1), Seq(0)).expect("a watch");
    // Batches of many pages end in a short write, small ones in an error.
    let (_, error) = fill(&mut log, 5_000);
    assert!(matches!(&error, StoreError::Full { path: full } if *full == path), "{error:?}");
    let (stored, error) = fill(&mut log, 10);
    assert!(matches!(&error, StoreError::Full { path: full } if *full == path), "{error:?}");
    assert_eq!(store.check(id(1)).expect("a check"), []);
    assert_eq!(read_all(&store, id(1)).len() as u64, stored);
    assert!(matches!(log.keep_draft(&"x".repeat(8_000)), Err(StoreError::Full { .. })));
    assert!(matches!(log.put_blob(&[1; 8_000]), Err(StoreError::Full { .. })));
    let blobs: Vec<_> = std::fs::read_dir(log.places().blobs).expect("the blobs").collect();
    assert_eq!(blobs.len(), 0);
    assert!(matches!(store.recents(&Query::default()), Err(StoreError::Index(_))));
    assert!(matches!(store.export(id(1), &root.join("outputs/one.tar")), Err(StoreError::Full { .. })));
    assert!(!store.open(id(1)).is_ok_and(|opened| opened.cut == 0), "two writers");
    // Once there is space everything goes on where it stopped.
    std::fs::remove_file(&ballast).expect("space");
    let events = log.append(Timestamp(3), vec![said("again")]).expect("an event");
    assert_eq!(events[0].seq.0, stored + 1);
    log.keep_draft("text").expect("a draft");
    drop(log);
    let opened = store.open(id(1)).expect("an open task");
    assert_eq!((opened.events.len() as u64, opened.cut, opened.draft.as_str()), (stored + 1, 0, "text"));
    // No reader was told of anything that is not stored.
    let told = futures_util::StreamExt::take(watch, opened.events.len());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    let told: Vec<_> = runtime.block_on(futures_util::StreamExt::collect(told));
    let told: Vec<_> = told
        .into_iter()
        .filter_map(|signal| match signal {
            Ok(store::Signal::Event(event)) => Some(event),
            Ok(store::Signal::Delta(_)) | Err(_) => None,
        })
        .collect();
    assert_eq!(told, opened.events);
}

#[test]
fn a_task_can_be_read_on_a_disk_that_cannot_be_written() {
    let test = "a_task_can_be_read_on_a_disk_that_cannot_be_written";
    let Some((_, store)) = role() else {
        let script = format!("\"$@\"; mount -o remount,bind,ro \"${HOME}\"; {ROLE}=read-only \"$@\"");
        return on_a_small_disk(&script, test);
    };
    if std::env::var(ROLE).is_ok_and(|role| role == "small") {
        drop(begin(&store, id(1), &["One", "hello"]));
        return;
    }
    assert_eq!(read_all(&store, id(1)).len(), 2);
    assert_eq!(store.check(id(1)).expect("a check"), []);
    assert!(store.watch(id(1), Seq(0)).is_ok());
    let read_only = |error: Option<StoreError>| match error {
        Some(StoreError::Disk { source, .. }) => source.kind() == std::io::ErrorKind::ReadOnlyFilesystem,
        _ => false,
    };
    assert!(read_only(store.open(id(1)).err()));
    assert!(read_only(store.create(id(2), "two", Timestamp(1)).err()));
    assert_eq!(store.tasks().expect("tasks"), [id(1)]);
    assert!(matches!(store.recents(&Query::default()), Err(StoreError::Index(_))));
    assert!(matches!(store.rebuild_index(), Err(StoreError::Index(_))));
}

#[test]
fn a_file_that_may_not_grow_is_like_a_full_disk() {
    let test = "a_file_that_may_not_grow_is_like_a_full_disk";
    if let Some((_, store)) = role() {
        let mut log = begin(&store, id(1), &["One"]);
        let (_, error) = fill(&mut log, 5_000);
        assert!(matches!(error, StoreError::Full { .. }), "{error:?}");
        let (stored, _) = fill(&mut log, 10);
        assert_eq!(store.check(id(1)).expect("a check"), []);
        drop(log);
        assert_eq!(store.open(id(1)).expect("an open task").events.len() as u64, stored);
        return;
    }
    let world = World::new();
    let wrapper = ["sh", "-c", "trap '' XFSZ; ulimit -f 200; exec \"$@\"", "sh"];
    let output = again(&wrapper, test, "limit", &world).stderr(Stdio::piped()).output().expect("a child");
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
    assert_eq!(world.store().check(id(1)).expect("a check"), []);
}
