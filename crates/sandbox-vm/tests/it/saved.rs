//! The saved machine: made once, thrown away when it fits no longer, made anew when it is broken.

use std::io::{Read, Write};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use sandbox::Sandbox;
use sandbox_vm::{VmImage, VmOptions, VmSandbox};

use crate::world::{desk, image, options, scratch};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_saved_machine_that_is_broken_or_does_not_fit_is_made_anew() {
    let Some(image) = image() else { return };
    let (_directory, state) = scratch();
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

fn names(state: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(state.join("saved")).unwrap().flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

#[tokio::test]
async fn what_is_missing_is_named_with_a_next_step() {
    let (_directory, state) = scratch();
    let nothing = VmImage { kernel: state.join("vmlinuz"), initrd: state.join("initrd"), root: None, layers: vec![] };
    let readiness = VmSandbox::new(nothing, options(state.clone())).probe().await;
    assert!(!readiness.ready);
    let known = readiness.detail.contains("has no `") || readiness.detail == "QEMU is not installed";
    assert!(known && !readiness.hint.is_empty(), "{readiness:?}");
}
