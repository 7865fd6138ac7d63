//! Which tier a task gets, and that it never gets another one than it asked for or ran in before.

use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use event::{Change, TaskId, Tier};
use futures_util::future::BoxFuture;
use sandbox::{
    Command, Errand, Execution, Machine, Mount, Order, Readiness, ResourceLimits, Sandbox, SandboxError, Share,
};

use super::Tiers;

/// A tier that works or does not.
struct Kind {
    tier: Tier,
    works: AtomicBool,
    started: AtomicUsize,
}

struct Started(Tier);

struct NoFiles;

impl Share for NoFiles {
    fn mounts(&self) -> Vec<Mount> {
        Vec::new()
    }

    fn set_mounts(&self, _: Vec<Mount>) {}

    fn serve(self: Arc<Self>, _: OwnedFd) {}

    fn begin(&self, _: Errand) {}

    fn end(&self) -> Vec<Change> {
        Vec::new()
    }
}

fn broken() -> SandboxError {
    SandboxError::Unavailable { what: "qemu is not installed".to_owned(), hint: "install it".to_owned() }
}

impl Sandbox for Kind {
    fn tier(&self) -> Tier {
        self.tier
    }

    fn probe(&self) -> BoxFuture<'_, Readiness> {
        let ready = self.works.load(Ordering::Relaxed);
        Box::pin(async move { Readiness { ready, detail: String::new(), hint: String::new() } })
    }

    fn start(&self, _: Order) -> BoxFuture<'_, Result<Box<dyn Machine>, SandboxError>> {
        let works = self.works.load(Ordering::Relaxed);
        self.started.fetch_add(usize::from(works), Ordering::Relaxed);
        let machine: Result<Box<dyn Machine>, SandboxError> =
            if works { Ok(Box::new(Started(self.tier))) } else { Err(broken()) };
        Box::pin(std::future::ready(machine))
    }
}

impl Machine for Started {
    fn tier(&self) -> Tier {
        self.0
    }

    fn exec(&self, _: Command) -> BoxFuture<'_, Result<Execution, SandboxError>> {
        Box::pin(std::future::ready(Err(broken())))
    }

    fn hold(&self) -> BoxFuture<'_, ()> {
        Box::pin(std::future::ready(()))
    }

    fn release(&self) -> BoxFuture<'_, ()> {
        Box::pin(std::future::ready(()))
    }

    fn stop(&self) -> BoxFuture<'_, ()> {
        Box::pin(std::future::ready(()))
    }
}

fn kind(tier: Tier, works: bool) -> Arc<Kind> {
    Arc::new(Kind { tier, works: AtomicBool::new(works), started: AtomicUsize::new(0) })
}

async fn start(tiers: &Tiers, tier: Option<Tier>) -> Result<Tier, SandboxError> {
    let order = Order {
        task: TaskId::from_random([1; 8]),
        tier,
        files: Arc::new(NoFiles),
        network: None,
        limits: ResourceLimits::default(),
    };
    tiers.start(order).await.map(|machine| machine.tier())
}

#[tokio::test]
async fn the_strongest_that_works_is_taken_where_none_is_asked_for() {
    let (vm, namespace) = (kind(Tier::Vm, false), kind(Tier::Namespace, true));
    let tiers = Tiers::new(vec![vm.clone(), namespace]);
    assert_eq!(start(&tiers, None).await.unwrap(), Tier::Namespace);
    // One that did not work is tried again.
    vm.works.store(true, Ordering::Relaxed);
    assert_eq!(start(&tiers, None).await.unwrap(), Tier::Vm);
    assert_eq!(start(&tiers, Some(Tier::Namespace)).await.unwrap(), Tier::Namespace);
}

#[tokio::test]
async fn a_tier_that_was_asked_for_or_used_before_is_not_replaced_by_another() {
    let (vm, namespace) = (kind(Tier::Vm, true), kind(Tier::Namespace, true));
    let tiers = Tiers::new(vec![vm.clone(), namespace.clone()]);
    assert_eq!(start(&tiers, None).await.unwrap(), Tier::Vm);
    vm.works.store(false, Ordering::Relaxed);
    let error = start(&tiers, Some(Tier::Vm)).await.unwrap_err();
    assert_eq!(error.to_string(), "this task keeps to tier `vm`, which does not work now: qemu is not installed");
    assert_eq!((error.hint(), namespace.started.load(Ordering::Relaxed)), ("install it", 0));
}
