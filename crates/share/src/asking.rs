//! Who is asked before the user's files go, what was answered, and the requests that wait for it.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;

use folder::Identity;
use rustix::io::Errno;
use sandbox::{Asker, Errand};
use tokio::sync::oneshot;

use crate::disk::Spot;
use crate::share::Session;

/// Most requests that wait at a time; more are refused.
const WAITING_CAP: usize = 1024;
/// Most bytes of the requests that wait.
const WAITING_BYTES: usize = 64 << 20;
/// Most questions of one errand; whatever else comes up is refused.
const CASES_CAP: usize = 1024;
/// Most processes whose open directories are remembered.
const PROCESSES_CAP: usize = 4096;
/// Most trees remembered of one process.
const TREES_CAP: usize = 64;

/// Why a request is not done.
#[derive(Debug)]
pub(crate) enum Halt {
    /// It cannot be, or may not.
    Error(Errno),
    /// The question of this number is open.
    Wait(u64),
}

impl From<Errno> for Halt {
    fn from(error: Errno) -> Self {
        Self::Error(error)
    }
}

/// What is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Matter {
    /// Files of the user go; the journal keeps them.
    Deletion,
    /// Something goes or changes that the journal cannot keep.
    Loss,
}

/// How a question stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ruling {
    Open,
    Given,
    Refused,
}

/// A question and what came of it.
#[derive(Debug)]
struct Case {
    number: u64,
    matter: Matter,
    tree: String,
    /// Whether the tree is the one path that came up, not the directory a process works in.
    single: bool,
    ruling: Ruling,
    /// Dropped when nobody waits for the answer any more.
    _wanted: oneshot::Sender<()>,
}

/// A question to be put to the user.
pub(crate) struct Question {
    pub(crate) number: u64,
    pub(crate) round: u64,
    pub(crate) matter: Matter,
    /// The path as the machine knows it.
    pub(crate) tree: String,
    pub(crate) spot: Spot,
    pub(crate) made: HashMap<String, Identity>,
    pub(crate) asker: Arc<dyn Asker>,
    /// Ends when nobody waits for the answer any more.
    pub(crate) gone: Option<oneshot::Receiver<()>>,
}

/// A request that waits.
pub(crate) struct Waiting {
    number: u64,
    pub(crate) session: Arc<Session>,
    pub(crate) unique: u64,
    pub(crate) message: Vec<u8>,
}

/// What came up, for asking about it.
pub(crate) struct Victim<'a> {
    pub(crate) matter: Matter,
    pub(crate) spot: &'a Spot,
    /// The process that asked for it.
    pub(crate) process: u32,
}

/// The questions of the running errand.
#[derive(Default)]
pub(crate) struct Asking {
    errand: Option<Errand>,
    /// Counts beginnings and ends.
    round: u64,
    last: u64,
    /// Questions put for this errand, those that were withdrawn too.
    put: usize,
    cases: Vec<Case>,
    waiting: Vec<Waiting>,
    /// Directories that processes opened, the topmost ones, as the machine knows them.
    opened: HashMap<u32, Vec<String>>,
    /// Directories in which one path was asked about by itself.
    singles: HashSet<String>,
    /// Questions not yet put.
    pub(crate) outbox: Vec<Question>,
}

impl Asking {
    /// Everything is asked anew, in the name of this errand.
    pub(crate) fn begin(&mut self, errand: Errand) -> Vec<Waiting> {
        let refused = self.end();
        self.errand = Some(errand);
        refused
    }

    /// Nobody can be asked any more; gives those who waited.
    pub(crate) fn end(&mut self) -> Vec<Waiting> {
        self.errand = None;
        self.round += 1;
        self.put = 0;
        self.cases.clear();
        self.opened.clear();
        self.singles.clear();
        self.outbox.clear();
        std::mem::take(&mut self.waiting)
    }

    /// A process opened a directory to see what is in it.
    pub(crate) fn opened(&mut self, process: u32, known: String) {
        if self.opened.len() >= PROCESSES_CAP && !self.opened.contains_key(&process) {
            return;
        }
        let trees = self.opened.entry(process).or_default();
        if trees.iter().any(|tree| covers(tree, &known)) {
            return;
        }
        trees.retain(|tree| !covers(&known, tree));
        if trees.len() < TREES_CAP {
            trees.push(known);
        }
    }

    /// Whether it may be done. Where that is not known yet, a question is put, once for all that lies in its tree.
    pub(crate) fn permit(
        &mut self,
        victim: &Victim<'_>,
        made: impl FnOnce(&str) -> HashMap<String, Identity>,
    ) -> Result<(), Halt> {
        let known = victim.spot.known();
        if let Some(case) = self.cases.iter().find(|case| case.matter == victim.matter && case.reaches(&known)) {
            return match case.ruling {
                Ruling::Given => Ok(()),
                Ruling::Refused => Err(Halt::Error(Errno::PERM)),
                Ruling::Open => Err(Halt::Wait(case.number)),
            };
        }
        let Some(errand) = self.errand.as_ref().filter(|_| self.put < CASES_CAP) else {
            return Err(Halt::Error(Errno::PERM));
        };
        let asker = Arc::clone(&errand.asker);
        let (spot, single) = self.tree_of(victim, &known);
        let tree = spot.known();
        self.last += 1;
        self.put += 1;
        let (number, matter) = (self.last, victim.matter);
        let (wanted, gone) = oneshot::channel();
        self.cases.push(Case { number, matter, tree: tree.clone(), single, ruling: Ruling::Open, _wanted: wanted });
        let made = made(&tree);
        self.outbox.push(Question { number, round: self.round, matter, tree, spot, made, asker, gone: Some(gone) });
        Err(Halt::Wait(number))
    }

