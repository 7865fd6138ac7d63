//! A command under way as its files and its network see it: who is asked, when its clock stands still, and what it
//! changed.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use event::{CallId, Change, ChangeKind, Consent, Effect, Fact, Inquiry};
use futures_util::future::BoxFuture;
use sandbox::{Asker, Errand, Machine, RefusedHost};
use tokio::runtime::Handle;
use tokio::sync::{OwnedMutexGuard, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tool::{MAX_CHANGES, Progress};

use crate::machines::Guards;

/// An answer that comes sooner is a rule's; the machine is not held for it.
const QUICK: Duration = Duration::from_millis(50);
/// Refusals that are remembered for the report.
const REFUSALS: usize = 3;

/// A command that its files and its network know of. Dropping it ends it there too.
pub(crate) struct Underway {
    guards: Guards,
    call: CallId,
    turn: u32,
    /// Told what was changed where the call itself is given up before it can tell.
    progress: Arc<dyn Progress>,
    /// Its files being told of it; they may be at work still for the command before.
    beginning: Option<JoinHandle<()>>,
    /// No other command of the task begins meanwhile.
    busy: Option<OwnedMutexGuard<()>>,
    over: bool,
}

impl Underway {
    /// A command begins, once the one before has ended for its files and its network. Its files are told where waiting
    /// for them holds nobody else up.
    pub(crate) async fn begin(guards: Guards, errand: Errand, progress: Arc<dyn Progress>) -> Self {
        let (call, turn) = (errand.call.clone(), errand.turn);
        let busy = Some(Arc::clone(&guards.busy).lock_owned().await);
        if let Some(network) = &guards.network {
            network.begin(errand.clone());
        }
        let share = Arc::clone(&guards.share);
        let beginning = Some(tokio::task::spawn_blocking(move || share.begin(errand)));
        let mut underway = Self { guards, call, turn, progress, beginning, busy, over: false };
        if let Some(beginning) = &mut underway.beginning {
            // Where this is given up in the middle, the end waits for the beginning.
            beginning.await.unwrap_or_default();
        }
        underway.beginning = None;
        underway
    }

    /// The connections its network refused. Known only until the command is ended.
    pub(crate) fn refused_hosts(&self) -> Vec<RefusedHost> {
        self.guards.network.as_ref().map(|network| network.refused()).unwrap_or_default()
    }

    /// The command is to end: whoever waits for an answer is refused, so that nothing hangs in a request to its files
    /// while it is killed.
    pub(crate) fn refuse(&self) -> JoinHandle<Vec<Change>> {
        self.cut();
        let share = Arc::clone(&self.guards.share);
        tokio::task::spawn_blocking(move || share.end())
    }

    fn cut(&self) {
        if let Some(network) = &self.guards.network {
            network.end();
        }
    }

    /// The command has ended; gives what it changed. `earlier` is what it had changed when it was told to end.
    pub(crate) async fn end(mut self, earlier: Option<JoinHandle<Vec<Change>>>) -> Vec<Change> {
        self.over = true;
        self.close(earlier).await.unwrap_or_default()
    }

    /// Ends it in a task of its own, which lives on where nobody waits for it.
    fn close(&mut self, earlier: Option<JoinHandle<Vec<Change>>>) -> oneshot::Receiver<Vec<Change>> {
        let (tell, told) = oneshot::channel();
        self.cut();
        let (share, beginning) = (Arc::clone(&self.guards.share), self.beginning.take());
        let (call, turn, progress) = (self.call.clone(), self.turn, Arc::clone(&self.progress));
        let busy = self.busy.take();
        tokio::spawn(async move {
            if let Some(beginning) = beginning {
                beginning.await.unwrap_or_default();
            }
            let ended = || {
                let share = Arc::clone(&share);
                tokio::task::spawn_blocking(move || share.end())
            };
            let again = earlier.is_some();
            let mut changes = earlier.unwrap_or_else(ended).await.unwrap_or_default();
            if again {
                changes = joined(changes, ended().await.unwrap_or_default());
            }
            // The next command may begin.
            drop(busy);
            if let Err(changes) = tell.send(changes)
                && let Some(fact) = files_changed(&call, turn, changes)
            {
                progress.fact(fact);
            }
        });
        told
    }
}

/// The fact of what a command changed, of which very many are only counted; none where it changed nothing.
pub(crate) fn files_changed(call: &CallId, turn: u32, mut changes: Vec<Change>) -> Option<Fact> {
    let more = changes.len().saturating_sub(MAX_CHANGES) as u64;
    changes.truncate(MAX_CHANGES);
    (!changes.is_empty()).then(|| Fact::FilesChanged { call: Some(call.clone()), turn, changes, more, undo: false })
}

impl Drop for Underway {
    fn drop(&mut self) {
        if !self.over && Handle::try_current().is_ok() {
            // Nobody waits for what was changed; the task is told while it is still open, and the journal has it.
            drop(self.close(None));
        }
    }
}

/// Changes of two stretches of one command as one change a path.
fn joined(before: Vec<Change>, after: Vec<Change>) -> Vec<Change> {
    let mut all: BTreeMap<String, Change> = before.into_iter().map(|change| (change.path.clone(), change)).collect();
    for change in after {
        let path = change.path.clone();
        let together = match all.remove(&path) {
            Some(known) => one_of(known, change),
            None => Some(change),
        };
        all.extend(together.map(|change| (path, change)));
    }
    all.into_values().collect()
}

/// Two changes of one file as one; none where it is as if nothing had happened.
fn one_of(first: Change, then: Change) -> Option<Change> {
    let kind = match (first.kind, then.kind) {
        (ChangeKind::Made, ChangeKind::Deleted) => return None,
        (ChangeKind::Made, ChangeKind::Made | ChangeKind::Changed) => ChangeKind::Made,
        (ChangeKind::Changed | ChangeKind::Deleted, ChangeKind::Deleted) => ChangeKind::Deleted,
        (ChangeKind::Changed | ChangeKind::Deleted, ChangeKind::Made | ChangeKind::Changed) => ChangeKind::Changed,
    };
    Some(Change { before: first.before, kind, ..then })
}

/// Something that was refused while the command ran.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    /// What it was, in words that continue "Deskhand wants to".
    pub(crate) what: String,
    /// Why not.
    pub(crate) why: String,
}

