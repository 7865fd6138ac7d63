//! Calls and other jobs in flight: each is a task of its own, owned here, cancelled and ended here.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use event::{ApprovalId, CallId, Change, Consent, Effect, Fact, Inquiry, Outcome, Part, UndoSelection};
use futures_util::future::BoxFuture;
use store::{StoreError, TaskLog};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::{Id, JoinSet};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tool::{Call, Desk, Progress, Report, Tool, Undo};

use super::asks::{Asks, Waits};
use super::sleep_until;

/// Live output that may wait to be shown; more is dropped, because the result says it again.
const OUTPUT_QUEUE: usize = 256;
/// Facts a call may have waiting; a call has a handful in all, so this is never full.
const FACT_QUEUE: usize = 64;
/// Inquiries that may wait to be looked at; a call that asks more waits.
const ASK_QUEUE: usize = 64;
/// How long a cancelled call may take to end by itself.
const GRACE: Duration = Duration::from_secs(5);

/// Something a job has to say.
pub(super) enum Job {
    /// More live output.
    Output { call: CallId, text: String },
    /// A fact to store now.
    Fact(Fact),
    /// A running call asks whether it may do something.
    Asked { call: CallId, inquiry: Inquiry, answer: oneshot::Sender<Consent> },
    /// An inquiry has waited long enough.
    AskDue,
    /// Nobody waits any more for the answer to what was asked.
    AskGone(Option<ApprovalId>),
    /// The answers to these inquiries are on the disk, or could not be brought there.
    Consented { asks: Vec<u64>, result: Result<(), StoreError> },
    /// A call ended.
    Done { call: CallId, report: Report, ms: u64, outside: bool },
    /// An Undo ended.
    Undone(Result<Vec<Change>, String>),
    /// A flush ended; whether another was wished for meanwhile.
    Synced { result: Result<(), StoreError>, again: bool },
}

/// Jobs in flight.
pub(super) struct Calls {
    jobs: JoinSet<Job>,
    stops: HashMap<CallId, CancellationToken>,
    /// What was taken back from running calls.
    taken: HashMap<CallId, Taken>,
    /// Which call a job runs, so that the call of a job that panicked is known.
    running: HashMap<Id, CallId>,
    syncing: bool,
    sync_again: bool,
    undoing: Option<Id>,
    output_in: mpsc::Sender<Job>,
    output: mpsc::Receiver<Job>,
    facts_in: mpsc::Sender<Job>,
    facts: mpsc::Receiver<Job>,
    asked_in: mpsc::Sender<Job>,
    asked: mpsc::Receiver<Job>,
    /// What running calls wait for.
    pub(super) asks: Asks,
}

impl Default for Calls {
    fn default() -> Self {
        let (output_in, output) = mpsc::channel(OUTPUT_QUEUE);
        let (facts_in, facts) = mpsc::channel(FACT_QUEUE);
        let (asked_in, asked) = mpsc::channel(ASK_QUEUE);
        Self {
            jobs: JoinSet::new(),
            stops: HashMap::new(),
            taken: HashMap::new(),
            running: HashMap::new(),
            syncing: false,
            sync_again: false,
            undoing: None,
            output_in,
            output,
            facts_in,
            facts,
            asked_in,
            asked,
            asks: Asks::default(),
        }
    }
}

