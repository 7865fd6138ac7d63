//! Which files make a layer: what differs from the base, and nothing else.

use std::fs;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::{Path, PathBuf};

use super::{Trees, names, separate};
use crate::image::Places;

/// A folder that is gone at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("deskhand-image-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn places(&self) -> Places {
        let here = || self.0.clone();
        Places { lists: here(), home: here(), out: here(), work: self.0.join("work"), machine: here() }
    }

    fn write(&self, path: &str, content: &str) {
        let path = self.0.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn all(root: &Path, directory: &Path, found: &mut Vec<String>) {
    for name in names(&root.join(directory)).unwrap() {
        let path = directory.join(name);
        found.push(path.display().to_string());
        if root.join(&path).is_dir() && !root.join(&path).is_symlink() {
            all(root, &path, found);
        }
    }
}

#[test]
fn a_layer_holds_what_is_new_or_other() {
    let folder = Folder::new("layer");
    for (path, base, full) in
        [("usr/same", "same", "same"), ("usr/lib/other", "old", "new"), ("etc/alike", "alike", "alike")]
    {
        folder.write(&format!("base/{path}"), base);
        folder.write(&format!("full/{path}"), full);
    }
    folder.write("full/opt/office/program", "program");
    symlink("same", folder.0.join("base/usr/link")).unwrap();
    symlink("same", folder.0.join("full/usr/link")).unwrap();
    symlink("program", folder.0.join("full/opt/office/link")).unwrap();
    separate(&folder.places()).unwrap();
    let mut found = Vec::new();
    all(&folder.0.join("office"), Path::new(""), &mut found);
    assert_eq!(
        found,
        ["opt", "opt/office", "opt/office/link", "opt/office/program", "usr", "usr/lib", "usr/lib/other"]
    );
    assert_eq!(fs::read_to_string(folder.0.join("office/usr/lib/other")).unwrap(), "new");
    let inode = |path: &str| fs::metadata(folder.0.join(path)).unwrap().ino();
    assert_eq!(inode("base/usr/same"), inode("full/usr/same"));
    assert_ne!(inode("base/usr/lib/other"), inode("full/usr/lib/other"));
}

#[test]
fn a_layer_cannot_take_away() {
    let folder = Folder::new("gone");
    folder.write("base/usr/here", "");
    folder.write("base/usr/gone", "");
    folder.write("full/usr/here", "");
    fs::create_dir(folder.0.join("office")).unwrap();
    let trees = Trees { base: folder.0.join("base"), full: folder.0.join("full"), layer: folder.0.join("office") };
    let error = trees.walk(Path::new("")).unwrap_err().to_string();
    assert!(error.contains("`usr/gone`"), "{error}");
}
