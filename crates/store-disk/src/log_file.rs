//! Reading a log file: lines to events, the chain, and where a torn tail begins.
//! Writing is `log`'s, naming every damage of a damaged file is `log_check`'s.

use std::fs::File;
use std::io::BufRead;
use std::path::Path;
use std::sync::Arc;

use event::{Chain, Digest, Event, Seq, TaskId};
use store::StoreError;

use crate::disk::{self, failed};
use crate::log_check;

/// A place between two lines of a log.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Cursor {
    /// Bytes before it.
    pub(crate) offset: u64,
    /// The chain up to it.
    pub(crate) chain: Chain,
}

/// What a stretch of a log holds.
#[derive(Debug)]
pub(crate) struct Scan {
    /// Its events.
    pub(crate) events: Vec<Arc<Event>>,
    /// The place behind the last of them.
    pub(crate) end: Cursor,
    /// Bytes behind `end`: a torn last line, or everything from the damage on.
    pub(crate) rest: u64,
    /// Whether the rest is damage rather than a torn last line.
    pub(crate) damaged: bool,
}

/// Reads events from `bytes`, which begin at `start` and end with the file. Stops at the first line that is not the
/// event that follows.
///
/// A last line without its line break was never wholly written, and one that is no JSON at all was torn by the end of
/// power: both are a torn tail. A last line of whole JSON that is not an event is damage, because cutting it would lose
/// what a newer release wrote.
pub(crate) fn scan(bytes: &[u8], task: TaskId, start: Cursor) -> Scan {
    let mut events = Vec::with_capacity(bytes.len() / 1024);
    let mut end = start;
    let mut rest = bytes;
    let mut damaged = false;
    while let Some((line, behind)) = split_line(rest) {
        match decode(line, task).and_then(|event| Some((step(end.chain, &event, line)?, event))) {
            Some((chain, event)) => {
                end = Cursor { offset: end.offset + line.len() as u64 + 1, chain };
                events.push(Arc::new(event));
                rest = behind;
            }
            None => {
                damaged = !behind.is_empty() || is_json(line);
                break;
            }
        }
    }
    Scan { events, end, rest: rest.len() as u64, damaged }
}

/// Events of whole lines, the chain unchecked: for what this process wrote itself.
pub(crate) fn decode_all(bytes: &[u8], task: TaskId) -> Vec<Arc<Event>> {
    let mut events = Vec::new();
    let mut rest = bytes;
    while let Some((line, behind)) = split_line(rest) {
        let Some(event) = decode(line, task) else { break };
        events.push(Arc::new(event));
        rest = behind;
    }
    events
}

/// The first line without its line break, and what is behind it; none where no whole line is left.
pub(crate) fn split_line(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut behind = bytes;
    // Reading from a slice cannot fail; it is the fast search for a byte that the standard library has.
    let count = behind.skip_until(b'\n').ok()?;
    let line = bytes.get(..count)?.strip_suffix(b"\n")?;
    Some((line, behind))
}

/// Whether a line is whole JSON of any shape.
pub(crate) fn is_json(line: &[u8]) -> bool {
    serde_json::from_slice::<serde::de::IgnoredAny>(line).is_ok()
}

fn decode(line: &[u8], task: TaskId) -> Option<Event> {
    let event = Event::from_line(std::str::from_utf8(line).ok()?).ok()?;
    (event.task == task).then_some(event)
}

fn step(mut chain: Chain, event: &Event, line: &[u8]) -> Option<Chain> {
    chain.check(event, std::str::from_utf8(line).ok()?).ok()?;
    Some(chain)
}

/// The place behind event `seq`, found by counting lines: line N holds event N. None where the log is shorter.
fn place_behind(bytes: &[u8], seq: Seq) -> Option<Cursor> {
    let mut rest = bytes;
    let mut last: &[u8] = b"";
    for _ in 0..seq.0 {
        (last, rest) = split_line(rest)?;
    }
    let chain = Chain { head: seq, digest: Digest::of(last) };
    Some(Cursor { offset: (bytes.len() - rest.len()) as u64, chain })
}

/// A log that is read without its lease, as it grows.
pub(crate) struct LogReader {
    path: Arc<Path>,
    task: TaskId,
    place: Option<Cursor>,
    seen: u64,
}

impl LogReader {
    /// A reader of the log of `task` in the folder `root`. Reads nothing yet.
    pub(crate) fn new(task: TaskId, root: &Path) -> Self {
        Self { path: root.join(crate::layout::LOG).into(), task, place: None, seen: 0 }
    }

    /// Takes the log's present length as seen.
    pub(crate) fn mark(&mut self) -> Result<(), StoreError> {
        self.seen = self.length()?;
        Ok(())
    }

    /// Whether the length differs from the one last seen.
    pub(crate) fn changed(&self) -> Result<bool, StoreError> {
        Ok(self.length()? != self.seen)
    }

    /// Events behind `after`, up to a torn last line.
    pub(crate) fn read(&mut self, after: Seq) -> Result<Vec<Arc<Event>>, StoreError> {
        let file = File::open(&self.path).map_err(|error| self.gone(error))?;
        // A log that became shorter lost a torn batch; its lines are counted anew.
        let length = file.metadata().map_err(failed("read", &self.path))?.len();
        let place = self.place.filter(|place| place.chain.head == after && place.offset <= length);
        let offset = place.map_or(0, |place| place.offset);
        let bytes = disk::read_from(&file, offset).map_err(failed("read", &self.path))?;
        self.seen = offset + bytes.len() as u64;
        let Some(start) = place.or_else(|| place_behind(&bytes, after)) else { return Ok(Vec::new()) };
        let behind = bytes.get((start.offset - offset) as usize..).unwrap_or_default();
        let scan = scan(behind, self.task, start);
        if scan.damaged {
            return Err(self.damage(&file, start));
        }
        self.place = Some(scan.end);
        Ok(scan.events)
    }

    fn length(&self) -> Result<u64, StoreError> {
        Ok(std::fs::metadata(&self.path).map_err(|error| self.gone(error))?.len())
    }

    fn gone(&self, error: std::io::Error) -> StoreError {
        let root = self.path.parent();
        if error.kind() == std::io::ErrorKind::NotFound && root.is_some_and(|root| !root.exists()) {
            return StoreError::NoTask(self.task);
        }
        failed("read", &self.path)(error)
    }

    fn damage(&self, file: &File, start: Cursor) -> StoreError {
        match disk::read_from(file, 0) {
            Ok(bytes) => first_damage(&bytes, self.task, start),
            Err(error) => failed("read", &self.path)(error),
        }
    }
}

/// The first damage of a log that has some, as an error. `near` is where reading met it.
pub(crate) fn first_damage(bytes: &[u8], task: TaskId, near: Cursor) -> StoreError {
    let first = log_check::damages(bytes, task).into_iter().next();
    let (line, what) =
        first.unwrap_or_else(|| (near.chain.head.next().0, "the line is not the event that follows".to_owned()));
    StoreError::Damaged { task, line, what }
}
