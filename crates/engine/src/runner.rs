//! The runner: performs what `step` decides for one task. It owns the task's log, its conversation and whatever is in
//! flight; everything reaches it through one inbox.

mod asking;
mod asks;
mod calls;
mod talk;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use event::{Command, Consent, Event, Fact, Seq, TaskId};
use model::{Model, Models, Setup};
use policy::Organisation;
use store::{Draft, Opened, Store, StoreError, TaskLog};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;
use tool::{Desk, FolderGate, Toolbox, Undo};

use crate::input::{Act, Audience, Bench, CommandRefused, Input};
use crate::prompt::Prompt;
use crate::state::State;
use crate::{Clock, step};
use asking::{Asking, Heard};
use calls::{Calls, Job};

/// Commands that may wait for one task; more than a person can send. A sender waits while it is full.
const INBOX: usize = 64;

/// Tokens taken in one go while more are there; a command waits no longer than for these.
const MOST_AT_ONCE: usize = 64;

/// Name of a task's ledger in its folder: one line for every decision about the network.
pub const LEDGER: &str = "network.jsonl";

/// Everything a runner works with. One set serves all tasks of a process.
pub struct Parts {
    /// Where tasks live.
    pub store: Arc<dyn Store>,
    /// The models there are.
    pub models: Arc<dyn Models>,
    /// The tools there are.
    pub toolbox: Toolbox,
    /// System prompt and schemas, made once from the toolbox with [`crate::setup`].
    pub setup: Arc<Setup>,
    /// The organisation's rules.
    pub organisation: Organisation,
    /// Time and chance.
    pub clock: Arc<dyn Clock>,
    /// Says which folders may be granted.
    pub gate: Arc<dyn FolderGate>,
    /// Puts old content back.
    pub undo: Arc<dyn Undo>,
}

/// How a runner ended.
#[derive(Debug)]
pub enum Ended {
    /// The turn is over or paused and nothing is in flight. The lease is given back; the next command opens the task
    /// again.
    Quiet,
    /// Events cannot be written. Nothing acknowledged is lost.
    Storage(StoreError),
}

/// A command could not be handed over or followed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SendError {
    /// The command cannot be followed.
    #[error(transparent)]
    Refused(#[from] CommandRefused),
    /// The runner has ended; open the task again and repeat the command, which acts once.
    #[error("the task is not open")]
    Closed(Box<Command>),
    /// An Undo could not be done.
    #[error("{0}")]
    Undo(String),
    /// The command cannot be stored; nothing of it happened.
    #[error("{message}")]
    Storage {
        /// What went wrong.
        message: String,
        /// The one next step.
        hint: &'static str,
    },
}

type Ack = oneshot::Sender<Result<Seq, SendError>>;

struct Envelope {
    command: Command,
    ack: Ack,
}

/// The way to a running task. Cheap to clone.
#[derive(Clone)]
pub struct Handle {
    inbox: mpsc::Sender<Envelope>,
    alone: Arc<AtomicBool>,
}

impl Handle {
    /// From here on nobody can answer what comes up while a call runs; it is refused at once.
    pub fn nobody_answers(&self) {
        self.alone.store(true, Ordering::Relaxed);
    }

    /// Sends a command and waits until it is stored (and, for an Undo, done). Gives the last event's place.
    ///
    /// Called and first polled before the runner's future is spawned, the command is there before the runner can
    /// find that it has nothing to do.
    pub async fn send(&self, command: Command) -> Result<Seq, SendError> {
        let (ack, answer) = oneshot::channel();
        let envelope = Envelope { command: command.clone(), ack };
        if self.inbox.send(envelope).await.is_err() {
            return Err(SendError::Closed(Box::new(command)));
        }
        answer.await.unwrap_or_else(|_| Err(SendError::Closed(Box::new(command))))
    }
}

/// Prepares a runner for an opened task. The returned future does the work; whoever spawns it owns the task, and
/// dropping it cuts everything in flight.
pub fn start(parts: Arc<Parts>, opened: Opened) -> (Handle, impl Future<Output = Ended> + Send) {
    let (inbox, receiver) = mpsc::channel(INBOX);
    let alone = Arc::new(AtomicBool::new(false));
    let handle = Handle { inbox, alone: Arc::clone(&alone) };
    let run = async move {
        let (draft, cut) = (opened.draft.clone(), opened.cut);
        let mut runner = Runner::new(parts, opened, receiver);
        runner.alone = alone;
        let ended = match runner.run(draft, cut).await {
            Ok(()) => Ended::Quiet,
            Err(error) => Ended::Storage(error),
        };
        runner.leave().await;
        ended
    };
    (handle, run)
}

