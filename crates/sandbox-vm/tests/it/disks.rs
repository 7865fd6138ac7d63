//! A machine whose root is a disk, with a second one laid over it.

use std::path::Path;
use std::process::Command;

use sandbox_vm::{VmImage, VmSandbox};

use crate::world::{desk, image, options, scratch};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn disks_are_laid_over_each_other_and_stay_as_they_are() {
    let Some(image) = image() else { return };
    let (_directory, place) = scratch();
    let (base, layer) = (place.join("base"), place.join("layer"));
    for directory in ["bin", "etc", "work", "outputs", "uploads"] {
        std::fs::create_dir_all(base.join(directory)).unwrap();
    }
    std::fs::create_dir_all(layer.join("etc")).unwrap();
    std::fs::copy("/bin/busybox", base.join("bin/busybox")).unwrap();
    for applet in ["sh", "cat", "touch", "id", "true"] {
        std::os::unix::fs::symlink("busybox", base.join("bin").join(applet)).unwrap();
    }
    std::fs::write(base.join("etc/name"), "base").unwrap();
    std::fs::write(base.join("etc/other"), "kept").unwrap();
    std::fs::write(layer.join("etc/name"), "layer").unwrap();
    let (Some(base), Some(layer)) = (disk(&base), disk(&layer)) else { return };
    let before = std::fs::read(&base).unwrap();
    let image = VmImage { root: Some(base.clone()), layers: vec![layer], ..image };
    let state = place.join("state");
    let sandbox = VmSandbox::new(image, options(state));
    let desk = desk(&sandbox).await.unwrap();
    assert_eq!(desk.says("cat /etc/name /etc/other; echo; id -un; echo hello > file").await, "layerkept\ndesk\n");
    assert_eq!(std::fs::read_to_string(desk.root.join("desk/file")).unwrap(), "hello\n");
    let (said, exit) = desk.run("touch /etc/new /new").await.unwrap();
    assert_eq!(exit.code, Some(1), "{said}");
    assert_eq!(std::fs::read(&base).unwrap(), before);
}

/// A file system made of a directory; none, said aloud, where that cannot be made here.
fn disk(tree: &Path) -> Option<std::path::PathBuf> {
    let disk = tree.with_extension("erofs");
    let made = Command::new("mkfs.erofs").args(["-zlz4hc", "--all-root"]).arg(&disk).arg(tree).output();
    match made {
        Ok(output) if output.status.success() => Some(disk),
        _ => {
            println!("skipped: install erofs-utils");
            None
        }
    }
}
