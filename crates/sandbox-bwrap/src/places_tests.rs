//! Which host paths can be given, and that a swapped one is noticed.

use std::os::unix::fs::symlink;
use std::path::Path;

use event::Access;
use sandbox::Mount;

use super::Places;

fn mount(host: &Path) -> Mount {
    Mount { host: host.to_owned(), inside: "/work/a".into(), access: Access::ReadWrite, guarded: true }
}

#[test]
fn only_real_directories_reached_without_links_are_given() {
    let world = tempfile::tempdir().unwrap();
    let root = world.path().canonicalize().unwrap();
    std::fs::create_dir_all(root.join("real/inner")).unwrap();
    std::fs::write(root.join("file"), "").unwrap();
    symlink("real", root.join("link")).unwrap();
    let table = [
        ("real", None),
        ("real/inner", None),
        ("link", Some("a part of it is a symbolic link")),
        ("link/inner", Some("a part of it is a symbolic link")),
        ("absent", Some("it does not exist")),
        ("file", Some("it is not a folder")),
    ];
    for (name, refusal) in table {
        let path = root.join(name);
        let expected =
            refusal.map(|why| format!("the sandbox did not start: cannot give `{}` to it: {why}", path.display()));
        assert_eq!(Places::open(&[mount(&path)]).err().map(|error| error.to_string()), expected, "{name}");
    }
}

#[test]
fn a_directory_swapped_after_opening_is_noticed() {
    let world = tempfile::tempdir().unwrap();
    let root = world.path().canonicalize().unwrap();
    let (first, second) = (root.join("first"), root.join("second"));
    std::fs::create_dir(&first).unwrap();
    std::fs::create_dir(&second).unwrap();
    let mounts = [mount(&first), mount(&second)];
    let places = Places::open(&mounts).unwrap();
    let seen = places.seen.clone();
    assert!(places.confirm(&mounts, &format!("{}\n{}\n", seen[0], seen[1])).is_ok());
    let expected = format!("the sandbox did not start: `{}` was replaced while it was being opened", second.display());
    let swapped = format!("{}\n{}\n", seen[0], seen[0]);
    assert_eq!(places.confirm(&mounts, &swapped).unwrap_err().to_string(), expected);
    assert!(places.confirm(&mounts, &seen[0]).is_err());
    assert!(places.confirm(&mounts, "").is_err());
}
