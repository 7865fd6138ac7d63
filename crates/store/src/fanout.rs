//! From one writer to many readers, with bounded memory.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use event::{Delta, Event, Fact, Seq};
use futures_util::stream;
use tokio::sync::Notify;

use crate::{Signal, StoreError, Watch};

/// Signals a reader may have waiting. When it is full, deltas are joined into the last one and events are dropped
/// and read again from the log, so that a slow reader costs bounded memory and never holds up the writer.
const WAITING: usize = 4096;
/// Bytes of text that deltas a reader has not taken may hold together; further text is dropped.
const WAITING_TEXT: usize = 1024 * 1024;

/// Reads stored events after a sequence; used to start a reader and to catch up one that fell behind.
type Reread = dyn Fn(Seq) -> Result<Vec<Arc<Event>>, StoreError> + Send + Sync;

/// The readers of one task. Cheap to clone; clones share the readers.
#[derive(Clone, Default)]
pub struct Fanout {
    told: Arc<Mutex<Told>>,
}

#[derive(Default)]
struct Told {
    readers: Vec<Weak<Mailbox>>,
    under_way: UnderWay,
}

/// What was told of things that no event has ended yet, for readers that come in their middle.
#[derive(Clone, Default)]
struct UnderWay {
    deltas: VecDeque<Delta>,
    /// Bytes of text in them; at most [`WAITING_TEXT`], further text is not kept.
    text: usize,
}

impl UnderWay {
    fn add(&mut self, delta: &Delta) {
        let more = text_of(delta);
        if self.text + more > WAITING_TEXT {
            return;
        }
        self.text += more;
        match self.deltas.back_mut() {
            Some(last) if continues(last, delta) => {
                // It continues the last one, so nothing is given back.
                let _joined = last.join(delta.clone());
            }
            _ => self.deltas.push_back(delta.clone()),
        }
    }

    /// Forgets what an event that comes now says whole.
    fn end(&mut self, fact: &Fact) {
        self.forget(|delta| ends(fact, delta));
    }

    fn forget(&mut self, over: impl Fn(&Delta) -> bool) {
        let before = self.deltas.len();
        if before == 0 {
            return;
        }
        self.deltas.retain(|delta| !over(delta));
        if self.deltas.len() != before {
            self.text = self.deltas.iter().map(text_of).sum();
        }
    }
}

/// Whether a delta is more of the same thing.
fn continues(last: &Delta, next: &Delta) -> bool {
    match (last, next) {
        (Delta::Text { step, .. }, Delta::Text { step: same, .. })
        | (Delta::Thinking { step, .. }, Delta::Thinking { step: same, .. }) => step == same,
        (Delta::Output { call, .. }, Delta::Output { call: same, .. }) => call == same,
        _ => false,
    }
}

/// Whether a stored event says whole what a delta told a piece of, whichever of the two came first.
fn says_whole(fact: &Fact, delta: &Delta) -> bool {
    match (fact, delta) {
        (
            Fact::Replied { step, .. },
            Delta::Text { step: of, .. } | Delta::Thinking { step: of, .. } | Delta::CallBegun { step: of, .. },
        ) => step == of,
        (Fact::ToolFinished { call, .. }, Delta::Output { call: of, .. }) => call == of,
        _ => false,
    }
}

/// Whether an event that comes after a delta says whole, or makes void, what it told a piece of.
fn ends(fact: &Fact, delta: &Delta) -> bool {
    match fact {
        Fact::StepStarted { .. } | Fact::Replied { .. } | Fact::ReplyCut { .. } | Fact::RetryPlanned { .. } => {
            !matches!(delta, Delta::Output { .. })
        }
        Fact::ToolFinished { call, .. } => matches!(delta, Delta::Output { call: of, .. } if of == call),
        Fact::TurnEnded { .. } => true,
        _ => false,
    }
}

struct Mailbox {
    waiting: Mutex<Waiting>,
    wake: Notify,
}

