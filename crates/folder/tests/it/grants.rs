//! What may be granted to a task at all.

use std::path::{Path, PathBuf};

use folder::{GrantError, grantable};

use crate::world::{World, variant};

struct Home {
    _world: World,
    home: PathBuf,
    data: PathBuf,
}

fn home() -> Home {
    let world = World::new();
    let home = world.path("outside/home/ann");
    let data = home.join(".local/share/deskhand");
    for name in [
        "Documents/Reports",
        ".ssh/keys",
        ".gnupg",
        ".aws",
        ".mozilla/firefox/p",
        ".config/google-chrome/Default",
        ".config/editor",
        ".config/autostart",
        ".local/share/fonts",
        ".local/share/keyrings",
        ".local/share/deskhand/tasks/t/outputs",
        "backup/.ssh",
    ] {
        std::fs::create_dir_all(home.join(name)).unwrap();
    }
    std::fs::write(home.join("Documents/file.txt"), "").unwrap();
    Home { _world: world, home, data }
}

#[test]
fn each_refusal_has_its_reason() {
    let Home { _world, home, data } = home();
    let inside = |name: &str| home.join(name);
    let table: Vec<(PathBuf, &str)> = vec![
        ("/".into(), "Everything"),
        ("//".into(), "Everything"),
        ("/etc".into(), "System"),
        ("/etc/ssl".into(), "System"),
        ("/usr".into(), "System"),
        ("/usr/share".into(), "System"),
        ("/bin".into(), "System"),
        ("/proc".into(), "System"),
        ("/proc/self".into(), "System"),
        ("/sys".into(), "System"),
        ("/dev".into(), "System"),
        ("/boot".into(), "System"),
        ("/var".into(), "System"),
        ("/var/lib".into(), "System"),
        ("/run".into(), "System"),
        ("/mnt".into(), "System"),
        ("/srv".into(), "System"),
        (inside(""), "Home"),
        (inside("Documents/.."), "Home"),
        (inside(".."), "AboveHome"),
        (inside("../.."), "AboveHome"),
        (inside(".ssh"), "Secrets"),
        (inside(".ssh/keys"), "Secrets"),
        (inside(".gnupg"), "Secrets"),
        (inside(".aws"), "Secrets"),
        (inside(".mozilla"), "Secrets"),
        (inside(".mozilla/firefox/p"), "Secrets"),
        (inside(".config"), "Settings"),
        (inside(".config/google-chrome"), "Secrets"),
        (inside(".config/autostart"), "Secrets"),
        (inside(".local/share/keyrings"), "Secrets"),
        (inside("backup/.ssh"), "Secrets"),
        (data.clone(), "OwnData"),
        (data.join("tasks/t/outputs"), "OwnData"),
        (inside(".local/share"), "OwnData"),
        (inside(".local"), "OwnData"),
        (inside("Documents/file.txt"), "NotADirectory"),
        (inside("Documents/file.txt/x"), "NotADirectory"),
        (inside("Documents/none"), "Missing"),
        ("Documents".into(), "NotAbsolute"),
        (PathBuf::new(), "NotAbsolute"),
        ("~/Documents".into(), "NotAbsolute"),
    ];
    for (path, expected) in table {
        let error = grantable(&path, &home, &data).unwrap_err();
        assert_eq!(variant(&error), expected, "{}: {error}", path.display());
        assert!(!error.hint().is_empty());
    }
}

#[test]
fn folders_of_the_user_are_granted_in_canonical_form() {
    let Home { _world, home, data } = home();
    for name in ["Documents", "Documents/Reports", ".config/editor", ".local/share/fonts", "backup"] {
        assert_eq!(grantable(&home.join(name), &home, &data).unwrap(), home.join(name));
    }
    let link = home.join("Documents/link");
    std::os::unix::fs::symlink(home.join("Documents/Reports"), &link).unwrap();
    assert_eq!(grantable(&link, &home, &data).unwrap(), home.join("Documents/Reports"));
    assert_eq!(grantable(&home.join("Documents/../backup/."), &home, &data).unwrap(), home.join("backup"));
}

#[test]
fn a_link_is_judged_by_where_it_leads() {
    let Home { _world, home, data } = home();
    for (target, expected) in [("/etc", "System"), ("/", "Everything")] {
        let link = home.join("Documents/out");
        std::os::unix::fs::symlink(target, &link).unwrap();
        assert_eq!(variant(&grantable(&link, &home, &data).unwrap_err()), expected);
        std::fs::remove_file(&link).unwrap();
    }
    let link = home.join("Documents/keys");
    std::os::unix::fs::symlink(home.join(".ssh"), &link).unwrap();
    assert_eq!(variant(&grantable(&link, &home, &data).unwrap_err()), "Secrets");
}

#[test]
fn data_that_does_not_exist_yet_is_kept_free_too() {
    let Home { _world, home, .. } = home();
    let linked = home.join("Documents/data");
    std::os::unix::fs::symlink(home.join("backup"), &linked).unwrap();
    let data = linked.join("deskhand");
    let error = grantable(&home.join("backup"), &home, &data).unwrap_err();
    assert!(matches!(error, GrantError::OwnData(_)), "{error}");
}

#[test]
fn a_home_in_a_system_tree_is_still_a_home() {
    let world = World::new();
    let data = world.path("outside/data");
    let granted = grantable(Path::new("/usr/share"), Path::new("/usr"), &data).unwrap();
    assert_eq!(granted, Path::new("/usr/share"));
}
