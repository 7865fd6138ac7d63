//! That the guest answers when it is asked, and that one that does not answer is found out.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "a test may panic and print")]

use std::path::{Path, PathBuf};
use std::time::Duration;

use sandbox::{Command, Machine, ResourceLimits, SandboxError};

use super::{Needs, VmSandbox};
use crate::image::{VmImage, VmOptions};
use crate::machine::VmMachine;

/// The image; none, said aloud, where it was not made.
fn image() -> Option<VmImage> {
    let usual = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/vm");
    let place = std::env::var_os("DESKHAND_VM_IMAGE").map_or_else(usual, PathBuf::from);
    let place = place.canonicalize().unwrap_or(place);
    let image = VmImage { kernel: place.join("vmlinuz"), initrd: place.join("initrd"), root: None, layers: vec![] };
    if !image.kernel.is_file() || !image.initrd.is_file() {
        println!("skipped: run cargo xtask vm-image");
        return None;
    }
    Some(image)
}

fn sandbox() -> Option<VmSandbox> {
    let image = image()?;
    let state_dir = image.kernel.with_file_name("state");
    std::fs::create_dir_all(&state_dir).unwrap();
    Some(VmSandbox::new(image, VmOptions { allow_tcg: true, memory_mib: 384, cpus: 1, state_dir }))
}

async fn machine() -> Option<VmMachine> {
    let needs = Needs { files: None, network: None, limits: ResourceLimits::default() };
    Some(sandbox()?.start_machine(needs).await.unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_guest_answers_whenever_it_is_asked() {
    let Some(sandbox) = sandbox() else { return };
    assert_eq!(sandbox.answer_times(101).await.unwrap().len(), 101);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_guest_that_does_not_answer_is_lost() {
    let Some(machine) = machine().await else { return };
    // As a machine does whose processor hangs: nobody knows that it stands still.
    machine.freeze().await;
    let command = Command {
        argv: vec!["true".to_owned()],
        directory: "/".to_owned(),
        environment: Vec::new(),
        timeout: Duration::from_mins(1),
    };
    let mut execution = machine.exec(command).await.unwrap();
    let waiting = futures_util::StreamExt::next(&mut execution.output);
    let item = tokio::time::timeout(Duration::from_mins(1), waiting).await.unwrap();
    assert!(matches!(item, Some(Err(SandboxError::Lost(_)))), "{item:?}");
}