struct Runner {
    parts: Arc<Parts>,
    log: Box<dyn TaskLog>,
    state: State,
    inbox: mpsc::Receiver<Envelope>,
    /// The model of the present conversation and the conversation itself; none until the model could be found.
    talk: Option<(Arc<dyn Model>, Prompt)>,
    /// The log as it was opened and what was appended since, until there is work to do: a task that is only renamed,
    /// marked or undone needs no conversation.
    unread_log: Option<Vec<Arc<Event>>>,
    asking: Option<Asking>,
    retry_at: Option<Instant>,
    calls: Calls,
    undo_ack: Option<Ack>,
    /// Senders of Stop, answered when the turn's end is stored.
    stop_acks: Vec<Ack>,
    /// Whether something was appended since the last flush began.
    dirty: bool,
    /// Whether nobody can answer.
    alone: Arc<AtomicBool>,
}

/// What the runner wakes up for.
enum Woken {
    Command(Envelope),
    Heard(Heard),
    Job(Job),
    Retry,
}

impl Runner {
    fn new(parts: Arc<Parts>, opened: Opened, inbox: mpsc::Receiver<Envelope>) -> Self {
        let task: TaskId = opened.log.task();
        let mut state = State::new(task);
        for event in &opened.events {
            state.apply(event);
        }
        state.live.reopened = (state.turn_open || state.unread) && !state.paused();
        Self {
            parts,
            log: opened.log,
            state,
            inbox,
            talk: None,
            unread_log: Some(opened.events),
            asking: None,
            retry_at: None,
            calls: Calls::default(),
            undo_ack: None,
            stop_acks: Vec::new(),
            dirty: false,
            alone: Arc::default(),
        }
    }

    async fn run(&mut self, draft: String, cut: u64) -> Result<(), StoreError> {
        if cut > 0 {
            self.append(vec![(event::Actor::Engine, Fact::LogMended { bytes: cut })])?;
        }
        if self.state.turn_open || !self.state.view.changed.is_empty() {
            self.parts.undo.mend(&self.desk());
        }
        self.take(Input::Opened { draft })?;
        self.log.drop_draft()?;
        // The command this task was opened for comes first: a task opened to be stopped does nothing before.
        while let Ok(envelope) = self.inbox.try_recv() {
            self.command(envelope)?;
        }
        loop {
            self.prepare();
            self.settle()?;
            if self.quiet() {
                if let Ok(envelope) = self.inbox.try_recv() {
                    self.command(envelope)?;
                    continue;
                }
                store::fail_point("engine.end.before_sync");
                self.log.sync().await?;
                store::fail_point("engine.end.synced");
                self.inbox.close();
                // Commands that came in at the last moment go back to their senders, who open the task again.
                self.refuse_all();
                return Ok(());
            }
            if !self.state.live.any() {
                // Waiting for the user: what was asked must survive a power cut.
                self.sync_soon();
            }
            match self.wake().await {
                Some(woken) => self.handle(woken)?,
                // Every handle is gone: nobody can answer any more, but work in flight goes on.
                None if self.state.live.any() => {
                    if let Some(woken) = self.wake_alone().await {
                        self.handle(woken)?;
                    }
                }
                None => return Ok(()),
            }
        }
    }

    /// Nothing is in flight, and nothing will happen before the next command.
    fn quiet(&self) -> bool {
        (!self.state.turn_open || self.state.paused()) && !self.state.live.any()
    }

    fn refuse_all(&mut self) {
        while let Ok(Envelope { command, ack }) = self.inbox.try_recv() {
            // A sender that has gone does not need the answer.
            let _gone = ack.send(Err(SendError::Closed(Box::new(command))));
        }
    }

    async fn wake(&mut self) -> Option<Woken> {
        tokio::select! {
            // Commands first: Stop must not wait behind a flood of tokens.
            biased;
            envelope = self.inbox.recv() => envelope.map(Woken::Command),
            woken = Self::inner(&mut self.asking, &mut self.calls, self.retry_at) => Some(woken),
        }
    }

    async fn wake_alone(&mut self) -> Option<Woken> {
        Some(Self::inner(&mut self.asking, &mut self.calls, self.retry_at).await)
    }

    async fn inner(asking: &mut Option<Asking>, calls: &mut Calls, retry_at: Option<Instant>) -> Woken {
        tokio::select! {
            biased;
            job = calls.next() => Woken::Job(job),
            heard = Asking::hear(asking) => Woken::Heard(heard),
            () = sleep_until(retry_at) => Woken::Retry,
        }
    }

    fn handle(&mut self, woken: Woken) -> Result<(), StoreError> {
        match woken {
            Woken::Command(envelope) => self.command(envelope),
            Woken::Heard(heard) => self.heard(heard),
            Woken::Job(job) => self.job(job),
            Woken::Retry => {
                self.retry_at = None;
                self.state.live.waiting = false;
                self.take(Input::RetryDue)
            }
        }
    }