impl Calls {
    /// Runs a call, after `synced` where its intent must be on the disk first. `lent` is what the rules allow it by now,
    /// which may be taken back before the tool gets to look.
    pub(super) fn run(
        &mut self,
        tool: Arc<dyn Tool>,
        call: Call,
        desk: Arc<Desk>,
        synced: Option<BoxFuture<'static, Result<(), StoreError>>>,
        lent: Vec<Effect>,
    ) {
        let stop = CancellationToken::new();
        self.stops.insert(call.id.clone(), stop.clone());
        let waits = Arc::new(Waits::default());
        let taken = Taken::default();
        self.taken.insert(call.id.clone(), taken.clone());
        let progress = Arc::new(Told {
            call: call.id.clone(),
            output: self.output_in.clone(),
            facts: self.facts_in.clone(),
            asked: self.asked_in.clone(),
            waits: Arc::clone(&waits),
            taken,
            lent: Mutex::new(lent),
        });
        let running = call.id.clone();
        let job = self.jobs.spawn(async move {
            let id = call.id.clone();
            let outside = synced.is_some();
            let begun = Instant::now();
            if let Some(synced) = synced
                && let Err(error) = synced.await
            {
                return Job::Synced { result: Err(error), again: false };
            }
            store::fail_point("engine.intent.synced");
            let run = tool.run(call, desk, progress, stop.clone());
            let report = tokio::select! {
                report = run => report,
                () = overdue(&stop) => abandoned(),
            };
            store::fail_point("engine.tool.ran");
            let ms = u64::try_from(begun.elapsed().saturating_sub(waits.total()).as_millis()).unwrap_or(u64::MAX);
            Job::Done { call: id, report, ms, outside }
        });
        self.running.insert(job.id(), running);
    }

    /// Runs an Undo on a blocking thread.
    pub(super) fn undo(&mut self, undo: Arc<dyn Undo>, desk: Desk, selection: UndoSelection) {
        let job = self.jobs.spawn_blocking(move || {
            Job::Undone(undo.apply(&desk, &selection).map_err(|refusal| format!("{refusal}; {}", refusal.hint)))
        });
        self.undoing = Some(job.id());
    }

    /// Flushes the log in the background, one flush at a time. Says whether one was begun; if not, another follows the
    /// one under way.
    pub(super) fn sync_soon(&mut self, log: &dyn TaskLog) -> bool {
        if self.syncing {
            self.sync_again = true;
            return false;
        }
        self.syncing = true;
        let synced = log.sync();
        self.jobs.spawn(async move { Job::Synced { result: synced.await, again: false } });
        true
    }

    /// Answers inquiries once what allows them is on the disk.
    pub(super) fn consent_after(&mut self, asks: Vec<u64>, synced: BoxFuture<'static, Result<(), StoreError>>) {
        self.jobs.spawn(async move { Job::Consented { asks, result: synced.await } });
    }

    /// Tells a call that the rules allow it this no longer.
    pub(super) fn take_back(&self, call: &CallId, effects: Vec<Effect>) {
        if let Some(taken) = self.taken.get(call) {
            taken.send_modify(|all| all.extend(effects));
        }
    }

    /// Asks a call to end, and refuses what it waits for.
    pub(super) fn cancel(&mut self, call: &CallId) {
        self.asks.drop_call(call);
        if let Some(stop) = self.stops.get(call) {
            stop.cancel();
        }
    }

    /// Whether a call was asked to end.
    pub(super) fn is_cancelled(&self, call: &CallId) -> bool {
        self.stops.get(call).is_some_and(CancellationToken::is_cancelled)
    }

    /// What a job has to say next; for ever waiting where there is none. Facts come before the end of their call.
    pub(super) async fn next(&mut self) -> Job {
        loop {
            let due = self.asks.due();
            let job = tokio::select! {
                biased;
                Some(fact) = self.facts.recv() => return fact,
                Some(asked) = self.asked.recv() => return asked,
                Some(output) = self.output.recv() => return output,
                Some(done) = self.jobs.join_next_with_id(), if !self.jobs.is_empty() => done,
                gone = self.asks.given_up() => return Job::AskGone(gone),
                () = sleep_until(due) => return Job::AskDue,
            };
            match job {
                Ok((id, mut job)) => {
                    self.running.remove(&id);
                    self.note_end(&mut job);
                    return job;
                }
                // A tool that panicked must not take the task with it.
                Err(error) => {
                    if let Some(call) = self.running.remove(&error.id()) {
                        self.stops.remove(&call);
                        self.taken.remove(&call);
                        let report = Report::failed("This tool broke; that is a fault of Deskhand. Try another way.");
                        return Job::Done { call, report, ms: 0, outside: true };
                    }
                    if self.undoing.take_if(|undo| *undo == error.id()).is_some() {
                        return Job::Undone(Err("the undo broke; that is a fault of Deskhand".to_owned()));
                    }
                }
            }
        }
    }

