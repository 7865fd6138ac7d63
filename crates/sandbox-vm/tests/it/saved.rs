//! The saved machine: made once, thrown away when it fits no longer, made anew when it is broken.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use sandbox::Sandbox;
use sandbox_vm::{VmImage, VmOptions, VmSandbox};

use crate::world::{desk, image, options, scratch};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_saved_machine_that_is_broken_or_does_not_fit_is_made_anew() {
    let Some(image) = image() else { return };
    let (_directory, place) = scratch();
    let state = place.join("state");
    let sandbox = VmSandbox::new(image.clone(), options(state.clone()));
    assert_eq!(desk(&sandbox).await.unwrap().says("echo one").await, "one\n");
    let [first] = &names(&state)[..] else { panic!("{:?}", names(&state)) };
    std::fs::write(state.join("saved").join(first).join("state"), "not a machine").unwrap();
    assert_eq!(desk(&sandbox).await.unwrap().says("echo two").await, "two\n");
    assert_eq!(names(&state), std::slice::from_ref(first));
    let memory = state.join("saved").join(first).join("memory");
    let before = memory.metadata().unwrap().ctime_nsec();
    assert_eq!(desk(&sandbox).await.unwrap().says("echo again").await, "again\n");
    assert_eq!(memory.metadata().unwrap().ctime_nsec(), before, "made anew for no reason");
    std::fs::File::options().write(true).open(&memory).unwrap().write_all(b"other").unwrap();
    assert_eq!(desk(&sandbox).await.unwrap().says("echo clean").await, "clean\n");
    let mut head = [0; 5];
    std::fs::File::open(&memory).unwrap().read_exact(&mut head).unwrap();
    assert_ne!(&head, b"other", "a changed memory was used");
    let larger = VmOptions { memory_mib: 400, ..options(state.clone()) };
    let larger = VmSandbox::new(image, larger);
    assert_eq!(desk(&larger).await.unwrap().says("echo three").await, "three\n");
    let [second] = &names(&state)[..] else { panic!("{:?}", names(&state)) };
    assert_ne!(first, second);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_repair_touches_neither_files_nor_running_machines() {
    let Some(image) = image() else { return };
    let (_directory, place) = scratch();
    let state = place.join("state");
    let sandbox = VmSandbox::new(image.clone(), options(state.clone()));
    let working = desk(&sandbox).await.unwrap();
    working.says("echo mine > letter; echo made > /outputs/table").await;
    let before = tree(&working.root);
    // As another process of Deskhand finds it: broken, so it makes it anew.
    let [name] = &names(&state)[..] else { panic!("{:?}", names(&state)) };
    let saved = state.join("saved").join(name);
    let made = std::fs::read_to_string(saved.join("made")).unwrap();
    std::fs::write(saved.join("state"), "not a machine").unwrap();
    let other = VmSandbox::new(image, options(state.clone()));
    let repaired = desk(&other).await.unwrap();
    assert_eq!(repaired.says("echo two").await, "two\n");
    assert_ne!(std::fs::read_to_string(saved.join("made")).unwrap(), made, "it was not made anew");
    assert_eq!(tree(&working.root), before);
    assert_eq!(working.says("cat letter /outputs/table; echo more >> letter").await, "mine\nmade\n");
    assert_eq!(std::fs::read_to_string(working.root.join("desk/letter")).unwrap(), "mine\nmore\n");
    // The first process has what was made anew from then on.
    assert_eq!(desk(&sandbox).await.unwrap().says("echo three").await, "three\n");
}

/// A small file system in memory; none, said aloud, where this may not mount.
struct Small(PathBuf);

impl Small {
    fn mount(place: PathBuf) -> Option<Self> {
        std::fs::create_dir(&place).unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=60m,mode=0700", "none"]).arg(&place);
        if mount.output().is_ok_and(|output| output.status.success()) {
            return Some(Self(place));
        }
        println!("skipped: only the superuser may mount");
        None
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        Command::new("umount").arg(&self.0).status().ok();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_said_and_not_remembered_against_kvm() {
    let Some(image) = image() else { return };
    let (_directory, place) = scratch();
    let Some(small) = Small::mount(place.join("state")) else { return };
    let readiness = VmSandbox::new(image, options(small.0.clone())).probe().await;
    let what = format!("cannot keep the machine's state in `{}`: no storage space", small.0.display());
    assert_eq!((readiness.ready, readiness.detail), (false, what));
    assert!(readiness.hint.starts_with("make room in"), "{}", readiness.hint);
    let note = std::fs::read_to_string(small.0.join("kvm-failed")).unwrap_or_default();
    assert!(!note.contains("it ended") && !note.contains("SeaBIOS"), "{note}");
    assert_eq!(names(&small.0), Vec::<String>::new());
}

/// Every file below a directory with its content.
fn tree(root: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(root).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(tree(&path));
        } else {
            files.insert(path.clone(), std::fs::read(&path).unwrap());
        }
    }
    files
}

#[tokio::test]
async fn what_is_wrong_with_an_image_is_not_remembered_against_kvm() {
    let Some(good) = image() else { return };
    let (_directory, place) = scratch();
    let state = place.join("state");
    let kernel = place.join("vmlinuz");
    std::fs::write(&kernel, [7; 8192]).unwrap();
    let bad = VmSandbox::new(VmImage { kernel: kernel.clone(), ..good }, options(state.clone()));
    let readiness = bad.probe().await;
    println!("{readiness:?}");
    assert!(!readiness.ready, "{readiness:?}");
    // Where KVM fails by itself, as its own trial says, that is what is remembered.
    let note = std::fs::read_to_string(state.join("kvm-failed")).unwrap_or_default();
    println!("{note}");
    assert!(!note.contains("kernel too old") && !note.contains("invalid kernel"), "{note}");
}

fn names(state: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(state.join("saved")).unwrap().flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

#[tokio::test]
async fn what_is_missing_is_named_with_a_next_step() {
    let (_directory, place) = scratch();
    let state = place.join("state");
    let nothing = VmImage { kernel: state.join("vmlinuz"), initrd: state.join("initrd"), root: None, layers: vec![] };
    let readiness = VmSandbox::new(nothing, options(state.clone())).probe().await;
    assert!(!readiness.ready);
    let known = readiness.detail.contains("has no `") || readiness.detail == "QEMU is not installed";
    assert!(known && !readiness.hint.is_empty(), "{readiness:?}");
}
