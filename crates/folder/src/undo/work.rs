//! What the phases of carrying out have in common: the steps, what became of each, open directories, disks to wait for.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;

use event::Change;

use super::links::Links;
use super::{Failure, Plan, Step, Undone};
use crate::beneath::{self, Handle};
use crate::writer::spot::{Parents, Spot};
use crate::{Author, FolderError, Guard, Intent, Journal, JournalError, Look, Mark, State, Writer};

/// How many steps are carried out together at most: for each, one name is kept in memory.
pub(super) const TOGETHER: usize = 4096;

/// A plan that is being carried out.
pub(super) struct Work<'a> {
    pub(super) guard: &'a Guard,
    pub(super) journal: &'a Journal,
    pub(super) steps: &'a [Step],
    pub(super) writer: Writer<'a>,
    author: Author,
    /// Mode and time, by step, of what had to be given rights first; and of what only then could be seen.
    pub(super) looks: HashMap<usize, Look>,
    /// The steps of which something had to be given rights.
    pub(super) opened: Vec<usize>,
    /// The steps that change mode or time of a file that has other names.
    pub(super) apart: HashSet<usize>,
    /// Files that get their other names back.
    pub(super) links: Links,
    changes: BTreeMap<usize, Vec<Change>>,
    failed: BTreeMap<usize, Failure>,
    /// A test of crashes stops everything.
    stopped: bool,
}

impl<'a> Work<'a> {
    /// Nothing is done yet.
    pub(super) fn new(guard: &'a Guard, journal: &'a Journal, author: Author, plan: &'a Plan) -> Self {
        Self {
            guard,
            journal,
            steps: &plan.steps,
            writer: Writer::new(guard, journal, author.clone()),
            author,
            looks: HashMap::new(),
            opened: Vec::new(),
            apart: HashSet::new(),
            links: Links::default(),
            changes: BTreeMap::new(),
            failed: BTreeMap::new(),
            stopped: false,
        }
    }

    /// The steps of a kind that have not failed, in the order of their paths.
    pub(super) fn choose(&self, mut is_it: impl FnMut(&Step) -> bool) -> Vec<usize> {
        let mut chosen: Vec<(usize, &Step)> = self.steps.iter().enumerate().filter(|(_, step)| is_it(step)).collect();
        chosen.retain(|(index, _)| !self.stopped && !self.failed.contains_key(index));
        chosen.sort_by(|(_, one), (_, other)| one.path.cmp(&other.path));
        chosen.into_iter().map(|(index, _)| index).collect()
    }

    /// A step; one that is not there, which does not happen, is as good as a failed one.
    pub(super) fn step(&self, index: usize) -> Option<&'a Step> {
        self.steps.get(index)
    }

    /// In whose name all is done.
    pub(super) fn author(&self) -> &Author {
        &self.author
    }

    /// Mode and time of what a step found, before anything was done to it.
    pub(super) fn look(&self, index: usize) -> Option<Look> {
        self.looks.get(&index).copied().or_else(|| self.step(index)?.current?.look)
    }

    /// What a change of a step's path would write down.
    pub(super) fn intent(&self, index: usize, before: State, intends: Mark, temporary: Option<String>) -> Intent {
        let path = self.step(index).map(|step| step.path.clone()).unwrap_or_default();
        Intent { author: self.author.clone(), path, before, intends: Some(intends), temporary }
    }

    /// A step failed.
    pub(super) fn fail(&mut self, index: usize, error: &FolderError) {
        self.stopped |= error.is_interrupted();
        self.fail_with(index, &error.to_string(), error.hint());
    }

    /// The journal failed all of these.
    pub(super) fn fail_all(&mut self, indices: impl IntoIterator<Item = usize>, error: JournalError) {
        self.stopped |= matches!(error, JournalError::Interrupted(_));
        let error = FolderError::Journal { path: "what is undone".to_owned(), source: error };
        for index in indices {
            self.fail_with(index, &error.to_string(), error.hint());
        }
    }

    fn fail_with(&mut self, index: usize, reason: &str, hint: &str) {
        let Some(path) = self.step(index).map(|step| step.path.clone()) else { return };
        self.failed.entry(index).or_insert(Failure { path, reason: reason.to_owned(), hint: hint.to_owned() });
    }

    /// Whether a step failed.
    pub(super) fn has_failed(&self, index: usize) -> bool {
        self.failed.contains_key(&index)
    }

    /// Whether everything has to end here, as in a crash.
    pub(super) fn is_stopped(&self) -> bool {
        self.stopped
    }

    /// A step changed a file.
    pub(super) fn changed(&mut self, index: usize, change: Change) {
        self.changes.entry(index).or_default().push(change);
    }

    /// Takes an entry back. Where that fails too, the entry still says that the path is as it was.
    pub(super) fn forget(&self, number: u64) {
        let _told = self.journal.void(number).is_ok();
    }

    /// The place of a path; directories are kept open in `near`.
    pub(super) fn spot(&self, index: usize, parents: Parents, near: &mut Near) -> Result<Spot, FolderError> {
        let path = self.step(index).map_or("", |step| step.path.as_str());
        let directory = path.rsplit_once('/').map_or("", |(directory, _)| directory);
        if let Some(parent) = near.0.get(directory) {
            return Ok(Spot { located: self.guard.locate(path)?, parent: Arc::clone(parent) });
        }
        let spot = self.writer.any_spot(path, parents)?;
        near.0.insert(directory.to_owned(), Arc::clone(&spot.parent));
        Ok(spot)
    }

    /// What was done, in the order of the plan.
    pub(super) fn into_undone(self) -> Undone {
        let mut failed = self.failed;
        if self.stopped {
            for (index, step) in self.steps.iter().enumerate() {
                if !matches!(step.action, super::Action::Leave(_)) {
                    failed.entry(index).or_insert_with(|| Failure {
                        path: step.path.clone(),
                        reason: "interrupted".to_owned(),
                        hint: "undo again".to_owned(),
                    });
                }
            }
        }
        Undone { changes: self.changes.into_values().flatten().collect(), failed: failed.into_values().collect() }
    }
}

/// Directories kept open, by their paths.
#[derive(Default)]
pub(super) struct Near(HashMap<String, Arc<Handle>>);

impl Near {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Each of them.
    pub(super) fn all(&self) -> impl Iterator<Item = &Arc<Handle>> {
        self.0.values()
    }
}

/// The file systems that have to be waited for, each with something open in it.
#[derive(Default)]
pub(super) struct Disks(HashMap<u64, OwnedFd>);

impl Disks {
    /// The file system of an open directory.
    pub(super) fn add(&mut self, directory: &Handle) -> io::Result<()> {
        let device = beneath::look(directory)?.device;
        if let Entry::Vacant(place) = self.0.entry(device) {
            place.insert(directory.try_clone()?);
        }
        Ok(())
    }

    /// The file system of an open file.
    pub(super) fn add_file(&mut self, device: u64, file: File) {
        self.0.entry(device).or_insert_with(|| file.into());
    }

    /// Waits for all of them. File systems that cannot are taken as they are.
    pub(super) fn sync(&self) -> io::Result<()> {
        self.0.values().try_for_each(|open| match beneath::sync_file_system(open) {
            Err(error) if matches!(error.kind(), io::ErrorKind::Unsupported | io::ErrorKind::InvalidInput) => Ok(()),
            synced => synced,
        })
    }
}
