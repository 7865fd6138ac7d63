//! That the guest answers when it is asked, that one that does not answer is found out, and what comes of a KVM that
//! does not work.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "a test may panic and print")]

use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use sandbox::{Command, Machine, ResourceLimits, SandboxError, Spawner};

use super::{Needs, Saved, VmSandbox};
use crate::accelerator::{Accelerator, Fault, Trials};
use crate::failure::VmError;
use crate::image::{VmImage, VmOptions};
use crate::launch::Launcher;
use crate::machine::VmMachine;
use crate::qemu::Qemu;
use crate::snapshot;

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
    std::fs::set_permissions(&state_dir, std::fs::Permissions::from_mode(0o700)).unwrap();
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

/// A QEMU under which the first so many trials and machines of KVM end at once; the others are emulated.
struct Stage {
    place: tempfile::TempDir,
    launcher: Launcher,
}

impl Stage {
    /// None, said aloud, where nobody may use KVM.
    fn new(bad_trials: u32, bad_machines: u32) -> Option<Self> {
        let image = image()?;
        let qemu = Qemu::find().unwrap();
        let place = tempfile::tempdir().unwrap();
        let at = place.path().display();
        let script = format!(
            r#"#!/bin/sh
            kind=machine; bad={bad_machines}
            case "$*" in *deskhand-trial*) kind=trial; bad={bad_trials};; esac
            case "$*" in *"-accel kvm"*)
                echo >> {at}/$kind
                test $(wc -l < {at}/$kind) -gt $bad || {{ echo a $kind failed; exit 1; }};;
            esac
            for part; do
                shift
                case "$part" in kvm) part=tcg,thread=multi,tb-size=128;; host,*) part=max;; esac
                set -- "$@" "$part"
            done
            exec {} "$@""#,
            qemu.path.display()
        );
        let program = place.path().join("qemu");
        std::fs::write(&program, script).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o700)).unwrap();
        let state_dir = place.path().join("state");
        std::fs::DirBuilder::new().mode(0o700).create(&state_dir).unwrap();
        let options = VmOptions { allow_tcg: true, memory_mib: 384, cpus: 1, state_dir };
        let spawner = Spawner::of(&Mutex::default()).unwrap();
        let launcher = Launcher { qemu: program, bubblewrap: None, image, options, spawner };
        let stage = Self { place, launcher };
        if let Some(reason) = stage.trials("").against_kvm() {
            println!("skipped: {reason}");
            return None;
        }
        Some(stage)
    }

    fn trials(&self, epoch: &str) -> Trials {
        Trials::new(&self.launcher.options.state_dir, epoch)
    }

    /// What a process finds or makes.
    async fn saved(&self, epoch: &str) -> Result<Saved, VmError> {
        let _lock = snapshot::lock(&self.launcher.options.state_dir).await.unwrap();
        let sandbox = VmSandbox::new(self.launcher.image.clone(), self.launcher.options.clone());
        sandbox.saved(&self.launcher, "identity", &self.trials(epoch)).await
    }

    /// How many machines KVM was tried with.
    fn machines(&self) -> usize {
        std::fs::read_to_string(self.place.path().join("machine")).unwrap_or_default().lines().count()
    }

    /// How many machines are saved.
    fn kept(&self) -> usize {
        std::fs::read_dir(self.launcher.options.state_dir.join("saved")).unwrap().count()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kvm_that_passes_the_trial_and_fails_whole_machines_gives_way_to_emulation() {
    let Some(mut stage) = Stage::new(0, 99) else { return };
    let (snapshot, against) = stage.saved("first").await.unwrap();
    assert_eq!(snapshot.accelerator, Accelerator::Emulation);
    assert!(against.as_ref().is_some_and(|reason| reason.contains("a machine failed")), "{against:?}");
    assert_eq!((stage.machines(), stage.kept()), (2, 1), "tried once more after the emulated one worked");
    // The same process or another one asks again: nothing is tried.
    let made = snapshot.made().unwrap();
    assert_eq!(stage.saved("first").await.unwrap().0, snapshot);
    assert_eq!((stage.machines(), snapshot.made().as_ref()), (2, Some(&made)));
    // After another start of the computer it is tried, and the good emulated machine is still there.
    assert_eq!(stage.saved("second").await.unwrap().0, snapshot);
    assert_eq!((stage.machines(), snapshot.made().as_ref()), (4, Some(&made)));
    assert!(stage.trials("second").against_kvm().is_some());
    // Where emulation is not allowed nothing is found out, so nothing is remembered.
    stage.launcher.options.allow_tcg = false;
    let refused = stage.saved("third").await.unwrap_err();
    assert!(matches!(refused, VmError::Launch { .. }), "{refused}");
    assert_eq!(stage.trials("third").against_kvm(), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kvm_that_fails_once_is_used_all_the_same() {
    let Some(stage) = Stage::new(0, 1) else { return };
    let (snapshot, against) = stage.saved("first").await.unwrap();
    assert_eq!((snapshot.accelerator, against), (Accelerator::Kvm, None));
    assert_eq!((stage.machines(), stage.kept()), (2, 1));
    assert_eq!(stage.trials("first").against_kvm(), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trial_that_fails_once_says_nothing_of_kvm_and_none_takes_the_place_of_a_machines_last_words() {
    let Some(stage) = Stage::new(1, 0) else { return };
    let log = stage.launcher.options.state_dir.join(crate::console::WHOLE);
    std::fs::write(&log, "of a machine").unwrap();
    assert_eq!(stage.launcher.fault().await, Fault::Unclear);
    assert_eq!(std::fs::read_to_string(&log).unwrap(), "of a machine");
    let Some(stage) = Stage::new(99, 0) else { return };
    let Fault::Kvm(reason) = stage.launcher.fault().await else { panic!("not told") };
    assert!(reason.ends_with("it last said: a trial failed"), "{reason}");
    assert!(!stage.launcher.options.state_dir.join(crate::console::WHOLE).exists());
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_there_is_room_for_one_machine_the_accelerated_one_takes_the_place_of_the_emulated() {
    let Some(stage) = Stage::new(99, 99) else { return };
    let state = &stage.launcher.options.state_dir;
    let mut mount = std::process::Command::new("mount");
    mount.args(["-t", "tmpfs", "-o", "size=200m,mode=0700", "none"]).arg(state);
    if !mount.output().is_ok_and(|output| output.status.success()) {
        println!("skipped: only the superuser may mount");
        return;
    }
    let first = stage.saved("first").await;
    std::fs::write(stage.place.path().join("trial"), "\n".repeat(100)).unwrap();
    std::fs::write(stage.place.path().join("machine"), "\n".repeat(100)).unwrap();
    let second = stage.saved("second").await;
    let kept = stage.kept();
    std::process::Command::new("umount").arg(state).status().unwrap();
    assert_eq!(first.unwrap().0.accelerator, Accelerator::Emulation);
    assert_eq!((second.unwrap().0.accelerator, kept), (Accelerator::Kvm, 1));
}