    /// Something is about to move. A yes to the deletion of a tree was for what was in it then: it ends where something
    /// comes in from elsewhere, and as long as the question is open, whatever would come in waits.
    pub(crate) fn moves(&mut self, from: &str, into: &str) -> Result<(), Halt> {
        let comes_in = |case: &Case| {
            let is_there = covers(&case.tree, into) || covers(into, &case.tree);
            case.matter == Matter::Deletion && is_there && !covers(&case.tree, from)
        };
        let is_open = |case: &&Case| case.ruling == Ruling::Open && comes_in(case);
        if let Some(case) = self.cases.iter().find(is_open) {
            return Err(Halt::Wait(case.number));
        }
        self.cases.retain(|case| case.ruling != Ruling::Given || !comes_in(case));
        Ok(())
    }

    /// Keeps a request until its question is answered.
    pub(crate) fn wait(
        &mut self,
        number: u64,
        session: &Arc<Session>,
        unique: u64,
        message: &[u8],
    ) -> Result<(), Errno> {
        let bytes: usize = self.waiting.iter().map(|waiting| waiting.message.len()).sum();
        if self.waiting.len() >= WAITING_CAP || bytes + message.len() > WAITING_BYTES {
            return Err(Errno::PERM);
        }
        let (session, message) = (Arc::clone(session), message.to_vec());
        self.waiting.push(Waiting { number, session, unique, message });
        Ok(())
    }

    /// A program no longer waits for its request.
    pub(crate) fn give_up(&mut self, session: &Arc<Session>, unique: u64) -> Option<Waiting> {
        let mine = |waiting: &Waiting| waiting.unique == unique && Arc::ptr_eq(&waiting.session, session);
        let at = self.waiting.iter().position(mine)?;
        let gone = self.waiting.swap_remove(at);
        self.withdraw();
        Some(gone)
    }

    /// A mount is over: nothing of it waits.
    pub(crate) fn close(&mut self, session: &Arc<Session>) {
        self.waiting.retain(|waiting| !Arc::ptr_eq(&waiting.session, session));
        self.withdraw();
    }

    /// Takes back the questions whose answer nobody waits for: as if they had not come up.
    fn withdraw(&mut self) {
        let Self { cases, waiting, singles, .. } = self;
        cases.retain(|case| {
            let wanted = case.ruling != Ruling::Open || waiting.iter().any(|one| one.number == case.number);
            if !wanted && case.single && case.matter == Matter::Deletion {
                singles.remove(above(&case.tree));
            }
            wanted
        });
    }

    /// A question was answered; gives those who waited for it. Answers that come too late change nothing.
    pub(crate) fn answered(&mut self, round: u64, number: u64, ruling: Ruling) -> Vec<Waiting> {
        if round != self.round {
            return Vec::new();
        }
        if let Some(case) = self.cases.iter_mut().find(|case| case.number == number) {
            case.ruling = ruling;
        }
        let (mine, others) = std::mem::take(&mut self.waiting).into_iter().partition(|one| one.number == number);
        self.waiting = others;
        mine
    }

    /// What to ask about: the topmost directory the process works in, else the path itself, else, where one path in
    /// its directory was asked about before, that directory.
    fn tree_of(&mut self, victim: &Victim<'_>, known: &str) -> (Spot, bool) {
        let spot = victim.spot;
        if victim.matter == Matter::Loss {
            return (spot.clone(), true);
        }
        let inside = spot.inside.to_string_lossy().into_owned();
        let trees = self.opened.get(&victim.process).map(Vec::as_slice).unwrap_or_default();
        let working =
            trees.iter().filter(|tree| covers(tree, known) && covers(&inside, tree)).min_by_key(|tree| tree.len());
        if let Some(tree) = working {
            let depth = tree.matches('/').count().saturating_sub(inside.matches('/').count());
            let beneath: PathBuf = spot.beneath.iter().take(depth).collect();
            return (Spot { beneath, ..spot.clone() }, false);
        }
        if self.singles.insert(above(known).to_owned()) {
            return (spot.clone(), true);
        }
        let beneath = spot.beneath.parent().map(PathBuf::from).unwrap_or_default();
        (Spot { beneath, ..spot.clone() }, false)
    }
}

impl Case {
    /// Whether the answer counts for a path. A no to one path is a no to its whole directory.
    fn reaches(&self, known: &str) -> bool {
        let refused = || self.tree.rsplit_once('/').is_some_and(|(above, _)| covers(above, known));
        covers(&self.tree, known)
            || (self.single && self.matter == Matter::Deletion && self.ruling == Ruling::Refused && refused())
    }
}

/// The directory a path is in.
fn above(known: &str) -> &str {
    known.rsplit_once('/').map_or("", |(above, _)| above)
}

/// Whether a path is a tree's top or lies beneath it.
fn covers(tree: &str, known: &str) -> bool {
    known.strip_prefix(tree).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
