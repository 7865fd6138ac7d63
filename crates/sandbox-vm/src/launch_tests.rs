//! What holds between a machine's process and the one that starts it.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::path::PathBuf;
use std::sync::Mutex;

use sandbox::Spawner;
use tokio::process::Command;

use super::{Launcher, keep};
use crate::accelerator::{Accelerator, Fault};
use crate::image::{VmImage, VmOptions};
use crate::qemu::{Qemu, bubblewrap};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trial_needs_no_image_and_tells_kvm_from_the_rest() {
    let Ok(qemu) = Qemu::find() else { return };
    assert!(qemu.version().await.unwrap().contains("version"));
    let directory = tempfile::tempdir().unwrap();
    let nothing = PathBuf::from("/nothing");
    let launcher = Launcher {
        qemu: qemu.path,
        bubblewrap: bubblewrap(),
        image: VmImage { kernel: nothing.clone(), initrd: nothing, root: None, layers: vec![] },
        options: VmOptions { allow_tcg: true, memory_mib: 384, cpus: 1, state_dir: directory.path().to_owned() },
        spawner: Spawner::of(&Mutex::default()).unwrap(),
    };
    launcher.trial(Accelerator::Emulation).await.unwrap();
    match (launcher.trial(Accelerator::Kvm).await, launcher.fault().await) {
        (Err(error), Fault::Kvm(reason)) => assert!(reason.len() > 20 && !error.to_string().is_empty(), "{reason}"),
        (Ok(()), Fault::Unclear) => {}
        other => panic!("{other:?}"),
    }
    let without = Launcher { qemu: PathBuf::from("/bin/false"), ..launcher };
    assert_eq!(without.fault().await, Fault::Other);
}

#[tokio::test]
async fn a_machine_whose_parent_died_before_it_began_does_not_begin() {
    let mut command = Command::new("/bin/true");
    keep(&mut command, Vec::new(), rustix::process::getpid());
    assert!(command.status().await.unwrap().success());
    let mut command = Command::new("/bin/true");
    // As it is for a child whose parent is gone: somebody else is.
    keep(&mut command, Vec::new(), rustix::process::getppid().unwrap());
    assert_eq!(command.status().await.unwrap_err().raw_os_error(), Some(libc::ESRCH));
}
