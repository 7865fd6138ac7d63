//! One file out, the same task in again; and everything an archive from elsewhere may not hold.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use event::Timestamp;
use store::conformance::{id, said};
use store::{Store, StoreError};
use tar::{Builder, EntryType, Header};

use crate::world::{World, begin, copy, folder, log_file, read_all, search, tree};

/// A task with something in every place.
fn full_task(world: &World) -> PathBuf {
    let store = world.store();
    let mut log = begin(&store, id(1), &["Full House", "hello"]);
    let root = folder(&store, id(1));
    log.put_blob(b"picture").expect("a blob");
    log.keep_draft("half a reply").expect("a draft");
    let notes = event::Fact::NoteSet { text: "notes".to_owned() };
    log.append(Timestamp(3), vec![(event::Actor::Model, notes)]).expect("an event");
    let deep = root.join("outputs").join("d".repeat(200)).join("e".repeat(200));
    std::fs::create_dir_all(&deep).expect("directories");
    std::fs::write(deep.join("größe 売上.bin"), (0..=255).cycle().take(70_000).collect::<Vec<u8>>()).expect("a file");
    std::fs::write(root.join("outputs/empty"), "").expect("a file");
    std::fs::write(root.join("outputs/lease"), "a user's own file").expect("a file");
    std::fs::write(root.join("uploads/run.sh"), "#!/bin/sh\n").expect("a file");
    std::fs::set_permissions(root.join("uploads/run.sh"), std::fs::Permissions::from_mode(0o755)).expect("a mode");
    std::fs::create_dir(root.join("journal/nothing in it")).expect("a directory");
    root
}

#[test]
fn a_task_comes_back_byte_for_byte() {
    let world = World::new();
    let root = full_task(&world);
    let before = tree(&root);
    let file = world.beside("one.tar");
    world.store().export(id(1), &file).expect("an archive");
    assert_eq!(std::fs::metadata(&file).expect("the archive").permissions().mode() & 0o777, 0o600);
    let other = World::new();
    let store = other.store();
    assert_eq!(store.import(&file).expect("a task"), id(1));
    let there = folder(&store, id(1));
    assert_eq!((there.file_name(), tree(&there)), (root.file_name(), before));
    let mode = |name: &str| std::fs::metadata(there.join(name)).expect("a file").permissions().mode() & 0o777;
    assert_eq!((mode("uploads/run.sh"), mode("outputs/empty"), mode("outputs")), (0o700, 0o600, 0o700));
    assert_eq!(search(&store, "hello full"), [id(1)]);
    let opened = store.open(id(1)).expect("an open task");
    assert_eq!((opened.events, opened.draft.as_str()), (read_all(&world.store(), id(1)), "half a reply"));
    // The same again: it is there already, and nothing of the second try stays.
    let names = tree(&other.tasks());
    assert!(matches!(store.import(&file), Err(StoreError::Exists(task)) if task == id(1)));
    assert_eq!(tree(&other.tasks()), names);
}

#[test]
fn a_task_at_work_is_exported_up_to_its_last_whole_line() {
    let world = World::new();
    let store = world.store();
    let mut log = begin(&store, id(1), &["Busy", "one"]);
    let whole = std::fs::read(log_file(&store, id(1))).expect("the log");
    std::fs::write(log_file(&store, id(1)), [whole.as_slice(), b"{\"seq\":3,"].concat()).expect("a torn log");
    let root = folder(&store, id(1));
    std::os::unix::fs::symlink("/etc/passwd", root.join("outputs/link")).expect("a link");
    std::os::unix::fs::symlink("/", root.join("outputs/root")).expect("a link");
    let _socket = std::os::unix::net::UnixListener::bind(root.join("outputs/socket")).expect("a socket");
    let file = world.beside("busy.tar");
    store.export(id(1), &file).expect("an archive");
    let other = World::new();
    let there = other.store();
    there.import(&file).expect("a task");
    assert_eq!(std::fs::read(log_file(&there, id(1))).expect("the log"), whole);
    assert_eq!(std::fs::read_dir(there.places(id(1)).expect("places").outputs).expect("outputs").count(), 0);
    log.append(Timestamp(3), vec![said("unharmed")]).expect("an event");
}

#[test]
fn an_export_that_fails_leaves_no_file() {
    let world = World::new();
    let store = world.store();
    drop(begin(&store, id(1), &["One"]));
    let nowhere = world.beside("missing/one.tar");
    assert!(matches!(store.export(id(1), &nowhere), Err(StoreError::Disk { .. })));
    let taken = world.beside("taken.tar");
    std::fs::create_dir(&taken).expect("a directory");
    assert!(matches!(store.export(id(1), &taken), Err(StoreError::Disk { .. })));
    let names: Vec<_> = std::fs::read_dir(world.beside("")).expect("a directory").collect();
    assert_eq!(names.len(), 2, "{names:?}");
}

