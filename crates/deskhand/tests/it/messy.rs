//! The second example: a folder of 300 files, a third of them copies, is tidied, and one Undo restores the exact tree.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use event::{Approval, Digest, Fact};

use crate::daemon::Daemon;
use crate::stage::{Stage, machine};

/// Files in the folder.
const FILES: usize = 300;
/// Every third file is a copy of an earlier one.
const COPIES: usize = 100;

/// What a file is: its content, rights and time.
type Known = (Digest, u32, u128);

/// Makes the folder: names with spaces and other letters, several directories, kinds, rights and times.
fn make(folder: &Path) {
    for number in 0..FILES {
        let kind = ["txt", "csv", "jpg", "md", "dat"][number % 5];
        let directory = folder.join(["", "new", "new/old stuff", "Ünsorted", "new/2024"][number % 5]);
        std::fs::create_dir_all(&directory).unwrap();
        let origin = if number % 3 == 2 { number - 2 } else { number };
        let name = if number % 7 == 0 { format!("a file {number}.{kind}") } else { format!("file-{number}.{kind}") };
        let path = directory.join(name);
        std::fs::write(&path, format!("content {origin}\n").repeat(origin % 11 + 1)).unwrap();
        let mode = if number % 4 == 0 { 0o600 } else { 0o644 };
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        let at = UNIX_EPOCH + Duration::from_secs(1_500_000_000 + number as u64 * 977);
        std::fs::File::options().write(true).open(&path).unwrap().set_modified(at).unwrap();
    }
}

/// Every file beneath a folder.
fn tree(folder: &Path) -> BTreeMap<String, Known> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(directory) = open.pop() {
        for entry in std::fs::read_dir(&directory).unwrap() {
            let path = entry.unwrap().path();
            let meta = std::fs::symlink_metadata(&path).unwrap();
            if meta.is_dir() {
                open.push(path);
                continue;
            }
            let modified = meta.modified().unwrap().duration_since(UNIX_EPOCH).unwrap().as_nanos();
            let known = (Digest::of(&std::fs::read(&path).unwrap()), meta.permissions().mode() & 0o7777, modified);
            found.insert(path.strip_prefix(folder).unwrap().to_string_lossy().into_owned(), known);
        }
    }
    found
}

/// How often each content is there.
fn contents(tree: &BTreeMap<String, Known>) -> BTreeMap<Digest, usize> {
    let mut counts = BTreeMap::new();
    for (digest, ..) in tree.values() {
        *counts.entry(*digest).or_default() += 1;
    }
    counts
}

fn card_of(fact: &Fact) -> Option<&Approval> {
    match fact {
        Fact::ApprovalAsked(card) => Some(card),
        _ => None,
    }
}

fn script() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/tidy-folder/script.yaml");
    path.canonicalize().unwrap().display().to_string()
}

#[test]
fn copies_stay_where_nobody_allows_their_deletion_and_undo_restores_the_exact_tree() {
    copies_stay(&Stage::new(), "namespace");
}

#[test]
fn copies_stay_where_nobody_allows_their_deletion_in_a_machine() {
    if let Some(stage) = machine() {
        copies_stay(&stage, "vm");
    }
}

fn copies_stay(stage: &Stage, tier: &str) {
    let place = stage.folder("messy");
    let folder = Path::new(&place);
    make(folder);
    let before = tree(folder);
    assert_eq!((before.len(), contents(&before).len()), (FILES, FILES - COPIES));
    let script = script();
    let job = ["run", "Tidy this folder", "--script", &script, "--folder", &place, "--mode", "auto", "--tier", tier];
    let run = stage.run(&job).exits(0);
    assert!(run.stdout.contains("0 of 100 copies were removed, 300 files are left"), "{}", run.stdout);
    let tidied = tree(folder);
    assert_eq!(contents(&tidied), contents(&before), "nothing may be lost");
    assert_eq!(tidied.keys().filter(|path| path.starts_with("duplicates/")).count(), COPIES);

    let task = stage.task();
    stage.run(&["undo", &task]).exits(0);
    assert_eq!(tree(folder), before);
}

#[test]
fn allowed_copies_go_after_one_card_and_come_back_with_one_undo() {
    allowed_copies_go(&Stage::new(), "namespace");
}

#[test]
fn allowed_copies_go_after_one_card_in_a_machine() {
    if let Some(stage) = machine() {
        allowed_copies_go(&stage, "vm");
    }
}

fn allowed_copies_go(stage: &Stage, tier: &str) {
    let place = stage.folder("messy");
    let folder = Path::new(&place);
    make(folder);
    let before = tree(folder);
    let daemon = Daemon::start(stage);
    let script = script();
    let job = ["run", "Tidy this folder", "--script", &script, "--folder", &place, "--mode", "auto", "--tier", tier];
    let told = stage.run(&job).exits(4).stdout;
    let task = stage.task();
    let log = stage.log();
    let cards: Vec<_> = log.iter().filter_map(|event| card_of(&event.fact)).collect();
    let [card] = cards.as_slice() else { panic!("one card expected: {cards:?}\n{told}") };
    assert_eq!((card.running, card.files), (true, Some(COPIES as u64)), "{card:?}");
    assert!(card.reason.contains("100 files in `/work/messy/duplicates`"), "{}", card.reason);
    let told = stage.run(&["approve", &task]).exits(0).stdout;
    assert!(told.contains("100 of 100 copies were removed, 200 files are left"), "{told}");
    let once: BTreeMap<Digest, usize> = contents(&before).into_keys().map(|digest| (digest, 1)).collect();
    assert_eq!(contents(&tree(folder)), once);

    stage.run(&["undo", &task]).exits(0);
    assert_eq!(tree(folder), before);
    daemon.end();
}
