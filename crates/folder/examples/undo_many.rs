//! Prints what Undo of 10,000 small files costs in the temporary directory: `cargo run --release -p folder --example
//! undo_many [DIRECTORY]`. To be run on a real disk, whose waits are what counts.

// It is here to print, and whatever is unexpected ends it.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use event::{Access, Folder};
use folder::{Author, Ending, Guard, Intent, Journal, Mark, Root, Selection, State, apply, plan};

const DIRECTORIES: usize = 100;
const FILES: usize = 100;

fn main() {
    let place = std::env::args_os().nth(1).map_or_else(std::env::temp_dir, PathBuf::from);
    let room = tempfile::tempdir_in(place.canonicalize().unwrap()).unwrap();
    let root = room.path().join("Reports");
    for file in names(&root) {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, format!("the user's {}", file.display()).repeat(8)).unwrap();
    }
    let folder = Folder { name: "Reports".into(), path: root.to_str().unwrap().into(), access: Access::ReadWrite };
    let guard = Guard::new([Root::folder(&folder)]);
    let journal = Journal::open(room.path().join("journal")).unwrap();
    measure("10,000 files changed and settled", || change(&journal, &root));
    let forward = measure("plan", || plan(&guard, &journal, &Selection::Task).unwrap());
    let done = measure("undo", || apply(&guard, &journal, &forward, 2).unwrap());
    println!("{} changes, {} failures", done.changes.len(), done.failed.len());
    let back = measure("plan of redo", || plan(&guard, &journal, &Selection::LastUndo).unwrap());
    let done = measure("redo (deletes again)", || apply(&guard, &journal, &back, 3).unwrap());
    println!("{} changes, {} failures", done.changes.len(), done.failed.len());
    let again = measure("plan", || plan(&guard, &journal, &Selection::Task).unwrap());
    measure("undo", || apply(&guard, &journal, &again, 4).unwrap());
    measure("what the task made", || journal.made().unwrap());
}

fn measure<T>(what: &str, act: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let done = act();
    println!("{what}: {} ms", start.elapsed().as_millis());
    done
}

fn names(root: &Path) -> impl Iterator<Item = PathBuf> {
    (0..DIRECTORIES * FILES).map(move |number| root.join(format!("d{}/f{}", number / FILES, number % FILES)))
}

/// Half of the files change in place, half go.
fn change(journal: &Journal, root: &Path) {
    for (number, file) in names(root).enumerate() {
        let (digest, bytes) = journal.keep_soon(&mut fs::File::open(&file).unwrap()).unwrap();
        let known = format!("/work/Reports/{}", file.strip_prefix(root).unwrap().display());
        let before = State::File { digest, mode: 0o644, mtime_ns: 0, bytes };
        let author = Author { call: None, turn: 1, undo: None };
        let intent = Intent { author, path: known, before, intends: None, temporary: None };
        let entry = journal.begin_soon(&intent).unwrap();
        let after = if number % 2 == 0 {
            fs::remove_file(&file).unwrap();
            Mark::Absent
        } else {
            fs::write(&file, "task").unwrap();
            Mark::File(event::Digest::of(b"task"))
        };
        journal.finish_with(entry, Ending { after, look: None, identity: None }).unwrap();
    }
    journal.settle().unwrap();
}