    fn command(&mut self, Envelope { command, ack }: Envelope) -> Result<(), StoreError> {
        let id = command.id.clone();
        let decision = match step(&self.state, Input::Command(command), &self.bench()) {
            Ok(decision) => decision,
            Err(refused) => {
                let _gone = ack.send(Err(refused.into()));
                return Ok(());
            }
        };
        if let Err(error) = self.append(decision.facts) {
            let (message, hint) = (error.to_string(), error.hint());
            let _gone = ack.send(Err(SendError::Storage { message, hint }));
            return Err(error);
        }
        self.state.commands.insert(id);
        if decision.acts.iter().any(|act| matches!(act, Act::Undo { .. })) {
            self.undo_ack = Some(ack);
        } else if decision.acts.contains(&Act::NoteStop) {
            self.stop_acks.push(ack);
        } else {
            let _gone = ack.send(Ok(self.log.head()));
        }
        self.perform(decision.acts)
    }

    fn job(&mut self, job: Job) -> Result<(), StoreError> {
        match job {
            Job::Output { call, text } => {
                self.log.tell(event::Delta::Output { call, text });
                Ok(())
            }
            // Nobody is asked for a call that is to end; without the answer's sender it is refused.
            Job::Asked { call, answer, .. } if self.calls.is_cancelled(&call) || answer.is_closed() => Ok(()),
            Job::Asked { call, inquiry, answer } => {
                let ask = self.calls.asks.keep(call.clone(), answer);
                // Without a handle no answer can come either.
                let nobody = self.alone.load(Ordering::Relaxed) || self.inbox.is_closed();
                let audience = if nobody { Audience::Nobody } else { Audience::Somebody };
                self.take(Input::CallAsks { call, ask, inquiry, audience })
            }
            Job::AskDue => {
                for approval in self.calls.asks.take_due() {
                    self.take(Input::AskExpired { approval })?;
                }
                Ok(())
            }
            Job::AskGone(approval) => approval.map_or(Ok(()), |approval| self.take(Input::AskGone { approval })),
            Job::Consented { asks, result } => self.consented(asks, result),
            Job::Fact(fact) => self.take(Input::CallFact { fact }),
            Job::Done { call, report, ms, outside } => {
                self.state.live.calls.remove(&call);
                self.state.live.lent.retain(|(of, _)| *of != call);
                store::fail_point("engine.result.before");
                self.take(Input::CallDone { call, report, ms })?;
                store::fail_point("engine.result.stored");
                if outside {
                    self.sync_soon();
                }
                Ok(())
            }
            Job::Undone(result) => {
                self.state.live.undoing = false;
                let refusal = result.as_ref().err().cloned();
                self.take(Input::Undone { result })?;
                if let Some(ack) = self.undo_ack.take() {
                    let _gone = ack.send(refusal.map_or(Ok(self.log.head()), |text| Err(SendError::Undo(text))));
                }
                Ok(())
            }
            Job::Synced { result, again } => {
                if again {
                    self.sync_soon();
                }
                result
            }
        }
    }

    /// Passes on what the user allowed, now that it is on the disk. What could not be brought there is refused.
    fn consented(&mut self, asks: Vec<u64>, result: Result<(), StoreError>) -> Result<(), StoreError> {
        for ask in asks {
            let consent = match &result {
                Ok(()) => Consent::Given,
                Err(error) => Consent::Refused { why: format!("the answer could not be stored: {error}") },
            };
            self.calls.asks.answer(ask, consent);
        }
        result
    }

    /// Flushes in the background what was appended since the last flush began.
    fn sync_soon(&mut self) {
        if self.dirty && self.calls.sync_soon(&*self.log) {
            self.dirty = false;
        }
    }

    /// Steps with an input that cannot be refused.
    fn take(&mut self, input: Input) -> Result<(), StoreError> {
        let decision = step(&self.state, input, &self.bench()).unwrap_or_default();
        self.append(decision.facts)?;
        self.perform(decision.acts)
    }

    fn settle(&mut self) -> Result<(), StoreError> {
        loop {
            let decision = step(&self.state, Input::Settle, &self.bench()).unwrap_or_default();
            if decision.is_empty() {
                return Ok(());
            }
            self.append(decision.facts)?;
            self.perform(decision.acts)?;
        }
    }

