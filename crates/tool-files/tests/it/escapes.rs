//! Hostile paths and races, through the tools: nothing outside is read or written.

use std::os::unix::fs::symlink;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use event::{Effect, Outcome};
use policy::Place;
use serde_json::json;
use tool::Preview;

use crate::world::{CANARY, World, text};

const SWAPS: usize = 20_000;
/// Swapping goes on this long, so that the others have met it often, and no longer than that.
const LEAST: Duration = Duration::from_secs(3);
const MOST: Duration = Duration::from_secs(9);

fn hostile(world: &World) -> Vec<String> {
    let outside = world.path("outside/canary").to_str().unwrap().to_owned();
    let reports = world.path("Reports").to_str().unwrap().to_owned();
    symlink(&outside, world.path("Reports/link")).unwrap();
    symlink(world.path("outside"), world.path("Reports/dir")).unwrap();
    symlink("/proc/self/root", world.path("Reports/root")).unwrap();
    let mut paths: Vec<String> = [
        "../outside/canary",
        "../../outside/canary",
        "/work/Reports/../outside/canary",
        "/work/../outside/canary",
        "/../outside/canary",
        "link",
        "link/",
        "dir/canary",
        "dir/./canary",
        "dir/new",
        "root/etc/passwd",
        "/work/Reports/link",
        "/proc/self/root/etc/passwd",
        "/dev/zero",
        "~/canary",
        "$HOME/canary",
        "file:///etc/passwd",
        "a\0/../../outside/canary",
        ".ssh/id",
        ".deskhand-0.tmp",
    ]
    .map(str::to_owned)
    .to_vec();
    paths.extend([
        outside.clone(),
        format!("{reports}/../outside/canary"),
        format!("{reports}2/canary"),
        format!("{reports}/link"),
        format!("{reports}/dir/canary"),
        format!(" {outside} "),
        format!("/work/Reports{outside}"),
    ]);
    paths
}

#[tokio::test]
async fn hostile_paths_reach_nothing_through_any_tool() {
    let world = World::new();
    for path in hostile(&world) {
        let inputs = [
            ("Read", json!({"path": path})),
            ("Write", json!({"path": path, "content": "hostile"})),
            ("Edit", json!({"path": path, "old_string": "canary", "new_string": "hostile"})),
            ("Glob", json!({"pattern": "**/*", "path": path})),
            ("Grep", json!({"pattern": "canary", "path": path})),
            ("Glob", json!({"pattern": path})),
        ];
        for (tool, input) in inputs {
            let report = world.run(tool, input.clone()).await;
            let words = text(&report);
            assert!(!words.contains("must be neither") && !words.contains("root:x:0"), "{tool} {input}: {words}");
            // What policy calls outside, the guard refuses too.
            if let Ok(Preview::Effects(effects)) = world.preview(tool, &input)
                && let [Effect::ReadPath(path) | Effect::WritePath(path)] = effects.as_slice()
                && policy::place(path, &world.desk.folders) == Place::Outside
            {
                assert_eq!(report.outcome, Outcome::Failed, "{tool} {input}: {words}");
            }
        }
    }
    assert_eq!(std::fs::read(world.path("outside/canary")).unwrap(), CANARY);
    assert_eq!(std::fs::read_dir(world.path("outside")).unwrap().count(), 1);
}

/// Exchanges names until there were enough swaps or the time is over; gives the number of swaps.
fn swap(world: &World, ended: &AtomicBool) -> usize {
    let begin = Instant::now();
    let mut swaps = 0;
    while (swaps < SWAPS || begin.elapsed() < LEAST) && begin.elapsed() < MOST {
        for (one, other) in [("Reports/dir", "Reports/dir-link"), ("Reports/file", "Reports/file-link")] {
            let (one, other) = (world.path(one), world.path(other));
            let flags = rustix::fs::RenameFlags::EXCHANGE;
            // A name may be away for a moment while a tool exchanges it too.
            swaps +=
                usize::from(rustix::fs::renameat_with(rustix::fs::CWD, &one, rustix::fs::CWD, &other, flags).is_ok());
        }
    }
    ended.store(true, Ordering::SeqCst);
    swaps
}

#[tokio::test(flavor = "multi_thread")]
async fn no_swap_of_links_opens_a_way_out() {
    let world = Arc::new(World::new());
    world.write("Reports/dir/canary", "inside");
    world.write("Reports/file", "inside");
    symlink(world.path("outside"), world.path("Reports/dir-link")).unwrap();
    symlink(world.path("outside/canary"), world.path("Reports/file-link")).unwrap();
    let ended = Arc::new(AtomicBool::new(false));
    let (done, refused) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let swapper = {
        let (world, ended) = (Arc::clone(&world), Arc::clone(&ended));
        tokio::task::spawn_blocking(move || swap(&world, &ended))
    };
    let mut workers = Vec::new();
    for worker in 0..2 {
        let (world, ended) = (Arc::clone(&world), Arc::clone(&ended));
        let (done, refused) = (Arc::clone(&done), Arc::clone(&refused));
        workers.push(tokio::spawn(async move {
            let mut round = 0;
            while !ended.load(Ordering::SeqCst) {
                round += 1;
                let path = if round % 2 == 0 { "dir/canary" } else { "file" };
                let inputs = [
                    ("Read", json!({"path": path})),
                    ("Write", json!({"path": path, "content": format!("inside {worker} {round}")})),
                    ("Edit", json!({"path": path, "old_string": "inside", "new_string": "inside, too"})),
                    ("Grep", json!({"pattern": "canary"})),
                    ("Glob", json!({"pattern": "**/*"})),
                ];
                for (tool, input) in inputs {
                    let report = world.run(tool, input).await;
                    assert!(!text(&report).contains("must be neither"), "{tool} read outside: {report:?}");
                    let counter = if report.outcome == Outcome::Ok { &done } else { &refused };
                    counter.fetch_add(1, Ordering::Relaxed);
                }
            }
        }));
    }
    let swaps = swapper.await.unwrap();
    for worker in workers {
        worker.await.unwrap();
    }
    assert_eq!(std::fs::read(world.path("outside/canary")).unwrap(), CANARY, "written outside");
    assert_eq!(std::fs::read_dir(world.path("outside")).unwrap().count(), 1, "made outside");
    assert!(swaps > 1_000, "only {swaps} swaps");
    assert!(done.load(Ordering::Relaxed) > 50 && refused.load(Ordering::Relaxed) > 10, "{done:?} {refused:?}");
}
