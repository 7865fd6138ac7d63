//! What a guest sent and nobody has read yet, bounded by what it was given credit for.
//!
//! Frames may be as small as a byte, and a list of such frames would cost many times their content. So bytes lie one
//! behind the other and only the changes between the two streams are listed, up to a number of them. No input or output.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use crate::Stream;

/// Changes between the streams that are listed. Beyond these the order within each stream stays, and what came on the
/// one may be read before what came earlier on the other.
const RUNS: usize = 4096;
/// Bytes that are read at once.
const PIECE: usize = 64 * 1024;

/// The end that fills it. Dropping it without [`Inlet::end`] ends it without a last word.
pub(super) struct Inlet<L>(Arc<Mutex<Queue<L>>>);

/// The end that is read. Dropping it forgets what is there.
pub(super) struct Outlet<L>(Arc<Mutex<Queue<L>>>);

/// What is read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next<L> {
    Bytes(Stream, Vec<u8>),
    Last(L),
}

struct Queue<L> {
    out: VecDeque<u8>,
    error: VecDeque<u8>,
    /// What comes next: how many bytes of which stream. No two neighbours are of one stream, unless there are `RUNS`.
    runs: VecDeque<(Stream, usize)>,
    last: Option<L>,
    /// Whether the end that fills it is gone.
    ended: bool,
    /// Whether the end that is read is gone.
    unread: bool,
    reader: Option<Waker>,
}

/// An empty one.
pub(super) fn queue<L>() -> (Inlet<L>, Outlet<L>) {
    let queue = Arc::new(Mutex::new(Queue {
        out: VecDeque::new(),
        error: VecDeque::new(),
        runs: VecDeque::new(),
        last: None,
        ended: false,
        unread: false,
        reader: None,
    }));
    (Inlet(Arc::clone(&queue)), Outlet(queue))
}

impl<L> Inlet<L> {
    /// Adds bytes at the end. How many may wait is the caller's to bound.
    pub(super) fn add(&self, stream: Stream, bytes: &[u8]) {
        let mut queue = locked(&self.0);
        if queue.unread || bytes.is_empty() {
            return;
        }
        queue.bytes(stream).extend(bytes);
        queue.list(stream, bytes.len());
        wake(queue);
    }

    /// Nothing comes after this.
    pub(super) fn end(self, last: L) {
        locked(&self.0).last = Some(last);
    }
}

impl<L> Drop for Inlet<L> {
    fn drop(&mut self) {
        let mut queue = locked(&self.0);
        queue.ended = true;
        wake(queue);
    }
}

impl<L> Outlet<L> {
    /// The next piece, the last word, or the end.
    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Next<L>>> {
        let mut queue = locked(&self.0);
        if let Some((stream, bytes)) = queue.piece() {
            return Poll::Ready(Some(Next::Bytes(stream, bytes)));
        }
        if queue.ended {
            return Poll::Ready(queue.last.take().map(Next::Last));
        }
        queue.reader = Some(context.waker().clone());
        Poll::Pending
    }

    pub(super) async fn next(&mut self) -> Option<Next<L>> {
        std::future::poll_fn(|context| self.poll(context)).await
    }
}

impl<L> Drop for Outlet<L> {
    fn drop(&mut self) {
        let mut queue = locked(&self.0);
        queue.unread = true;
        queue.out = VecDeque::new();
        queue.error = VecDeque::new();
        queue.runs = VecDeque::new();
    }
}

impl<L> Queue<L> {
    fn bytes(&mut self, stream: Stream) -> &mut VecDeque<u8> {
        match stream {
            Stream::Out => &mut self.out,
            Stream::Error => &mut self.error,
        }
    }

    fn list(&mut self, stream: Stream, count: usize) {
        let full = self.runs.len() >= RUNS;
        // The last one is of this stream, or the one before it is.
        let near = self.runs.iter_mut().rev().take(if full { 2 } else { 1 }).find(|(other, _)| *other == stream);
        match near {
            Some((_, listed)) => *listed += count,
            None => self.runs.push_back((stream, count)),
        }
    }

    fn piece(&mut self) -> Option<(Stream, Vec<u8>)> {
        let (stream, listed) = self.runs.front_mut()?;
        let (stream, count) = (*stream, (*listed).min(PIECE));
        *listed -= count;
        if *listed == 0 {
            self.runs.pop_front();
        }
        let bytes = self.bytes(stream);
        let piece = front(bytes, count);
        if bytes.is_empty() {
            // A burst must not keep its memory.
            *bytes = VecDeque::new();
        }
        if self.runs.is_empty() {
            self.runs = VecDeque::new();
        }
        Some((stream, piece))
    }
}

fn front(bytes: &mut VecDeque<u8>, count: usize) -> Vec<u8> {
    let mut piece = Vec::with_capacity(count);
    let (first, second) = bytes.as_slices();
    let of_first = count.min(first.len());
    piece.extend_from_slice(first.get(..of_first).unwrap_or_default());
    piece.extend_from_slice(second.get(..count - of_first).unwrap_or_default());
    bytes.drain(..count);
    piece
}

fn locked<L>(queue: &Mutex<Queue<L>>) -> MutexGuard<'_, Queue<L>> {
    // Whole between any two statements, so a panic elsewhere does not spoil it.
    queue.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Wakes the reader after the lock is free again.
fn wake<L>(mut queue: MutexGuard<'_, Queue<L>>) {
    let reader = queue.reader.take();
    drop(queue);
    if let Some(reader) = reader {
        reader.wake();
    }
}

#[cfg(test)]
#[path = "queue_tests.rs"]
mod tests;
