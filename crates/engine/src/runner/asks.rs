//! What running calls wait for: which inquiries are open, whose they are, and until when.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::Duration;

use event::{ApprovalId, CallId, Consent, Event, Fact};
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::inquiry::{ANSWER_MINUTES, meaning};

/// How long an inquiry waits for the user.
const ANSWER_TIME: Duration = Duration::from_mins(ANSWER_MINUTES);

/// The open inquiries. Dropping one refuses it.
#[derive(Default)]
pub(super) struct Asks {
    open: BTreeMap<u64, Open>,
    last: u64,
}

struct Open {
    call: CallId,
    answer: oneshot::Sender<Consent>,
    /// The approval that was put to the user, and until when it waits; it runs out once.
    approval: Option<(ApprovalId, Option<Instant>)>,
}

impl Asks {
    /// Keeps an inquiry until it is answered; gives its number.
    pub(super) fn keep(&mut self, call: CallId, answer: oneshot::Sender<Consent>) -> u64 {
        self.last += 1;
        self.open.insert(self.last, Open { call, answer, approval: None });
        self.last
    }

    /// The user was asked.
    pub(super) fn wait_for(&mut self, ask: u64, approval: ApprovalId) {
        if let Some(open) = self.open.get_mut(&ask) {
            open.approval = Some((approval, Some(Instant::now() + ANSWER_TIME)));
        }
    }

    /// Answers one.
    pub(super) fn answer(&mut self, ask: u64, consent: Consent) {
        if let Some(open) = self.open.remove(&ask) {
            // A call that has gone on without the answer does not need it.
            let _gone = open.answer.send(consent);
        }
    }

    /// Passes on a refusal that was written, and lets go of calls that have ended. Gives the number of what was
    /// allowed: that is passed on once it is on the disk, because what follows from it will be.
    pub(super) fn hear(&mut self, event: &Event) -> Option<u64> {
        match &event.fact {
            Fact::ApprovalAnswered { approval, answer, .. } => {
                let about = |open: &Open| open.approval.as_ref().is_some_and(|(known, _)| known == approval);
                let (ask, open) = self.open.iter_mut().find(|(_, open)| about(open))?;
                let ask = *ask;
                match meaning(event.actor, answer) {
                    Consent::Given => {
                        open.approval = None;
                        return Some(ask);
                    }
                    refused @ Consent::Refused { .. } => self.answer(ask, refused),
                }
            }
            Fact::ToolFinished { call, .. } => self.drop_call(call),
            _ => {}
        }
        None
    }

    /// Waits until somebody who asked gives up; gives the approval that nobody waits for any more. For ever waiting
    /// where everybody who asked waits.
    pub(super) async fn given_up(&mut self) -> Option<ApprovalId> {
        let ask = poll_fn(|context| {
            let mut gone = |open: &mut Open| open.answer.poll_closed(context).is_ready();
            let found = self.open.iter_mut().find_map(|(ask, open)| gone(open).then_some(*ask));
            found.map_or(Poll::Pending, Poll::Ready)
        });
        let ask = ask.await;
        self.open.remove(&ask)?.approval.map(|(approval, _)| approval)
    }

    /// Refuses whatever a call waits for.
    pub(super) fn drop_call(&mut self, call: &CallId) {
        self.open.retain(|_, open| open.call != *call);
    }

    /// When the next one runs out.
    pub(super) fn due(&self) -> Option<Instant> {
        self.open.values().filter_map(|open| open.approval.as_ref()?.1).min()
    }

    /// Those that have run out by now, each once.
    pub(super) fn take_due(&mut self) -> Vec<ApprovalId> {
        let now = Instant::now();
        let due = |open: &mut Open| {
            let (approval, until) = open.approval.as_mut()?;
            until.take_if(|until| *until <= now).map(|_| approval.clone())
        };
        self.open.values_mut().filter_map(due).collect()
    }
}

/// How long a call has waited for answers: time that is not its work.
#[derive(Default)]
pub(super) struct Waits(Mutex<Waited>);

#[derive(Default)]
struct Waited {
    open: u32,
    since: Option<Instant>,
    total: Duration,
}

/// A wait under way; it ends when this is dropped.
pub(super) struct Waiting(Arc<Waits>);

impl Waits {
    /// Begins a wait. Several at once count once.
    pub(super) fn begin(self: &Arc<Self>) -> Waiting {
        let mut waited = self.lock();
        waited.open += 1;
        waited.since.get_or_insert_with(Instant::now);
        Waiting(Arc::clone(self))
    }

    /// All waits so far.
    pub(super) fn total(&self) -> Duration {
        let waited = self.lock();
        waited.total + waited.since.map_or(Duration::ZERO, |since| since.elapsed())
    }

    fn lock(&self) -> MutexGuard<'_, Waited> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let mut waited = self.0.lock();
        waited.open = waited.open.saturating_sub(1);
        if waited.open == 0
            && let Some(since) = waited.since.take()
        {
            waited.total += since.elapsed();
        }
    }
}