/// An entry with a name that the tar crate would not write.
fn raw(builder: &mut Builder<Vec<u8>>, name: &str, kind: EntryType, content: &[u8]) {
    let mut header = Header::new_gnu();
    let field = &mut header.as_gnu_mut().expect("a header").name;
    field[..name.len()].copy_from_slice(name.as_bytes());
    header.set_entry_type(kind);
    header.set_mode(0o644);
    header.set_size(content.len() as u64);
    if kind == EntryType::Symlink || kind == EntryType::Link {
        header.set_link_name("/etc/passwd").expect("a link");
    }
    header.set_cksum();
    builder.append(&header, content).expect("an entry");
}

/// The good archive's log under the folder's name, and something else behind it.
fn with(good: &[u8], top: &str, add: impl FnOnce(&mut Builder<Vec<u8>>)) -> Vec<u8> {
    let mut builder = Builder::new(Vec::new());
    raw(&mut builder, &format!("{top}/events.jsonl"), EntryType::Regular, good);
    add(&mut builder);
    builder.into_inner().expect("an archive")
}

#[test]
fn what_an_archive_may_not_hold() {
    let world = World::new();
    let store = world.store();
    drop(begin(&store, id(1), &["One", "two"]));
    let log = std::fs::read(log_file(&store, id(1))).expect("the log");
    let top = format!("2026-01-01-x-{}", id(1));
    let name = |inner: &str| format!("{top}/{inner}");
    let more = |inner: String, kind| with(&log, &top, |builder| raw(builder, &inner, kind, b""));
    let long = |size: u64, kind| {
        with(&log, &top, |builder| {
            let mut header = Header::new_gnu();
            header.set_entry_type(kind);
            header.set_size(size);
            header.set_cksum();
            builder.append(&header, std::io::Read::take(std::io::repeat(b'n'), size)).expect("a name");
            raw(builder, &name("short"), EntryType::Regular, b"");
        })
    };
    let mut altered = log.clone();
    altered[20] ^= 1;
    let only = |name: &str, content: &[u8]| {
        let mut builder = Builder::new(Vec::new());
        raw(&mut builder, name, EntryType::Regular, content);
        builder.into_inner().expect("an archive")
    };
    let table: Vec<(&str, Vec<u8>, &str)> = vec![
        ("parent", more(name("../../evil"), EntryType::Regular), "points out of the folder"),
        ("parent at the top", more("../evil".to_owned(), EntryType::Regular), "points out of the folder"),
        ("absolute", more("/tmp/evil".to_owned(), EntryType::Regular), "points out of the folder"),
        ("dot first", more("./evil".to_owned(), EntryType::Regular), "points out of the folder"),
        ("symlink", more(name("link"), EntryType::Symlink), "neither file nor folder"),
        ("hard link", more(name("link"), EntryType::Link), "neither file nor folder"),
        ("character device", more(name("null"), EntryType::Char), "neither file nor folder"),
        ("block device", more(name("disk"), EntryType::Block), "neither file nor folder"),
        ("pipe", more(name("pipe"), EntryType::Fifo), "neither file nor folder"),
        ("sparse", more(name("sparse"), EntryType::GNUSparse), "neither file nor folder"),
        ("global header", more(name("global"), EntryType::XGlobalHeader), "neither file nor folder"),
        ("two folders", more(format!("other-{}/x", id(2)), EntryType::Regular), "it holds both"),
        ("long part", long(300, EntryType::GNULongName), "too long"),
        ("long name", long(8_000, EntryType::GNULongName), "too long"),
        ("endless name", long(1 << 20, EntryType::GNULongName), "too long"),
        ("endless header", long(1 << 20, EntryType::XHeader), "too long"),
        ("no task", with(&log, "2026-01-01-x", |_| {}), "names no task"),
        ("another task", with(&log, &format!("x-{}", id(2)), |_| {}), "damaged at line 1: the event belongs to"),
        ("no log", only(&name("outputs/x"), b"x"), "holds no log"),
        ("an empty log", only(&name("events.jsonl"), b""), "its log is empty"),
        ("an altered log", only(&name("events.jsonl"), &altered), "its log is damaged at line 1"),
        ("a torn log", only(&name("events.jsonl"), &log[..log.len() - 1]), "its log is damaged at line 2"),
        ("nothing", Builder::new(Vec::new()).into_inner().expect("an archive"), "it is empty"),
        ("no bytes", Vec::new(), "it is empty"),
        ("text", b"this is no archive".repeat(100), "cannot be read as an archive"),
    ];
    let other = World::new();
    let there = other.store();
    let file = world.beside("bad.tar");
    for (what, bytes, reason) in table {
        std::fs::write(&file, bytes).expect("an archive");
        let told = there.import(&file).map(|task| task.to_string()).map_err(|error| error.to_string());
        let start = format!("`{}` is not a task export: ", file.display());
        assert!(told.as_ref().is_err_and(|told| told.starts_with(&start) && told.contains(reason)), "{what}: {told:?}");
        assert_eq!(tree(&other.home()), [("tasks".into(), None)].into(), "{what}");
    }
    assert!(!Path::new("/tmp/evil").exists());
    // And the plain one is taken, so that the table refuses for the right reasons.
    std::fs::write(&file, with(&log, &top, |_| {})).expect("an archive");
    assert_eq!(there.import(&file).expect("a task"), id(1));
}

