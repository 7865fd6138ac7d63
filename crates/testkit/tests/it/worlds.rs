//! Temporary worlds: everything inside, nothing left.

use std::collections::BTreeMap;

use testkit::World;

#[test]
fn a_world_holds_files_and_shows_them_whole() {
    let world = World::new().unwrap();
    let path = world.write("Reports", "deep/a.txt", "hello").unwrap();
    std::os::unix::fs::symlink("deep/a.txt", world.folder("Reports").unwrap().join("link")).unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), b"hello");
    let expected: BTreeMap<String, Vec<u8>> = [
        ("deep/".to_owned(), vec![]),
        ("deep/a.txt".to_owned(), b"hello".to_vec()),
        ("link".to_owned(), b"-> deep/a.txt".to_vec()),
    ]
    .into();
    assert_eq!(world.tree("Reports").unwrap(), expected);
}

#[test]
fn a_world_is_gone_when_it_is_dropped_and_two_never_meet() {
    let (first, second) = (World::new().unwrap(), World::new().unwrap());
    assert_ne!(first.root(), second.root());
    let places: Vec<_> = first.variables().into_iter().map(|(_, path)| path).collect();
    assert!(places.iter().all(|place| place.is_dir() && place.starts_with(first.root())));
    drop(first);
    assert!(places.iter().all(|place| !place.exists()));
    assert!(second.home().is_dir());
}