    fn bench(&self) -> Bench<'_> {
        let talk = self.talk.as_ref();
        Bench {
            toolbox: &self.parts.toolbox,
            organisation: &self.parts.organisation,
            now: self.parts.clock.now(),
            chance: self.parts.clock.chance(),
            context_tokens: talk.and_then(|(model, _)| model.profile().context_tokens),
            request_bytes: talk.map_or(0, |(_, prompt)| prompt.conversation().request_bytes()),
        }
    }

    fn append(&mut self, facts: Vec<Draft>) -> Result<(), StoreError> {
        if facts.is_empty() {
            return Ok(());
        }
        store::fail_point("engine.append.before");
        self.dirty = true;
        let mut allowed = Vec::new();
        for event in self.log.append(self.parts.clock.now(), facts)? {
            self.state.apply(&event);
            self.feed_prompt(&event);
            allowed.extend(self.calls.asks.hear(&event));
            if let Some(log) = &mut self.unread_log {
                log.push(Arc::clone(&event));
            }
            if let Fact::TurnEnded { .. } = event.fact {
                for ack in self.stop_acks.drain(..) {
                    let _gone = ack.send(Ok(event.seq));
                }
            }
        }
        store::fail_point("engine.append.after");
        if !allowed.is_empty() {
            self.calls.consent_after(allowed, self.log.sync());
        }
        Ok(())
    }

    fn feed_prompt(&mut self, event: &Event) {
        if let Fact::ModelSet { .. } = event.fact {
            // The next question finds the new model and encodes the whole log in its dialect.
            self.talk = None;
            return;
        }
        let Some((model, prompt)) = &mut self.talk else { return };
        if Prompt::restarts(event) {
            prompt.restart(model.begin(Arc::clone(&self.parts.setup)));
        }
        let log = &self.log;
        prompt.feed(event, &|digest| log.blob(digest).ok());
    }

    fn perform(&mut self, acts: Vec<Act>) -> Result<(), StoreError> {
        for act in acts {
            match act {
                Act::AskModel { step } => self.ask(step),
                Act::Wait { ms } => {
                    self.retry_at = Some(Instant::now() + Duration::from_millis(ms));
                    self.state.live.waiting = true;
                }
                Act::Summarise { shortened } => self.summarise(shortened)?,
                Act::Run { call, outside } => {
                    self.state.live.calls.insert(call.id.clone());
                    let desk = Arc::new(self.desk());
                    let synced = outside.then(|| self.log.sync());
                    let lent = self.state.live.lent.iter().filter(|(of, _)| *of == call.id);
                    let lent = lent.flat_map(|(_, effects)| effects.clone()).collect();
                    if let Some(tool) = self.parts.toolbox.find(&call.tool) {
                        self.calls.run(Arc::clone(tool), call, desk, synced, lent);
                    }
                }
                Act::NoteStop => self.state.live.stopping = true,
                Act::CutModel => self.cut_model()?,
                Act::CancelCall { call } => self.calls.cancel(&call),
                Act::Consent { ask, consent } => self.calls.asks.answer(ask, consent),
                Act::Lend { call, effects } => self.state.live.lent.push((call, effects)),
                Act::TakeBack { call, effects } => {
                    self.state.live.lent.retain(|lent| *lent != (call.clone(), effects.clone()));
                    self.calls.take_back(&call, effects);
                }
                Act::Await { ask, approval } => self.calls.asks.wait_for(ask, approval),
                Act::CheckFolder { call, allowed, request } => self.check_folder(call, allowed, &request)?,
                Act::Undo { selection } => {
                    self.state.live.undoing = true;
                    self.calls.undo(Arc::clone(&self.parts.undo), self.desk(), selection);
                }
            }
        }
        Ok(())
    }

    fn check_folder(
        &mut self,
        call: event::CallId,
        allowed: Option<String>,
        request: &tool::FolderRequest,
    ) -> Result<(), StoreError> {
        let result = match self.parts.gate.check(&request.path) {
            Ok(path) => Ok(event::Folder {
                name: State::free_folder_name(&self.state.folder_names, &path),
                path: path.to_string_lossy().into_owned(),
                access: request.access,
            }),
            Err(refusal) => Err(format!("{}. {}", refusal.message, refusal.hint)),
        };
        self.take(Input::FolderChecked { call, allowed, result })
    }

    fn desk(&self) -> Desk {
        let places = self.log.places();
        Desk {
            task: self.state.view.task,
            turn: self.state.view.turn,
            start: self.state.view.start.clone(),
            tier: self.state.tier,
            folders: self.state.view.folders.clone(),
            outputs: places.outputs,
            uploads: places.uploads,
            blobs: places.blobs,
            journal: places.journal,
            ledger: places.root.join(LEDGER),
        }
    }

    /// Ends whatever is left and gives back what tools hold for the task.
    async fn leave(mut self) {
        self.calls.end_all().await;
        for tool in self.parts.toolbox.iter() {
            tool.leave(self.state.view.task).await;
        }
    }
}

async fn sleep_until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}
