//! Undo where the disk or somebody else is in its way: nothing is half done, and what was undone before can still be
//! done again.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use event::{Access, Folder};
use folder::{Action, Conflict, Guard, Journal, Root, Selection, Stage, Undone, apply, plan};
use rustix::fs::{CWD, FileType, Mode, mknodat};

use crate::disk::{again_as_nobody, is_root, room, with_tmpfs, with_tmpfs_as_ordinary_user};
use crate::errand::{Errand, chmod, tree};
use crate::world::World;

/// A folder on a small disk; the journal lies elsewhere.
struct Small {
    root: PathBuf,
    world: World,
}

impl Small {
    fn on(room: &Path) -> Self {
        let root = room.canonicalize().unwrap().join("Reports");
        fs::create_dir_all(root.join("d")).unwrap();
        Self { root, world: World::new() }
    }

    fn guard(&self) -> Guard {
        let path = self.root.to_str().unwrap().into();
        Guard::new([Root::folder(&Folder { name: "Reports".into(), path, access: Access::ReadWrite })])
    }

    fn undo(&self, selection: &Selection, journal: &Journal) -> Undone {
        let guard = self.guard();
        apply(&guard, journal, &plan(&guard, journal, selection).unwrap(), 9).unwrap()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// Leaves so many bytes of the disk free.
    fn fill(&self, free: u64) {
        let path = self.root.parent().unwrap().join("filler");
        let mut filler = OpenOptions::new().create(true).append(true).open(&path).unwrap();
        while filler.write_all(&[7; 4096]).is_ok() {}
        filler.set_len(filler.metadata().unwrap().len() - free).unwrap();
    }

    fn empty(&self) {
        fs::remove_file(self.root.parent().unwrap().join("filler")).unwrap();
    }
}

fn errand(small: &Small, name: &str, turn: u32, act: impl FnOnce(&mut Errand<'_>)) {
    let journal = small.world.journal();
    let mut errand = Errand::begin(&journal, &small.root, name, turn);
    act(&mut errand);
    errand.end();
}

#[test]
fn an_undo_that_failed_does_not_take_the_place_of_one_that_worked() {
    let Some(room) = room() else {
        let test = "failing::an_undo_that_failed_does_not_take_the_place_of_one_that_worked";
        return with_tmpfs(test, "size=1m");
    };
    let small = Small::on(&room);
    fs::write(small.path("d/large"), vec![1; 300 << 10]).unwrap();
    fs::write(small.path("a"), "user").unwrap();
    errand(&small, "one", 1, |errand| errand.remove("d/large").unwrap());
    errand(&small, "two", 2, |errand| errand.write("a", b"task").unwrap());
    let journal = small.world.journal();
    assert_eq!(small.undo(&Selection::Turn(2), &journal).failed, []);
    assert_eq!(small.read("a"), "user");
    small.fill(64 << 10);
    let failed = small.undo(&Selection::Turn(1), &journal);
    assert_eq!((failed.changes.len(), failed.failed.len()), (0, 1), "{failed:?}");
    assert!(failed.failed[0].reason.contains("space"), "{failed:?}");
    for content in ["task", "user"] {
        assert_eq!(small.undo(&Selection::LastUndo, &journal).failed, []);
        assert_eq!(small.read("a"), content);
    }
    small.empty();
    assert_eq!(small.undo(&Selection::Turn(1), &journal).failed, []);
    assert_eq!(fs::metadata(small.path("d/large")).unwrap().len(), 300 << 10);
}

/// A large file of the user's that a command made short, in a directory that cannot be written to, on a disk that is
/// nearly full.
fn short_in_place(room: &Path) -> Small {
    let small = Small::on(room);
    fs::write(small.path("d/a"), "user's ".repeat(50 << 10)).unwrap();
    chmod(&small.path("d/a"), 0o444).unwrap();
    chmod(&small.path("d"), 0o555).unwrap();
    errand(&small, "one", 1, |errand| {
        errand.chmod("d/a", 0o600).unwrap();
        errand.write("d/a", b"task").unwrap();
        errand.chmod("d/a", 0o400).unwrap();
    });
    small.fill(64 << 10);
    small
}

/// The user has something else there; Undo leaves it alone.
fn a_later_edit_stays(small: &Small) {
    chmod(&small.path("d/a"), 0o600).unwrap();
    fs::write(small.path("d/a"), "later").unwrap();
    let journal = small.world.journal();
    let planned = plan(&small.guard(), &journal, &Selection::Task).unwrap();
    assert_eq!(planned.steps[0].action, Action::Leave(Conflict::ChangedSince));
    assert_eq!(small.undo(&Selection::Task, &journal), Undone::default());
    assert_eq!(small.read("d/a"), "later");
}

#[test]
fn writing_in_place_that_fails_is_taken_back() {
    let Some(room) = room() else {
        return with_tmpfs_as_ordinary_user("failing::writing_in_place_that_fails_is_taken_back", "size=1m");
    };
    let small = short_in_place(&room);
    let (task, journal) = (tree(&small.root), small.world.journal());
    let undone = small.undo(&Selection::Task, &journal);
    assert_eq!((undone.changes.len(), undone.failed.len()), (0, 1), "{undone:?}");
    assert!(undone.failed[0].reason.contains("space"), "{undone:?}");
    assert_eq!(tree(&small.root), task);
    assert!(journal.list().unwrap().iter().all(|entry| entry.intent.author.undo.is_none()), "nothing came of it");
    small.empty();
    assert_eq!(small.undo(&Selection::Task, &journal).failed, []);
    assert_eq!(small.read("d/a"), "user's ".repeat(50 << 10));
    assert_eq!(small.undo(&Selection::LastUndo, &journal).failed, []);
    assert_eq!(tree(&small.root), task);
    small.fill(64 << 10);
    assert_eq!(small.undo(&Selection::Task, &journal).failed.len(), 1);
    a_later_edit_stays(&small);
}

#[test]
fn where_it_cannot_be_taken_back_the_journal_says_what_stands_there() {
    let Some(room) = room() else {
        let test = "failing::where_it_cannot_be_taken_back_the_journal_says_what_stands_there";
        return with_tmpfs_as_ordinary_user(test, "size=1m");
    };
    for edits in [false, true] {
        let small = short_in_place(&room);
        // What was kept of the old content is lost just before it is needed.
        let object = small.world.path("journal/objects").join(event::Digest::of(b"task").to_string());
        let lose = move |stage| stage != Stage::Recorded || fs::remove_file(&object).is_ok();
        let journal = Journal::open(small.world.path("journal")).unwrap().with_hook(lose);
        let undone = small.undo(&Selection::Task, &journal);
        assert_eq!((undone.changes.len(), undone.failed.len()), (0, 1), "{undone:?}");
        chmod(&small.path("d/a"), 0o600).unwrap();
        assert!(small.read("d/a").starts_with("user's "), "it stopped in the middle");
        let journal = small.world.journal();
        assert!(journal.list().unwrap().iter().all(|entry| entry.after.is_some()));
        if edits {
            a_later_edit_stays(&small);
        } else {
            small.empty();
            assert_eq!(small.undo(&Selection::Task, &journal).failed, []);
            assert_eq!(small.read("d/a"), "user's ".repeat(50 << 10));
        }
        chmod(&small.path("d"), 0o755).unwrap();
        fs::remove_dir_all(&small.root).unwrap();
    }
}

#[test]
fn a_pipe_put_in_place_of_the_file_is_left_as_it_is() {
    if is_root() {
        return again_as_nobody("failing::a_pipe_put_in_place_of_the_file_is_left_as_it_is");
    }
    let world = room().map_or_else(World::new, |room| World::beneath(&room));
    let directory = world.path("Reports/d");
    fs::create_dir(&directory).unwrap();
    fs::write(directory.join("a"), "user").unwrap();
    world.put(1, "/work/Reports/d/a", "task");
    chmod(&directory, 0o555).unwrap();
    let place = directory.clone();
    let put_pipe = move |stage| {
        if stage == Stage::Recorded {
            chmod(&place, 0o755).unwrap();
            fs::remove_file(place.join("a")).unwrap();
            mknodat(CWD, place.join("a"), FileType::Fifo, Mode::RUSR, 0).unwrap();
            chmod(&place, 0o555).unwrap();
        }
        true
    };
    let (guard, journal) = (world.guard(), Journal::open(world.path("journal")).unwrap().with_hook(put_pipe));
    let undone = apply(&guard, &journal, &plan(&guard, &journal, &Selection::Task).unwrap(), 2).unwrap();
    assert_eq!(undone.failed.len(), 1);
    assert!(undone.failed[0].reason.contains("changed"), "{undone:?}");
    let pipe = rustix::fs::stat(directory.join("a")).unwrap();
    assert_eq!(FileType::from_raw_mode(pipe.st_mode), FileType::Fifo);
    assert_eq!(pipe.st_mode & 0o777, 0o400);
    chmod(&directory, 0o755).unwrap();
}
