//! The twenty ways to lose data, in the namespace tier: with this system's programs, or, where `DESKHAND_LOSS_ROOT` names
//! an unpacked image (`cargo xtask image`), with that image's.

use std::path::{Path, PathBuf};
use std::time::Duration;

use share::GuardedShares;

use crate::loss::{Loss, files_or, try_all};
use crate::world::{bwrap, has_files, scratch};

fn is_there(program: &str) -> bool {
    ["/usr/bin", "/bin"].iter().any(|directory| Path::new(directory).join(program).exists())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_ways_to_lose_data_lose_nothing() {
    if !has_files() {
        return;
    }
    let (_directory, scratch) = scratch();
    let root = std::env::var_os("DESKHAND_LOSS_ROOT").map(PathBuf::from);
    let sandbox = root.iter().fold(bwrap(), |sandbox, root| sandbox.with_root(root));
    let shares = GuardedShares::default();
    let most = Duration::from_secs(10);
    let loss = Loss { sandbox: &sandbox, shares: &shares, scratch: &scratch, files: files_or(300), most };
    try_all(&loss, |program| root.is_some() || is_there(program)).await;
}
