//! Replacing files: what is kept, what is not touched, what is expected.

use std::os::unix::fs::{MetadataExt, PermissionsExt};

use event::{Change, ChangeKind, Digest};
use folder::{Expect, Mark, Replacement, Writer};

use crate::world::{World, author, variant};

#[test]
fn a_file_is_made_with_its_directories_and_then_replaced() {
    let world = World::new();
    let made = world.put(1, "/work/Reports/new/deep/a.txt", "one");
    let (one, two) = (Digest::of(b"one"), Digest::of(b"two"));
    let path = "/work/Reports/new/deep/a.txt".to_owned();
    let made_expected =
        Change { path: path.clone(), kind: ChangeKind::Made, before: None, after: Some(one), entry: Some(3) };
    assert_eq!(made, Some(made_expected));
    let changed = world.put(1, "/work/Reports/new/deep/a.txt", "two");
    let changed_expected =
        Change { path, kind: ChangeKind::Changed, before: Some(one), after: Some(two), entry: Some(4) };
    assert_eq!(changed, Some(changed_expected));
    assert_eq!(world.put(1, "/work/Reports/new/deep/a.txt", "two"), None, "the same content is no change");
    assert_eq!(world.read("Reports/new/deep/a.txt"), "two");
    assert_eq!(world.names("Reports/new/deep"), ["a.txt"]);
    assert_eq!(std::fs::read(world.path(&format!("journal/objects/{one}"))).unwrap(), b"one");
}

#[test]
fn mode_survives_and_a_new_file_takes_the_usual_one() {
    let world = World::new();
    let path = world.path("Reports/run.sh");
    std::fs::write(&path, "old").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o4750)).unwrap();
    world.put(1, "/work/Reports/run.sh", "new");
    assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o7777, 0o750, "without the bit to run as somebody else");
    world.put(1, "/work/Reports/usual.txt", "new");
    std::fs::write(world.path("Reports/reference.txt"), "").unwrap();
    let mode = |name: &str| std::fs::metadata(world.path(name)).unwrap().mode();
    assert_eq!(mode("Reports/usual.txt"), mode("Reports/reference.txt"));
}

#[test]
fn labels_survive() {
    let world = World::new();
    let path = world.path("Reports/labelled");
    std::fs::write(&path, "old").unwrap();
    let flags = rustix::fs::XattrFlags::empty();
    rustix::fs::setxattr(&path, "user.xdg.tags", b"taxes", flags).unwrap();
    world.put(1, "/work/Reports/labelled", "new");
    let mut value = [0; 16];
    let length = rustix::fs::getxattr(&path, "user.xdg.tags", &mut value).unwrap();
    assert_eq!((world.read("Reports/labelled").as_str(), &value[..length]), ("new", b"taxes".as_slice()));
}

#[test]
fn the_other_name_of_a_hard_link_keeps_its_content() {
    let world = World::new();
    std::fs::write(world.path("outside/twin"), "old").unwrap();
    std::fs::hard_link(world.path("outside/twin"), world.path("Reports/twin")).unwrap();
    assert_eq!(world.guard().open("/work/Reports/twin").unwrap().meta().links, 2);
    assert_eq!(world.guard().open("/work/Reports/twin").unwrap().read_all(10).unwrap(), b"old");
    world.put(1, "/work/Reports/twin", "new");
    assert_eq!(world.read("Reports/twin"), "new");
    assert_eq!(world.read("outside/twin"), "old");
}

#[test]
fn a_program_that_has_the_file_open_keeps_the_old_content() {
    use std::io::Read;
    let world = World::new();
    std::fs::write(world.path("Reports/a"), "old").unwrap();
    let mut open = std::fs::File::open(world.path("Reports/a")).unwrap();
    world.put(1, "/work/Reports/a", "new");
    let mut text = String::new();
    open.read_to_string(&mut text).unwrap();
    assert_eq!(text, "old");
}

#[test]
fn expectations_are_checked() {
    let world = World::new();
    std::fs::write(world.path("Reports/a"), "there").unwrap();
    let (guard, journal) = (world.guard(), world.journal());
    let writer = Writer::new(&guard, &journal, author(1));
    let (right, wrong) = (Digest::of(b"there"), Digest::of(b"other"));
    let table = [
        ("/work/Reports/a", Expect::Absent, "Exists"),
        ("/work/Reports/a", Expect::Content(wrong), "Changed"),
        ("/work/Reports/a", Expect::AbsentOr(wrong), "Changed"),
        ("/work/Reports/none", Expect::Content(right), "NotFound"),
    ];
    for (path, expect, expected) in table {
        let error = writer.put(path, &Replacement::bytes(b"new", expect)).unwrap_err();
        assert_eq!(variant(&error), expected, "{path} {expect:?}");
        let error = writer.remove(path, expect).map(|change| assert_eq!(change, None));
        assert!(error.is_err() || path.ends_with("none"), "{path} {expect:?}");
    }
    assert_eq!(world.read("Reports/a"), "there");
    assert_eq!(journal.list().unwrap(), []);
    assert_eq!(world.names("journal/objects"), Vec::<String>::new(), "nothing refused is kept");
    writer.put("/work/Reports/a", &Replacement::bytes(b"2", Expect::Content(right))).unwrap();
    writer.put("/work/Reports/b", &Replacement::bytes(b"2", Expect::AbsentOr(right))).unwrap();
    assert_eq!((world.read("Reports/a"), world.read("Reports/b")), ("2".into(), "2".into()));
}

#[test]
fn removing_keeps_the_content() {
    let world = World::new();
    std::fs::write(world.path("Reports/a"), "old").unwrap();
    let (guard, journal) = (world.guard(), world.journal());
    let writer = Writer::new(&guard, &journal, author(1));
    let change = writer.remove("/work/Reports/a", Expect::Anything).unwrap();
    let digest = Digest::of(b"old");
    let expected = Change {
        path: "/work/Reports/a".into(),
        kind: ChangeKind::Deleted,
        before: Some(digest),
        after: None,
        entry: Some(1),
    };
    assert_eq!(change, Some(expected));
    assert_eq!(world.names("Reports"), Vec::<String>::new());
    assert_eq!(guard.mark("/work/Reports/a").unwrap(), Mark::Absent);
    assert_eq!(writer.remove("/work/Reports/a", Expect::Anything).unwrap(), None);
    assert!(journal.object(digest).is_ok());
}

#[test]
fn a_file_larger_than_the_cap_is_not_read() {
    let world = World::new();
    std::fs::write(world.path("Reports/a"), [7; 100]).unwrap();
    let mut file = world.guard().open("/work/Reports/a").unwrap();
    assert_eq!(variant(&file.read_all(99).unwrap_err()), "TooLarge");
    assert_eq!(file.read_all(100).unwrap(), [7; 100]);
    assert_eq!(file.digest().unwrap(), Digest::of(&[7; 100]));
}

#[test]
fn listing_leaves_out_what_is_refused() {
    let world = World::new();
    for name in [".ssh", "b", ".hidden"] {
        std::fs::create_dir(world.path("Reports").join(name)).unwrap();
    }
    std::fs::write(world.path("Reports/a"), "").unwrap();
    std::fs::write(world.path("Reports/.deskhand-1.tmp"), "").unwrap();
    let names: Vec<_> = world.guard().list("/work/Reports").unwrap().into_iter().map(|listed| listed.name).collect();
    assert_eq!(names, [".hidden", "a", "b"]);
    assert_eq!(variant(&world.guard().list("/work/Reports/a").unwrap_err()), "NotADirectory");
}