struct Waiting {
    signals: VecDeque<Signal>,
    /// Bytes of text in the deltas among them.
    text: usize,
    behind: bool,
    closed: bool,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A reader that panicked leaves consistent data: every change below is one call.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Fanout {
    /// Hands an event to every reader.
    pub fn event(&self, event: &Arc<Event>) {
        let mut told = lock(&self.told);
        told.under_way.end(&event.fact);
        told.each(|waiting| {
            if waiting.signals.len() < WAITING {
                waiting.signals.push_back(Signal::Event(Arc::clone(event)));
            } else {
                waiting.signals.clear();
                waiting.text = 0;
                waiting.behind = true;
            }
        });
    }

    /// Hands a delta to every reader.
    pub fn delta(&self, delta: Delta) {
        let delta = Arc::new(delta);
        let more = text_of(&delta);
        let mut told = lock(&self.told);
        told.under_way.add(&delta);
        told.each(|waiting| {
            // A delta that finds no room is dropped: the event that ends it says everything.
            if waiting.text + more > WAITING_TEXT {
                return;
            }
            if waiting.signals.len() < WAITING {
                waiting.signals.push_back(Signal::Delta(Arc::clone(&delta)));
                waiting.text += more;
            } else if let Some(Signal::Delta(last)) = waiting.signals.back_mut()
                && Arc::make_mut(last).join((*delta).clone()).is_ok()
            {
                waiting.text += more;
            }
        });
    }

    /// Ends every reader's stream.
    pub fn close(&self) {
        lock(&self.told).each(|waiting| waiting.closed = true);
    }

    /// A reader of everything after `after`, starting with what `reread` finds stored, then what was told so far of
    /// things still under way.
    pub fn watch(
        &self,
        after: Seq,
        reread: impl Fn(Seq) -> Result<Vec<Arc<Event>>, StoreError> + Send + Sync + 'static,
    ) -> Result<Watch, StoreError> {
        let mailbox = Arc::new(Mailbox {
            waiting: Mutex::new(Waiting { signals: VecDeque::new(), text: 0, behind: false, closed: false }),
            wake: Notify::new(),
        });
        // Registered before the log is read, so that nothing falls between; doubles are dropped by sequence.
        let mut under_way = {
            let mut told = lock(&self.told);
            told.readers.push(Arc::downgrade(&mailbox));
            told.under_way.clone()
        };
        let stored = reread(after)?;
        // Events that were told after registering wait in the mailbox as well, so ending twice what they end is right.
        for event in &stored {
            under_way.forget(|delta| says_whole(&event.fact, delta));
        }
        for event in lock(&mailbox.waiting).signals.iter().filter_map(Signal::event) {
            under_way.end(&event.fact);
        }
        let reader = Reader {
            mailbox,
            reread: Box::new(reread),
            ready: stored.into(),
            under_way: under_way.deltas,
            last: after,
        };
        Ok(Box::pin(stream::unfold(reader, |mut reader| async move {
            let signal = reader.next().await?;
            Some((signal, reader))
        })))
    }
}

impl Told {
    fn each(&mut self, mut act: impl FnMut(&mut Waiting)) {
        self.readers.retain(|reader| {
            let Some(mailbox) = reader.upgrade() else { return false };
            act(&mut lock(&mailbox.waiting));
            mailbox.wake.notify_one();
            true
        });
    }
}

struct Reader {
    mailbox: Arc<Mailbox>,
    reread: Box<Reread>,
    ready: VecDeque<Arc<Event>>,
    /// Told before this reader came; given after what was stored then.
    under_way: VecDeque<Delta>,
    last: Seq,
}

impl Reader {
    async fn next(&mut self) -> Option<Result<Signal, StoreError>> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                if event.seq > self.last {
                    self.last = event.seq;
                    return Some(Ok(Signal::Event(event)));
                }
                continue;
            }
            if let Some(delta) = self.under_way.pop_front() {
                return Some(Ok(Signal::Delta(Arc::new(delta))));
            }
            match self.take() {
                Taken::Signal(Signal::Event(event)) => self.ready.push_back(event),
                Taken::Signal(delta) => return Some(Ok(delta)),
                Taken::Behind => match (self.reread)(self.last) {
                    Ok(events) => self.ready = events.into(),
                    Err(error) => return Some(Err(error)),
                },
                Taken::Closed => return None,
                Taken::Nothing => self.mailbox.wake.notified().await,
            }
        }
    }

    fn take(&self) -> Taken {
        let mut waiting = lock(&self.mailbox.waiting);
        if std::mem::take(&mut waiting.behind) {
            return Taken::Behind;
        }
        match waiting.signals.pop_front() {
            Some(signal) => {
                if let Signal::Delta(delta) = &signal {
                    waiting.text = waiting.text.saturating_sub(text_of(delta));
                }
                Taken::Signal(signal)
            }
            None if waiting.closed => Taken::Closed,
            None => Taken::Nothing,
        }
    }
}

/// Bytes of text in a delta.
fn text_of(delta: &Delta) -> usize {
    match delta {
        Delta::Text { text, .. } | Delta::Thinking { text, .. } | Delta::Output { text, .. } => text.len(),
        Delta::CallBegun { tool, .. } => tool.len(),
    }
}

enum Taken {
    Signal(Signal),
    Behind,
    Closed,
    Nothing,
}
