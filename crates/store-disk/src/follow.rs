//! Reading a task live, whichever process writes it.
//!
//! A writer in this process hands its events over; while there is none, the reader itself looks at the log file from
//! time to time, and only as long as somebody polls it. What it finds twice is dropped, what it missed is read.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use event::{Event, Seq};
use futures_util::{StreamExt, stream};
use store::{Signal, StoreError, Watch};
use tokio::sync::watch;

use crate::live::Live;
use crate::log_file::LogReader;

/// How often a log written by another process is looked at.
const LOOK: Duration = Duration::from_millis(100);

struct Follower {
    /// Held so that the writer that comes finds this reader.
    _live: Arc<Live>,
    told: Watch,
    writers: watch::Receiver<usize>,
    log: LogReader,
    ready: VecDeque<Arc<Event>>,
    last: Seq,
    ended: bool,
}

enum Heard {
    Told(Option<Result<Signal, StoreError>>),
    WriterCameOrWent,
    TimeToLook,
}

/// Everything after `after`: `told` by the writers of this process, and found in the log where another writes.
pub(crate) fn follow(live: Arc<Live>, told: Watch, log: LogReader, after: Seq) -> Watch {
    let writers = live.writers();
    let follower = Follower { _live: live, told, writers, log, ready: VecDeque::new(), last: after, ended: false };
    Box::pin(stream::unfold(follower, |mut follower| async move {
        let signal = follower.next().await?;
        follower.ended = signal.is_err();
        Some((signal, follower))
    }))
}

impl Follower {
    async fn next(&mut self) -> Option<Result<Signal, StoreError>> {
        if self.ended {
            return None;
        }
        loop {
            while let Some(event) = self.ready.pop_front() {
                if event.seq > self.last {
                    self.last = event.seq;
                    return Some(Ok(Signal::Event(event)));
                }
            }
            let found = match self.listen().await {
                Heard::Told(Some(Ok(Signal::Event(event)))) if event.seq <= self.last.next() => Ok(vec![event]),
                Heard::Told(Some(Ok(Signal::Event(_)))) => self.log.read(self.last),
                Heard::Told(signal) => return signal,
                Heard::WriterCameOrWent | Heard::TimeToLook => self.look(),
            };
            match found {
                Ok(events) => self.ready = events.into(),
                Err(error) => return Some(Err(error)),
            }
        }
    }

    async fn listen(&mut self) -> Heard {
        // The sender lives in `_live`, so its end is never seen here.
        if self.writers.has_changed().unwrap_or(false) {
            self.writers.mark_unchanged();
            return Heard::WriterCameOrWent;
        }
        let written_here = *self.writers.borrow() > 0;
        tokio::select! {
            biased;
            signal = self.told.next() => Heard::Told(signal),
            _ = self.writers.changed() => Heard::WriterCameOrWent,
            () = tokio::time::sleep(LOOK), if !written_here => Heard::TimeToLook,
        }
    }

    fn look(&mut self) -> Result<Vec<Arc<Event>>, StoreError> {
        if self.log.changed()? { self.log.read(self.last) } else { Ok(Vec::new()) }
    }
}
