//! A thread swaps a directory and a file with links to the outside while the guard reads, writes, walks and undoes.

use std::ops::ControlFlow;
use std::os::unix::fs::symlink;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use folder::{Expect, Replacement, Selection, Writer, apply, plan};

use crate::world::{CANARY, World, author};

const SWAPS: usize = 20_000;
/// Swapping goes on this long, so that the others have met it often, and no longer than that.
const LEAST: Duration = Duration::from_secs(3);
const MOST: Duration = Duration::from_secs(9);

/// Exchanges two names until there were enough swaps or the time is over; gives the number of swaps.
fn swap(world: &World, pairs: &[(&str, &str)], ended: &AtomicBool) -> usize {
    let begin = Instant::now();
    let mut swaps = 0;
    while (swaps < SWAPS || begin.elapsed() < LEAST) && begin.elapsed() < MOST {
        for (one, other) in pairs {
            let (one, other) = (world.path(one), world.path(other));
            let flags = rustix::fs::RenameFlags::EXCHANGE;
            // One of the two may be away for a moment while the writer exchanges it too.
            if rustix::fs::renameat_with(rustix::fs::CWD, &one, rustix::fs::CWD, &other, flags).is_ok() {
                swaps += 1;
            }
        }
    }
    ended.store(true, Ordering::SeqCst);
    swaps
}

#[test]
fn no_swap_opens_a_way_out() {
    let world = World::new();
    std::fs::create_dir_all(world.path("Reports/dir")).unwrap();
    std::fs::write(world.path("Reports/dir/canary"), "inside").unwrap();
    std::fs::write(world.path("Reports/file"), "inside").unwrap();
    symlink(world.path("outside"), world.path("Reports/dir-link")).unwrap();
    symlink(world.path("outside/canary"), world.path("Reports/file-link")).unwrap();
    let outside = world.snapshot("outside");
    let ended = AtomicBool::new(false);
    let (reads, writes, refusals) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
    let paths = ["/work/Reports/dir/canary", "/work/Reports/file"];
    let pairs = [("Reports/dir", "Reports/dir-link"), ("Reports/file", "Reports/file-link")];
    let count = |counter: &AtomicUsize| counter.fetch_add(1, Ordering::Relaxed);
    let swaps = std::thread::scope(|scope| {
        let swapper = scope.spawn(|| swap(&world, &pairs, &ended));
        scope.spawn(|| {
            while !ended.load(Ordering::SeqCst) {
                let guard = world.guard();
                for path in paths {
                    match guard.open(path).and_then(|mut file| file.read_all(1 << 20)) {
                        Ok(bytes) => {
                            assert_ne!(bytes, CANARY, "read outside");
                            count(&reads);
                        }
                        Err(_) => {
                            count(&refusals);
                        }
                    }
                }
                let walk = guard.walk("/work/Reports", &mut |entry| {
                    if let Ok(bytes) = entry.open().and_then(|mut file| file.read_all(1 << 20)) {
                        assert_ne!(bytes, CANARY, "walked outside");
                    }
                    ControlFlow::Continue(())
                });
                assert!(walk.is_ok());
            }
        });
        scope.spawn(|| {
            let journal = world.journal();
            let mut round = 0_u32;
            while !ended.load(Ordering::SeqCst) {
                round += 1;
                let guard = world.guard();
                let writer = Writer::new(&guard, &journal, author(round));
                for path in paths {
                    let bytes = format!("inside {round}");
                    match writer.put(path, &Replacement::bytes(bytes.as_bytes(), Expect::Anything)) {
                        Ok(_) => count(&writes),
                        Err(_) => count(&refusals),
                    };
                }
                if round.is_multiple_of(4) {
                    let _raced = writer.remove(paths[1], Expect::Anything).is_ok();
                    let plan = plan(&guard, &journal, &Selection::Turn(round)).unwrap();
                    apply(&guard, &journal, &plan, round).unwrap();
                }
            }
        });
        swapper.join().unwrap()
    });
    assert_eq!(world.snapshot("outside"), outside, "written outside");
    let seen = |counter: &AtomicUsize| counter.load(Ordering::Relaxed);
    assert!(swaps > 1_000, "only {swaps} swaps");
    assert!(seen(&reads) > 0 && seen(&writes) > 0 && seen(&refusals) > 0, "{reads:?} {writes:?} {refusals:?}");
}
