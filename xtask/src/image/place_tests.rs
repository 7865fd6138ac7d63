//! A folder of somebody else's is left alone, and an image changes only when the new one is whole.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{claim, hand_on, own};

fn scratch(name: &str) -> PathBuf {
    let place = std::env::temp_dir().join(format!("deskhand-xtask-{name}-{}", std::process::id()));
    let _before = fs::remove_dir_all(&place);
    fs::create_dir_all(&place).unwrap();
    place
}

#[test]
fn a_folder_with_files_of_others_is_refused_and_left_as_it_is() {
    let place = scratch("claim");
    fs::create_dir(place.join("work")).unwrap();
    fs::write(place.join("work/thesis"), "years").unwrap();
    let said = claim(&place).unwrap_err().to_string();
    assert!(said.contains("name a new folder"), "{said}");
    assert_eq!(fs::read_to_string(place.join("work/thesis")).unwrap(), "years");
    assert_eq!(fs::read_dir(&place).unwrap().count(), 1);
    // A link with the mark's name is no mark.
    std::os::unix::fs::symlink("work/thesis", place.join(".deskhand-image")).unwrap();
    assert!(claim(&place).is_err());
    fs::remove_dir_all(&place).unwrap();
}

#[test]
fn new_empty_and_own_folders_are_taken() {
    let place = scratch("take");
    let (empty, new) = (place.join("empty"), place.join("deep/new"));
    fs::create_dir(&empty).unwrap();
    for folder in [&empty, &new] {
        let taken = claim(folder).unwrap();
        fs::create_dir(taken.join("base")).unwrap();
        assert_eq!(claim(folder).unwrap(), taken);
    }
    let used = place.join("target");
    fs::create_dir(&used).unwrap();
    fs::write(used.join("base.erofs"), "of an earlier build").unwrap();
    own(&used).unwrap();
    assert!(claim(&used).is_ok());
    fs::remove_dir_all(&place).unwrap();
}

#[test]
fn what_was_made_takes_the_place_of_what_was_there() {
    let place = scratch("hand-on");
    let (made, home, before) = (place.join("made"), place.join("home"), place.join("before"));
    for folder in [made.join("base/usr"), home.join("base/old"), home.join("office"), home.join("state")] {
        fs::create_dir_all(folder).unwrap();
    }
    for (file, text) in [(&made, "new"), (&home, "old")] {
        fs::write(file.join("manifest.toml"), text).unwrap();
    }
    fs::write(home.join("office.erofs"), "of the last build alone").unwrap();
    fs::write(home.join("throwaway-key.pem"), "key").unwrap();
    hand_on(&made, &home, &before).unwrap();
    let mut names: Vec<String> = fs::read_dir(&home).unwrap().map(|entry| name(&entry.unwrap().path())).collect();
    names.sort();
    assert_eq!(names, ["base", "manifest.toml", "state", "throwaway-key.pem"]);
    assert!(home.join("base/usr").exists() && !home.join("base/old").exists());
    assert_eq!(fs::read_to_string(home.join("manifest.toml")).unwrap(), "new");
    fs::remove_dir_all(&place).unwrap();
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../images").join(name)
}

#[test]
fn links_of_a_base_out_of_the_tree_are_not_written_through() {
    let place = scratch("identity");
    let (tree, outside) = (place.join("tree"), place.join("outside"));
    fs::create_dir_all(tree.join("etc")).unwrap();
    fs::write(&outside, "of the machine that builds").unwrap();
    for name in ["passwd", "group"] {
        fs::write(tree.join("etc").join(name), "root:x:0:\n").unwrap();
    }
    let names = ["machine-id", "resolv.conf", "hostname", "hosts"];
    for name in names {
        std::os::unix::fs::symlink(&outside, tree.join("etc").join(name)).unwrap();
    }
    let run = || Command::new("sh").arg(script("identity.sh")).arg(&tree).output().unwrap();
    assert!(run().status.success());
    assert_eq!(fs::read_to_string(&outside).unwrap(), "of the machine that builds");
    let found = names.map(|name| fs::read_to_string(tree.join("etc").join(name)).unwrap());
    assert_eq!(found, ["", "", "localhost\n", "127.0.0.1 localhost\n::1 localhost\n"]);
    assert!(names.iter().all(|name| fs::symlink_metadata(tree.join("etc").join(name)).unwrap().is_file()));
    // A list of users that is a link, and a whole folder that is one, are refused.
    fs::remove_file(tree.join("etc/passwd")).unwrap();
    std::os::unix::fs::symlink(&outside, tree.join("etc/passwd")).unwrap();
    assert!(!run().status.success());
    fs::rename(tree.join("etc"), place.join("etc")).unwrap();
    std::os::unix::fs::symlink("../etc", tree.join("etc")).unwrap();
    assert!(!run().status.success());
    assert_eq!(fs::read_to_string(&outside).unwrap(), "of the machine that builds");
    fs::remove_dir_all(&place).unwrap();
}

#[test]
fn the_last_step_refuses_the_machine_that_builds() {
    // Neither as the tree itself nor as what a tree goes on as.
    for arguments in [&["/"][..], &["/", "1:1"], &["/."], &["/proc/self/root"]] {
        let output = Command::new("sh").arg(script("finish.sh")).args(arguments).output().unwrap();
        assert!(!output.status.success());
        assert!(String::from_utf8_lossy(&output.stderr).contains("fresh tree alone"), "{arguments:?}");
    }
}
