//! A task's share: its mounts, its errands, and the loop that answers the requests of one mount.

use std::collections::HashMap;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use event::{Change, Consent, TaskId};
use folder::{Author, Journal};
use futures_util::future::{Either, select};
use rustix::io::Errno;
use sandbox::{Errand, Mount, SandboxError, Share, Shares};
use tokio::runtime::Handle;
use tokio::sync::oneshot::{self, error::TryRecvError};

use crate::answer::{Answer, refusal};
use crate::asking::{Asking, Halt, Question, Ruling, Waiting};
use crate::count::inquiry;
use crate::message::{self, Request};
use crate::mounts::Places;
use crate::record::Record;
use crate::tree::Tree;
use crate::watch::Watch;
use crate::wire::Wire;
use crate::work::{Parts, Work};

/// Larger files are not copied into the journal: changing them asks.
const COPY_CAP: u64 = 2 << 30;
/// The kind of a notification that what a node holds may no longer be used from memory.
const FORGET_CONTENT: i32 = 2;

/// Shares behind the folder guard.
#[derive(Debug, Clone, Copy)]
pub struct GuardedShares {
    copy_cap: u64,
}

impl Default for GuardedShares {
    fn default() -> Self {
        Self { copy_cap: COPY_CAP }
    }
}

impl GuardedShares {
    /// With another limit, in bytes, up to which old content is kept by copying. Above it a change asks, unless the
    /// file system can share content.
    pub fn with_copy_cap(copy_cap: u64) -> Self {
        Self { copy_cap }
    }
}

impl Shares for GuardedShares {
    fn open(&self, _task: TaskId, journal: &Path, mounts: Vec<Mount>) -> Result<Arc<dyn Share>, SandboxError> {
        let failed = |what: String| SandboxError::Unavailable {
            what: format!("the journal of the task cannot be opened: {what}"),
            hint: "check the disk that holds Deskhand's data".to_owned(),
        };
        let opened = Arc::new(Journal::open(journal).map_err(|error| failed(error.to_string()))?);
        let record = Record::open(opened).map_err(|error| failed(error.to_string()))?;
        let journal = folder::open_own(journal).map_err(|error| failed(error.to_string()))?;
        let runtime = Handle::try_current().map_err(|error| failed(error.to_string()))?;
        let mut places = Places::default();
        places.set(mounts);
        let parts = Parts {
            places,
            record,
            asking: Asking::default(),
            copy_cap: self.copy_cap,
            journal: Arc::new(journal),
            shares_content: HashMap::new(),
        };
        let own = |own: &Weak<GuardedShare>| GuardedShare {
            own: own.clone(),
            runtime,
            parts: Mutex::new(parts),
            sessions: Mutex::default(),
        };
        Ok(Arc::new_cyclic(own))
    }
}

/// One mount of a share.
#[derive(Debug)]
pub(crate) struct Session {
    wire: Arc<Wire>,
    tree: Mutex<Tree>,
}

/// The share of a task. Whoever needs both locks takes the tree's first.
struct GuardedShare {
    own: Weak<Self>,
    runtime: Handle,
    parts: Mutex<Parts>,
    sessions: Mutex<Vec<Arc<Session>>>,
}

impl Share for GuardedShare {
    fn mounts(&self) -> Vec<Mount> {
        self.parts().places.mounts()
    }

    fn set_mounts(&self, mounts: Vec<Mount>) {
        let gone = self.parts().places.set(mounts);
        if !gone.is_empty() {
            self.purge(gone);
        }
    }

    fn serve(self: Arc<Self>, wire: OwnedFd) {
        let session = Arc::new(Session { wire: Arc::new(Wire::new(wire)), tree: Mutex::default() });
        lock(&self.sessions).push(Arc::clone(&session));
        let mut buffer = session.wire.buffer();
        let mut watch = Watch::new();
        while let Some(length) = session.wire.read(&mut buffer, &mut watch) {
            if let Some(answer) = self.answer(&session, buffer.get(..length).unwrap_or_default()) {
                session.wire.send(&answer);
            }
        }
        lock(&self.sessions).retain(|one| !Arc::ptr_eq(one, &session));
        self.parts().asking.close(&session);
    }

    fn begin(&self, errand: Errand) {
        let mut parts = self.parts();
        let Parts { record, places, asking, .. } = &mut *parts;
        record.begin(Author { call: Some(errand.call.clone()), turn: errand.turn, undo: None }, places);
        let waiting = asking.begin(errand);
        drop(parts);
        refuse(waiting, Errno::PERM);
    }

    fn end(&self) -> Vec<Change> {
        let waiting = self.parts().asking.end();
        refuse(waiting, Errno::PERM);
        let mut parts = self.parts();
        let Parts { record, places, .. } = &mut *parts;
        record.end(places)
    }
}