#[test]
fn names_that_meet_twice_are_refused() {
    let world = World::new();
    let store = world.store();
    drop(begin(&store, id(1), &["One"]));
    let log = std::fs::read(log_file(&store, id(1))).expect("the log");
    let top = format!("2026-01-01-x-{}", id(1));
    let twice = |one: &str, kind, other: &str| {
        with(&log, &top, |builder| {
            raw(builder, &format!("{top}/{one}"), kind, b"");
            raw(builder, &format!("{top}/{other}"), EntryType::Regular, b"");
        })
    };
    let other = World::new();
    let there = other.store();
    let file = world.beside("twice.tar");
    for bytes in [
        twice("a", EntryType::Regular, "a"),
        twice("a", EntryType::Directory, "a"),
        twice("a", EntryType::Regular, "a/b"),
        twice("events.jsonl", EntryType::Regular, "b"),
    ] {
        std::fs::write(&file, bytes).expect("an archive");
        assert!(matches!(there.import(&file), Err(StoreError::Disk { action: "make", .. })));
        assert_eq!(tree(&other.home()), [("tasks".into(), None)].into());
    }
}

#[test]
fn an_archive_cut_anywhere_is_refused_whole() {
    let world = World::new();
    full_task(&world);
    let file = world.beside("one.tar");
    world.store().export(id(1), &file).expect("an archive");
    let bytes = std::fs::read(&file).expect("the archive");
    let entries: Vec<u64> = {
        let mut archive = tar::Archive::new(bytes.as_slice());
        archive.entries().expect("entries").map(|entry| entry.expect("an entry").raw_header_position()).collect()
    };
    let other = World::new();
    let store = other.store();
    // Between two entries a cut archive looks whole; what is then missing are the task's own files, never half of one.
    for length in (1..bytes.len()).step_by(509).filter(|length| !entries.contains(&(*length as u64))) {
        std::fs::write(&file, &bytes[..length]).expect("a cut archive");
        match store.import(&file) {
            Err(StoreError::NotAnExport { .. } | StoreError::Disk { .. }) => {
                assert_eq!(tree(&other.home()), [("tasks".into(), None)].into(), "{length} bytes");
            }
            Ok(_) if bytes[length..].iter().all(|byte| *byte == 0) => {
                std::fs::remove_dir_all(folder(&store, id(1))).expect("no folder");
            }
            other => panic!("{length} bytes: {other:?}"),
        }
    }
    assert!(matches!(store.import(&world.beside("missing.tar")), Err(StoreError::Disk { action: "read", .. })));
}

#[test]
fn a_name_from_elsewhere_is_made_plain() {
    let world = World::new();
    let store = world.store();
    drop(begin(&store, id(1), &["One"]));
    let odd = world.beside("odd").join(format!("Odd\u{1b}[31m Name-{}", id(1)));
    copy(&folder(&store, id(1)), &odd);
    let mut builder = Builder::new(Vec::new());
    builder.append_dir_all(odd.file_name().expect("a name"), &odd).expect("entries");
    let file = world.beside("odd.tar");
    std::fs::write(&file, builder.into_inner().expect("an archive")).expect("a file");
    let other = World::new();
    let there = other.store();
    there.import(&file).expect("a task");
    assert_eq!(folder(&there, id(1)), other.tasks().join(format!("1970-01-01-odd-31m-name-{}", id(1))));
    assert_eq!(read_all(&there, id(1)), read_all(&store, id(1)));
}
