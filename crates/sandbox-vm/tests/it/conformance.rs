//! The conformance suite of the sandbox contract, with busybox inside.

use share::GuardedShares;

use crate::world::{scratch, vm};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_vm_tier_keeps_every_promise() {
    let Some(sandbox) = vm() else { return };
    let (_directory, path) = scratch();
    let findings = sandbox::conformance::run(&sandbox, &GuardedShares::default(), &path).await;
    for finding in &findings {
        println!("{:>12?} {}", finding.took, finding.promise);
    }
    let broken: Vec<_> = findings.iter().filter(|finding| finding.result.is_err()).collect();
    assert!(broken.is_empty(), "{broken:#?}");
    assert!(findings.len() >= 26, "only {} checks were made", findings.len());
}