impl GuardedShare {
    fn parts(&self) -> MutexGuard<'_, Parts> {
        lock(&self.parts)
    }

    /// The answer to one request; none where there is none yet, because the user is asked, or ever. A request that breaks
    /// something here has failed; without an answer its program would hang for ever, and the others with it.
    fn answer(&self, session: &Arc<Session>, bytes: &[u8]) -> Option<Vec<u8>> {
        let answering = std::panic::AssertUnwindSafe(|| self.answer_one(session, bytes));
        std::panic::catch_unwind(answering)
            .unwrap_or_else(|_| message::header(bytes).map(|head| refusal(Errno::IO, head.unique)))
    }

    fn answer_one(&self, session: &Arc<Session>, bytes: &[u8]) -> Option<Vec<u8>> {
        // Without a head there is nobody to answer.
        let head = message::header(bytes)?;
        let request = match message::parse(head.opcode, bytes) {
            Ok(Request::Interrupt { unique }) => {
                return self
                    .parts()
                    .asking
                    .give_up(session, unique)
                    .map(|waiting| refusal(Errno::INTR, waiting.unique));
            }
            Ok(request) => request,
            Err(error) => return Some(refusal(error, head.unique)),
        };
        let mut tree = lock(&session.tree);
        let mut parts = self.parts();
        let done =
            Work { parts: &mut parts, tree: &mut tree, head, data_bytes: session.wire.data_bytes() }.run(request);
        let message = match done {
            Ok(answer) => answer.map(|answer| answer.seal(head.unique)),
            Err(Halt::Error(error)) => Some(refusal(error, head.unique)),
            Err(Halt::Wait(number)) => {
                let kept = parts.asking.wait(number, session, head.unique, bytes);
                kept.err().map(|error| refusal(error, head.unique))
            }
        };
        for question in std::mem::take(&mut parts.asking.outbox) {
            self.ask(question);
        }
        message
    }

    /// Puts a question to the user and, once it is answered, goes on with what waits for it.
    fn ask(&self, question: Question) {
        drop(self.runtime.spawn(put(self.own.clone(), question)));
    }

    fn answered(&self, round: u64, number: u64, ruling: Ruling) {
        let waiting = self.parts().asking.answered(round, number, ruling);
        for one in waiting {
            if let Some(answer) = self.answer(&one.session, &one.message) {
                one.session.wire.post(answer);
            }
        }
    }

    /// Tells every mount to forget what it holds of these places, beside all else: a kernel may keep this waiting.
    fn purge(&self, gone: Vec<u32>) {
        for session in lock(&self.sessions).iter().map(Arc::clone) {
            let gone = gone.clone();
            let purge = move || {
                let nodes = lock(&session.tree).nodes_of(&gone);
                for node in nodes {
                    let mut notice = Answer::with_room(24);
                    // From the beginning, without end.
                    notice.u64(node).u64(0).u64(0);
                    session.wire.send(&notice.seal_notice(FORGET_CONTENT));
                }
            };
            // Where no thread can be had, what is in memory expires by itself within a second.
            let _purging = std::thread::Builder::new().name("purge".to_owned()).spawn(purge).is_ok();
        }
    }
}

impl Drop for GuardedShare {
    fn drop(&mut self) {
        let mut parts = self.parts();
        let Parts { record, places, .. } = &mut *parts;
        drop(record.end(places));
    }
}

/// Asks the user, for as long as somebody waits for the answer.
async fn put(share: Weak<GuardedShare>, mut question: Question) {
    let (round, number, asker) = (question.round, question.number, Arc::clone(&question.asker));
    let Some(gone) = question.gone.take() else { return };
    // Counting takes its time: what nobody waits for any more is not counted, and not asked.
    let counting = tokio::task::spawn_blocking(move || {
        let gone = wanted(gone)?;
        let inquiry = inquiry(&question);
        Some((inquiry, wanted(gone)?))
    });
    let given = match counting.await {
        Ok(None) => return,
        Ok(Some((inquiry, gone))) => {
            // In a task of its own: an asker that breaks down has refused.
            let asking = tokio::spawn(asker.ask(inquiry));
            let stop = asking.abort_handle();
            match select(asking, gone).await {
                Either::Left((answer, _)) => matches!(answer, Ok(Consent::Given)),
                Either::Right(_) => return stop.abort(),
            }
        }
        Err(_) => false,
    };
    let ruling = if given { Ruling::Given } else { Ruling::Refused };
    let goes_on = move || share.upgrade().into_iter().for_each(|share| share.answered(round, number, ruling));
    let _done = tokio::task::spawn_blocking(goes_on).await.is_ok();
}

/// The same, where somebody still waits.
fn wanted(mut gone: oneshot::Receiver<()>) -> Option<oneshot::Receiver<()>> {
    (gone.try_recv() == Err(TryRecvError::Empty)).then_some(gone)
}

/// Refuses what waited, without waiting for a machine that does not listen.
fn refuse(waiting: Vec<Waiting>, error: Errno) {
    for one in waiting {
        one.session.wire.post(refusal(error, one.unique));
    }
}

/// A lock whose holder panicked guards data that each request checks anyway.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
