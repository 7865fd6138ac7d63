//! The twenty ways to lose data, in the vm tier. The small image knows the ways of its own programs; where
//! `DESKHAND_LOSS_IMAGE` names a directory of the whole image (`cargo xtask image`), all of them.

use std::path::PathBuf;
use std::time::Duration;

use sandbox_vm::{VmImage, VmOptions, VmSandbox};
use share::GuardedShares;

use crate::loss::{Loss, files_or, try_all};
use crate::world::{scratch, vm};

/// Programs of the small image.
const SMALL: [&str; 8] = ["sh", "truncate", "mv", "dd", "sed", "chmod", "find", "tar"];

/// A machine of the whole image, where its directory is named.
fn whole() -> Option<VmSandbox> {
    let place = PathBuf::from(std::env::var_os("DESKHAND_LOSS_IMAGE")?);
    let file = |name: &str| place.join(name);
    let image = VmImage {
        kernel: file("vmlinuz"),
        initrd: file("initrd"),
        root: Some(file("base.erofs")),
        layers: Some(file("office.erofs")).filter(|layer| layer.is_file()).into_iter().collect(),
    };
    let options = VmOptions { allow_tcg: true, memory_mib: 1024, cpus: 2, state_dir: file("state") };
    Some(VmSandbox::new(image, options))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_ways_to_lose_data_lose_nothing() {
    let whole = whole();
    let is_whole = whole.is_some();
    let Some(sandbox) = whole.or_else(vm) else { return };
    let (_directory, scratch) = scratch();
    let shares = GuardedShares::default();
    let most = Duration::from_secs(10);
    let loss = Loss { sandbox: &sandbox, shares: &shares, scratch: &scratch, files: files_or(60), most };
    try_all(&loss, |program| is_whole || SMALL.contains(&program)).await;
}
