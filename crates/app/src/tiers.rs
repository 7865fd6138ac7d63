//! The tiers there are behind the one `Sandbox` that tools know: the tier asked for, or the best that works.
//!
//! Never a silent downgrade: a task that asked for a tier gets that one or an error with the next step.

use std::sync::Arc;

use event::Tier;
use futures_util::future::BoxFuture;
use sandbox::{Machine, Order, Readiness, Sandbox, SandboxError};
use tokio::sync::OnceCell;

/// Every tier of this system, the strongest first.
pub(crate) struct Tiers {
    tiers: Vec<Known>,
}

/// A tier, and whether it has worked already. One that has not is tried again each time, so that nothing is settled on
/// a weaker one because a stronger one failed once.
struct Known {
    sandbox: Arc<dyn Sandbox>,
    works: OnceCell<()>,
}

impl Tiers {
    /// Tiers in this order; the first that works is the best.
    pub(crate) fn new(tiers: Vec<Arc<dyn Sandbox>>) -> Self {
        let known = |sandbox| Known { sandbox, works: OnceCell::new() };
        Self { tiers: tiers.into_iter().map(known).collect() }
    }

    /// Each tier, tried for real.
    pub(crate) async fn probe_each(&self) -> Vec<(Tier, Readiness)> {
        let mut found = Vec::with_capacity(self.tiers.len());
        for tier in &self.tiers {
            found.push((tier.sandbox.tier(), tier.sandbox.probe().await));
        }
        found
    }

    /// The strongest tier that works now.
    async fn best(&self) -> Result<&Arc<dyn Sandbox>, SandboxError> {
        let mut last = None;
        for Known { sandbox, works } in &self.tiers {
            if works.initialized() {
                return Ok(sandbox);
            }
            let readiness = sandbox.probe().await;
            if readiness.ready {
                // Set by another call meanwhile is as good.
                works.set(()).ok();
                return Ok(sandbox);
            }
            last = Some(readiness);
        }
        // The weakest tier needs the least; its next step is the shortest way.
        let (what, hint) = last.map_or_else(
            || ("there is no sandbox for this system".to_owned(), "use the file tools".to_owned()),
            |last| (last.detail, last.hint),
        );
        Err(SandboxError::Unavailable { what, hint })
    }

    async fn choose(&self, wanted: Option<Tier>) -> Result<&Arc<dyn Sandbox>, SandboxError> {
        let Some(wanted) = wanted else { return self.best().await };
        let found = self.tiers.iter().find(|tier| tier.sandbox.tier() == wanted);
        found.map(|tier| &tier.sandbox).ok_or_else(|| missing(wanted))
    }
}

impl Sandbox for Tiers {
    fn tier(&self) -> Tier {
        // The weakest that there is; what a machine really runs in is asked of the machine.
        self.tiers.last().map_or(Tier::Namespace, |tier| tier.sandbox.tier())
    }

    fn probe(&self) -> BoxFuture<'_, Readiness> {
        Box::pin(async {
            match self.best().await {
                Ok(tier) => tier.probe().await,
                Err(error) => Readiness { ready: false, detail: error.to_string(), hint: error.hint().to_owned() },
            }
        })
    }

    fn start(&self, order: Order) -> BoxFuture<'_, Result<Box<dyn Machine>, SandboxError>> {
        Box::pin(async move {
            let wanted = order.tier;
            let started = self.choose(wanted).await?.start(order).await;
            started.map_err(|error| match wanted {
                Some(tier) => kept_to(tier, error),
                None => error,
            })
        })
    }
}

/// What is said where the tier of a task, asked for or used before, does not work: another one is not taken instead.
fn kept_to(tier: Tier, error: SandboxError) -> SandboxError {
    match error {
        SandboxError::Unavailable { what, hint } => SandboxError::Unavailable {
            what: format!("this task keeps to tier `{tier}`, which does not work now: {what}"),
            hint,
        },
        SandboxError::Start(what) => SandboxError::Start(format!("{what} (this task keeps to tier `{tier}`)")),
        other => other,
    }
}

fn missing(tier: Tier) -> SandboxError {
    SandboxError::Unavailable {
        what: format!("there is no tier `{tier}` on this system"),
        hint: "leave the tier out, or see `deskhand doctor`".to_owned(),
    }
}

#[cfg(test)]
#[path = "tiers_tests.rs"]
mod tests;