    /// Cancels everything and waits until it has ended.
    pub(super) async fn end_all(&mut self) {
        for stop in self.stops.values() {
            stop.cancel();
        }
        // Nobody hears an inquiry any more: those that wait and those that come are refused.
        self.asks = Asks::default();
        self.asked.close();
        while self.asked.try_recv().is_ok() {}
        let ended = async { while self.jobs.join_next().await.is_some() {} };
        if tokio::time::timeout(GRACE, ended).await.is_err() {
            self.jobs.shutdown().await;
        }
    }

    fn note_end(&mut self, job: &mut Job) {
        match job {
            Job::Done { call, .. } => {
                self.stops.remove(call);
                self.taken.remove(call);
            }
            Job::Synced { again, .. } => {
                self.syncing = false;
                *again = std::mem::take(&mut self.sync_again);
            }
            Job::Undone(_) => self.undoing = None,
            Job::Output { .. }
            | Job::Fact(_)
            | Job::Asked { .. }
            | Job::AskDue
            | Job::AskGone(_)
            | Job::Consented { .. } => {}
        }
    }
}

/// Ends when a cancelled call has had its time.
async fn overdue(stop: &CancellationToken) {
    stop.cancelled().await;
    tokio::time::sleep(GRACE).await;
}

fn abandoned() -> Report {
    Report {
        outcome: Outcome::Unknown,
        output: vec![Part::text("Stopped; it did not end in time, so what it did is not known.")],
        facts: Vec::new(),
    }
}

/// What was taken back from one call so far, in order.
type Taken = Arc<watch::Sender<Vec<Effect>>>;

struct Told {
    call: CallId,
    output: mpsc::Sender<Job>,
    facts: mpsc::Sender<Job>,
    asked: mpsc::Sender<Job>,
    waits: Arc<Waits>,
    taken: Taken,
    /// What it was lent when it began, until it looks whether that is taken back.
    lent: Mutex<Vec<Effect>>,
}

impl Progress for Told {
    fn output(&self, text: &str) {
        // Full: the screen is behind, and the result will say it all.
        let _dropped = self.output.try_send(Job::Output { call: self.call.clone(), text: text.to_owned() });
    }

    fn fact(&self, fact: Fact) {
        let _full = self.facts.try_send(Job::Fact(fact));
    }

    fn ask(&self, inquiry: Inquiry) -> BoxFuture<'static, Consent> {
        let (answer, answered) = oneshot::channel();
        let job = Job::Asked { call: self.call.clone(), inquiry, answer };
        let (asked, waits) = (self.asked.clone(), Arc::clone(&self.waits));
        Box::pin(async move {
            let _waiting = waits.begin();
            // Where nobody hears it, the sender of the answer is dropped with it.
            let _unheard = asked.send(job).await;
            let ended = || Consent::Refused { why: "the call was ended before anybody answered".to_owned() };
            answered.await.unwrap_or_else(|_| ended())
        })
    }

    fn withdrawn(&self, effect: Effect) -> BoxFuture<'static, ()> {
        let mut taken = self.taken.subscribe();
        let mut lent = self.lent.lock().unwrap_or_else(PoisonError::into_inner);
        // What it was lent before the tool ran counts from then, anything else from now.
        let before = match lent.iter().position(|known| *known == effect) {
            Some(place) => {
                lent.swap_remove(place);
                0
            }
            None => taken.borrow_and_update().len(),
        };
        drop(lent);
        Box::pin(async move {
            let is_back = |all: &Vec<Effect>| all.iter().skip(before).any(|known| *known == effect);
            if taken.wait_for(is_back).await.is_err() {
                std::future::pending::<()>().await;
            }
        })
    }
}
