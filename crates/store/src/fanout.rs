//! From one writer to many readers, with bounded memory.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use event::{Delta, Event, Seq};
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
    readers: Arc<Mutex<Vec<Weak<Mailbox>>>>,
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
        self.each(|waiting| {
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
        self.each(|waiting| {
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
        self.each(|waiting| waiting.closed = true);
    }

    /// A reader of everything after `after`, starting with what `reread` finds stored.
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
        lock(&self.readers).push(Arc::downgrade(&mailbox));
        let stored = reread(after)?;
        let reader = Reader { mailbox, reread: Box::new(reread), ready: stored.into(), last: after };
        Ok(Box::pin(stream::unfold(reader, |mut reader| async move {
            let signal = reader.next().await?;
            Some((signal, reader))
        })))
    }

    fn each(&self, mut act: impl FnMut(&mut Waiting)) {
        lock(&self.readers).retain(|reader| {
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
