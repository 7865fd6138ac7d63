//! Machines where files cannot be mounted: what is given is what was opened, and the user's folders are read-only.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use event::{Access, Change};
use sandbox::{Errand, Mount, Readiness, Sandbox, Share};
use sandbox_bwrap::BwrapSandbox;

use crate::world::{bash, bwrap, exited, mount, order, run, says, scratch};

/// Only its mounts are of use.
struct Listed(Vec<Mount>);

impl Share for Listed {
    fn mounts(&self) -> Vec<Mount> {
        self.0.clone()
    }

    fn set_mounts(&self, _: Vec<Mount>) {}

    fn serve(self: Arc<Self>, _: std::os::fd::OwnedFd) {}

    fn begin(&self, _: Errand) {}

    fn end(&self) -> Vec<Change> {
        Vec::new()
    }
}

fn without_device() -> BwrapSandbox {
    bwrap().with_file_device(Path::new("/absent/fuse"))
}

fn places(root: &Path) -> Vec<Mount> {
    for name in ["desk", "outputs", "uploads"] {
        std::fs::create_dir_all(root.join(name)).unwrap();
        std::fs::write(root.join(name).join("a"), name).unwrap();
    }
    vec![
        mount(&root.join("desk"), "/work/desk", Access::ReadWrite, true),
        mount(&root.join("outputs"), "/outputs", Access::ReadWrite, false),
        mount(&root.join("uploads"), "/uploads", Access::ReadOnly, true),
    ]
}

#[tokio::test]
async fn the_users_folders_can_be_read_and_not_changed() {
    let (_directory, root) = scratch();
    let files = Arc::new(Listed(places(&root)));
    let machine = without_device().start(order(files, None)).await.unwrap();
    assert!(machine.folders_read_only());
    let read = bash("cat /work/desk/a /uploads/a /outputs/a; echo new > /outputs/new; rm /outputs/a");
    assert_eq!(says(machine.as_ref(), read).await, "deskuploadsoutputs");
    assert_eq!(std::fs::read_to_string(root.join("outputs/new")).unwrap(), "new\n");
    for script in
        ["rm /work/desk/a", "echo x > /work/desk/a", "touch /work/desk/b", "mv /work/desk/a /tmp/", "touch /uploads/b"]
    {
        let (output, exit) = run(machine.as_ref(), bash(script)).await.unwrap();
        assert_eq!((output.contains("Read-only file system"), exit), (true, exited(1)), "{script}: {output}");
    }
    let capabilities = says(machine.as_ref(), bash("grep -h Cap /proc/self/status | cut -f2 | sort -u")).await;
    assert_eq!(capabilities, "0000000000000000\n");
}

#[tokio::test]
async fn the_weaker_way_is_said_with_the_next_step() {
    let detail = "commands run in namespaces of their own with this system's programs; they can read but not change \
        folders (cannot open /absent/fuse: No such file or directory (os error 2))";
    let hint = "load the file device: sudo modprobe fuse";
    let expected = Readiness { ready: true, detail: detail.into(), hint: hint.into() };
    assert_eq!(without_device().probe().await, expected);
}

#[tokio::test]
async fn a_folder_that_is_gone_or_a_link_is_named() {
    let (_directory, root) = scratch();
    std::os::unix::fs::symlink("/", root.join("link")).unwrap();
    for (name, why) in [("absent", "it does not exist"), ("link", "a part of it is a symbolic link")] {
        let path: PathBuf = root.join(name);
        let files = Arc::new(Listed(vec![mount(&path, "/work/a", Access::ReadWrite, true)]));
        let error = without_device().start(order(files, None)).await.err().unwrap();
        let expected = format!("the sandbox did not start: cannot give `{}` to it: {why}", path.display());
        assert_eq!(error.to_string(), expected);
    }
}

#[tokio::test]
async fn files_that_nobody_answers_for_end_the_start_with_a_reason() {
    // This share closes the device at once.
    let error = bwrap().start(order(Arc::new(Listed(Vec::new())), None)).await.err().unwrap().to_string();
    assert!(
        error.starts_with("the sandbox did not start: its files cannot be mounted: cannot bind /work: "),
        "{error}"
    );
}

/// A bubblewrap that gives everything but the file device, as a container does that has none to give.
fn giving_no_device(root: &Path) -> BwrapSandbox {
    let path = root.join("bwrap");
    let script = "#!/bin/bash\nkept=()\nwhile [ $# -gt 0 ]; do\n\
        if [ \"$1\" = --dev-bind ]; then shift 3; else kept+=(\"$1\"); shift; fi\ndone\nexec bwrap \"${kept[@]}\"\n";
    std::fs::write(&path, script).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    bwrap().with_program(&path)
}

#[tokio::test]
async fn a_device_that_cannot_be_used_is_found_by_trying() {
    let (_directory, root) = scratch();
    let sandbox = giving_no_device(&root);
    let found = sandbox.probe().await;
    assert!(found.ready && found.detail.contains("they can read but not change folders"), "{found:?}");
    assert_eq!(found.hint, "load the file device: sudo modprobe fuse");
    let machine = sandbox.start(order(Arc::new(Listed(places(&root))), None)).await.unwrap();
    assert_eq!(says(machine.as_ref(), bash("cat /work/desk/a; rm /work/desk/a 2>/dev/null; true")).await, "desk");
    assert!(root.join("desk/a").exists());
}