/// For how long a command's clock stood still.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Held {
    since: Option<Instant>,
    total: Duration,
}

/// Asks on behalf of one command, and holds its machine meanwhile. Clones are the same one.
#[derive(Clone)]
pub(crate) struct Asking(Arc<Inner>);

struct Inner {
    progress: Arc<dyn Progress>,
    runtime: Handle,
    machine: Mutex<Option<Arc<dyn Machine>>>,
    /// Inquiries that hold the machine now; holding and releasing happen under this lock, one after the other.
    holding: tokio::sync::Mutex<u32>,
    held: watch::Sender<Held>,
    refused: Mutex<Vec<Refused>>,
}

impl Asking {
    /// For one call. Called within a tokio runtime.
    pub(crate) fn new(progress: Arc<dyn Progress>) -> Self {
        Self(Arc::new(Inner {
            progress,
            runtime: Handle::current(),
            machine: Mutex::default(),
            holding: tokio::sync::Mutex::default(),
            held: watch::Sender::default(),
            refused: Mutex::default(),
        }))
    }

    /// The command runs in this machine from here on.
    pub(crate) fn runs_in(&self, machine: &Arc<dyn Machine>) {
        *self.0.machine.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(machine));
    }

    /// The first refusals so far.
    pub(crate) fn refused(&self) -> Vec<Refused> {
        self.0.refused.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits until a command's time is over, not counting what it was held.
    pub(crate) async fn late(&self, time: Duration) {
        let begun = Instant::now();
        let mut held = self.0.held.subscribe();
        loop {
            let Held { since, total } = *held.borrow_and_update();
            let over = async {
                match since {
                    Some(_) => std::future::pending().await,
                    None => tokio::time::sleep_until(begun + time + total).await,
                }
            };
            tokio::select! {
                () = over => return,
                // The sender lives as long as this.
                _changed = held.changed() => {}
            }
        }
    }
}

impl Asker for Asking {
    fn ask(&self, inquiry: Inquiry) -> BoxFuture<'static, Consent> {
        let (answer, answered) = oneshot::channel();
        // A task of its own, so that the machine is released even where nobody waits for the answer any more. It ends
        // when that is so.
        self.0.runtime.spawn(carry(Arc::clone(&self.0), inquiry, answer));
        Box::pin(async move {
            let lost = || Consent::Refused { why: "nobody could be asked".to_owned() };
            answered.await.unwrap_or_else(|_| lost())
        })
    }

    fn withdrawn(&self, effect: Effect) -> BoxFuture<'static, ()> {
        self.0.progress.withdrawn(effect)
    }
}

async fn carry(inner: Arc<Inner>, inquiry: Inquiry, mut answer: oneshot::Sender<Consent>) {
    let what = inquiry.reason.clone();
    let mut asked = inner.progress.ask(inquiry);
    let consent = match tokio::time::timeout(QUICK, &mut asked).await {
        Ok(consent) => Some(consent),
        Err(_slow) => {
            inner.hold().await;
            let consent = tokio::select! {
                biased;
                consent = &mut asked => Some(consent),
                () = answer.closed() => None,
            };
            // Nobody is asked any more what nobody wants to know.
            drop(asked);
            inner.release().await;
            consent
        }
    };
    let Some(consent) = consent else { return };
    if let Consent::Refused { why } = &consent {
        let mut refused = inner.refused.lock().unwrap_or_else(PoisonError::into_inner);
        if refused.len() < REFUSALS {
            refused.push(Refused { what, why: why.clone() });
        }
    }
    // Whoever asked may have gone.
    let _gone = answer.send(consent);
}

impl Inner {
    async fn hold(&self) {
        let mut holding = self.holding.lock().await;
        *holding += 1;
        if *holding == 1 {
            self.held.send_modify(|held| held.since = Some(Instant::now()));
            if let Some(machine) = self.machine() {
                machine.hold().await;
            }
        }
    }

    async fn release(&self) {
        let mut holding = self.holding.lock().await;
        *holding = holding.saturating_sub(1);
        if *holding == 0 {
            if let Some(machine) = self.machine() {
                machine.release().await;
            }
            self.held.send_modify(|held| {
                let since = held.since.take();
                held.total += since.map_or(Duration::ZERO, |since| since.elapsed());
            });
        }
    }

    fn machine(&self) -> Option<Arc<dyn Machine>> {
        self.machine.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[cfg(test)]
#[path = "errand_tests.rs"]
mod tests;
