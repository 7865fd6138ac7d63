//! Prints what Undo of 10,000 small files costs in the temporary directory: `cargo run --release -p folder --example
//! undo_many [DIRECTORY]`. To be run on a real disk, whose waits are what counts.

#![allow(clippy::print_stdout, reason = "it is here to print")]

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use event::{Access, Folder};
use folder::{Author, Ending, Guard, Intent, Journal, Mark, Root, Selection, State, apply, plan};

const DIRECTORIES: usize = 100;
const FILES: usize = 100;

fn main() -> Result<(), Box<dyn Error>> {
    let place = std::env::args_os().nth(1).map_or_else(std::env::temp_dir, PathBuf::from);
    let room = tempfile::tempdir_in(place.canonicalize()?)?;
    let root = room.path().join("Reports");
    for file in names(&root) {
        fs::create_dir_all(file.parent().unwrap_or(&root))?;
        fs::write(&file, format!("the user's {}", file.display()).repeat(8))?;
    }
    let folder =
        Folder { name: "Reports".into(), path: root.to_string_lossy().into_owned(), access: Access::ReadWrite };
    let guard = Guard::new([Root::folder(&folder)]);
    let journal = Journal::open(room.path().join("journal"))?;
    measure("10,000 files changed and settled", || change(&journal, &root))?;
    let forward = measure("plan", || plan(&guard, &journal, &Selection::Task))?;
    let done = measure("undo", || apply(&guard, &journal, &forward, 2))?;
    println!("{} changes, {} failures", done.changes.len(), done.failed.len());
    let back = measure("plan of redo", || plan(&guard, &journal, &Selection::LastUndo))?;
    let done = measure("redo (deletes again)", || apply(&guard, &journal, &back, 3))?;
    println!("{} changes, {} failures", done.changes.len(), done.failed.len());
    let again = measure("plan", || plan(&guard, &journal, &Selection::Task))?;
    measure("undo", || apply(&guard, &journal, &again, 4))?;
    measure("what the task made", || journal.made())?;
    Ok(())
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
fn change(journal: &Journal, root: &Path) -> Result<(), Box<dyn Error>> {
    for (number, file) in names(root).enumerate() {
        let (digest, bytes) = journal.keep_soon(&mut fs::File::open(&file)?)?;
        let known = format!("/work/Reports/{}", file.strip_prefix(root)?.display());
        let before = State::File { digest, mode: 0o644, mtime_ns: 0, bytes };
        let author = Author { call: None, turn: 1, undo: None };
        let intent = Intent { author, path: known, before, intends: None, temporary: None };
        let entry = journal.begin_soon(&intent)?;
        let after = if number % 2 == 0 {
            fs::remove_file(&file)?;
            Mark::Absent
        } else {
            fs::write(&file, "task")?;
            Mark::File(event::Digest::of(b"task"))
        };
        journal.finish_with(entry, Ending { after, look: None, identity: None })?;
    }
    journal.settle()?;
    Ok(())
}
